/* Which of the things that a message does a rule is about. */
#include "detect/runtime.h"

/* Groups of the tape, by their field; those of more kinds than that are not counted. */
enum { KINDS = 16, DEPTH = 16 };
struct groups {
	uint16_t fields[KINDS];
	uint32_t counts[KINDS];
	unsigned kinds;
};

static uint32_t *count_of(struct groups *g, uint16_t field)
{
	unsigned i = 0;
	while (i < g->kinds && g->fields[i] != field)
		i++;
	if (i == KINDS)
		return NULL;
	if (i == g->kinds) {
		g->fields[i] = field;
		g->counts[i] = 0;
		g->kinds++;
	}
	return &g->counts[i];
}

static bool is_group(const struct check *c, const struct item *item)
{
	return item->field != ITEM_END && c->dissector->fields[item->field].type == FIELD_GROUP;
}

/* Those on a field of a repeated group. */
static uint64_t conditions_in_groups(const struct check *c)
{
	uint64_t which = 0;
	for (unsigned i = 0; i < c->condition_count && i < 64; i++)
		if (c->conditions[i].repeats && !c->conditions[i].is_many)
			which |= (uint64_t)1 << i;
	return which;
}

/* Where a half has as many elements of a group as there are operations, each element says what one
 * of them is about: which of the conditions hold there, bit by bit. */
static void find_held(const struct check *c, uint64_t which, enum half half,
	const struct message *m, unsigned operations, uint64_t *held)
{
	struct groups all = { .kinds = 0 }, seen = { .kinds = 0 };
	int within[DEPTH] = { -1 }; /* the operation that what is open here is about */
	unsigned depth = 0, deeper = 0;
	for (uint32_t i = 0; m && i < m->count; i++) {
		uint32_t *count = is_group(c, &m->items[i]) ? count_of(&all, m->items[i].field) : NULL;
		if (count)
			++*count;
	}
	for (uint32_t i = 0; m && i < m->count; i++) {
		const struct item *item = &m->items[i];
		if (item->field == ITEM_END && (deeper || depth)) {
			*(deeper ? &deeper : &depth) -= 1;
		} else if (is_group(c, item) && depth + 1 == DEPTH) {
			deeper++;
		} else if (is_group(c, item)) {
			uint32_t *total = count_of(&all, item->field);
			uint32_t *at = count_of(&seen, item->field);
			bool is_each = total && at && *total == operations;
			within[depth + 1] = is_each ? (int)*at : within[depth];
			depth++;
			if (at)
				++*at;
		} else if (item->field != ITEM_END && within[depth] >= 0) {
			held[within[depth]] |= conditions_held(c, which, half, item);
		}
	}
}

/* It holds what the rule asks of operations. */
static bool is_asked_for(struct detector *d, const struct check *c, const struct operation *op)
{
	if (c->operation_count == 0)
		return true;
	operation_tape(&d->operation, op);
	detector_stamp(d);
	struct tapes tapes = { .at = { [TAPE_OPERATION] = &d->operation }, .places = d->places,
		.stamp = d->now };
	return operations_hold(&tapes, c);
}

static const struct operation *find_meant(struct detector *d, const struct check *c,
	const struct transaction *t)
{
	uint64_t held[OPERATIONS_MAX] = { 0 };
	const struct operation *best = NULL;
	int best_of = 0;
	uint64_t which = conditions_in_groups(c);
	if (which) {
		struct transaction whole;
		const struct transaction *x = transaction_expanded(t, &whole, d->expanded);
		find_held(c, which, HALF_REQUEST, x->request, t->operation_count, held);
		find_held(c, which, HALF_RESPONSE, x->response, t->operation_count, held);
	}
	for (unsigned i = 0; i < t->operation_count; i++) {
		const struct operation *op = &t->operations[i];
		int of = __builtin_popcountll(held[i]) * (ORDER_OBEYED + 1) +
			(int)transaction_order(t, op);
		if ((!best || of > best_of) && is_asked_for(d, c, op)) {
			best = op;
			best_of = of;
		}
	}
	return best;
}

const struct operation *detect_operation(struct detector *d, const struct rule *r,
	const struct transaction *t)
{
	const struct check *c = d && t->operation_count > 1 ? check_of(d, r) : NULL;
	const struct operation *meant = c ? find_meant(d, c, t) : NULL;
	return meant ? meant : transaction_operation(t);
}
