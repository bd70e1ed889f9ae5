/* ot.why: what made a rule match, so that an operator need not read the rule.
 *
 *   {"field":"modbus.write.value","value":500}            an array where several match
 *   {"field":"ot.outcome","value":"rejected"}             names where the field has them
 *   {"field":"s7comm.pi_service","value":"_N_LOG_IN"}     where a pcre found something
 *   {"content":"|00 05|PLC","offset":7}                   in the rule's notation
 *   {"field":"base64_data","content":"evil","offset":0}   in what base64_decode gave
 *   {"event":"modbus.invalid_length"}
 *   {"field":"modbus.access","value":"write holding","address":500,"written":201}
 */
#include "detect/search.h"

enum { WHY_VALUES_MAX = 8, CONTENTS_MAX = 64 };

struct why {
	const struct transaction *t;
	const struct check *check;
	struct text *out;
	bool is_open; /* an entry was written: the next one needs a comma */
};

static void begin(struct why *w, const char *key)
{
	text_str(w->out, w->is_open ? ",{\"" : "{\"");
	text_str(w->out, key);
	text_lit(w->out, "\":");
	w->is_open = true;
}

/* ---- values ---- */

/* Values written so far of one condition: the first stands alone, more make an array. */
struct listing {
	struct text *out;
	size_t at; /* where the first value begins */
	unsigned count;
};

static void make_array(struct text *out, size_t at)
{
	text_char(out, ' ');
	memmove(out->at + at + 1, out->at + at, out->len - at - 1);
	out->at[at] = '[';
}

static void list_item(struct listing *l, const struct condition *c, const struct item *item)
{
	const struct field *f = &c->fields[item->field - c->field];
	bool wanted = !c->predicate->negated;
	uint32_t count = element_count(c, item);
	for (uint32_t i = 0; i < count && l->count < WHY_VALUES_MAX; i++) {
		if (element_matches(c, item, i) != wanted)
			continue;
		if (l->count == 1)
			make_array(l->out, l->at);
		if (l->count++ > 0)
			text_char(l->out, ',');
		element_put(l->out, f, item, i);
	}
}

static void put_field_name(struct text *out, const struct dissector *d,
	const struct condition *c)
{
	text_char(out, '"');
	text_str(out, d->name);
	text_char(out, '.');
	if (c->predicate && c->predicate->ref.half == HALF_REQUEST)
		text_lit(out, "request.");
	else if (c->predicate && c->predicate->ref.half == HALF_RESPONSE)
		text_lit(out, "response.");
	text_str(out, field_keyword(c->fields));
	text_char(out, '"');
}

static void list_tape(struct listing *l, const struct condition *c, const struct message *m)
{
	for (uint32_t i = 0; m && i < m->count && l->count < WHY_VALUES_MAX; i++) {
		const struct item *item = &m->items[i];
		if (condition_is_about(c, item) && (c->is_many ? condition_compares(c, item)
			: condition_holds(c, item)))
			list_item(l, c, item);
	}
}

static void why_predicate(struct why *w, const struct dissector *d, const struct condition *c,
	const struct message *first, const struct message *second)
{
	size_t before = w->out->len;
	bool was_open = w->is_open;
	begin(w, "field");
	put_field_name(w->out, d, c);
	text_lit(w->out, ",\"value\":");
	struct listing l = { w->out, w->out->len, 0 };
	list_tape(&l, c, first);
	if (l.count == 0)
		list_tape(&l, c, second);
	text_str(w->out, l.count > 1 ? "]}" : "}");
	if (l.count > 0)
		return;
	w->out->len = before;
	w->is_open = was_open;
}

/* ---- contents ---- */

static void put_found(struct why *w, struct bytes pattern, uint32_t at)
{
	pattern_put(w->out, pattern);
	text_lit(w->out, "\",\"offset\":");
	text_uint(w->out, at);
	text_char(w->out, '}');
}

static void put_content(struct why *w, const struct condition *c, struct bytes pattern,
	uint32_t at)
{
	if (c) {
		begin(w, "field");
		put_field_name(w->out, w->check->dissector, c);
		text_lit(w->out, ",\"content\":\"");
	} else {
		begin(w, "content");
		text_char(w->out, '"');
	}
	put_found(w, pattern, at);
}

/* What looked at the bytes that a base64_decode gave, when the step before it ended at `base`. */
static __attribute__((noinline)) void why_decoded(struct why *w, const struct content *step,
	const struct content_list *inside, struct bytes data, uint32_t base)
{
	uint8_t room[BASE64_ROOM];
	uint32_t at[CONTENTS_MAX];
	struct bytes decoded = { room, base64_decode(step, data, base, room) };
	if (inside->count > CONTENTS_MAX || !contents_search(inside, decoded, at))
		return;
	for (unsigned i = 0; i < inside->count; i++) {
		if (inside->at[i]->negated || inside->at[i]->kind != CONTENT_BYTES)
			continue;
		begin(w, "field");
		text_lit(w->out, "\"base64_data\",\"content\":\"");
		put_found(w, inside->at[i]->pattern, at[i]);
	}
}

/* false: not here. Contents beyond CONTENTS_MAX are not told. */
static bool why_contents(struct why *w, const struct content_list *l, struct bytes data,
	const struct condition *c)
{
	uint32_t at[CONTENTS_MAX];
	if (l->count == 0 || l->count > CONTENTS_MAX || !contents_search(l, data, at))
		return false;
	for (unsigned i = 0; i < l->count; i++)
		if (l->at[i]->kind == CONTENT_BASE64)
			why_decoded(w, l->at[i], l->inside[i], data, at[i]);
		else if (!l->at[i]->negated && l->at[i]->kind == CONTENT_BYTES)
			put_content(w, c, l->at[i]->pattern, at[i]);
	return true;
}

static bool has_found_regex(const struct content_list *l)
{
	for (unsigned i = 0; i < l->count; i++)
		if (l->at[i]->kind == CONTENT_REGEX && !l->at[i]->negated)
			return true;
	return false;
}

static bool why_text(struct why *w, const struct condition *c, const struct item *item)
{
	char room[FORMAT_MAX];
	const struct field *f = &c->fields[item->field - c->field];
	if (!why_contents(w, c->contents, item_text(f, item, room), c))
		return false;
	if (has_found_regex(c->contents)) {
		begin(w, "field");
		put_field_name(w->out, w->check->dissector, c);
		text_lit(w->out, ",\"value\":");
		element_put(w->out, f, item, 0);
		text_char(w->out, '}');
	}
	return true;
}

static bool why_field_contents(struct why *w, const struct condition *c,
	const struct message *m)
{
	for (uint32_t i = 0; m && i < m->count; i++)
		if (condition_is_about(c, &m->items[i]) && condition_holds(c, &m->items[i]))
			return why_text(w, c, &m->items[i]);
	return false;
}

/* ---- the rest ---- */

static void why_conditions(struct why *w)
{
	for (unsigned i = 0; i < w->check->condition_count; i++) {
		const struct condition *c = &w->check->conditions[i];
		const struct message *first = c->half == HALF_RESPONSE ? NULL : w->t->request;
		const struct message *second = c->half == HALF_REQUEST ? NULL : w->t->response;
		if (c->predicate)
			why_predicate(w, w->check->dissector, c, first, second);
		else if (!why_field_contents(w, c, first))
			why_field_contents(w, c, second);
	}
}

static void why_operation(struct why *w, struct detector *d)
{
	const struct operation *op = detect_operation(d, w->check->rule, w->t);
	if (!op || w->check->operation_count == 0)
		return;
	operation_tape(&d->operation, op);
	for (unsigned k = 0; k < w->check->operation_count; k++)
		why_predicate(w, &ot_dissector, &w->check->operations[k], &d->operation, NULL);
}

static void why_access(struct why *w, const struct ruleset *set)
{
	const struct modbus_access *a = &w->check->rule->modbus;
	struct access_found found;
	if (!a->used || !access_holds(set, a, w->t->request, &found))
		return;
	const char *table = access_table(found.function);
	begin(w, "field");
	text_lit(w->out, "\"modbus.access\",\"value\":\"");
	text_str(w->out, a->is_write ? "write" : "read");
	if (table) {
		text_char(w->out, ' ');
		text_str(w->out, table);
	}
	text_char(w->out, '"');
	if (found.has_address)
		text_printf(w->out, ",\"address\":%u", found.address);
	if (found.has_value)
		text_printf(w->out, ",\"written\":%u", found.value);
	text_char(w->out, '}');
}

static void why_event(struct why *w)
{
	const struct rule_event *e = &w->check->rule->event;
	if (e->kind != EVENT_APP)
		return;
	begin(w, "event");
	text_char(w->out, '"');
	text_str(w->out, e->dissector->name);
	text_char(w->out, '.');
	text_str(w->out, e->dissector->events[e->event].name);
	text_lit(w->out, "\"}");
}

static void why_message(struct why *w)
{
	const struct check *c = w->check;
	const struct message *request = c->side == HALF_RESPONSE ? NULL : w->t->request;
	const struct message *response = c->side == HALF_REQUEST ? NULL : w->t->response;
	if (!request || !why_contents(w, &c->raw, request->raw, NULL))
		if (response)
			why_contents(w, &c->raw, response->raw, NULL);
}

void detect_why(struct detector *d, const struct rule *r, const struct transaction *t,
	struct text *out)
{
	text_char(out, '[');
	const struct check *check = check_of(d, r);
	if (check) {
		struct transaction whole;
		t = transaction_expanded(t, &whole, d->expanded);
		struct why w = { t, check, out, false };
		why_event(&w);
		why_conditions(&w);
		why_operation(&w, d);
		why_access(&w, d->set);
		why_message(&w);
	}
	text_char(out, ']');
}
