/* Rules against packets, against bytes nobody claimed, and against what was wrong with a
 * stream or a session.
 *
 * A flow counts as established when both ends have sent; a TCP packet with SYN is not yet
 * part of one, a connection joined in the middle always is. Bytes of a TCP stream are
 * established by being there. */
#include "detect/runtime.h"
#include "detect/tails.h"

/* What a packet-like thing is looked at with. */
struct sight {
	struct detector *d;
	struct flow *flow;        /* may be NULL */
	const struct packet *packet; /* may be NULL */
	unsigned from;
	struct bytes data;
	struct bytes joined;      /* data with what the stream had before it, if there is any */
	size_t before;            /* so many bytes */
	bool is_beginning;        /* joined begins where the stream does */
	bool is_open;             /* what was not found may be found with what comes */
	int64_t size;             /* for dsize */
	const uint64_t *fits;     /* header classes, if there is a flow */
	bool is_established;
	bool is_first;            /* bytes: the first that nobody claimed */
};

static bool flow_fits(const struct sight *s, unsigned wanted)
{
	if ((wanted & FLOW_ESTABLISHED) && !s->is_established)
		return false;
	if ((wanted & FLOW_NOT_ESTABLISHED) && s->is_established)
		return false;
	if ((wanted & FLOW_TO_SERVER) && !(s->flow && s->from == s->flow->client))
		return false;
	return !(wanted & FLOW_TO_CLIENT) || (s->flow && s->from != s->flow->client);
}

static bool header_fits_sight(const struct sight *s, const struct check *c)
{
	if (s->fits)
		return header_ways(s->fits, c->header, s->from) & 1;
	const struct packet *p = s->packet;
	if (!p)
		return false;
	struct tuple t = { &p->src, &p->dst, p->sport, p->dport, p->ip_version ? p->proto : 0 };
	return header_fits(&c->rule->header, &t);
}

/* Of a packet on a flow of that protocol; what is not claimed is not its. */
static bool is_excluded(const struct sight *s, const struct dissector *not_dissector)
{
	return not_dissector && s->flow && session_dissector(s->flow) == not_dissector;
}

static bool joined_fits(struct sight *s, const struct check *c)
{
	if (c->rule->dsize.low <= c->rule->dsize.high) /* about one packet */
		return false;
	bool is_fixed = contents_are_placed(&c->raw);
	s->is_open |= !is_fixed || s->is_beginning;
	return s->before > 0 && (!is_fixed || s->is_beginning) &&
		joined_match(&c->raw, s->joined, s->before);
}

static bool rest_fits(struct sight *s, const struct check *c)
{
	const struct rule *r = c->rule;
	if (!dsize_holds(r, s->size))
		return false;
	return (!r->header.once || s->is_first) && !is_excluded(s, r->header.not_dissector) &&
		packet_tests_hold(r, s->packet) && stream_size_holds(&r->stream_size, s->flow) &&
		(c->raw.count == 0 || contents_match(&c->raw, s->data) || joined_fits(s, c));
}

static void try_check(struct sight *s, const struct check *c)
{
	if (!header_fits_sight(s, c) || !flow_fits(s, c->rule->flow))
		return;
	s->d->counters.checks++;
	uint64_t since = s->d->costs ? ticks_now() : 0;
	bool matched = rest_fits(s, c);
	if (s->d->costs)
		cost_add(s->d, c, since, matched);
	if (matched)
		matched_add(s->d, c);
}

static void try_list(struct sight *s, const struct check_list *l)
{
	for (unsigned i = 0; i < l->count; i++)
		try_check(s, l->at[i]);
}

/* A flow's cache of fitting headers is ours to fill; the rest of the flow is read only. */
static struct flow *cache_of(const struct flow *f)
{
	return (struct flow *)(uintptr_t)f;
}

static bool both_sent(const struct flow *f)
{
	return f->packets[0] > 0 && f->packets[1] > 0;
}

static struct sight sight_of(struct detector *d, const struct flow *f, unsigned from)
{
	struct sight s = { .d = d, .flow = cache_of(f), .from = from };
	detector_begin(d);
	if (f) {
		s.fits = flow_headers(d, s.flow);
		s.is_established = f->is_midstream || both_sent(f);
	}
	return s;
}

/* ---- packets ---- */

static unsigned packet_kind(const struct packet *p)
{
	if (p->ip_version == 0)
		return PACKET_NOT_IP;
	switch (p->proto) {
	case PROTO_TCP:
		return p->has_ports ? PACKET_TCP : PACKET_OTHER;
	case PROTO_UDP:
		return p->has_ports ? PACKET_UDP : PACKET_OTHER;
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		return PACKET_ICMP;
	}
	return PACKET_OTHER;
}

/* A rule on addresses alone says the same of every packet of a flow: it is told once. */
static void try_plain(struct sight *s, const struct check_list *l)
{
	bool is_first = !s->flow || flow_first_time(s->d, s->flow, s->from);
	for (unsigned i = 0; i < l->count; i++)
		if (is_first || !l->at[i]->is_ip_only)
			try_check(s, l->at[i]);
}

static void try_packet(struct sight *s, const struct packet *p, const struct check_list *flags,
	const struct check_list *plain)
{
	const struct packet_index *index = &s->d->set->packets;
	s->packet = p;
	s->data = p->payload;
	s->size = p->payload_wire;
	if (p->tcp_flags & TCP_SYN)
		s->is_established = false;
	for (uint64_t e = p->events & index->events; e; e &= e - 1)
		try_list(s, &index->by_event[__builtin_ctzll(e)]);
	if (flags)
		try_list(s, flags);
	try_plain(s, plain);
}

/* Out of line, so that a packet no rule asks for costs a few comparisons. */
static __attribute__((noinline)) unsigned look_at_packet(struct detector *d,
	const struct flow *f, unsigned from, const struct packet *p, const struct rule **out,
	unsigned max)
{
	const struct packet_index *index = &d->set->packets;
	unsigned kind = packet_kind(p);
	struct sight s = sight_of(d, f, from);
	try_packet(&s, p, kind == PACKET_TCP ? &index->by_flags[p->tcp_flags] : NULL,
		&index->plain[kind]);
	unsigned count = hits_give(d, s.flow, out, max);
	if (matched_passes(d))
		d->passed = p->number;
	return count;
}

unsigned detect_packet(struct detector *d, const struct flow *f, unsigned from,
	const struct packet *p, const struct rule **out, unsigned max)
{
	const struct packet_index *index = &d->set->packets;
	unsigned kind = packet_kind(p);
	if (!(p->events & index->events) && index->plain[kind].count == 0 &&
		(kind != PACKET_TCP || index->by_flags[p->tcp_flags].count == 0))
		return 0;
	return look_at_packet(d, f, from, p, out, max);
}

bool detect_passed(const struct detector *d, uint64_t number)
{
	return d->passed == number;
}

/* ---- unclaimed bytes ---- */

static bool any_waits(const struct sight *s, const struct check_group *g)
{
	for (unsigned i = 0; i < g->scanned.count; i++)
		if (header_ways(s->fits, g->scanned.at[i], s->from) & 1)
			return true;
	return false;
}

static bool any_direct_looks(const struct sight *s, const struct check_group *g)
{
	for (unsigned i = 0; i < g->direct.count; i++)
		if (g->direct.at[i]->raw.count > 0 &&
			(header_ways(s->fits, g->direct.at[i]->header, s->from) & 1))
			return true;
	return false;
}

static void join(struct sight *s, struct tails *tails, struct tail *tail)
{
	s->joined = tail_join(tails, tail, s->data);
	s->before = s->joined.len - s->data.len;
	s->is_beginning = tail->sent == s->joined.len;
}

/* Where old and new bytes meet: as far as the longest pattern may lie across. All of the old
 * ones, as long as a pattern in them waits for the rest of its rule. */
static struct bytes seam(const struct sight *s, const struct scanner *scanner,
	const struct tail *tail)
{
	size_t back = scanner->reach - 1, ahead = scanner->reach - 1;
	if (back > s->before || tail->open_until > tail->sent - s->data.len ||
		(s->is_beginning && scanner->has_expressions))
		back = s->before;
	if (ahead > s->data.len)
		ahead = s->data.len;
	return (struct bytes){ s->joined.at + s->before - back, back + ahead };
}

static bool is_matched(const struct detector *d, const struct check *c)
{
	for (unsigned i = 0; i < d->matched_count; i++)
		if (d->matched[i] == c)
			return true;
	return false;
}

static void try_patterns(struct sight *s, const struct scanner *scanner, struct bytes in)
{
	scanner_run(s->d, scanner, in);
	for (unsigned i = 0; i < s->d->candidate_count; i++)
		if (!is_matched(s->d, s->d->candidates[i]))
			try_check(s, s->d->candidates[i]);
}

static void look_at_bytes(struct sight *s, const struct check_index *index, struct tails *tails)
{
	const struct check_group *g = &index->groups[0];
	bool waits = any_waits(s, g);
	struct tail *tail = NULL;
	if (tails && s->flow->proto == PROTO_TCP && (waits || any_direct_looks(s, g))) {
		tail = tails_of(tails, s->flow, s->from);
		join(s, tails, tail);
	}
	try_list(s, &g->direct);
	s->is_open = false; /* those are tried every time */
	if (waits)
		try_patterns(s, index->scanner, s->data);
	if (waits && s->before > 0)
		try_patterns(s, index->scanner, seam(s, index->scanner, tail));
	if (tail && s->is_open)
		tail->open_until = tail->sent + TAIL_MAX;
}

unsigned detect_unclaimed_stream(struct detector *d, struct tails *tails, const struct flow *f,
	unsigned from, struct bytes data, const struct rule **out, unsigned max)
{
	const struct check_index *index =
		&d->set->unclaimed[from == f->client ? TO_SERVER : TO_CLIENT];
	if (!index->is_used)
		return 0;
	struct sight s = sight_of(d, f, from);
	s.data = data;
	s.size = (int64_t)data.len;
	s.is_established |= f->proto == PROTO_TCP;
	s.is_first = flow_first_unclaimed(d, s.flow, from);
	look_at_bytes(&s, index, tails);
	return hits_give(d, s.flow, out, max);
}

unsigned detect_unclaimed(struct detector *d, const struct flow *f, unsigned from,
	struct bytes data, const struct rule **out, unsigned max)
{
	return detect_unclaimed_stream(d, NULL, f, from, data, out, max);
}

/* ---- events of streams and sessions ---- */

unsigned detect_stream_event(struct detector *d, const struct flow *f, unsigned from,
	enum stream_event event, const struct rule **out, unsigned max)
{
	const struct check_list *l = &d->set->stream[event];
	if (l->count == 0)
		return 0;
	struct sight s = sight_of(d, f, from);
	try_list(&s, l);
	return hits_give(d, s.flow, out, max);
}

unsigned detect_session_event(struct detector *d, const struct flow *f, unsigned from,
	const struct dissector *dissector, enum session_event event, const struct rule **out,
	unsigned max)
{
	const struct check_list *l = &d->set->session[event];
	if (l->count == 0)
		return 0;
	struct sight s = sight_of(d, f, from);
	for (unsigned i = 0; i < l->count; i++)
		if (!l->at[i]->dissector || l->at[i]->dissector == dissector)
			try_check(&s, l->at[i]);
	return hits_give(d, s.flow, out, max);
}
