#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incident/life_change.h"

static const struct {
	const char *name;
	bool is_open;
} states[LIFE_STATE_COUNT] = {
#define X(id, name, open) { name, open },
	LIFE_STATES(X)
#undef X
};

const char *life_state_name(enum life_state state)
{
	return states[state].name;
}

bool life_state_is_open(enum life_state state)
{
	return states[state].is_open;
}

bool life_state_find(const char *name, enum life_state *state)
{
	for (enum life_state s = 0; name && s < LIFE_STATE_COUNT; s++)
		if (strcmp(states[s].name, name) == 0) {
			*state = s;
			return true;
		}
	return false;
}

enum life_state life_state_of(const json_t *doc)
{
	enum life_state state = LIFE_DETECTED;
	life_state_find(json_string_value(json_object_get(doc, "state")), &state);
	return state;
}

const struct life_action *life_action_find(const char *name)
{
	for (const struct life_action *a = life_actions; a->name; a++)
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

void life_possible(const json_t *doc, struct text *out)
{
	enum life_state state = life_state_of(doc);
	const char *comma = "";
	for (const struct life_action *a = life_actions; a->name; a++)
		if (a->from >> state & 1) {
			text_printf(out, "%s%s", comma, a->name);
			comma = ", ";
		}
}

/* ---- shared by the actions ---- */

bool life_refuse(struct life_change *c, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(c->error, c->error_size, format, args);
	va_end(args);
	return false;
}

const char *life_text(const struct life_change *c, const char *name)
{
	return json_string_value(json_object_get(c->args, name));
}

/* Only what people claim is judged: clocks of sensors may be wrong. */
bool life_not_before(struct life_change *c, const json_t *time, const char *what)
{
	const char *before = json_string_value(time), *at = life_text(c, "at");
	uint64_t before_ns, at_ns;

	if (!at || !before || !time_read_rfc3339(before, &before_ns) ||
		!time_read_rfc3339(at, &at_ns) || at_ns >= before_ns)
		return true;
	return life_refuse(c, "at is %s, but %s at %s", at, what, before);
}

bool life_follows(struct life_change *c, const char *time, const char *what)
{
	return life_not_before(c, json_object_get(life_object(c->doc, "times"), time), what);
}

json_t *life_object(json_t *doc, const char *name)
{
	json_t *value = json_object_get(doc, name);
	if (!json_is_object(value)) {
		value = json_object();
		json_object_set_new(doc, name, value);
	}
	return value;
}

json_t *life_list(json_t *doc, const char *name)
{
	json_t *value = json_object_get(doc, name);
	if (!json_is_array(value)) {
		value = json_array();
		json_object_set_new(doc, name, value);
	}
	return value;
}

bool life_append(struct life_change *c, const char *list, json_t *entry)
{
	json_t *to = life_list(c->doc, list);
	if (json_array_size(to) >= LIFE_LIST_MAX) {
		json_decref(entry);
		return life_refuse(c, "%s is full: %d entries", list, LIFE_LIST_MAX);
	}
	json_array_append_new(to, entry);
	return true;
}

/* ---- doing one ---- */

static bool refuse_state(struct life_change *c)
{
	struct text possible = { 0 };
	life_possible(c->doc, &possible);
	text_char(&possible, '\0');
	life_refuse(c, "not possible: the incident is %s; possible now: %s",
		life_state_name(c->state), *possible.at ? possible.at : "nothing");
	text_fini(&possible);
	return false;
}

/* On a copy, so that what fails half-way leaves no trace. */
static bool apply_to(struct life_change *c, const json_t *given)
{
	if (!(c->action->from >> c->state & 1))
		return refuse_state(c);
	if (!life_check_arguments(c, given))
		return false;
	const char *at = life_text(c, "at");
	uint64_t at_ns = c->now_ns;
	if (at)
		time_read_rfc3339(at, &at_ns);
	time_rfc3339(at_ns, c->at);
	c->next = c->action->moves >> c->state & 1 ? c->action->to : c->state;
	if (!c->action->apply(c))
		return false;
	json_object_set_new(c->doc, "state", json_string(life_state_name(c->next)));
	life_account(c->doc);
	return true;
}

bool life_apply(json_t *doc, const char *action, const json_t *args, const char *person,
	uint64_t now_ns, char *error, size_t error_size)
{
	struct life_change c = { .action = life_action_find(action),
		.args = json_object(),
		.person = person,
		.now_ns = now_ns,
		.state = life_state_of(doc),
		.error = error,
		.error_size = error_size };
	if (!c.action) {
		json_decref(c.args);
		return life_refuse(&c, "there is no action %s", action);
	}
	c.doc = json_deep_copy(doc);
	bool ok = apply_to(&c, args);
	if (ok) {
		json_object_clear(doc);
		json_object_update(doc, c.doc);
	}
	json_decref(c.doc);
	json_decref(c.args);
	return ok;
}

/* ---- what people own ---- */


static void default_nulls(json_t *object, const char *const *names)
{
	for (; *names; names++)
		if (!json_object_get(object, *names))
			json_object_set_new(object, *names, json_null());
}

void life_begin(json_t *doc)
{
	static const char *const times[] = { "acknowledged", "confirmed", "contained",
		"resolved", "closed", NULL };
	static const char *const inputs[] = { "direct_loss_cny", "people_affected",
		"production_stopped_min", "cii_operator", "pii_records", "ransom", NULL };
	static const char *const assignment[] = { "owner", "backup", "group", NULL };
	static const char *const grades[] = { "confirmed", NULL };
	static const char *const lists[] = { "actions", "reports", "evidence", "notes",
		NULL };

	default_nulls(life_object(doc, "times"), times);
	default_nulls(life_object(doc, "human_input"), inputs);
	default_nulls(life_object(doc, "assignment"), assignment);
	default_nulls(life_object(doc, "grade"), grades);
	life_list(life_object(doc, "assignment"), "escalated_to");
	for (unsigned i = 0; lists[i]; i++)
		life_list(doc, lists[i]);
	if (!json_object_get(doc, "state"))
		json_object_set_new(
			doc, "state", json_string(life_state_name(LIFE_DETECTED)));
}
