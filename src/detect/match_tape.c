/* Conditions of a rule against the tapes of a transaction.
 *
 * A condition holds when an item of its field holds. Where the tape has repeated groups, all
 * conditions on fields of one group must hold inside the same element, and so on inside it:
 * the tape is walked once, each element collects what holds in it, and of the elements of
 * one group the one in which most holds counts. */
#include "detect/runtime.h"

enum { DEPTH_MAX = 8, KINDS_MAX = 8 };

/* A long tape is walked once, however many fields the rules ask for. places[0] says that it
 * was, and each field's place stands behind it. */
static void find_places(struct field_place *places, const struct message *m, uint32_t stamp)
{
	places[0].stamp = stamp;
	for (uint32_t i = 0; i < m->count; i++) {
		if (m->items[i].field == ITEM_END)
			continue;
		struct field_place *place = &places[1 + m->items[i].field];
		if (place->stamp != stamp)
			*place = (struct field_place){ .stamp = stamp, .first = i };
		place->end = i + 1;
	}
}

__attribute__((noinline)) struct run items_far(struct tapes *t, enum tape tape, unsigned field)
{
	const struct message *m = t->at[tape];
	struct field_place *places = t->places[tape], *place = &places[1 + field];
	uint32_t stamp = tape == TAPE_OPERATION && t->operation_stamp ? t->operation_stamp
		: t->stamp;
	if (places[0].stamp != stamp)
		find_places(places, m, stamp);
	if (place->stamp != stamp)
		return (struct run){ m->items, m->items };
	return (struct run){ m->items + place->first, m->items + place->end };
}

static inline bool item_holds(const struct condition *c, const struct item *item)
{
	return c->is_plain ? item->u - c->low <= c->span : condition_holds(c, item);
}

static __attribute__((noinline)) bool holds_in_rows(struct tapes *t, enum tape tape,
	const struct condition *c)
{
	if (c->is_many)
		return many_hold(c, t->at[tape]);
	for (unsigned field = c->field; field < c->field + c->count; field++)
		for (struct run run = items_of(t, tape, field); run.at < run.end; run.at++)
			if (run.at->field == field && item_holds(c, run.at))
				return true;
	return false;
}

/* A lazy half is expanded once an evaluation, when a condition needs it. */
static __attribute__((noinline)) enum tape expanded(struct tapes *t, enum tape half)
{
	enum tape tape = TAPE_EXPANDED + half;
	if (!t->at[tape])
		t->at[tape] = message_expanded(t->dissector, t->at[half], &t->room[half]);
	return tape;
}

/* Where to look for what is found in lazy items, or is not. */
static inline enum tape tape_with(struct tapes *t, enum tape tape, bool is_in_lazy)
{
	bool is_hidden = is_in_lazy && t->at[tape] && t->at[tape]->is_lazy;
	return __builtin_expect(is_hidden, 0) ? expanded(t, tape) : tape;
}

enum tape tape_looked_at(struct tapes *t, enum tape half, bool is_in_lazy)
{
	return tape_with(t, half, is_in_lazy);
}

static inline bool holds_on(struct tapes *t, enum tape tape, const struct condition *c)
{
	tape = tape_with(t, tape, c->is_in_lazy);
	if (!t->at[tape])
		return false;
	if (c->count > 1 || c->repeats || c->is_many)
		return holds_in_rows(t, tape, c);
	struct run run = items_of(t, tape, c->field);
	return run.at < run.end && item_holds(c, run.at);
}

static bool holds_somewhere(struct tapes *t, const struct condition *c)
{
	return (c->half != HALF_REQUEST && holds_on(t, TAPE_RESPONSE, c)) ||
		(c->half != HALF_RESPONSE && holds_on(t, TAPE_REQUEST, c));
}

/* An open element of a group (or the whole tape), and the best closed one of each group
 * inside it. Conditions are bits. */
struct element {
	uint16_t group;
	uint64_t held;
	unsigned kinds;
	struct {
		uint16_t group;
		uint64_t held;
	} inner[KINDS_MAX];
};

static uint64_t element_held(const struct element *e)
{
	uint64_t held = e->held;
	for (unsigned i = 0; i < e->kinds; i++)
		held |= e->inner[i].held;
	return held;
}

static void element_close(struct element *outer, const struct element *e)
{
	uint64_t held = element_held(e);
	unsigned i = 0;
	while (i < outer->kinds && outer->inner[i].group != e->group)
		i++;
	if (i == KINDS_MAX)
		return;
	if (i == outer->kinds) {
		outer->inner[outer->kinds].group = e->group;
		outer->inner[outer->kinds++].held = 0;
	}
	if (__builtin_popcountll(held) > __builtin_popcountll(outer->inner[i].held))
		outer->inner[i].held = held;
}

uint64_t conditions_held(const struct check *c, uint64_t which, enum half half,
	const struct item *item)
{
	uint64_t held = 0;
	for (unsigned i = 0; i < c->condition_count && i < 64; i++) {
		const struct condition *k = &c->conditions[i];
		if ((which >> i & 1) && (k->half == HALF_ANY || k->half == half) &&
			condition_is_about(k, item) && condition_holds(k, item))
			held |= (uint64_t)1 << i;
	}
	return held;
}

/* The conditions that hold together on one half. Elements deeper than DEPTH_MAX count as
 * part of the deepest one kept; a group that the tape does not close ends with it. */
static uint64_t held_together(const struct check *c, enum half half, const struct message *m)
{
	struct element stack[DEPTH_MAX];
	unsigned depth = 0, deeper = 0;
	stack[0] = (struct element){ .group = ITEM_END };
	for (uint32_t i = 0; m && i < m->count; i++) {
		const struct item *item = &m->items[i];
		if (item->field == ITEM_END) {
			if (deeper > 0) {
				deeper--;
			} else if (depth > 0) {
				depth--;
				element_close(&stack[depth], &stack[depth + 1]);
			}
		} else if (c->dissector->fields[item->field].type != FIELD_GROUP) {
			stack[depth].held |= conditions_held(c, c->together, half, item);
		} else if (depth + 1 == DEPTH_MAX) {
			deeper++;
		} else {
			stack[++depth] = (struct element){ .group = item->field };
		}
	}
	for (; depth > 0; depth--)
		element_close(&stack[depth - 1], &stack[depth]);
	return element_held(&stack[0]);
}

/* The conditions that are on a repeated group and may look at either half: one half has to
 * hold all of them, or they would not be in one element. */
static uint64_t loose_in_groups(const struct check *c)
{
	uint64_t loose = 0;
	for (unsigned i = 0; i < c->condition_count; i++)
		if (c->conditions[i].repeats && c->conditions[i].half == HALF_ANY)
			loose |= (uint64_t)1 << i;
	return loose;
}

static bool all_held_together(struct tapes *t, const struct check *c)
{
	enum tape first = tape_with(t, TAPE_REQUEST, c->is_in_lazy);
	enum tape second = tape_with(t, TAPE_RESPONSE, c->is_in_lazy);
	uint64_t request = held_together(c, HALF_REQUEST, t->at[first]);
	uint64_t response = held_together(c, HALF_RESPONSE, t->at[second]);
	uint64_t all = c->together, loose = loose_in_groups(c) & all;
	return ((request | response) & ~loose) == (all & ~loose) &&
		((request & loose) == loose || (response & loose) == loose);
}

/* What needs no expanding is looked at first. */
bool conditions_hold(struct tapes *t, const struct check *c, const struct condition *known)
{
	const struct condition *end = c->conditions + c->condition_count;
	for (const struct condition *at = c->conditions; at < end; at++)
		if (at != known && !at->is_in_lazy && !holds_somewhere(t, at))
			return false;
	for (const struct condition *at = c->conditions; c->is_in_lazy && at < end; at++)
		if (at->is_in_lazy && !holds_somewhere(t, at))
			return false;
	return !c->has_groups || all_held_together(t, c);
}

bool operations_hold(struct tapes *t, const struct check *c)
{
	for (unsigned i = 0; i < c->operation_count; i++)
		if (!holds_on(t, TAPE_OPERATION, &c->operations[i]))
			return false;
	return true;
}
