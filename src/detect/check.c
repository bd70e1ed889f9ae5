/* A rule as a check: its conditions, and what is known of it before any message comes. */
#include "detect/compile.h"

static enum half side_of(const struct rule *r)
{
	if (r->flow & FLOW_TO_SERVER)
		return HALF_REQUEST;
	if (r->flow & FLOW_TO_CLIENT)
		return HALF_RESPONSE;
	return r->modbus.used ? HALF_REQUEST : HALF_ANY; /* looks at what is asked for */
}

enum half check_half(const struct check *c, enum half half)
{
	return half == HALF_ANY ? c->side : half;
}

static const struct dissector *dissector_of(const struct ruleset *set, const struct rule *r)
{
	if (r->header.dissector)
		return r->header.dissector;
	if (r->event.kind == EVENT_APP)
		return r->event.dissector;
	for (unsigned i = 0; i < r->predicate_count; i++)
		if (r->predicates[i].ref.dissector != &ot_dissector)
			return r->predicates[i].ref.dissector;
	return r->modbus.used ? set->access[ACCESS_FUNCTION].dissector : NULL;
}

/* Its name goes on where that of a repeated group ends. */
static bool is_in_group(const struct dissector *d, const struct field *f)
{
	if (f->flags & FIELD_REPEATS)
		return true;
	for (unsigned i = 0; i < d->field_count; i++) {
		const struct field *group = &d->fields[i];
		size_t len = strlen(group->name);
		if (group->type == FIELD_GROUP && strncmp(f->name, group->name, len) == 0 &&
			(f->name[len] == '.' || f == group))
			return true;
	}
	return false;
}

struct condition condition_on(const struct field_ref *ref, enum half half)
{
	const struct field *f = &ref->dissector->fields[ref->field];
	return (struct condition){ .half = half, .field = ref->field,
		.count = ref->count ? ref->count : 1, .fields = f,
		.repeats = is_in_group(ref->dissector, f), .is_in_lazy = field_in_lazy(ref) };
}

/* Most predicates are one range of numbers: they are matched without a detour. */
static void make_plain(struct condition *c)
{
	const struct predicate *p = c->predicate;
	enum field_type type = c->fields->type;
	bool is_unsigned = type == FIELD_UINT || type == FIELD_ENUM || type == FIELD_BOOL ||
		type == FIELD_FLAGS;
	if (!is_unsigned || c->count > 1 || p->negated || p->mask || p->of_length ||
		p->text_count || p->many || p->range_count != 1 || p->ranges->low < 0)
		return;
	c->is_plain = true;
	c->low = (uint64_t)p->ranges->low;
	c->span = p->ranges->high == INT64_MAX ? UINT64_MAX - c->low
		: (uint64_t)p->ranges->high - c->low;
}

static void add_predicate(struct check *c, const struct predicate *p)
{
	struct condition condition = condition_on(&p->ref, check_half(c, p->ref.half));
	condition.predicate = p;
	condition.is_many = p->many;
	make_plain(&condition);
	if (p->ref.dissector == &ot_dissector)
		c->operations[c->operation_count++] = condition;
	else
		c->conditions[c->condition_count++] = condition;
}

static bool has_group_fields(const struct dissector *d)
{
	for (unsigned i = 0; d && i < d->field_count; i++)
		if (d->fields[i].type == FIELD_GROUP)
			return true;
	return false;
}

/* See match.c. */
static bool is_completed(const struct check *c)
{
	for (unsigned i = 0; i < c->condition_count; i++)
		if (c->side == HALF_ANY && c->conditions[i].half != HALF_REQUEST)
			return true;
	return false;
}

static void find_ways(struct check *c)
{
	static const uint8_t tied[PHASE_COUNT] = { SERVER_BIT, CLIENT_BIT,
		SERVER_BIT | CLIENT_BIT, SERVER_BIT };
	static const uint8_t loose[PHASE_COUNT] = { SERVER_BIT, SERVER_BIT | CLIENT_BIT,
		SERVER_BIT, SERVER_BIT };
	for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
		c->ways[phase] = c->side == HALF_REQUEST ? SERVER_BIT
			: c->side == HALF_RESPONSE ? CLIENT_BIT
			: c->is_tied ? tied[phase] : loose[phase];
	if (c->is_tied && c->is_completed)
		c->ways[PHASE_RESPONSE] = SERVER_BIT | CLIENT_BIT;
}

/* With which outcomes the conditions on that may hold; an operation without one has no such
 * field. */
static uint8_t outcomes_of(const struct check *c)
{
	unsigned all = UINT8_MAX;
	for (unsigned i = 0; i < c->operation_count; i++) {
		const struct condition *k = &c->operations[i];
		if (k->field != OT_OUTCOME || k->is_many)
			continue;
		unsigned these = 0;
		for (unsigned v = OUTCOME_NONE + 1; v <= OUTCOME_BLOCKED; v++) {
			struct item item = { .field = OT_OUTCOME, .u = v };
			these |= (unsigned)condition_holds(k, &item) << v;
		}
		all &= these;
	}
	return (uint8_t)all;
}

void check_init(struct ruleset *set, struct check *c, const struct rule *r)
{
	*c = (struct check){ .rule = r, .side = side_of(r), .dissector = dissector_of(set, r),
		.header = header_class(set, &r->header), .raw.field = -1 };
	size_t room = (r->predicate_count + r->content_count) * sizeof(struct condition);
	c->conditions = arena_take(&set->arena, room);
	c->operations = arena_take(&set->arena, room);
	for (unsigned i = 0; i < r->predicate_count; i++)
		add_predicate(c, &r->predicates[i]);
	contents_add(set, c);
	for (unsigned i = 0; i < c->condition_count; i++) {
		c->is_in_lazy |= c->conditions[i].is_in_lazy;
		c->together |= (uint64_t)!c->conditions[i].is_many << i % 64;
	}
	c->fast = fast_of(&c->raw);
	c->anchor = anchor_of(c);
	c->is_tied = c->raw.count > 0 || r->event.kind == EVENT_APP ||
		r->dsize.low <= r->dsize.high;
	c->has_rest = c->is_tied || c->operation_count > 0 || r->modbus.used ||
		r->header.once || r->stream_size.of != STREAM_OF_NONE;
	c->sees_change = rule_sees_change(set, r);
	c->outcomes = outcomes_of(c);
	c->is_completed = is_completed(c);
	find_ways(c);
	c->has_groups = c->condition_count > 1 && c->condition_count <= 64 &&
		has_group_fields(c->dissector);
}
