/* An approved report goes to the node that sends it to the tier above: redacted, in an
 * envelope. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_incident_parts.h"
#include "incident/disk.h"
#include "incident/redact.h"
#include "incident/register.h"
#include "incident/tier.h"
#include "incident/uid.h"

static const char help[] =
	"ironspan incident forward ID REPORT --store DIR\n"
	"\n"
	"Hands an approved report to the node that incident.tier of the configuration\n"
	"names: redacted by incident.redaction, in an envelope for the tier above, "
	"which\n"
	"`ironspan tier run` or `tier export` sends. Approving does this by itself; it\n"
	"does no harm to do it again. What was taken out stays in DIR/openings/.\n";

static const char *text_at(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* ---- redaction ---- */

/* A report may have been put in by hand, with an id of any kind. */
static bool has_file_name(const json_t *report)
{
	bool ok = envelope_is_node(text_at(report, "uid"));

	if (!ok)
		report_error("report %s: its id is no name for a file",
			text_at(report, "uid"));
	return ok;
}

/* By this the plant can show later what stood there. */
static bool keep_openings(
	const struct incident_call *c, const json_t *report, const json_t *openings)
{
	char *folder = mem_printf("%s/openings", c->dir);
	char *path = mem_printf("%s/%s.json", folder, text_at(report, "uid"));
	char *text = json_dumps(openings, JSON_INDENT(1));
	bool ok = disk_make_folder(folder, 0700) && text &&
		  disk_replace(path,
			  (struct bytes){ (const uint8_t *)text, strlen(text) }, 0600);

	free(text);
	free(path);
	free(folder);
	return ok;
}

static bool apply_profile(struct incident_call *c, const json_t *profile,
	const json_t *incident, json_t *report)
{
	json_t *openings = json_array();
	char *path = mem_printf("%s/redaction.key", c->dir);
	uint8_t key[REDACT_KEY];
	struct redact_request request = { profile, incident, c->registers, key,
		openings };
	bool ok = redact_key_load(path, key) && redact_apply(report, &request) &&
		  keep_openings(c, report, openings);

	free(path);
	json_decref(openings);
	return ok;
}

/* The report's form may ask for one of its own. */
static const json_t *profile_of(const struct incident_call *c, const json_t *report)
{
	char *form = mem_printf("profiles/%s", text_at(report, "profile"));
	const char *id = text_at(registers_data(c->registers, form), "redaction");
	char *name = mem_printf("redaction/%s", id ? id : c->config.redaction);
	const json_t *profile = registers_data(c->registers, name);

	if (!profile)
		report_error("incident.redaction: there is no profile %s",
			c->config.redaction);
	free(form);
	free(name);
	return profile;
}

/* That two persons saw it leaves the plant, who they are does not. The signature was over
 * what stood there before; the envelope has one of its own. */
static void hide_names(json_t *report)
{
	json_t *approval = json_object_get(report, "approval");

	json_object_set_new(approval, "prepared_by", json_string("preparer"));
	json_object_set_new(approval, "approved_by", json_string("approver"));
	json_object_set_new(report, "signature", json_null());
}

/* A draft may have been redacted before people filled it in. */
static bool redact(struct incident_call *c, const char *id, json_t *report)
{
	const json_t *profile = profile_of(c, report);
	json_t *before = json_incref(json_object_get(report, "redaction"));
	json_t *incident = store_get(c->store, id);
	bool ok = profile && incident && has_file_name(report) &&
		  apply_profile(c, profile, incident, report);

	if (ok)
		json_array_extend(
			json_object_get(json_object_get(report, "redaction"), "removed"),
			json_object_get(before, "removed"));
	hide_names(report);
	json_decref(before);
	json_decref(incident);
	return ok;
}

/* ---- sending ---- */

static bool send_to(struct incident_call *c, struct tier *t, const json_t *report,
	char to[ENVELOPE_NODE], char envelope[ENVELOPE_UID])
{
	const struct envelope_end *upper = tier_upper(t);
	const char *why = NULL;

	if (!upper)
		return false;
	snprintf(to, ENVELOPE_NODE, "%s", upper->node);
	char *name = mem_printf("%s %s %s", t->self.node, to, text_at(report, "uid"));
	char uid[UID_TEXT];
	uid_of("forward", name, uid);
	free(name);
	struct tier_letter letter = { .type = "report",
		.to = to,
		.body = report,
		.lane = -1,
		.by = store_person(c->store)->id,
		.uid = uid };
	bool ok = tier_send(t, &letter, c->now_ns, envelope, &why);
	if (!ok && why)
		report_error("report %s: %s", text_at(report, "uid"), why);
	return ok;
}

/* Done again, it went in the same envelope. */
static bool was_noted(struct incident_call *c, const char *id, const char *envelope)
{
	json_t *doc = store_get(c->store, id), *row;
	bool is_there = false;
	size_t i;

	json_array_foreach(json_object_get(doc, "reports"), i, row)
	{
		const char *its = text_at(json_object_get(row, "forwarded"), "envelope");
		is_there = is_there || (its && strcmp(its, envelope) == 0);
	}
	json_decref(doc);
	return is_there;
}

static bool note(struct incident_call *c, const char *id, const json_t *report,
	const char *to, const char *envelope)
{
	json_t *args = json_pack("{s:s, s:s, s:s}", "report", text_at(report, "uid"),
		"to", to, "envelope", envelope);
	struct store_change change = {
		.id = id, .action = "forward", .args = args, .now_ns = c->now_ns
	};
	bool ok = was_noted(c, id, envelope) || store_change(c->store, &change);

	json_decref(args);
	if (!ok)
		report_error("%s", store_error(c->store));
	else if (!c->json)
		printf("%s: report %s: forward to %s in envelope %s\n", id,
			text_at(report, "uid"), to, envelope);
	return ok;
}

static bool has_right(struct incident_call *c)
{
	const struct person *p = store_person(c->store);
	bool ok = role_may(p->role, RIGHT_APPROVE);

	if (!ok)
		report_error("%s (%s) may not %s", p->id, role_name(p->role),
			right_name(RIGHT_APPROVE));
	return ok;
}

/* Whatever was written into the report: what it tells of must have happened. */
static bool is_real(struct incident_call *c, const char *id)
{
	json_t *doc = store_get(c->store, id);
	const char *origin = text_at(doc, "origin");
	bool ok = origin && strcmp(origin, "live") == 0;

	if (!ok)
		report_error("%s is from a replay or an exercise: it never travels as real", id);
	json_decref(doc);
	return ok;
}

static bool is_approved(const json_t *report)
{
	bool ok = text_at(json_object_get(report, "approval"), "approved_by") != NULL;

	if (!ok)
		report_error("report %s: nobody has approved it", text_at(report, "uid"));
	return ok;
}

bool incident_forward_report(
	struct incident_call *c, const char *id, const json_t *report)
{
	char to[ENVELOPE_NODE], envelope[ENVELOPE_UID];
	json_t *copy = json_deep_copy(report);
	struct tier t;
	bool ok = is_approved(report) && has_right(c) && is_real(c, id) && redact(c, id, copy);

	if (ok) {
		ok = tier_open(&t, c->config.tier) &&
		     send_to(c, &t, copy, to, envelope) &&
		     note(c, id, report, to, envelope);
		tier_close(&t);
	}
	json_decref(copy);
	return ok;
}

int incident_forward(int argc, char **argv)
{
	struct incident_call c = { .words = { .command = "incident forward",
					   .help = help } };
	char *id;
	json_t *report;
	bool ok;

	if (!incident_call_begin(&c, NULL, argc, argv, STORE_WRITE) ||
		!incident_call_wants(&c, 2, 2, "ID REPORT --store DIR"))
		return c.words.exit_code;
	if (!c.config.tier) {
		report_error("incident forward needs incident.tier in the configuration");
		return incident_call_stop(&c, EXIT_CANNOT_RUN);
	}
	ok = incident_find_both(&c, &id, &report) &&
	     incident_forward_report(&c, id, report);
	json_decref(report);
	free(id);
	return incident_call_stop(&c, ok ? EXIT_FINE : EXIT_MISTAKE);
}
