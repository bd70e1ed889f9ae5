/* How near a rule something came: its conditions one after the other, in an order that reads
 * well, until one does not hold. */
#include "detect/near.h"

static void put_values(struct near *n, const struct condition *c, const struct message *m,
	const char *whose)
{
	enum { VALUES_MAX = 8 };
	unsigned count = 0;

	for (uint32_t i = 0; m && i < m->count; i++) {
		if (!condition_is_about(c, &m->items[i]))
			continue;
		uint32_t elements = element_count(c, &m->items[i]);
		for (uint32_t k = 0; k < elements && count < VALUES_MAX; k++) {
			text_printf(n->out, count++ ? ", " : "%s has ", whose);
			element_put(n->out, &c->fields[m->items[i].field - c->field],
				&m->items[i], k);
		}
	}
	if (m && count == 0)
		text_printf(n->out, "%s has none", whose);
}

static void say_condition(struct near *n, const struct condition *c,
	const struct transaction *t)
{
	if (c->predicate)
		text_str(n->out, c->predicate->spelled);
	else
		near_say_step(n, c->contents, 0);
	text_char(n->out, '\n');
	if (c->half != HALF_RESPONSE)
		put_values(n, c, t->request, "the request");
	if (c->half == HALF_ANY && t->request && t->response)
		text_str(n->out, ", ");
	if (c->half != HALF_REQUEST)
		put_values(n, c, t->response, "the response");
	if (!t->request && c->half == HALF_REQUEST)
		text_str(n->out, "the request was not seen");
	if (!t->response && c->half == HALF_RESPONSE)
		text_str(n->out, "no response was seen");
}

static bool conditions_of(struct near *n, struct detector *d, const struct transaction *t)
{
	const struct check *c = n->check;
	struct tapes tapes = { .at = { t->request, t->response }, .places = d->places };

	for (unsigned i = 0; i < c->condition_count; i++) {
		struct check one = *c;
		one.conditions = &c->conditions[i];
		one.condition_count = 1;
		one.has_groups = false;
		detector_stamp(d);
		tapes.stamp = d->now;
		if (!near_holds(n, conditions_hold(&tapes, &one, NULL))) {
			say_condition(n, &c->conditions[i], t);
			return false;
		}
	}
	if (!c->has_groups || near_holds(n, conditions_hold(&tapes, c, NULL)))
		return true;
	text_str(n->out, "all conditions on one repeated group in the same element\n"
		"each holds, but in different elements");
	return false;
}

/* How many conditions on `ot` hold of this operation, from the first on. */
static unsigned operation_held(struct near *n, struct detector *d, const struct operation *op)
{
	struct tapes tapes = { .at = { [TAPE_OPERATION] = &d->operation }, .places = d->places };
	struct check one = *n->check;
	unsigned held = 0;

	operation_tape(&d->operation, op);
	detector_stamp(d);
	tapes.stamp = d->now;
	for (one.operation_count = 1; held < n->check->operation_count; held++, one.operations++)
		if (!operations_hold(&tapes, &one))
			break;
	return held;
}

static bool operations_of(struct near *n, struct detector *d, const struct transaction *t)
{
	const struct check *c = n->check;
	unsigned best = 0, which = 0;

	for (unsigned i = 0; i < t->operation_count && best < c->operation_count; i++) {
		unsigned held = operation_held(n, d, &t->operations[i]);
		if (held > best) {
			best = held;
			which = i;
		}
	}
	n->held += best;
	if (best == c->operation_count)
		return true;
	text_printf(n->out, "%s\n", c->operations[best].predicate->spelled);
	if (t->operation_count == 0) {
		text_str(n->out, "the message does nothing");
		return false;
	}
	operation_tape(&d->operation, &t->operations[which]);
	put_values(n, &c->operations[best], &d->operation, "the operation");
	return false;
}

/* ---- transactions ---- */

static bool is_there(struct near *n, const struct transaction *t)
{
	const struct check *c = n->check;

	if (c->dissector && !near_holds(n, t->dissector == c->dissector)) {
		text_printf(n->out, "a message of %s\nit is one of %s", c->dissector->name,
			t->dissector->name);
		return false;
	}
	bool missing = (c->side == HALF_REQUEST && !t->request) ||
		(c->side == HALF_RESPONSE && !t->response);
	if (near_holds(n, !missing))
		return true;
	text_printf(n->out, "the %s was seen", c->side == HALF_REQUEST ? "request" : "response");
	return false;
}

static unsigned ways_of(struct near *n, struct detector *d, const struct transaction *t)
{
	const struct check *c = n->check;
	unsigned ways = c->ways[PHASE_FINISHED];

	if (t->request)
		ways |= c->ways[PHASE_REQUEST];
	if (t->response)
		ways |= c->ways[PHASE_RESPONSE];
	ways &= header_ways(flow_headers(d, t->flow), c->header, t->client);
	if (!near_holds(n, ways != 0))
		near_say_header(n, t->flow, c->side == HALF_RESPONSE ? !t->client : t->client);
	return ways;
}

static bool event_is_there(struct near *n, const struct transaction *t)
{
	const struct rule_event *e = &n->check->rule->event;
	uint64_t events = (t->request ? t->request->events : 0) |
		(t->response ? t->response->events : 0);

	if (e->kind != EVENT_APP || near_holds(n, events >> e->event & 1))
		return true;
	event_say(e, n->out);
	return false;
}

static bool raw_holds(struct near *n, const struct transaction *t, unsigned ways)
{
	bool request = (ways & SERVER_BIT) && t->request;
	bool response = (ways & CLIENT_BIT) && t->response;
	struct bytes none = { 0 };

	return near_size_holds(n, request ? (int64_t)t->request->raw.len : -1,
		response ? (int64_t)t->response->raw.len : -1) &&
		near_bytes_hold(n, &n->check->raw, request ? t->request->raw : none,
		response ? t->response->raw : none);
}

static bool rest_holds(struct near *n, struct detector *d, const struct transaction *t)
{
	const struct rule *r = n->check->rule;
	struct access_found found;

	if (!near_holds(n, stream_size_fits(n->check, t))) {
		text_str(n->out, "stream_size");
		return false;
	}
	if (!r->modbus.used ||
		near_holds(n, access_holds(d->set, &r->modbus, t->request, &found)))
		return true;
	text_str(n->out, "the modbus: access it asks for");
	return false;
}

struct nearness rule_near_transaction(struct detector *d, const struct rule *r,
	const struct transaction *t, struct text *out)
{
	struct near n = { &d->set->checks[r->index], out, 0 };
	struct transaction whole;
	unsigned ways;

	t = transaction_expanded(t, &whole, d->expanded);
	if (!is_there(&n, t) || (ways = ways_of(&n, d, t)) == 0 || !event_is_there(&n, t) ||
		!conditions_of(&n, d, t) || !raw_holds(&n, t, ways) || !rest_holds(&n, d, t) ||
		!operations_of(&n, d, t))
		return near_missed(&n);
	return (struct nearness){ n.held, true };
}
