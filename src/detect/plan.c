/* How a rule is reached: header class, index, pattern; and what is looked at afterwards. */
#include <inttypes.h>

#include "detect/explain.h"
#include "detect/runtime.h"

struct plan {
	const struct ruleset *set;
	const struct check *check;
	struct text *out;
	unsigned places; /* told so far */
};

static bool has(const struct check_list *l, const struct check *c)
{
	for (unsigned i = 0; i < l->count; i++)
		if (l->at[i] == c)
			return true;
	return false;
}

/* The buffer in which the check waits for its pattern, or NULL. */
static const struct buffer *buffer_with(const struct check_index *index, const struct check *c)
{
	for (unsigned i = 0; i < index->buffer_count; i++)
		if (has(&index->buffers[i].waiting, c))
			return &index->buffers[i];
	return NULL;
}

/* Whether the group leads to it: at once, or to where its pattern is looked for. */
static bool leads_to(const struct check_index *index, const struct check_group *g,
	const struct check *c)
{
	const struct buffer *b = g->buffers ? buffer_with(index, c) : NULL;

	return has(&g->direct, c) || has(&g->waiting, c) ||
		(b && g->buffers >> (b - index->buffers) & 1);
}

static bool index_has(const struct check_index *index, const struct check *c)
{
	for (unsigned g = 0; g < index->group_count; g++)
		if (leads_to(index, &index->groups[g], c))
			return true;
	return false;
}

static void put_value(struct plan *p, const struct field *f, uint64_t value)
{
	const char *name = name_of(f->names, value);

	if (name)
		text_printf(p->out, " %s (%" PRIu64 ")", name, value);
	else
		text_printf(p->out, " %" PRIu64, value);
}

/* The values of a selector that lead to the rule, if any do. */
static bool put_selector(struct plan *p, const struct check_index *index,
	const struct selector *s, const struct field *f, const char *where)
{
	bool any = false;

	for (uint32_t value = 0; value < s->size; value++) {
		const struct check_group *g = &index->groups[s->group[value]];
		if (s->group[value] == 0 || !leads_to(index, g, p->check))
			continue;
		if (!any)
			text_printf(p->out, "    reached through %s %s:", where, field_keyword(f));
		put_value(p, f, s->is_bits ? (uint64_t)1 << value : value);
		any = true;
	}
	if (any)
		text_char(p->out, '\n');
	return any;
}

static bool put_gate(struct plan *p, const struct check_index *index, const struct gate *g,
	const char *where)
{
	const struct field *f = &p->check->dissector->fields[g->field];

	if (!has(&index->groups[g->group].direct, p->check))
		return false;
	text_printf(p->out, "    reached through %s %s: from %llu", where, field_keyword(f),
		(unsigned long long)g->low);
	if (g->span < INT64_MAX)
		text_printf(p->out, " to %llu", (unsigned long long)(g->low + g->span));
	text_str(p->out, "\n");
	return true;
}

static void put_pattern_wait(struct plan *p, const struct check_index *index)
{
	const struct check *c = p->check;
	const struct content *fast = c->fast;

	text_str(p->out, "    waits until ");
	if (c->anchor) {
		text_str(p->out, "\"");
		pattern_put(p->out, c->anchor->pattern);
		text_printf(p->out, "\" stands at %d (compared, while few wait there), or "
			"until ", c->anchor->has_offset ? c->anchor->offset : 0);
	}
	text_str(p->out, "Hyperscan sees \"");
	if (fast->kind == CONTENT_BYTES)
		pattern_put(p->out, fast->pattern);
	else
		text_put(p->out, (const char *)fast->pattern.at, fast->pattern.len);
	text_printf(p->out, "\" (a database of %u patterns)\n",
		index->scanner ? index->scanner->pattern_count : 0);
}

/* The bytes of a field, or both messages, in which Hyperscan looks first. */
static void put_buffer_wait(struct plan *p, const struct buffer *b)
{
	static const char *const halves[] = { "", "the request's ", "the response's " };
	const struct check *c = p->check;

	text_str(p->out, "    waits until Hyperscan sees \"");
	pattern_put(p->out, c->fast_in_field->pattern);
	if (b->of)
		text_printf(p->out, "\" in %s%s.%s", halves[b->of->half], c->dissector->name,
			field_keyword(b->of->fields));
	else
		text_str(p->out, "\" in either message");
	text_printf(p->out, " (a database of %u patterns)\n",
		b->scanner ? b->scanner->pattern_count : 0);
}

static void put_index(struct plan *p, const struct check_index *index, const char *what)
{
	static const char *const tapes[] = { "the request's", "the response's",
		"the operation's" };
	const struct buffer *b = buffer_with(index, p->check);

	if (!index_has(index, p->check))
		return;
	p->places++;
	text_printf(p->out, "  %s\n", what);
	bool through = false;
	for (unsigned i = 0; i < index->selector_count; i++) {
		const struct selector *s = &index->selectors[i];
		const struct dissector *d = p->check->dissector;
		through |= d && put_selector(p, index, s, &d->fields[s->field], tapes[s->tape]);
	}
	through |= put_selector(p, index, &index->verb, &ot_dissector.fields[OT_VERB],
		tapes[TAPE_OPERATION]);
	through |= put_selector(p, index, &index->outcome, &ot_dissector.fields[OT_OUTCOME],
		tapes[TAPE_OPERATION]);
	for (unsigned i = 0; p->check->dissector && i < index->gate_count; i++)
		through |= put_gate(p, index, &index->gates[i], tapes[index->gates[i].tape]);
	if (p->check->rule->event.kind == EVENT_APP)
		text_str(p->out, "    reached through the message's event\n");
	else if (!through)
		text_str(p->out, "    reached by every one\n");
	if (has(&index->waiting, p->check))
		put_pattern_wait(p, index);
	if (b)
		put_buffer_wait(p, b);
}

static void put_messages(struct plan *p)
{
	static const char *const phases[] = { "request is whole", "response is whole",
		"outcome is known", "request is whole (inline, to drop it)" };
	char what[96];

	for (unsigned i = 0; i < p->set->dissector_count; i++)
		for (unsigned phase = 0; phase < PHASE_COUNT; phase++) {
			snprintf(what, sizeof(what), "%s, when the %s", dissectors[i]->name,
				phases[phase]);
			put_index(p, &p->set->messages[i][phase], what);
		}
}

static bool is_of_packets(const struct ruleset *set, const struct check *c)
{
	const struct packet_index *packets = &set->packets;
	bool found = false;

	for (unsigned i = 0; i < EVENT_MAX && !found; i++)
		found = has(&packets->by_event[i], c);
	for (unsigned i = 0; i < 256 && !found; i++)
		found = has(&packets->by_flags[i], c);
	for (unsigned i = 0; i < PACKET_KINDS && !found; i++)
		found = has(&packets->plain[i], c);
	return found;
}

static void put_others(struct plan *p)
{
	const struct ruleset *set = p->set;
	const struct check *c = p->check;

	put_index(p, &set->unclaimed[TO_SERVER], "bytes to the server that no dissector claims");
	put_index(p, &set->unclaimed[TO_CLIENT], "bytes to the client that no dissector claims");
	if (is_of_packets(set, c)) {
		p->places++;
		text_printf(p->out, "  packets%s\n", c->rule->tcp_flags >= 0 ?
			", reached through their TCP flags" : c->rule->event.kind == EVENT_DECODE ?
			", reached through the event" : "");
	}
	if (c->rule->event.kind == EVENT_STREAM || c->rule->event.kind == EVENT_SESSION) {
		p->places++;
		text_str(p->out, "  the event, when it happens\n");
	}
}

static void put_condition(struct plan *p, const struct condition *c, const char *dissector)
{
	static const char *const halves[] = { "", "request's ", "response's " };

	text_printf(p->out, "  %s%s.%s", halves[c->half], dissector, field_keyword(c->fields));
	text_str(p->out, c->predicate && c->is_plain ? " (one range of numbers)" :
		c->is_many ? " (all its values, counted)" : "");
	if (c->contents)
		text_printf(p->out, ": %u step%s in its bytes%s", c->contents->count,
			c->contents->count == 1 ? "" : "s",
			c->contents->is_fixed ? ", at one place" : "");
	text_str(p->out, c == p->check->by ? ", known to hold where it led here\n" : "\n");
}

static void put_checks(struct plan *p)
{
	const struct check *c = p->check;

	text_printf(p->out, "then looked at, in this order:\n  header class %u of %u, "
		"known for each flow\n", c->header + 1, p->set->header_count);
	for (unsigned i = 0; i < c->condition_count; i++)
		put_condition(p, &c->conditions[i], c->dissector->name);
	if (c->has_groups)
		text_str(p->out, "  all of them in the same element, where they are of one "
			"repeated group\n");
	if (c->raw.count)
		text_printf(p->out, "  %u step%s in the bytes%s\n", c->raw.count,
			c->raw.count == 1 ? "" : "s", c->raw.is_fixed ? ", at one place" : "");
	for (unsigned i = 0; i < c->operation_count; i++)
		put_condition(p, &c->operations[i], ot_dissector.name);
	if (c->rule->flowbit_count || c->rule->flowint_count)
		text_str(p->out, "  flowbits and flowint, when all else holds\n");
	if (rule_is_counted(c->rule))
		text_str(p->out, "  xbits and thresholds, in the ordered stage\n");
	if (c->sees_change)
		text_str(p->out, "It looks at what differs from poll to poll: repeated polls are "
			"parsed for it\n");
}

void rule_plan(const struct ruleset *set, const struct rule *r, struct text *out)
{
	struct plan p = { set, &set->checks[r->index], out, 0 };

	if (r->silent) {
		text_printf(out, "never: %s\n", r->silent);
		return;
	}
	put_messages(&p);
	put_others(&p);
	if (p.places == 0)
		text_str(out, "  never: nothing is all that it asks for\n");
	else
		put_checks(&p);
}

/* ---- what a rule looks at ---- */

bool rule_sees_messages(const struct ruleset *set, const struct rule *r)
{
	for (unsigned i = 0; i < set->dissector_count; i++)
		for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
			if (index_has(&set->messages[i][phase], &set->checks[r->index]))
				return true;
	return false;
}

bool rule_sees_unclaimed(const struct ruleset *set, const struct rule *r)
{
	return index_has(&set->unclaimed[TO_SERVER], &set->checks[r->index]) ||
		index_has(&set->unclaimed[TO_CLIENT], &set->checks[r->index]);
}

bool rule_sees_packets(const struct ruleset *set, const struct rule *r)
{
	return is_of_packets(set, &set->checks[r->index]);
}
