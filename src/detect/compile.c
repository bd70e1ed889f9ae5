/* From rules to checks (check.c), and each check into the indexes where it can be decided.
 *
 * A rule waits for what it asks about: with anything on `ot` for the finished transaction,
 * with anything on the response for the response, otherwise it is looked at as soon as the
 * request is there. A rule without a direction is looked at again with the response. */
#include <stdlib.h>

#include "detect/compile.h"

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

/* Whether anything but the outcome that a rule asks for is known before the answer. */
static bool is_about_request(const struct check *c)
{
	return !needs(c, HALF_RESPONSE) && !rule_asks_operation(c->rule, OT_OUTCOME + 1);
}

/* A rule that drops a request does so before the answer, if it does not ask about that. */
static bool drops_request(const struct check *c)
{
	return rule_drops(c->rule) && c->is_about_request &&
		!rule_asks_operation(c->rule, OT_OUTCOME);
}

static void add_to_phases(struct ruleset *set, struct check_index *index, struct check *c)
{
	c->is_about_request = is_about_request(c);
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

bool rule_is_about_packets(const struct rule *r)
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
		!rule_is_about_packets(r) && r->event.kind == EVENT_NONE;
}

/* Nothing but addresses, ports, and what is known of the flow. */
static bool is_about_header(const struct check *c)
{
	const struct rule *r = c->rule;
	return r->event.kind == EVENT_NONE && r->tcp_flags < 0 && r->dsize.low > r->dsize.high &&
		c->raw.count == 0 && !rule_is_about_packets(r);
}

/* What happens on a flow may make it hold later. */
static bool asks_flow(const struct rule *r)
{
	for (unsigned i = 0; i < r->flowbit_count; i++)
		if (r->flowbits[i].does != FLOWBIT_SET)
			return true;
	return r->flowint_count || r->stream_size.of != STREAM_OF_NONE ||
		(r->flow & (FLOW_ESTABLISHED | FLOW_NOT_ESTABLISHED));
}

/* Of a flow, what one packet of an end says all of its packets say. */
static bool is_ip_only(const struct check *c)
{
	const struct rule *r = c->rule;
	return r->header.proto == RULE_IP && is_about_header(c) && !asks_flow(r) &&
		!r->header.sport.bits && !r->header.dport.bits;
}

/* What a pass rule on headers exempts is whatever those packets bring: messages, bytes that
 * nobody claims, events. With addresses alone it exempts the flow. */
static void add_pass(struct ruleset *set, struct check *c)
{
	if (c->is_ip_only && !c->rule->flow && !c->rule->flowbit_count) {
		headers_add(set, &set->flow_passes, c->header);
	} else if (is_about_header(c)) {
		add_to_messages(set, c);
		add_to_unclaimed(set, c);
		for (unsigned i = 0; i < STREAM_EVENT_COUNT; i++)
			check_list_add(&set->arena, &set->stream[i], c);
		for (unsigned i = 0; i < SESSION_EVENT_COUNT; i++)
			check_list_add(&set->arena, &set->session[i], c);
	}
}

/* Rules on bytes look at the packets that no stream and no datagram brings; those that pass at
 * all of them, for the sake of what else the packet is. */
static void add_to_packets(struct ruleset *set, struct check *c)
{
	if (c->rule->action == ACTION_PASS)
		packet_index_add(set, c);
	else
		packet_index_add_payload(set, c);
}

static void add_by_kind(struct ruleset *set, struct check *c)
{
	const struct rule *r = c->rule;
	if (r->event.kind == EVENT_STREAM) {
		check_list_add(&set->arena, &set->stream[r->event.event], c);
	} else if (r->event.kind == EVENT_SESSION) {
		check_list_add(&set->arena, &set->session[r->event.event], c);
	} else if (c->dissector || c->operation_count > 0) {
		if (!rule_is_about_packets(r)) /* else it asks for what no message is */
			add_to_messages(set, c);
	} else if (is_about_bytes(c)) {
		if (!r->header.only_unclaimed)
			add_to_messages(set, c);
		add_to_unclaimed(set, c);
		if (c->raw.count > 0 && !r->header.only_unclaimed)
			add_to_packets(set, c);
	} else {
		c->is_ip_only = is_ip_only(c);
		packet_index_add(set, c);
		if (r->action == ACTION_PASS)
			add_pass(set, c);
	}
	set->has_stream_sizes |= r->stream_size.of != STREAM_OF_NONE;
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

/* Once all header classes are known. */
static void note_always(struct ruleset *set, struct check_index *index)
{
	size_t size = set->header_words * sizeof(*index->always_fits);
	if (index->always.count == 0)
		return;
	index->always_fits = arena_take(&set->arena, size);
	memset(index->always_fits, 0, size);
	for (unsigned i = 0; i < index->always.count; i++) {
		uint32_t class = index->always.at[i];
		index->always_fits[class / 16] |= (uint64_t)3 << class % 16 * 4;
	}
}

static void index_finish(struct ruleset *set, struct check_index *index)
{
	note_always(set, index);
	leads_note(set, index);
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
	for (unsigned i = 0; i < set->dissector_count; i++)
		for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
			index_finish(set, &set->messages[i][phase]);
	return build_scanners(set);
}
