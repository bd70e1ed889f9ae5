#include <stdlib.h>

#include "base/memory.h"
#include "incident/control_log_state.h"
#include "incident/document.h"
#include "incident/eve_lines.h"
#include "incident/operation_text.h"
#include "incident/register.h"
#include "incident/time.h"
#include "output/eve.h"

enum { CONNECTIONS = 65536, TRANSACTIONS = 65536, SUMS = 4096, USER_MAX = 128 };

struct user {
	char name[USER_MAX];
};

struct transaction_key {
	uint64_t flow, transaction;
};

struct control_log *control_log_new(const struct control_log_config *config)
{
	struct control_log *l = mem_new(sizeof(*l));

	l->config = *config;
	l->protocol.sums = json_object();
	l->alerts.sums = json_object();
	l->users = lru_new(CONNECTIONS, 0, sizeof(uint64_t), NULL, NULL);
	l->alerted = lru_new(TRANSACTIONS, 0, sizeof(struct transaction_key), NULL, NULL);
	return l;
}

static void rows_fini(struct control_rows *rows)
{
	text_fini(&rows->lines);
	json_decref(rows->sums);
}

void control_log_free(struct control_log *l)
{
	rows_fini(&l->protocol);
	rows_fini(&l->alerts);
	lru_free(l->users);
	lru_free(l->alerted);
	free(l);
}

/* ---- who ---- */

/* What a login says of the user; NULL: nothing that names anybody. */
static char *login_name(const json_t *operation)
{
	const char *object = document_string(operation, "/object");

	if (!object)
		return NULL;
	if (strcmp(object, "anonymous") == 0)
		return mem_string(object);
	if (strcmp(object, "file") == 0)
		return value_text(document_at(operation, "/point/addr"));
	if (strcmp(object, "user_name") == 0 || strcmp(object, "certificate") == 0 ||
		strcmp(object, "reservation") == 0)
		return value_text(document_at(operation, "/value"));
	return NULL;
}

static void learn_user(struct control_log *l, uint64_t flow, const json_t *operation)
{
	const char *outcome = document_string(operation, "/outcome");
	char *name = NULL;
	bool is_new;

	if (outcome && strcmp(outcome, "accepted") == 0)
		name = login_name(operation);
	if (!name)
		return;
	struct user *u = lru_make(l->users, &flow, sizeof(*u), &is_new);
	size_t len = strnlen(name, USER_MAX - 1);
	while (len > 0 && ((uint8_t)name[len] & 0xc0) == 0x80)
		len--; /* whole characters */
	memcpy(u->name, name, len);
	u->name[len] = '\0';
	free(name);
}

/* ---- rows ---- */

static void set_text(json_t *row, const char *key, char *owned)
{
	json_object_set_new(row, key, document_or_null(owned));
	free(owned);
}

static void copy(json_t *row, const char *key, const json_t *event, const char *pointer)
{
	const json_t *value = document_at(event, pointer);

	if (value)
		json_object_set(row, key, (json_t *)value);
}

/* The event's own word for the asset, else the registers'; of an operation's target, the one
 * behind the address. */
static json_t *make_end(const struct control_log *l, const json_t *event, const char *ip,
	const char *port, const char *asset, const json_t *operation)
{
	json_t *end = json_object();
	const char *text = document_string(event, ip);
	const struct register_asset *known = NULL;
	struct address address;

	copy(end, "ip", event, ip);
	copy(end, "port", event, port);
	copy(end, "asset", event, asset);
	if (l->config.registers && text && address_parse(&address, text)) {
		known = registers_asset_operated(l->config.registers, &address, operation);
		known = known ? known : registers_asset(l->config.registers, &address, NULL);
	}
	if (known && !json_object_get(end, "asset"))
		json_object_set_new(end, "asset", json_string(known->id));
	return end;
}

static json_t *make_row(struct control_log *l, const json_t *event, const json_t *operation,
	uint64_t at_ns, uint64_t flow)
{
	json_t *row = json_object();
	json_t *who = make_end(l, event, "/src_ip", "/src_port", "/ot/asset_src/id",
		NULL);
	json_t *to = make_end(l, event, "/dest_ip", "/dest_port", "/ot/asset_dst/id",
		operation);
	const struct user *user = lru_find(l->users, &flow);
	char at[TIME_TEXT];

	time_rfc3339(at_ns, at);
	json_object_set_new(row, "at", json_string(at));
	json_object_set_new(who, "user", document_or_null(user ? user->name :
		document_string(event, "/ot/user")));
	json_object_set_new(row, "who", who);
	set_text(to, "unit", value_text(document_at(operation, "/unit")));
	json_object_set_new(row, "to", to);
	copy(row, "protocol", event, "/app_proto");
	copy(row, "verb", operation, "/verb");
	copy(row, "object", operation, "/object");
	set_text(row, "point", point_text(operation));
	set_text(row, "value_before", operation_value_text(operation, "value_prev"));
	set_text(row, "value", operation_value_text(operation, "value"));
	copy(row, "outcome", operation, "/outcome");
	copy(row, "code", operation, "/code");
	copy(row, "packets", event, "/ot/packets");
	if (document_is_true(event, "/ot/direction_guessed"))
		json_object_set_new(row, "direction_guessed", json_true());
	return row;
}

static const char *part(const json_t *row, const char *pointer)
{
	const char *s = document_string(row, pointer);

	return s ? s : "";
}

/* What rows are summed by, as the JSON text of an array: a user's name may hold anything. */
static char *sum_key(const json_t *row)
{
	const char *user = part(row, "/who/user");
	char *who = mem_printf("%s%s%s", part(row, "/who/ip"), *user ? " " : "", user);
	json_t *parts = json_pack("[s,s,s,s,s]", who, part(row, "/to/ip"), part(row, "/protocol"),
		part(row, "/verb"), part(row, "/outcome"));
	char *key = json_dumps(parts, JSON_COMPACT);

	json_decref(parts);
	free(who);
	return key;
}

static void sum_up(struct control_rows *rows, const json_t *row)
{
	char *key = sum_key(row);
	json_t *sum = json_object_get(rows->sums, key);

	if (sum)
		json_integer_set(sum, json_integer_value(sum) + 1);
	else if (json_object_size(rows->sums) < SUMS)
		json_object_set_new(rows->sums, key, json_integer(1));
	else
		rows->unsummed++;
	free(key);
}

static void add_row(struct control_rows *rows, const json_t *row, uint64_t limit)
{
	rows->count++;
	sum_up(rows, row);
	if (rows->listed >= limit)
		return;
	char *line = json_dumps(row, JSON_COMPACT);
	text_str(&rows->lines, line);
	text_char(&rows->lines, '\n');
	rows->listed++;
	free(line);
}

static void take_operation(struct control_log *l, struct control_rows *rows,
	const json_t *event, const json_t *operation, uint64_t at_ns, uint64_t flow)
{
	if (!operation_alters(operation)) {
		if (strcmp(part(operation, "/verb"), "login") == 0)
			learn_user(l, flow, operation);
		return;
	}
	json_t *row = make_row(l, event, operation, at_ns, flow);
	add_row(rows, row, l->config.limit);
	json_decref(row);
}

/* ---- events ---- */

static bool is_in_period(struct control_log *l, uint64_t at_ns)
{
	if (at_ns < l->config.since_ns || (l->config.until_ns && at_ns >= l->config.until_ns))
		return false;
	if (!l->first_ns || at_ns < l->first_ns)
		l->first_ns = at_ns;
	if (at_ns > l->last_ns)
		l->last_ns = at_ns;
	return true;
}

/* Several rules may alert on one transaction. */
static bool is_first_alert(struct control_log *l, const json_t *event, uint64_t flow)
{
	json_int_t transaction;
	bool is_new;

	if (!document_integer(event, "/tx_id", &transaction))
		return true;
	struct transaction_key key = { flow, (uint64_t)transaction };
	lru_make(l->alerted, &key, 1, &is_new);
	return is_new;
}

static void take_event(struct control_log *l, const json_t *event, uint64_t at_ns)
{
	bool is_alert = strcmp(part(event, "/event_type"), "alert") == 0;
	const json_t *operation = document_at(event, "/ot/operation");
	const json_t *operations = document_at(event, "/ot/operations"), *each;
	json_int_t flow;
	size_t i;

	document_integer(event, "/flow_id", &flow);
	if (!json_is_object(operation) ||
		(is_alert && !is_first_alert(l, event, (uint64_t)flow)))
		return;
	struct control_rows *rows = is_alert ? &l->alerts : &l->protocol;
	l->protocol_events += !is_alert;
	if (!json_is_array(operations))
		take_operation(l, rows, event, operation, at_ns, (uint64_t)flow);
	json_array_foreach (operations, i, each)
		take_operation(l, rows, event, operation_with_value_before(each, operation),
			at_ns, (uint64_t)flow);
}

void control_log_event(struct control_log *l, const json_t *event)
{
	uint64_t at_ns;

	if (eve_event_time(event, &at_ns) && is_in_period(l, at_ns))
		take_event(l, event, at_ns);
}

void control_log_unreadable(struct control_log *l, uint64_t lines)
{
	l->unreadable += lines;
}
