/* Random rules against random messages, compared with an evaluator that is slow and obvious.
 *
 * Rules are made as data first; their text goes through the loader, the compiler, the indexes
 * and Hyperscan, many rules in one set, and what fires is compared with what the data says of
 * the message. IRONSPAN_ROUNDS in the environment: how many sets, for a longer run. */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "detect/detect.h"
#include "test.h"

/* ---- a toy protocol, and messages of it as plain data ---- */

enum { FUNCTION, UNIT, HEAT, VALUES, NAME, FLAGS, ITEMS, TYPE, INDEX, FIELDS };

static const struct name flag_names[] = { { 1, "a" }, { 2, "b" }, { 4, "c" }, { 0, NULL } };
static const struct field fields[FIELDS] = {
	[FUNCTION] = { "function", FIELD_UINT, "", .flags = FIELD_SELECTS },
	[UNIT] = { "unit", FIELD_UINT, "" },
	[HEAT] = { "heat", FIELD_INT, "" },
	[VALUES] = { "values", FIELD_U16S, "" },
	[NAME] = { "name", FIELD_TEXT, "" },
	[FLAGS] = { "flags", FIELD_FLAGS, "", flag_names },
	[ITEMS] = { "items", FIELD_GROUP, "" },
	[TYPE] = { "items.type", FIELD_UINT, "" },
	[INDEX] = { "items.index", FIELD_UINT, "" },
};
static const struct dissector toy = { .name = "toy", .title = "Toy", .source = "none",
	.fields = fields, .field_count = FIELDS, .lone_response_event = -1 };
const struct dissector *const dissectors[] = { &toy, NULL };

enum { VALUES_MAX = 3, ITEMS_MAX = 3, RAW_MAX = 16 };

struct plain {
	bool is_there, has[FIELDS];
	int64_t number[FIELDS];
	unsigned value_count, item_count;
	uint16_t values[VALUES_MAX];
	struct { bool has_type, has_index; unsigned type, index; } items[ITEMS_MAX];
	uint8_t raw[RAW_MAX];
	size_t raw_len;
};

/* ---- chance ---- */

static uint64_t state;

static unsigned below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 11) % n);
}

static bool one_in(unsigned n)
{
	return below(n) == 0;
}

/* ---- messages ---- */

static const char *const names[] = { "pump", "valve", "Pump", "fan" };

static void make_plain(struct plain *p)
{
	*p = (struct plain){ .is_there = true };
	for (unsigned f = 0; f < FIELDS; f++)
		p->has[f] = f < ITEMS && !one_in(4);
	p->number[FUNCTION] = below(5);
	p->number[UNIT] = below(4);
	p->number[HEAT] = (int64_t)below(7) - 3;
	p->number[NAME] = below(4);
	p->number[FLAGS] = below(8);
	p->value_count = p->has[VALUES] ? 1 + below(VALUES_MAX) : 0;
	for (unsigned i = 0; i < p->value_count; i++)
		p->values[i] = (uint16_t)below(6);
	p->item_count = below(ITEMS_MAX + 1);
	for (unsigned i = 0; i < p->item_count; i++) {
		p->items[i].has_type = !one_in(5);
		p->items[i].has_index = !one_in(5);
		p->items[i].type = below(3);
		p->items[i].index = below(3);
	}
	p->raw_len = below(RAW_MAX + 1);
	for (size_t i = 0; i < p->raw_len; i++)
		p->raw[i] = one_in(4) ? (uint8_t)below(6) : (uint8_t)"abAB"[below(4)];
}

static void put_fields(struct dissect *d, const struct plain *p, uint8_t room[2 * VALUES_MAX])
{
	for (unsigned f = FUNCTION; f <= FLAGS; f++) {
		if (!p->has[f])
			continue;
		if (f == HEAT)
			put_int(d, f, p->number[f]);
		else if (f == NAME)
			put_text(d, f, names[p->number[f]]);
		else if (f == VALUES)
			put_bytes(d, f, (struct bytes){ room, 2 * p->value_count });
		else
			put_uint(d, f, (uint64_t)p->number[f]);
	}
}

/* The message as the driver would hand it over. */
static void make_message(struct message *m, const struct plain *p, uint8_t room[2 * VALUES_MAX])
{
	struct dissect d = { .message = m };

	message_init(m);
	m->raw = (struct bytes){ p->raw, p->raw_len };
	for (unsigned i = 0; i < p->value_count; i++)
		memcpy(room + 2 * i, (uint8_t[]){ 0, (uint8_t)p->values[i] }, 2);
	put_fields(&d, p, room);
	for (unsigned i = 0; i < p->item_count; i++) {
		put_begin(&d, ITEMS);
		if (p->items[i].has_type)
			put_uint(&d, TYPE, p->items[i].type);
		if (p->items[i].has_index)
			put_uint(&d, INDEX, p->items[i].index);
		put_end(&d);
	}
}

/* ---- rules as data ---- */

enum { WANTS_MAX = 4, STEPS_MAX = 4, RANGES_MAX = 3 };

struct want {
	unsigned field;
	enum half half;
	bool negated, is_mask;
	unsigned count;          /* of ranges, or of names */
	int64_t low[RANGES_MAX], high[RANGES_MAX];
	uint64_t mask;
	enum { ONE, ANY, ALL, OR_ABSENT, ALL_OR_ABSENT, AT, OOB_OR, NB, COUNT, MANY } many;
	int at, from, to;        /* AT, OOB_OR; the part of the values, if has_part */
	bool has_part;
	unsigned number;         /* NB, COUNT: at least so many */
};

/* What is extracted, `x`, stands in the place of a number where the step says so. */
struct step {
	enum { BYTES, TEST, SIZE, REGEX, JUMP, EXTRACT } kind;
	bool negated, nocase, relative, has_offset, has_depth, has_distance, has_within,
		starts, ends;
	bool x_offset, x_within, x_value;
	int offset, depth, distance, within;
	char pattern[4];         /* of REGEX: '.' any, 'c' either case of a */
	char op;
	unsigned value;
	enum { ON, BEGINNING, END } jump;
	int post, multiplier;
	bool align, anchored;
};

struct plan {
	enum half side;
	bool is_tcp;
	int sport, dport;        /* 0: any */
	struct want wants[WANTS_MAX];
	struct step steps[STEPS_MAX];
	unsigned want_count, step_count;
	unsigned verbs;          /* bits of enum verb; 0: not asked for */
	char text[1024];
};

static void make_want(struct want *w, enum half half)
{
	static const unsigned askable[] = { FUNCTION, FUNCTION, FUNCTION, UNIT, HEAT, VALUES, NAME,
		FLAGS, TYPE, INDEX };

	*w = (struct want){ .field = askable[below(10)], .half = half, .negated = one_in(5) };
	w->is_mask = w->field != NAME && w->field != HEAT && one_in(6);
	w->mask = 1 + below(7);
	w->count = 1 + below(RANGES_MAX);
	for (unsigned i = 0; i < w->count; i++) {
		w->low[i] = w->field == HEAT ? (int64_t)below(7) - 3 : below(5);
		w->high[i] = w->low[i] + (one_in(3) ? below(3) : 0);
		if (w->field == NAME)
			w->low[i] = w->high[i] = below(4);
	}
	if (w->field == NAME || w->field == FLAGS || !one_in(3))
		return;
	w->many = 1 + below(MANY - 1);
	w->at = (int)below(6) - 3;
	w->number = below(4);
	w->has_part = w->many != COUNT && one_in(4);
	w->from = (int)below(4) - 2;
	w->to = (int)below(4) - 2;
	if ((w->from < 0) == (w->to < 0) && w->to <= w->from)
		w->to = 0;
}

static void make_place(struct step *s, size_t len, bool has_x)
{
	s->has_distance = s->relative && !one_in(3);
	s->has_within = s->relative && (!s->has_distance || one_in(2));
	s->starts = !s->relative && one_in(6);
	s->ends = !s->relative && !s->starts && one_in(6);
	s->has_offset = !s->relative && !s->starts && !s->ends && one_in(2);
	s->has_depth = !s->relative && !s->starts && one_in(2);
	s->x_offset = has_x && one_in(2);
	s->x_within = has_x && one_in(2);
	if (one_in(4) && s->has_depth)
		s->depth = (int)len; /* it can stand at one place only */
}

static void make_step(struct step *s, bool is_first, bool has_x)
{
	static const unsigned kinds[] = { BYTES, BYTES, BYTES, BYTES, BYTES, TEST, TEST, SIZE, REGEX,
		REGEX, JUMP, EXTRACT };

	*s = (struct step){ .kind = kinds[below(12)], .negated = one_in(5),
		.relative = !is_first && one_in(2), .nocase = one_in(4) };
	size_t len = 1 + below(3);
	for (size_t i = 0; i < len; i++)
		s->pattern[i] = s->kind == REGEX ? "abAB.c"[below(6)] : "abAB"[below(4)];
	s->op = "=<>&"[below(4)];
	s->value = (unsigned)"aAbB"[below(4)];
	s->offset = (int)below(5);
	s->depth = (int)(len + below(6));
	s->distance = (int)below(5) - 2;
	s->within = (int)(len + below(5));
	s->x_value = has_x && one_in(2);
	s->jump = one_in(3) ? 1 + below(2) : ON;
	s->post = one_in(3) ? (int)below(5) - 3 : 0;
	s->multiplier = one_in(4) ? 2 : 1;
	s->align = one_in(6);
	s->anchored = one_in(5);
	if (s->kind == BYTES)
		make_place(s, len, has_x);
	if (s->kind == JUMP || s->kind == EXTRACT)
		s->negated = false;
}

/* ---- rules as text ---- */

static size_t put(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static size_t put(char *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsprintf(out, format, args);
	va_end(args);
	return (size_t)len;
}

static size_t write_many(char *out, const struct want *w)
{
	static const char *const words[] = { [ANY] = "any", [ALL] = "all", [OR_ABSENT] = "or_absent",
		[ALL_OR_ABSENT] = "all_or_absent", [AT] = "", [OOB_OR] = "oob_or ", [NB] = "nb >=" };
	char *at = out;

	if (w->many != ONE)
		at += put(at, ",%s", words[w->many]);
	if (w->many == AT || w->many == OOB_OR)
		at += put(at, "%d", w->at);
	else if (w->many == NB)
		at += put(at, "%u", w->number);
	if (w->has_part)
		at += put(at, ",%d:%d", w->from, w->to);
	return (size_t)(at - out) + put(at, "; ");
}

static size_t write_want(char *out, const struct want *w)
{
	static const char *const halves[] = { "", "request.", "response." };
	char *at = out;

	at += put(at, "toy.%s%s:%s", halves[w->half], fields[w->field].name, w->negated ? "!" : "");
	if (w->many == COUNT)
		return put(out, "toy.%s%s:count >=%u; ", halves[w->half], fields[w->field].name,
			w->number);
	if (w->is_mask) {
		at += put(at, "&%u", (unsigned)w->mask);
		return (size_t)(at - out) + write_many(at, w);
	}
	at += put(at, "[");
	for (unsigned i = 0; i < w->count; i++)
		if (w->field == NAME)
			at += put(at, "%s%s", i ? "," : "", names[w->low[i]]);
		else
			at += put(at, "%s%lld-%lld", i ? "," : "", (long long)w->low[i],
				(long long)w->high[i]);
	at += put(at, "]");
	return (size_t)(at - out) + write_many(at, w);
}

static size_t write_place(char *out, const char *word, bool has, bool is_x, int value)
{
	return !has ? 0 : is_x ? put(out, "%s:x; ", word) : put(out, "%s:%d; ", word, value);
}

static size_t write_bytes(char *out, const struct step *s)
{
	char *at = out;

	at += put(at, "content:%s\"%s\"; ", s->negated ? "!" : "", s->pattern);
	at += put(at, "%s%s%s", s->nocase ? "nocase; " : "", s->starts ? "startswith; " : "",
		s->ends ? "endswith; " : "");
	at += write_place(at, "offset", s->has_offset, s->x_offset, s->offset);
	at += write_place(at, "depth", s->has_depth, s->x_within, s->depth);
	at += write_place(at, "distance", s->has_distance, s->x_offset, s->distance);
	at += write_place(at, "within", s->has_within, s->x_within, s->within);
	return (size_t)(at - out);
}

static size_t write_regex(char *out, const struct step *s)
{
	char *at = out;

	at += put(at, "pcre:\"%s/", s->negated ? "!" : "");
	for (const char *c = s->pattern; *c; c++)
		at += *c == 'c' ? put(at, "[aA]") : put(at, "%c", *c);
	return (size_t)(at - out) + put(at, "/s%s%s%s\"; ", s->nocase ? "i" : "",
		s->anchored ? "A" : "", s->relative ? "R" : "");
}

static size_t write_jump(char *out, const struct step *s)
{
	static const char *const jumps[] = { "", ",from_beginning", ",from_end" };
	char *at = out;

	at += put(at, "byte_jump:1,%d%s%s", s->offset, s->relative ? ",relative" : "",
		jumps[s->jump]);
	return (size_t)(at - out) + put(at, ",multiplier %d,post_offset %d%s; ", s->multiplier,
		s->post, s->align ? ",align" : "");
}

static size_t write_step(char *out, const struct step *s)
{
	const char *relative = s->relative ? ",relative" : "";

	if (s->kind == BYTES)
		return write_bytes(out, s);
	if (s->kind == REGEX)
		return write_regex(out, s);
	if (s->kind == JUMP)
		return write_jump(out, s);
	if (s->kind == EXTRACT)
		return put(out, "byte_extract:1,%d,x%s,multiplier %d; ", s->offset, relative,
			s->multiplier);
	if (s->kind == SIZE && s->x_value)
		return put(out, "isdataat:%sx%s; ", s->negated ? "!" : "", relative);
	if (s->kind == SIZE)
		return put(out, "isdataat:%s%d%s; ", s->negated ? "!" : "", s->offset, relative);
	if (s->x_value)
		return put(out, "byte_test:1,%s%c,x,%d%s; ", s->negated ? "!" : "", s->op, s->offset,
			relative);
	return put(out, "byte_test:1,%s%c,%u,%d%s; ", s->negated ? "!" : "", s->op, s->value,
		s->offset, relative);
}

static size_t write_port(char *out, int port)
{
	return port ? put(out, "%d ", port) : put(out, "any ");
}

static void write_rule(struct plan *p, unsigned sid)
{
	static const char *const flows[] = { "", "flow:to_server; ", "flow:to_client; " };
	char *at = p->text;

	at += put(at, "alert %s any ", p->is_tcp ? "tcp" : "toy");
	at += write_port(at, p->sport);
	at += put(at, "-> any ");
	at += write_port(at, p->dport);
	at += put(at, "(%s", flows[p->side]);
	for (unsigned i = 0; i < p->want_count; i++)
		at += write_want(at, &p->wants[i]);
	for (unsigned i = 0; i < p->step_count; i++)
		at += write_step(at, &p->steps[i]);
	if (p->verbs)
		at += put(at, "ot.verb:%s; ", p->verbs == 1u << VERB_READ ? "read" :
			p->verbs == 1u << VERB_WRITE ? "write" : "[read,write]");
	put(at, "sid:%u;)\n", sid);
}

static void make_rule(struct plan *p, unsigned sid)
{
	*p = (struct plan){ .side = below(3), .is_tcp = one_in(2) };
	enum half group_half = below(3); /* of one group's conditions the same */

	if (one_in(3))
		*(one_in(2) ? &p->sport : &p->dport) = one_in(3) ? 503 : 502;
	p->want_count = below(WANTS_MAX);
	for (unsigned i = 0; i < p->want_count; i++) {
		make_want(&p->wants[i], one_in(3) ? (enum half)below(3) : HALF_ANY);
		if (p->wants[i].field > ITEMS)
			p->wants[i].half = group_half;
	}
	p->step_count = one_in(2) ? below(STEPS_MAX + 1) : 0;
	if (p->want_count == 0 && p->step_count == 0)
		p->step_count = 1;
	bool has_x = false;
	for (unsigned i = 0; i < p->step_count; i++) {
		make_step(&p->steps[i], i == 0, has_x);
		has_x |= p->steps[i].kind == EXTRACT;
	}
	if (one_in(5))
		p->verbs = 1u << VERB_READ << below(2) | (one_in(3) ? 3u << VERB_READ : 0);
	write_rule(p, sid);
}

/* ---- the slow and obvious evaluator: fields ---- */

static bool is_named(const struct want *w, int64_t value)
{
	if (w->is_mask)
		return ((uint64_t)value & w->mask) != 0;
	for (unsigned i = 0; i < w->count; i++)
		if (w->field == NAME ? strcasecmp(names[w->low[i]], names[value]) == 0 :
			value >= w->low[i] && value <= w->high[i])
			return true;
	return false;
}

/* All values of the field, in order. */
static unsigned values_of(const struct want *w, const struct plain *p, int64_t *out)
{
	unsigned count = 0;

	if (w->field < ITEMS && p->has[w->field] && w->field != VALUES)
		out[count++] = p->number[w->field];
	for (unsigned i = 0; w->field == VALUES && i < p->value_count; i++)
		out[count++] = p->values[i];
	for (unsigned i = 0; w->field > ITEMS && i < p->item_count; i++)
		if (w->field == TYPE ? p->items[i].has_type : p->items[i].has_index)
			out[count++] = w->field == TYPE ? p->items[i].type : p->items[i].index;
	return count;
}

static bool many_hold(const struct want *w, const struct plain *p)
{
	int64_t all[VALUES_MAX + ITEMS_MAX];
	int total = (int)values_of(w, p, all), from = 0, to = total, fit = 0;

	if (w->has_part) {
		from = w->from < 0 ? total + w->from : w->from;
		to = w->to > 0 ? w->to : total + w->to;
	}
	if (from < 0 || to > total || from > to)
		from = to = 0;
	for (int i = from; i < to; i++)
		fit += is_named(w, all[i]) != w->negated;
	int count = to - from, at = w->at < 0 ? count + w->at : w->at;
	bool is_there = at >= 0 && at < count;
	bool one = is_there && is_named(w, all[from + at]) != w->negated;
	switch (w->many) {
	case ANY:
		return fit > 0;
	case ALL:
		return count > 0 && fit == count;
	case OR_ABSENT:
		return count == 0 || fit > 0;
	case ALL_OR_ABSENT:
		return fit == count;
	case AT:
		return one;
	case OOB_OR:
		return !is_there || one;
	case NB:
		return fit >= (int)w->number;
	default:
		return count >= (int)w->number;
	}
}

static bool field_holds(const struct want *w, const struct plain *p)
{
	bool any = false;

	if (p->is_there && w->many != ONE)
		return many_hold(w, p);
	if (!p->is_there || !p->has[w->field])
		return false;
	if (w->field != VALUES)
		return is_named(w, p->number[w->field]) != w->negated;
	for (unsigned i = 0; i < p->value_count; i++)
		any = any || is_named(w, p->values[i]);
	return any != w->negated;
}

static bool element_holds(const struct want *w, const struct plain *p, unsigned i)
{
	bool is_type = w->field == TYPE;

	if (!(is_type ? p->items[i].has_type : p->items[i].has_index))
		return false;
	return is_named(w, is_type ? p->items[i].type : p->items[i].index) != w->negated;
}

static bool is_grouped(const struct want *w)
{
	return w->field > ITEMS && w->many == ONE;
}

/* All conditions on the group hold in one element of this half. */
static bool group_holds(const struct plan *r, const struct plain *p)
{
	for (unsigned i = 0; p->is_there && i < p->item_count; i++) {
		bool all = true;
		for (unsigned k = 0; k < r->want_count; k++)
			all = all && (!is_grouped(&r->wants[k]) ||
				element_holds(&r->wants[k], p, i));
		if (all)
			return true;
	}
	return false;
}

static enum half half_of(const struct plan *r, const struct want *w)
{
	return w->half == HALF_ANY ? r->side : w->half;
}

static bool fields_hold(const struct plan *r, const struct plain *request,
	const struct plain *response)
{
	for (unsigned i = 0; i < r->want_count; i++) {
		const struct want *w = &r->wants[i];
		enum half half = half_of(r, w);
		bool is_group = is_grouped(w);
		bool on_request = half != HALF_RESPONSE &&
			(is_group ? group_holds(r, request) : field_holds(w, request));
		bool on_response = half != HALF_REQUEST &&
			(is_group ? group_holds(r, response) : field_holds(w, response));
		if (!on_request && !on_response)
			return false;
	}
	return true;
}

/* ---- … bytes: every place is tried ---- */

static bool same(char a, uint8_t b, bool nocase)
{
	bool is_letter = (a | 0x20) >= 'a' && (a | 0x20) <= 'z';

	return nocase && is_letter ? (a | 0x20) == (b | 0x20) : (uint8_t)a == b;
}

static bool fits(const struct step *s, char a, uint8_t b)
{
	if (s->kind == REGEX && a == '.')
		return true;
	return s->kind == REGEX && a == 'c' ? same('a', b, true) : same(a, b, s->nocase);
}

static bool stands_at(const struct step *s, const struct plain *p, int at)
{
	for (int i = 0; s->pattern[i]; i++)
		if (at + i >= (int)p->raw_len || !fits(s, s->pattern[i], p->raw[at + i]))
			return false;
	return true;
}

static bool may_stand_at(const struct step *s, const struct plain *p, int base, int x, int at)
{
	int len = (int)strlen(s->pattern), distance = s->x_offset ? x : s->distance;
	int near = base + (s->has_distance ? distance : 0);

	if (!stands_at(s, p, at) || (s->starts && at != 0) ||
		(s->ends && at + len != (int)p->raw_len))
		return false;
	if (s->kind == REGEX)
		return s->anchored ? at == (s->relative ? base : 0) : !s->relative || at >= base;
	if (s->relative)
		return at >= near && (!s->has_within ||
			at + len <= near + (s->x_within ? x : s->within));
	int from = !s->has_offset ? 0 : s->x_offset ? x : s->offset;
	return at >= from && (!s->has_depth || at + len <= from + (s->x_within ? x : s->depth));
}

static bool test_holds(const struct step *s, unsigned value, int x)
{
	unsigned other = s->x_value ? (unsigned)x : s->value;
	bool holds = s->op == '=' ? value == other : s->op == '<' ? value < other :
		s->op == '>' ? value > other : (value & other) != 0;

	return holds != s->negated;
}

/* Where a jump leads; -1: beyond the end. */
static int jump_from(const struct step *s, const struct plain *p, int at)
{
	int value = p->raw[at] * s->multiplier, len = (int)p->raw_len;

	if (s->align)
		value = (value + 3) / 4 * 4;
	value += s->post + (s->jump == BEGINNING ? 0 : s->jump == END ? len : at + 1);
	return value > len ? -1 : value < 0 ? 0 : value;
}

static bool steps_hold(const struct plan *r, const struct plain *p, unsigned i, int base, int x);

static bool number_holds(const struct plan *r, const struct plain *p, unsigned i, int base, int x)
{
	const struct step *s = &r->steps[i];
	int at = s->offset + (s->relative ? base : 0);

	if (at >= (int)p->raw_len)
		return false;
	if (s->kind == TEST)
		return test_holds(s, p->raw[at], x) && steps_hold(r, p, i + 1, base, x);
	if (s->kind == EXTRACT)
		return steps_hold(r, p, i + 1, at + 1, p->raw[at] * s->multiplier);
	int to = jump_from(s, p, at);
	return to >= 0 && steps_hold(r, p, i + 1, to, x);
}

static bool steps_hold(const struct plan *r, const struct plain *p, unsigned i, int base, int x)
{
	const struct step *s = &r->steps[i];
	bool anywhere = false;

	if (i == r->step_count)
		return true;
	if (s->kind == TEST || s->kind == JUMP || s->kind == EXTRACT)
		return number_holds(r, p, i, base, x);
	if (s->kind == SIZE) {
		int place = s->x_value ? x : s->offset;
		bool is_there = s->relative ? base + place <= (int)p->raw_len :
			place < (int)p->raw_len;
		return is_there != s->negated && steps_hold(r, p, i + 1, base, x);
	}
	for (int at = 0; at < (int)p->raw_len; at++) {
		bool here = may_stand_at(s, p, base, x, at);
		anywhere |= here;
		if (here && !s->negated &&
			steps_hold(r, p, i + 1, at + (int)strlen(s->pattern), x))
			return true;
	}
	return s->negated && !anywhere && steps_hold(r, p, i + 1, base, x);
}

/* ---- … and the whole rule; the server has port 502 ---- */

static bool goes(const struct plan *r, bool to_server)
{
	return (!r->sport || (r->sport == 502 && !to_server)) &&
		(!r->dport || (r->dport == 502 && to_server));
}

static bool looks_at_response(const struct plan *r)
{
	bool any = r->want_count == 0;

	for (unsigned i = 0; i < r->want_count; i++)
		any |= half_of(r, &r->wants[i]) != HALF_REQUEST;
	return any;
}

static bool header_holds(const struct plan *r, const struct plain *response)
{
	if (r->side == HALF_RESPONSE)
		return response->is_there && goes(r, false);
	if (r->side == HALF_REQUEST || r->verbs)
		return goes(r, true);
	return goes(r, true) || (response->is_there && looks_at_response(r) && goes(r, false));
}

static bool expected(const struct plan *r, const struct plain *request,
	const struct plain *response, unsigned verbs)
{
	if (!fields_hold(r, request, response) || (r->verbs && !(verbs & r->verbs)))
		return false;
	if (r->step_count == 0)
		return header_holds(r, response);
	bool on_request = r->side != HALF_RESPONSE && goes(r, true) &&
		steps_hold(r, request, 0, 0, 0);
	bool on_response = r->side != HALF_REQUEST && response->is_there && goes(r, false) &&
		steps_hold(r, response, 0, 0, 0);
	return on_request || on_response;
}

/* ---- running ---- */

enum { RULES = 30, TRANSACTIONS = 60 };

static struct plan plans[RULES];

static struct ruleset *load(void)
{
	char path[] = "/tmp/test_rule_random.XXXXXX";
	int fd = mkstemp(path);

	for (unsigned i = 0; i < RULES; i++) {
		make_rule(&plans[i], i + 1);
		if (fd < 0 || write(fd, plans[i].text, strlen(plans[i].text)) < 0)
			abort();
	}
	close(fd);
	const char *files[] = { path };
	struct rules_config config = { .files = files, .file_count = 1 };
	struct ruleset *set = ruleset_load(&config);
	unlink(path);
	return set;
}

static bool is_hit(const struct transaction *t, const struct rule *r)
{
	const struct hits *hits = t->hits;

	for (unsigned i = 0; hits && i < hits->count; i++)
		if (hits->rules[i] == r)
			return true;
	return false;
}

static void detect(struct detector *d, struct transaction *t, struct message *response)
{
	unsigned operations = t->operation_count;

	t->operation_count = 0;
	detect_transaction(d, t, false);
	t->response = response;
	if (response)
		detect_transaction(d, t, false);
	t->operation_count = operations;
	detect_transaction(d, t, true);
}

static void try_transaction(const struct ruleset *set, struct detector *d, struct flow *f)
{
	struct plain request, response = { 0 };
	struct message messages[2];
	uint8_t room[2][2 * VALUES_MAX];
	struct operation operation = { .verb = one_in(2) ? VERB_READ : VERB_WRITE };

	make_plain(&request);
	make_message(&messages[0], &request, room[0]);
	if (!one_in(4))
		make_plain(&response);
	if (response.is_there)
		make_message(&messages[1], &response, room[1]);
	struct transaction t = { .flow = f, .dissector = &toy, .request = &messages[0],
		.operations = &operation, .operation_count = 1 };
	detect(d, &t, response.is_there ? &messages[1] : NULL);
	for (unsigned i = 0; i < ruleset_count(set); i++) {
		const struct rule *r = ruleset_rule(set, i);
		const struct plan *plan = &plans[r->sid - 1];
		bool want = expected(plan, &request, &response, 1u << operation.verb);
		CHECK(is_hit(&t, r) == want, "%s: want %d; request %.*s, response %.*s",
			plan->text, want, (int)request.raw_len, request.raw,
			(int)response.raw_len, response.raw);
	}
	detect_release(d, &t);
	message_fini(&messages[0]);
	if (response.is_there)
		message_fini(&messages[1]);
}

static unsigned round_of(uint64_t seed)
{
	struct flow f = { .proto = PROTO_TCP, .ip_version = 4 };

	state = seed * 0x9e3779b97f4a7c15 + 1;
	struct ruleset *set = load();
	struct detector *d = detector_new(set);
	unsigned count = ruleset_count(set);
	address_parse(&f.end[0].address, "10.0.0.1");
	address_parse(&f.end[1].address, "10.0.0.2");
	f.end[0].port = 1025;
	f.end[1].port = 502;
	f.packets[0] = f.packets[1] = 1;
	for (unsigned i = 0; i < TRANSACTIONS; i++)
		try_transaction(set, d, &f);
	detect_flow_release(d, &f);
	detector_free(d);
	ruleset_free(set);
	return count;
}

int main(void)
{
	const char *wanted = getenv("IRONSPAN_ROUNDS");
	unsigned rounds = wanted ? (unsigned)atoi(wanted) : 60, loaded = 0;

	for (unsigned i = 0; i < rounds; i++)
		loaded += round_of(i);
	CHECK(loaded > rounds * RULES * 8 / 10, "only %u rules of %u load", loaded,
		rounds * RULES);
	return test_end();
}
