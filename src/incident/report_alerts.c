/* Which of the alerts at hand are the incident's, as rows. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/eve_lines.h"
#include "incident/register.h"
#include "incident/report_draft.h"
#include "incident/time.h"
#include "output/eve.h"

static json_t *uids_of(const json_t *incident)
{
	json_t *set = json_object();
	const json_t *uid;
	size_t i;

	json_array_foreach (document_at(incident, "/alerts/uids"), i, uid)
		if (json_is_string(uid))
			json_object_set_new(set, json_string_value(uid), json_true());
	return set;
}

static const char *first_string(const json_t *event, const char *a, const char *b)
{
	const char *s = document_string(event, a);

	return s ? s : document_string(event, b);
}

static void copy(json_t *row, const char *key, const json_t *event, const char *pointer)
{
	const json_t *value = document_at(event, pointer);

	if (value)
		json_object_set(row, key, (json_t *)value);
}

/* ---- which device: several may lie behind one address ---- */

/* As the incident has it, for what changed something. */
static const char *changed_asset(const struct report_draft *d, const char *uid)
{
	const json_t *change;
	size_t i;

	json_array_foreach (document_at(d->incident, "/changes"), i, change) {
		const char *alert = document_string(change, "/alert");
		if (uid && alert && strcmp(alert, uid) == 0)
			return document_string(change, "/asset");
	}
	return NULL;
}

/* How many of the incident's devices have this address, and whether `asset` is one of them. */
static unsigned assets_at(const struct report_draft *d, const char *ip, const char *asset,
	bool *is_one)
{
	const json_t *affected;
	unsigned count = 0;
	size_t i;

	*is_one = false;
	json_array_foreach (document_at(d->incident, "/affected"), i, affected) {
		const char *its = document_string(affected, "/ip");
		const char *name = document_string(affected, "/asset");
		if (!its || !name || strcmp(its, ip) != 0)
			continue;
		count++;
		*is_one |= asset && strcmp(asset, name) == 0;
	}
	return count;
}

static const char *registered_asset(const struct report_draft *d, const json_t *event,
	const char *ip)
{
	const struct register_asset *a = NULL;
	struct address address;

	if (d->registers && address_parse(&address, ip)) {
		a = registers_asset_operated(d->registers, &address,
			document_at(event, "/ot/operation"));
		a = a ? a : registers_asset(d->registers, &address, NULL);
	}
	return a ? a->id : NULL;
}

static const char *target_of(const struct report_draft *d, const json_t *event)
{
	const char *ip = first_string(event, "/alert/target/ip", "/dest_ip");
	const char *asset = document_string(event, "/ot/asset_dst/id");
	bool is_one;

	if (asset || !ip)
		return asset;
	asset = changed_asset(d, document_string(event, "/ot/uid"));
	if (assets_at(d, ip, asset, &is_one) < 2)
		return report_host(d, ip, NULL);
	asset = is_one ? asset : registered_asset(d, event, ip);
	return asset ? asset : ip;
}

/* ---- rows ---- */

static json_t *make_row(const struct report_draft *d, const json_t *event, uint64_t at_ns)
{
	const char *from = first_string(event, "/alert/source/ip", "/src_ip");
	json_t *row = json_object();
	char at[TIME_TEXT];

	time_rfc3339(at_ns, at);
	json_object_set_new(row, "at", json_string(at));
	copy(row, "uid", event, "/ot/uid");
	copy(row, "sid", event, "/alert/signature_id");
	copy(row, "signature", event, "/alert/signature");
	copy(row, "severity", event, "/alert/severity");
	json_object_set_new(row, "from",
		document_or_null(report_host(d, from, document_string(event, "/ot/asset_src/id"))));
	json_object_set_new(row, "to", document_or_null(target_of(d, event)));
	copy(row, "user", event, "/ot/user");
	copy(row, "protocol", event, "/app_proto");
	copy(row, "operation", event, "/ot/operation");
	copy(row, "operations", event, "/ot/operations");
	copy(row, "techniques", event, "/ot/attack/techniques");
	copy(row, "drops", event, "/ot/capture/drops");
	return row;
}

static int compare_rows(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int order = strcmp(document_string(x, "/at"), document_string(y, "/at"));
	const char *u = document_string(x, "/uid"), *v = document_string(y, "/uid");

	return order || !u || !v ? order : strcmp(u, v);
}

static json_t *in_order(json_t **rows, size_t count)
{
	json_t *list = json_array();

	qsort(rows, count, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, rows[i]);
	return list;
}

/* What the incident itself tells of writes and commands, where its alerts are not at hand. */
static json_t *from_changes(const struct report_draft *d)
{
	json_t *list = json_array(), *point;
	const json_t *change;
	size_t i;

	json_array_foreach (document_at(d->incident, "/changes"), i, change) {
		json_t *operation = json_object(), *row = json_object();
		copy(operation, "verb", change, "/verb");
		copy(operation, "object", change, "/object");
		copy(operation, "value_prev", change, "/value_prev");
		copy(operation, "value", change, "/value");
		copy(operation, "outcome", change, "/outcome");
		point = json_object();
		copy(point, "addr", change, "/point");
		json_object_set_new(operation, "point", point);
		copy(row, "at", change, "/at");
		copy(row, "uid", change, "/alert");
		copy(row, "user", change, "/user");
		json_object_set_new(row, "to", document_or_null(report_host(d,
			document_string(change, "/asset"), NULL)));
		json_object_set_new(row, "operation", operation);
		json_array_append_new(list, row);
	}
	return list;
}

/* The same alert may come twice, from the store and from a file. */
json_t *report_alerts(const struct report_draft *d)
{
	json_t **rows = mem_array(REPORT_ROWS, sizeof(*rows));
	json_t *wanted = uids_of(d->incident);
	const json_t *event;
	size_t count = 0, i;
	uint64_t at_ns;

	json_array_foreach (d->request->alerts, i, event) {
		const char *uid = document_string(event, "/ot/uid");
		if (count == REPORT_ROWS || !uid || json_object_del(wanted, uid) != 0 ||
			!eve_event_time(event, &at_ns))
			continue;
		rows[count++] = make_row(d, event, at_ns);
	}
	json_t *list = count ? in_order(rows, count) : from_changes(d);
	json_decref(wanted);
	free(rows);
	return list;
}
