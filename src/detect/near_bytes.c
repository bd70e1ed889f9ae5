/* How near a rule on bytes or packets something came; and the bytes of a message. */
#include "detect/near.h"

static void end_say(struct text *out, const struct flow_end *e)
{
	char address[ADDRESS_TEXT];

	address_text(&e->address, address);
	text_printf(out, "%s:%u", address, e->port);
}

void near_say_header(struct near *n, const struct flow *f, unsigned from)
{
	text_str(n->out, "the header: ");
	header_say(n->check->rule, n->out);
	text_str(n->out, "\nit goes from ");
	end_say(n->out, &f->end[from]);
	text_str(n->out, " to ");
	end_say(n->out, &f->end[!from]);
}

/* How many of the steps, from the first on, hold together. */
static unsigned steps_held(const struct content_list *l, struct bytes data)
{
	struct content_list part = *l;

	for (part.count = l->count; part.count > 0; part.count--)
		if (contents_search(&part, data, NULL))
			return part.count;
	return 0;
}

void near_say_step(struct near *n, const struct content_list *l, unsigned step)
{
	content_say(l->at[step], n->check->dissector, n->out);
	if (step > 0)
		text_printf(n->out, " (step %u of %u)", step + 1, l->count);
}

bool near_bytes_hold(struct near *n, const struct content_list *l, struct bytes a,
	struct bytes b)
{
	unsigned first = steps_held(l, a), second = steps_held(l, b);
	unsigned held = first > second ? first : second;

	n->held += held;
	if (held < l->count)
		near_say_step(n, l, held);
	return held == l->count;
}

bool near_size_holds(struct near *n, int64_t a, int64_t b)
{
	const struct rule *r = n->check->rule;

	if (r->dsize.low > r->dsize.high || near_holds(n, (a >= 0 && dsize_holds(r, a)) ||
		(b >= 0 && dsize_holds(r, b))))
		return true;
	text_printf(n->out, "dsize: %s%lld to %lld\nit has %lld bytes", r->dsize_not ? "not " : "",
		(long long)r->dsize.low, (long long)r->dsize.high, (long long)(a >= 0 ? a : b));
	return false;
}

/* ---- bytes and packets ---- */

static bool direction_holds(struct near *n, const struct flow *f, unsigned from)
{
	unsigned wanted = n->check->rule->flow;
	bool to_server = from == f->client;

	if (!(wanted & (FLOW_TO_SERVER | FLOW_TO_CLIENT)) ||
		near_holds(n, to_server == !!(wanted & FLOW_TO_SERVER)))
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
		if (!near_holds(n, packet_tests_hold(&one, p))) {
			say_packet_test(n, one.packet_tests, p);
			return false;
		}
	if (!p || near_holds(n, tcp_flags_hold(r, p->tcp_flags)))
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

	if (!near_holds(&n, header_fits(&r->header, &ends))) {
		near_say_header(&n, f, from);
		return near_missed(&n);
	}
	if (!direction_holds(&n, f, from) || !packet_holds(&n, p) ||
		!near_size_holds(&n, p ? p->payload_wire : (int64_t)data.len, -1) ||
		!near_bytes_hold(&n, &n.check->raw, data, (struct bytes){ 0 }))
		return near_missed(&n);
	if (!near_holds(&n, stream_size_holds(&r->stream_size, f))) {
		text_str(out, "stream_size");
		return near_missed(&n);
	}
	return (struct nearness){ n.held, true };
}
