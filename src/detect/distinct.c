/* What a `distinct` rule counts in a transaction.
 *
 * Mostly one number of the request, which is found at once; everything else is gathered. */
#include "base/hash.h"
#include "detect/runtime.h"

/* Where the hashes go; the same value twice in one message is one. */
struct gathering {
	uint64_t *hashes;
	unsigned count, max;
};

static void gather_hash(struct gathering *g, uint64_t hash)
{
	for (unsigned i = 0; i < g->count; i++)
		if (g->hashes[i] == hash)
			return;
	if (g->count < g->max)
		g->hashes[g->count++] = hash;
}

static void gather(struct gathering *g, const void *at, size_t len)
{
	gather_hash(g, hash_fast(at, len, 0));
}

/* Different numbers have different hashes (the mixing of Steele's splitmix64). */
static inline uint64_t hash_number(uint64_t value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
	value = (value ^ value >> 27) * 0x94d049bb133111eb;
	return value ^ value >> 31;
}

static void gather_number(struct gathering *g, uint64_t value)
{
	gather_hash(g, hash_number(value));
}

static void gather_array(struct gathering *g, enum field_type type,
	const struct item *item)
{
	if (type == FIELD_U16S)
		for (uint32_t i = 0; i < item->len / 2 && g->count < g->max; i++)
			gather_number(g, be16_at(item->at + 2 * (size_t)i));
	else
		for (uint32_t i = 0; i < item_bit_count(item) && g->count < g->max; i++)
			gather_number(g, item_bit(item, i));
}

/* Of a text that is to be made its spelling counts. */
static void gather_text(struct gathering *g, const struct field *f, const struct item *item)
{
	char room[FORMAT_MAX];
	struct bytes text = item_text(f, item, room);
	gather(g, text.at, text.len);
}

static void gather_item(struct gathering *g, const struct field *f, const struct item *item)
{
	switch (f->type) {
	case FIELD_UINT:
	case FIELD_INT:
	case FIELD_REAL:
	case FIELD_BOOL:
	case FIELD_ENUM:
	case FIELD_FLAGS:
		gather_number(g, item->u);
		break;
	case FIELD_TEXT:
	case FIELD_DATA:
	case FIELD_BYTES:
		gather_text(g, f, item);
		break;
	case FIELD_U16S:
	case FIELD_BITS:
		gather_array(g, f->type, item);
		break;
	case FIELD_GROUP:
	case FIELD_LAZY:
		break;
	}
}

static void gather_tape(struct gathering *g, const struct field_ref *ref,
	const struct message *m)
{
	for (uint32_t i = 0; m && i < m->count; i++) {
		const struct item *item = &m->items[i];
		if ((uint32_t)item->field - ref->field < (ref->count ? ref->count : 1))
			gather_item(g, &ref->dissector->fields[item->field], item);
	}
}

static bool is_meant(struct detector *d, const struct check *c)
{
	struct tapes tapes = { .at = { [TAPE_OPERATION] = &d->operation }, .places = d->places };
	detector_stamp(d);
	tapes.stamp = d->now;
	return operations_hold(&tapes, c);
}

/* Of operations that are as the rule asks: those beside them may be of quite another kind. */
static void gather_operations(struct gathering *g, struct detector *d, const struct rule *r,
	const struct transaction *t)
{
	const struct check *c = &d->set->checks[r->index];
	for (unsigned i = 0; i < t->operation_count; i++) {
		operation_tape(&d->operation, &t->operations[i]);
		if (is_meant(d, c))
			gather_tape(g, &r->filter.distinct, &d->operation);
	}
}

/* What is lazy becomes items where the field may be among them. */
static void gather_half(struct gathering *g, const struct field_ref *ref,
	const struct message *m)
{
	struct message room = { 0 };
	bool is_hidden = m && m->is_lazy && field_in_lazy(ref);
	gather_tape(g, ref, is_hidden ? message_expanded(ref->dissector, m, &room) : m);
	message_fini(&room);
}

static void gather_halves(struct gathering *g, const struct rule *r,
	const struct transaction *t)
{
	const struct field_ref *ref = &r->filter.distinct;
	bool is_request = ref->half == HALF_REQUEST || (r->flow & FLOW_TO_SERVER);
	bool is_response = ref->half == HALF_RESPONSE || (r->flow & FLOW_TO_CLIENT);
	if (ref->half == HALF_REQUEST || (ref->half == HALF_ANY && !is_response))
		gather_half(g, ref, t->request);
	if (ref->half == HALF_RESPONSE || (ref->half == HALF_ANY && !is_request))
		gather_half(g, ref, t->response);
}

static __attribute__((noinline)) unsigned gather_values(struct detector *d,
	const struct rule *r, const struct transaction *t, uint64_t *hashes, unsigned max)
{
	struct gathering g = { hashes, 0, max };
	if (r->filter.distinct.dissector == &ot_dissector)
		gather_operations(&g, d, r, t);
	else
		gather_halves(&g, r, t);
	return g.count;
}

/* Where a tape has no group that was closed, the first item of a field is the only one. */
static inline const struct item *only_item(const struct message *m, unsigned field)
{
	if (!m || m->is_lazy || m->count >= UINT8_MAX || m->where[ITEM_END % WHERE])
		return NULL;
	unsigned where = m->where[field % WHERE];
	return where && m->items[where - 1].field == field ? &m->items[where - 1] : NULL;
}

unsigned detect_distinct(struct detector *d, const struct rule *r, const struct transaction *t,
	uint64_t *hashes, unsigned max)
{
	const struct field_ref *ref = &r->filter.distinct;
	if (ref->half != HALF_REQUEST || ref->count > 1 ||
		ref->dissector->fields[ref->field].type != FIELD_UINT)
		return gather_values(d, r, t, hashes, max);
	const struct item *item = only_item(t->request, ref->field);
	if (!item || max == 0)
		return gather_values(d, r, t, hashes, max);
	hashes[0] = hash_number(item->u);
	return 1;
}
