/* How near a rule something came: its conditions one after the other, in an order that reads
 * well, until one does not hold. */
#include "detect/explain.h"
#include "detect/runtime.h"

struct near {
	const struct check *check;
	struct text *out;
	unsigned held;
};

/* Counts a condition that holds; true: go on. Otherwise the caller says which it was. */
static bool holds(struct near *n, bool it_does)
{
	n->held += it_does;
	return it_does;
}

static struct nearness missed(const struct near *n)
{
	return (struct nearness){ n->held, false };
}

static void end_say(struct text *out, const struct flow_end *e)
{
	char address[ADDRESS_TEXT];

	address_text(&e->address, address);
	text_printf(out, "%s:%u", address, e->port);
}

static void say_header(struct near *n, const struct flow *f, unsigned from)
{
	text_str(n->out, "the header: ");
	header_say(n->check->rule, n->out);
	text_str(n->out, "\nit goes from ");
	end_say(n->out, &f->end[from]);
	text_str(n->out, " to ");
	end_say(n->out, &f->end[!from]);
}

/* ---- contents ---- */

/* How many of the steps, from the first on, hold together. */
static unsigned steps_held(const struct content_list *l, struct bytes data)
{
	struct content_list part = *l;

	for (part.count = l->count; part.count > 0; part.count--)
		if (contents_search(&part, data, NULL))
			return part.count;
	return 0;
}

static void say_step(struct near *n, const struct content_list *l, unsigned step)
{
	content_say(l->at[step], n->check->dissector, n->out);
	if (step > 0)
		text_printf(n->out, " (step %u of %u)", step + 1, l->count);
}

static bool bytes_hold(struct near *n, const struct content_list *l, struct bytes a,
	struct bytes b)
{
	unsigned first = steps_held(l, a), second = steps_held(l, b);
	unsigned held = first > second ? first : second;

	n->held += held;
	if (held < l->count)
		say_step(n, l, held);
	return held == l->count;
}

static bool size_holds(struct near *n, int64_t a, int64_t b)
{
	const struct number_range *size = &n->check->rule->dsize;

	if (size->low > size->high || holds(n, number_in(size, 1, a) || number_in(size, 1, b)))
		return true;
	text_printf(n->out, "dsize: %lld to %lld\nit has %lld bytes", (long long)size->low,
		(long long)size->high, (long long)(a >= 0 ? a : b));
	return false;
}

/* ---- conditions on fields ---- */

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
		say_step(n, c->contents, 0);
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
		if (!holds(n, conditions_hold(&tapes, &one, NULL))) {
			say_condition(n, &c->conditions[i], t);
			return false;
		}
	}
	if (!c->has_groups || holds(n, conditions_hold(&tapes, c, NULL)))
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

	if (c->dissector && !holds(n, t->dissector == c->dissector)) {
		text_printf(n->out, "a message of %s\nit is one of %s", c->dissector->name,
			t->dissector->name);
		return false;
	}
	bool missing = (c->side == HALF_REQUEST && !t->request) ||
		(c->side == HALF_RESPONSE && !t->response);
	if (holds(n, !missing))
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
	if (!holds(n, ways != 0))
		say_header(n, t->flow, c->side == HALF_RESPONSE ? !t->client : t->client);
	return ways;
}

static bool event_is_there(struct near *n, const struct transaction *t)
{
	const struct rule_event *e = &n->check->rule->event;
	uint64_t events = (t->request ? t->request->events : 0) |
		(t->response ? t->response->events : 0);

	if (e->kind != EVENT_APP || holds(n, events >> e->event & 1))
		return true;
	event_say(e, n->out);
	return false;
}

static bool raw_holds(struct near *n, const struct transaction *t, unsigned ways)
{
	bool request = (ways & SERVER_BIT) && t->request;
	bool response = (ways & CLIENT_BIT) && t->response;
	struct bytes none = { 0 };

	return size_holds(n, request ? (int64_t)t->request->raw.len : -1,
		response ? (int64_t)t->response->raw.len : -1) &&
		bytes_hold(n, &n->check->raw, request ? t->request->raw : none,
		response ? t->response->raw : none);
}

static bool rest_holds(struct near *n, struct detector *d, const struct transaction *t)
{
	const struct rule *r = n->check->rule;
	struct access_found found;

	if (!holds(n, stream_size_holds(&r->stream_size, t->flow))) {
		text_str(n->out, "stream_size");
		return false;
	}
	if (!r->modbus.used ||
		holds(n, access_holds(d->set, &r->modbus, t->request, &found)))
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
		return missed(&n);
	return (struct nearness){ n.held, true };
}

/* ---- bytes and packets ---- */

static bool direction_holds(struct near *n, const struct flow *f, unsigned from)
{
	unsigned wanted = n->check->rule->flow;
	bool to_server = from == f->client;

	if (!(wanted & (FLOW_TO_SERVER | FLOW_TO_CLIENT)) ||
		holds(n, to_server == !!(wanted & FLOW_TO_SERVER)))
		return true;
	text_printf(n->out, "flow:%s\nthey go to the %s", wanted & FLOW_TO_SERVER ? "to_server" :
		"to_client", to_server ? "server" : "client");
	return false;
}

static void say_packet_test(struct near *n, const struct packet_test *t, const struct packet *p)
{
	uint64_t value;

	text_str(n->out, t->value.spelled);
	if (p && packet_fact_of(p, t->fact, &value))
		text_printf(n->out, "\nit is %llu", (unsigned long long)value);
	else
		text_str(n->out, "\nit has none");
}

static bool packet_holds(struct near *n, const struct packet *p)
{
	const struct rule *r = n->check->rule;
	struct rule one = *r;

	for (one.packet_test_count = 1; one.packet_tests < r->packet_tests + r->packet_test_count;
		one.packet_tests++)
		if (!holds(n, packet_tests_hold(&one, p))) {
			say_packet_test(n, one.packet_tests, p);
			return false;
		}
	if (!p || holds(n, tcp_flags_hold(r, p->tcp_flags)))
		return true;
	text_printf(n->out, "flags\nthey are 0x%02x", p->tcp_flags);
	return false;
}

struct nearness rule_near_bytes(struct detector *d, const struct rule *r, const struct flow *f,
	unsigned from, const struct packet *p, struct bytes data, struct text *out)
{
	struct near n = { &d->set->checks[r->index], out, 0 };
	struct tuple ends = { &f->end[from].address, &f->end[!from].address, f->end[from].port,
		f->end[!from].port, f->proto };

	if (!holds(&n, header_fits(&r->header, &ends))) {
		say_header(&n, f, from);
		return missed(&n);
	}
	if (!direction_holds(&n, f, from) || !packet_holds(&n, p) ||
		!size_holds(&n, p ? p->payload_wire : (int64_t)data.len, -1) ||
		!bytes_hold(&n, &n.check->raw, data, (struct bytes){ 0 }))
		return missed(&n);
	if (!holds(&n, stream_size_holds(&r->stream_size, f))) {
		text_str(out, "stream_size");
		return missed(&n);
	}
	return (struct nearness){ n.held, true };
}
