/* From rules to checks, and each check into the indexes where it can be decided.
 *
 * A rule waits for what it asks about: with anything on `ot` for the finished transaction,
 * with anything on the response for the response, otherwise it is looked at as soon as the
 * request is there. A rule without a direction is looked at again with the response. */
#include <stdlib.h>

#include "detect/regex.h"
#include "detect/runtime.h"

/* ---- conditions ---- */

static enum half side_of(const struct rule *r)
{
	if (r->flow & FLOW_TO_SERVER)
		return HALF_REQUEST;
	if (r->flow & FLOW_TO_CLIENT)
		return HALF_RESPONSE;
	return r->modbus.used ? HALF_REQUEST : HALF_ANY; /* looks at what is asked for */
}

static enum half half_looked_at(const struct check *c, enum half half)
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

static bool same_bytes(const struct content_list *l, const struct content *c, enum half half)
{
	return l->field == c->field && !c->decoded && (c->field < 0 || l->half == half);
}

/* The contents that look at what contents[step], a base64_decode, gives. */
static const struct content_list *decoded_collect(struct ruleset *set, const struct rule *r,
	const struct content *step)
{
	struct content_list *l = arena_take(&set->arena, sizeof(*l));
	*l = (struct content_list){ .field = step->field, .half = step->half,
		.at = arena_take(&set->arena, r->content_count * sizeof(*l->at)) };
	for (unsigned i = 0; i < r->content_count; i++) {
		if (r->contents[i].decoded != step->base64->number)
			continue;
		l->at[l->count++] = &r->contents[i];
		l->uses_extracted |= r->contents[i].uses_extracted;
	}
	return l;
}

static void collect_inside(struct ruleset *set, const struct rule *r, struct content_list *l)
{
	for (unsigned i = 0; i < l->count; i++) {
		if (l->at[i]->kind != CONTENT_BASE64)
			continue;
		if (!l->inside)
			l->inside = arena_take(&set->arena, l->count * sizeof(*l->inside));
		l->inside[i] = decoded_collect(set, r, l->at[i]);
		l->uses_extracted |= l->inside[i]->uses_extracted;
	}
}

/* The contents of one buffer, which is that of contents[first]. */
static void contents_collect(struct ruleset *set, const struct check *check, unsigned first,
	struct content_list *l)
{
	const struct rule *r = check->rule;
	const struct content *c = &r->contents[first];
	*l = (struct content_list){ .field = c->field, .half = half_looked_at(check, c->half),
		.is_fixed = true };
	l->at = arena_take(&set->arena, r->content_count * sizeof(*l->at));
	for (unsigned i = first; i < r->content_count; i++) {
		c = &r->contents[i];
		if (!same_bytes(l, c, half_looked_at(check, c->half)))
			continue;
		l->at[l->count++] = c;
		l->is_fixed = l->is_fixed && content_is_fixed(c);
		l->uses_extracted |= c->uses_extracted;
	}
	collect_inside(set, r, l);
}

/* Whether contents[i] is the first that looks at its buffer. */
static bool begins_buffer(const struct check *check, unsigned i)
{
	const struct content *all = check->rule->contents;
	if (all[i].decoded)
		return false;
	for (unsigned k = 0; k < i; k++)
		if (all[k].field == all[i].field && (all[i].field < 0 ||
			half_looked_at(check, all[k].half) ==
			half_looked_at(check, all[i].half)))
			return false;
	return true;
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

static struct condition on_field(const struct field_ref *ref, enum half half)
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
	struct condition condition = on_field(&p->ref, half_looked_at(c, p->ref.half));
	condition.predicate = p;
	condition.is_many = p->many;
	make_plain(&condition);
	if (p->ref.dissector == &ot_dissector)
		c->operations[c->operation_count++] = condition;
	else
		c->conditions[c->condition_count++] = condition;
}

static void add_contents(struct ruleset *set, struct check *c, unsigned first)
{
	int field = c->rule->contents[first].field;
	if (field < 0)
		contents_collect(set, c, first, &c->raw);
	if (field < 0 || !c->dissector)
		return;
	struct content_list *l = arena_take(&set->arena, sizeof(*l));
	contents_collect(set, c, first, l);
	struct field_ref ref = { .dissector = c->dissector, .field = (unsigned)field };
	struct condition condition = on_field(&ref, l->half);
	condition.contents = l;
	c->conditions[c->condition_count++] = condition;
}

/* A rule without bytes may have an expression that can be looked for beforehand. */
static const struct content *scannable_of(const struct content_list *l)
{
	unsigned flags;
	for (unsigned i = 0; i < l->count; i++) {
		const struct content *c = l->at[i];
		if (c->kind == CONTENT_REGEX && !c->negated &&
			regex_scannable(c->regex, c->relative, &flags))
			return c;
	}
	return NULL;
}

/* How seldom other messages have such bytes: longer is rarer; letters, zeros and their like are
 * everywhere, and a byte that comes again says little new. */
static unsigned rarity(struct bytes pattern)
{
	enum { AGAIN = 1, COMMON = 3, RARE = 6 };
	unsigned sum = 0;
	for (size_t i = 0; i < pattern.len; i++) {
		uint8_t byte = pattern.at[i];
		bool is_common = byte <= 8 || byte == 0xff || (byte >= ' ' && byte <= '~');
		sum += memchr(pattern.at, byte, i) ? AGAIN : is_common ? COMMON : RARE;
	}
	return sum;
}

/* Hyperscan looks for the one that the rule asks for, else the rarest that must be there. */
static const struct content *fast_of(const struct content_list *l)
{
	const struct content *best = NULL;
	for (unsigned i = 0; i < l->count; i++) {
		const struct content *c = l->at[i];
		if (c->kind != CONTENT_BYTES || c->negated || c->pattern.len == 0)
			continue;
		if (!best || (c->is_fast && !best->is_fast) ||
			(c->is_fast == best->is_fast && rarity(c->pattern) > rarity(best->pattern)))
			best = c;
	}
	return best ? best : scannable_of(l);
}

/* The longest that must be there and can be at one place only. A rule without direction is
 * about either message: it is left to Hyperscan. */
static const struct content *anchor_of(const struct check *check)
{
	const struct content_list *l = &check->raw;
	const struct content *best = NULL;
	for (unsigned i = 0; i < l->count && check->side != HALF_ANY; i++) {
		const struct content *c = l->at[i];
		if (!c->negated && content_is_fixed(c) &&
			(!best || c->pattern.len > best->pattern.len))
			best = c;
	}
	return best;
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

static void check_init(struct ruleset *set, struct check *c, const struct rule *r)
{
	*c = (struct check){ .rule = r, .side = side_of(r), .dissector = dissector_of(set, r),
		.header = header_class(set, &r->header), .raw.field = -1 };
	size_t room = (r->predicate_count + r->content_count) * sizeof(struct condition);
	c->conditions = arena_take(&set->arena, room);
	c->operations = arena_take(&set->arena, room);
	for (unsigned i = 0; i < r->predicate_count; i++)
		add_predicate(c, &r->predicates[i]);
	for (unsigned i = 0; i < r->content_count; i++)
		if (begins_buffer(c, i))
			add_contents(set, c, i);
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
	c->is_completed = is_completed(c);
	find_ways(c);
	c->has_groups = c->condition_count > 1 && c->condition_count <= 64 &&
		has_group_fields(c->dissector);
}

/* ---- where a check belongs ---- */

static bool needs(const struct check *c, enum half half)
{
	if (c->side == half)
		return true;
	for (unsigned i = 0; i < c->condition_count; i++)
		if (c->conditions[i].half == half)
			return true;
	return false;
}

static bool may_be_about_response(const struct check *c)
{
	if (c->side != HALF_ANY)
		return false;
	for (unsigned i = 0; i < c->condition_count; i++)
		if (c->conditions[i].half != HALF_REQUEST)
			return true;
	return c->is_tied || c->condition_count == 0;
}

/* A rule that drops a request does so before the answer, if it does not ask about that. */
static bool drops_request(const struct check *c)
{
	if (!rule_drops(c->rule) || needs(c, HALF_RESPONSE))
		return false;
	for (unsigned i = 0; i < c->operation_count; i++)
		if (c->operations[i].field >= OT_OUTCOME)
			return false;
	return true;
}

static void add_to_phases(struct ruleset *set, struct check_index *index, struct check *c)
{
	if (c->operation_count > 0) {
		index_add(set, &index[PHASE_FINISHED], PHASE_FINISHED, c);
		if (drops_request(c))
			index_add(set, &index[PHASE_ASKED], PHASE_FINISHED, c);
		return;
	}
	bool waits = needs(c, HALF_RESPONSE);
	if (!waits)
		index_add(set, &index[PHASE_REQUEST], PHASE_REQUEST, c);
	if (waits || may_be_about_response(c))
		index_add(set, &index[PHASE_RESPONSE], PHASE_RESPONSE, c);
}

static void add_to_messages(struct ruleset *set, struct check *c)
{
	for (unsigned i = 0; i < set->dissector_count; i++)
		if (c->dissector ? c->dissector == dissectors[i]
			: c->rule->header.not_dissector != dissectors[i])
			add_to_phases(set, set->messages[i], c);
}

static void add_to_unclaimed(struct ruleset *set, struct check *c)
{
	if (c->side != HALF_RESPONSE)
		index_add(set, &set->unclaimed[TO_SERVER], PHASE_REQUEST, c);
	if (c->side != HALF_REQUEST)
		index_add(set, &set->unclaimed[TO_CLIENT], PHASE_RESPONSE, c);
}

/* A stream has no flags, but its packets carry ACK and perhaps PSH. */
static bool flags_fit_stream(const struct rule *r)
{
	return tcp_flags_hold(r, TCP_ACK) || tcp_flags_hold(r, TCP_ACK | TCP_PSH);
}

static bool is_about_packets(const struct rule *r)
{
	return r->header.proto == RULE_TCP_PKT || !flags_fit_stream(r) || r->packet_test_count ||
		(r->flow & (FLOW_NO_STREAM | FLOW_NOT_ESTABLISHED));
}

/* Once all its groups are known: the one condition it may have is what leads to it. */
static bool is_bare(const struct check *c)
{
	return !c->has_rest && !c->is_shared && !c->is_repeated &&
		(c->condition_count == 0 || (c->condition_count == 1 && c->by));
}

static bool is_about_bytes(const struct check *c)
{
	const struct rule *r = c->rule;
	return (c->raw.count > 0 || r->header.once || r->header.only_unclaimed) &&
		!is_about_packets(r) && r->event.kind == EVENT_NONE;
}

static bool is_ip_only(const struct check *c)
{
	const struct rule *r = c->rule;
	return r->header.proto == RULE_IP && r->event.kind == EVENT_NONE && r->tcp_flags < 0 &&
		r->dsize.low > r->dsize.high && c->raw.count == 0 && r->packet_test_count == 0 &&
		r->stream_size.of == STREAM_OF_NONE && !r->header.sport.bits &&
		!r->header.dport.bits;
}

static void add_by_kind(struct ruleset *set, struct check *c)
{
	const struct rule *r = c->rule;
	if (r->event.kind == EVENT_STREAM) {
		check_list_add(&set->arena, &set->stream[r->event.event], c);
	} else if (r->event.kind == EVENT_SESSION) {
		check_list_add(&set->arena, &set->session[r->event.event], c);
	} else if (c->dissector || c->operation_count > 0) {
		if (!is_about_packets(r)) /* else it asks for what no message is */
			add_to_messages(set, c);
	} else if (is_about_bytes(c)) {
		if (!r->header.only_unclaimed)
			add_to_messages(set, c);
		add_to_unclaimed(set, c);
		if (c->raw.count > 0 && !r->header.only_unclaimed)
			packet_index_add_payload(set, c);
	} else {
		c->is_ip_only = is_ip_only(c);
		packet_index_add(set, c);
	}
	set->has_passes |= r->action == ACTION_PASS;
	set->has_events |= r->event.kind != EVENT_NONE && r->event.kind != EVENT_APP;
}

/* An alert that makes no alert has nothing to be run for; a field needs its dissector, and
 * no message is of two protocols. */
static bool has_effect(const struct check *c)
{
	const struct rule *r = c->rule;
	if (r->silent)
		return false;
	for (unsigned i = 0; i < r->content_count; i++)
		if (r->contents[i].field >= 0 && !c->dissector)
			return false;
	for (unsigned i = 0; i < r->predicate_count; i++) {
		const struct dissector *d = r->predicates[i].ref.dissector;
		if (d != &ot_dissector && d != c->dissector)
			return false;
	}
	return !r->noalert || r->flowbit_count || r->flowint_count || r->xbit_count ||
		(r->action != ACTION_ALERT && r->action != ACTION_LOG);
}

/* ---- all of it ---- */

static void measure_dissectors(struct ruleset *set)
{
	set->fields_max = OT_FIELD_COUNT;
	for (; dissectors[set->dissector_count]; set->dissector_count++)
		if (dissectors[set->dissector_count]->field_count > set->fields_max)
			set->fields_max = dissectors[set->dissector_count]->field_count;
	size_t size = set->dissector_count * sizeof(*set->messages);
	set->messages = arena_take(&set->arena, size);
	memset(set->messages, 0, size);
}

static bool build_scanners(struct ruleset *set)
{
	bool fine = true;
	size_t most = (set->dissector_count * PHASE_COUNT + 2) * (1 + BUFFERS_MAX);
	set->scanners = arena_take(&set->arena, most * sizeof(*set->scanners));
	for (unsigned i = 0; i < set->dissector_count; i++)
		for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
			fine = fine && index_scanner(set, &set->messages[i][phase]);
	for (unsigned way = 0; way < 2; way++)
		fine = fine && index_scanner(set, &set->unclaimed[way]);
	return fine;
}

bool ruleset_compile(struct ruleset *set)
{
	unsigned count = set->list->count;
	set->checks = arena_take(&set->arena, count * sizeof(*set->checks));
	set->headers = arena_take(&set->arena, count * sizeof(*set->headers));
	for (set->header_slots = 16; set->header_slots <= 2 * count;)
		set->header_slots *= 2;
	set->header_slot = mem_array(set->header_slots, sizeof(*set->header_slot));
	measure_dissectors(set);
	access_find_fields(set);
	for (unsigned i = 0; i < count; i++)
		set->clears_flowbits |= rule_clears_flowbits(set->list->rules[i]);
	for (unsigned i = 0; i < count; i++) {
		check_init(set, &set->checks[i], set->list->rules[i]);
		if (has_effect(&set->checks[i]))
			add_by_kind(set, &set->checks[i]);
		set->checks[i].is_bare = is_bare(&set->checks[i]);
	}
	free(set->header_slot);
	set->header_slot = NULL;
	set->header_words = (set->header_count + 15) / 16;
	set->bit_words = (set->list->flowbits.count + 63) / 64;
	return build_scanners(set);
}
