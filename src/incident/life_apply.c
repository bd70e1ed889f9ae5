/* What each action changes, but for reports (life_report.c). */
#include <string.h>

#include "incident/life_change.h"

static void set_time(struct life_change *c, const char *name)
{
	json_object_set_new(life_object(c->doc, "times"), name, json_string(c->at));
}

static bool knows_time(struct life_change *c, const char *name)
{
	return json_is_string(json_object_get(life_object(c->doc, "times"), name));
}

static void set_time_once(struct life_change *c, const char *name)
{
	if (!knows_time(c, name))
		set_time(c, name);
}

/* A new object that says when and who. */
static json_t *entry(const struct life_change *c)
{
	return json_pack("{s:s, s:s}", "at", c->at, "by", c->person);
}

/* The argument under its own name, or under another; null if it was not given. */
static void put_as(
	const struct life_change *c, json_t *to, const char *key, const char *name)
{
	const json_t *value = json_object_get(c->args, name);
	json_object_set_new(to, key, value ? json_deep_copy(value) : json_null());
}

static void put(const struct life_change *c, json_t *to, const char *name)
{
	put_as(c, to, name, name);
}

static bool is_after_begin(struct life_change *c)
{
	return life_follows(c, "first_activity", "the incident began");
}

static bool is_after_ack(struct life_change *c)
{
	return is_after_begin(c) && life_follows(c, "acknowledged", "it was acknowledged");
}

static bool is_after_confirm(struct life_change *c)
{
	return is_after_ack(c) && life_follows(c, "confirmed", "it was confirmed");
}

bool life_ack(struct life_change *c)
{
	json_t *assignment = life_object(c->doc, "assignment");
	if (!is_after_begin(c))
		return false;
	set_time_once(c, "acknowledged");
	if (!json_is_string(json_object_get(assignment, "owner")))
		json_object_set_new(assignment, "owner", json_string(c->person));
	return true;
}

static bool holds(const json_t *list, const char *text)
{
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item)
		if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
			return true;
	return false;
}

bool life_assign(struct life_change *c)
{
	static const char *const names[] = { "owner", "backup", "group" };
	json_t *assignment = life_object(c->doc, "assignment");
	const char *escalate = life_text(c, "escalate");
	if (json_object_size(c->args) == 0)
		return life_refuse(c, "name an owner, a backup, a group or whom to tell");
	for (unsigned i = 0; i < 3; i++)
		if (life_text(c, names[i]))
			put(c, assignment, names[i]);
	json_t *told = life_list(assignment, "escalated_to");
	if (!escalate || holds(told, escalate))
		return true;
	if (json_array_size(told) >= LIFE_LIST_MAX)
		return life_refuse(c, "escalated_to is full");
	return json_array_append_new(told, json_string(escalate)) == 0;
}

bool life_note(struct life_change *c)
{
	json_t *note = entry(c);
	put(c, note, "text");
	return life_append(c, "notes", note);
}

bool life_confirm(struct life_change *c)
{
	if (!is_after_confirm(c))
		return false;
	json_t *confirmed = entry(c);
	put(c, confirmed, "level");
	put(c, confirmed, "reason");
	json_object_set_new(life_object(c->doc, "grade"), "confirmed", confirmed);
	set_time_once(c, "acknowledged");
	set_time_once(c, "confirmed");
	return true;
}

bool life_dismiss(struct life_change *c)
{
	const char *learn = life_text(c, "baseline_change");
	json_t *dismissal = entry(c);
	put(c, dismissal, "reason");
	put(c, dismissal, "text");
	json_object_set_new(dismissal, "baseline_change",
		learn ? json_boolean(strcmp(learn, "true") == 0) : json_null());
	json_object_set_new(c->doc, "dismissal", dismissal);
	set_time_once(c, "acknowledged");
	set_time(c, "closed");
	return true;
}

bool life_reopen(struct life_change *c)
{
	json_t *note = entry(c);
	json_object_del(c->doc, "dismissal");
	json_object_set_new(life_object(c->doc, "times"), "closed", json_null());
	json_object_set_new(life_object(c->doc, "times"), "resolved", json_null());
	put_as(c, note, "text", "reason");
	return life_append(c, "notes", note);
}

/* The other half, in the incident that stays, is the store's. */
bool life_merge(struct life_change *c)
{
	json_object_set_new(life_object(c->doc, "correlation"), "merged_into",
		json_string(life_text(c, "into")));
	set_time_once(c, "acknowledged");
	set_time(c, "closed");
	return true;
}

static bool add_measure(struct life_change *c, json_t *kind)
{
	json_t *measure = entry(c);
	json_object_set_new(measure, "kind", kind);
	put(c, measure, "text");
	put(c, measure, "effect");
	return life_append(c, "actions", measure);
}

bool life_act(struct life_change *c)
{
	return add_measure(c, json_string(life_text(c, "kind")));
}

bool life_contain(struct life_change *c)
{
	if (!is_after_begin(c))
		return false;
	set_time(c, "contained");
	return add_measure(c, json_string("containment"));
}

bool life_resolve(struct life_change *c)
{
	if (!is_after_confirm(c) || !life_follows(c, "contained", "it was contained"))
		return false;
	set_time(c, "resolved");
	return add_measure(c, json_string("recovery"));
}

/* ---- evidence and what comes after ---- */

bool life_evidence(struct life_change *c)
{
	const char *hash = life_text(c, "sha256");
	json_t *evidence = entry(c);
	if (strlen(hash) != 64 || strspn(hash, "0123456789abcdef") != 64) {
		json_decref(evidence);
		return life_refuse(c, "sha256 is 64 hexadecimal digits, lower case");
	}
	put(c, evidence, "type");
	put(c, evidence, "ref");
	put(c, evidence, "sha256");
	put(c, evidence, "bytes");
	put(c, evidence, "hold");
	return life_append(c, "evidence", evidence);
}

bool life_rectify(struct life_change *c)
{
	json_t *item = json_object();
	put(c, item, "item");
	put(c, item, "responsible");
	put(c, item, "due");
	json_object_set_new(item, "done", json_null());
	return life_append(c, "rectification", item);
}

bool life_rectified(struct life_change *c)
{
	json_t *list = life_list(c->doc, "rectification");
	size_t number = (size_t)json_integer_value(json_object_get(c->args, "number"));
	json_t *item = json_array_get(list, number - 1);
	if (!item)
		return life_refuse(c, "there are %zu items", json_array_size(list));
	if (json_is_string(json_object_get(item, "done")))
		return life_refuse(c, "item %zu is done already", number);
	json_object_set_new(item, "done", json_string(c->at));
	return true;
}

bool life_lessons(struct life_change *c)
{
	put_as(c, c->doc, "lessons", "text");
	return true;
}
