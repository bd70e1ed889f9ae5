/* What a `distinct` rule counts in a transaction. */
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
static void gather_number(struct gathering *g, uint64_t value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
	value = (value ^ value >> 27) * 0x94d049bb133111eb;
	gather_hash(g, value ^ value >> 31);
}

static void gather_item(struct gathering *g, enum field_type type, const struct item *item)
{
	switch (type) {
	case FIELD_TEXT:
	case FIELD_DATA:
	case FIELD_BYTES:
		gather(g, item->at, item->len);
		break;
	case FIELD_U16S:
		for (uint32_t i = 0; i < item->len / 2 && g->count < g->max; i++)
			gather_number(g, be16_at(item->at + 2 * (size_t)i));
		break;
	case FIELD_BITS:
		for (uint32_t i = 0; i < item_bit_count(item) && g->count < g->max; i++)
			gather_number(g, item_bit(item, i));
		break;
	case FIELD_UINT:
	case FIELD_INT:
	case FIELD_REAL:
	case FIELD_BOOL:
	case FIELD_ENUM:
	case FIELD_FLAGS:
		gather_number(g, item->u);
		break;
	case FIELD_GROUP:
		break;
	}
}

/* Where no group was closed, the first item of a field is all there is. */
static bool has_groups(const struct message *m)
{
	return m->count >= UINT8_MAX || m->where[ITEM_END % WHERE];
}

static void gather_tape(struct gathering *g, const struct field_ref *ref,
	const struct message *m)
{
	uint32_t count = ref->count ? ref->count : 1;
	const struct item *item = !m || count > 1 ? NULL : message_item(m, ref->field);
	if (!m || (count == 1 && !item))
		return;
	if (count == 1 && !has_groups(m)) {
		gather_item(g, ref->dissector->fields[ref->field].type, item);
		return;
	}
	for (uint32_t i = 0; i < m->count; i++) {
		item = &m->items[i];
		if ((uint32_t)item->field - ref->field < count)
			gather_item(g, ref->dissector->fields[item->field].type, item);
	}
}

static void gather_operations(struct gathering *g, const struct field_ref *ref,
	const struct transaction *t)
{
	struct message tape;
	message_init(&tape);
	for (unsigned i = 0; i < t->operation_count; i++) {
		operation_tape(&tape, &t->operations[i]);
		gather_tape(g, ref, &tape);
	}
	message_fini(&tape);
}

static void gather_field(struct gathering *g, const struct rule *r,
	const struct transaction *t)
{
	const struct field_ref *ref = &r->threshold.distinct;
	bool is_request = ref->half == HALF_REQUEST || (r->flow & FLOW_TO_SERVER);
	bool is_response = ref->half == HALF_RESPONSE || (r->flow & FLOW_TO_CLIENT);
	if (ref->dissector == &ot_dissector) {
		gather_operations(g, ref, t);
		return;
	}
	if (ref->half == HALF_REQUEST || (ref->half == HALF_ANY && !is_response))
		gather_tape(g, ref, t->request);
	if (ref->half == HALF_RESPONSE || (ref->half == HALF_ANY && !is_request))
		gather_tape(g, ref, t->response);
}

/* An end of the flow, as the rule's header sees it. */
static void gather_end(struct gathering *g, const struct rule *r, const struct transaction *t)
{
	unsigned source = r->flow & FLOW_TO_CLIENT ? !t->client : t->client;
	const struct flow_end *src = &t->flow->end[source], *dst = &t->flow->end[!source];
	switch (r->threshold.distinct_what) {
	case DISTINCT_FIELD:
		break;
	case DISTINCT_SRC_IP:
		gather(g, &src->address, sizeof(src->address));
		break;
	case DISTINCT_DST_IP:
		gather(g, &dst->address, sizeof(dst->address));
		break;
	case DISTINCT_SRC_PORT:
		gather_number(g, src->port);
		break;
	case DISTINCT_DST_PORT:
		gather_number(g, dst->port);
		break;
	}
}

unsigned detect_distinct(const struct rule *r, const struct transaction *t, uint64_t *hashes,
	unsigned max)
{
	struct gathering g = { hashes, 0, max };
	if (r->threshold.distinct_what == DISTINCT_FIELD)
		gather_field(&g, r, t);
	else
		gather_end(&g, r, t);
	return g.count;
}
