/* Rule headers against flows: computed once a flow and direction, kept on flow->rules. */
#include "detect/runtime.h"

static bool sets_equal(const struct address_set *a, const struct address_set *b)
{
	if (a->any || b->any)
		return a->any == b->any;
	return a->count == b->count && (a->ranges == b->ranges || a->count == 0 ||
		memcmp(a->ranges, b->ranges, a->count * sizeof(*a->ranges)) == 0);
}

static bool ports_equal(const struct port_set *a, const struct port_set *b)
{
	if (!a->bits || !b->bits)
		return a->bits == b->bits;
	return a->bits == b->bits || memcmp(a->bits, b->bits, 65536 / 8) == 0;
}

static bool header_equal(const struct rule_header *a, const struct rule_header *b)
{
	return a->proto == b->proto && a->ip_version == b->ip_version &&
		a->both_ways == b->both_ways &&
		sets_equal(&a->src, &b->src) && sets_equal(&a->dst, &b->dst) &&
		ports_equal(&a->sport, &b->sport) && ports_equal(&a->dport, &b->dport);
}

static uint64_t hash_set(const struct address_set *s, uint64_t seed)
{
	return s->any || !s->count ? seed + s->any
		: hash_fast(s->ranges, s->count * sizeof(*s->ranges), seed);
}

static uint64_t hash_ports(const struct port_set *s, uint64_t seed)
{
	return s->bits ? hash_fast(s->bits, 65536 / 8, seed) : seed;
}

static uint64_t hash_header(const struct rule_header *h)
{
	uint64_t hash = (uint64_t)h->ip_version << 8 | (uint64_t)h->proto << 1 | h->both_ways;
	hash = hash_set(&h->dst, hash_set(&h->src, hash) + 1);
	return hash_ports(&h->dport, hash_ports(&h->sport, hash) + 1);
}

uint32_t header_class(struct ruleset *set, const struct rule_header *h)
{
	uint32_t mask = set->header_slots - 1;
	uint32_t at = (uint32_t)hash_header(h) & mask;
	for (; set->header_slot[at]; at = (at + 1) & mask)
		if (header_equal(set->headers[set->header_slot[at] - 1], h))
			return set->header_slot[at] - 1;
	set->headers[set->header_count] = h;
	set->header_slot[at] = ++set->header_count;
	return set->header_count - 1;
}

static bool proto_fits(enum rule_proto rule, uint8_t proto)
{
	switch (rule) {
	case RULE_TCP:
	case RULE_TCP_PKT:
	case RULE_TCP_STREAM:
		return proto == PROTO_TCP;
	case RULE_UDP:
		return proto == PROTO_UDP;
	case RULE_ICMP:
		return proto == PROTO_ICMP || proto == PROTO_ICMPV6;
	case RULE_IP:
	case RULE_DISSECTOR:
		break;
	}
	return true;
}

static bool version_fits(uint8_t version, const struct address *a)
{
	return version == 0 || address_is_ipv4(a) == (version == 4);
}

static bool address_in(const struct address_set *set, const struct address *a)
{
	if (set->any)
		return true;
	unsigned low = 0, high = set->count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		const struct address_range *r = &set->ranges[middle];
		if (memcmp(a, &r->high, sizeof(*a)) > 0)
			low = middle + 1;
		else if (memcmp(a, &r->low, sizeof(*a)) < 0)
			high = middle;
		else
			return true;
	}
	return false;
}

static bool port_in(const struct port_set *set, uint16_t port)
{
	return !set->bits || (set->bits[port / 8] >> (port % 8) & 1);
}

static bool ends_fit(const struct rule_header *h, const struct tuple *t)
{
	return port_in(&h->sport, t->sport) && port_in(&h->dport, t->dport) &&
		address_in(&h->src, t->src) && address_in(&h->dst, t->dst);
}

bool header_fits(const struct rule_header *h, const struct tuple *t)
{
	if (!proto_fits(h->proto, t->proto) || !version_fits(h->ip_version, t->src))
		return false;
	if (ends_fit(h, t))
		return true;
	struct tuple back = { t->dst, t->src, t->dport, t->sport, t->proto };
	return h->both_ways && ends_fit(h, &back);
}

static size_t rules_size(uint32_t words)
{
	return sizeof(struct flow_rules) + words * sizeof(uint64_t);
}

void detect_flow_release(struct detector *d, struct flow *f)
{
	struct flow_rules *r = f->rules;
	if (r)
		pool_give(&d->pool, r, rules_size(r->words));
	f->rules = NULL;
}

static void fit_headers(const struct ruleset *set, const struct flow *f, uint64_t *fits)
{
	const struct flow_end *a = &f->end[0], *b = &f->end[1];
	struct tuple there = { &a->address, &b->address, a->port, b->port, f->proto };
	struct tuple back = { &b->address, &a->address, b->port, a->port, f->proto };
	memset(fits, 0, set->header_words * sizeof(*fits));
	for (unsigned i = 0; i < set->header_count; i++) {
		uint64_t first = header_fits(set->headers[i], &there);
		uint64_t second = header_fits(set->headers[i], &back);
		fits[i / 16] |= (first | second << 1 | first << 2) << (i % 16 * 4);
	}
}

const uint64_t *flow_headers_find(struct detector *d, struct flow *f)
{
	detect_flow_release(d, f);
	uint32_t words = d->set->header_words + d->set->bit_words + d->set->list->flowints.count;
	struct flow_rules *r = pool_take(&d->pool, rules_size(words));
	memset(r->fits, 0, words * sizeof(*r->fits));
	*r = (struct flow_rules){ .generation = d->generation, .words = words };
	fit_headers(d->set, f, r->fits);
	for (unsigned i = 0; i < d->set->flow_passes.count; i++)
		for (unsigned end = 0; end < 2; end++)
			r->passes[end] |= header_ways(r->fits, d->set->flow_passes.at[i], end) & 1;
	f->rules = r;
	return r->fits;
}

unsigned detect_source(struct detector *d, const struct rule *r, const struct transaction *t)
{
	uint32_t class = d->set->checks[r->index].header;
	if (r->flow & FLOW_TO_CLIENT)
		return !t->client;
	if (r->flow & FLOW_TO_SERVER)
		return t->client;
	bool only_back = header_ways(flow_headers(d, t->flow), class, t->client) == CLIENT_BIT;
	return only_back ? !t->client : t->client;
}

static void carry_marks(const struct detector *d, const struct flow_rules *from,
	struct flow_rules *to)
{
	const uint64_t *old = from->fits + d->old->header_words;
	uint64_t *new = to->fits + d->set->header_words;
	for (unsigned i = 0; i < d->old->list->flowbits.count; i++)
		if ((old[i / 64] >> (i % 64) & 1) && d->new_bits[i]) {
			unsigned bit = d->new_bits[i] - 1u;
			new[bit / 64] |= (uint64_t)1 << (bit % 64);
		}
	old += d->old->bit_words;
	new += d->set->bit_words;
	for (unsigned i = 0; i < d->old->list->flowints.count; i++)
		if (d->new_ints[i])
			new[d->new_ints[i] - 1] = old[i];
}

void detect_carry_flow(struct detector *d, struct flow *f)
{
	struct flow_rules *from = f->rules;
	if (!from || from->generation == d->generation)
		return;
	f->rules = NULL;
	flow_headers_find(d, f);
	struct flow_rules *to = f->rules;
	memcpy(to->was_asked, from->was_asked, sizeof(to->was_asked));
	memcpy(to->was_unclaimed, from->was_unclaimed, sizeof(to->was_unclaimed));
	memcpy(to->first, from->first, sizeof(to->first));
	carry_marks(d, from, to);
	pool_give(&d->pool, from, rules_size(from->words));
}

bool flow_passes(struct detector *d, struct flow *f)
{
	flow_headers(d, f);
	const struct flow_rules *r = f->rules;
	return (r->passes[0] && f->packets[0] > 0) || (r->passes[1] && f->packets[1] > 0);
}

bool flow_first_time(struct detector *d, struct flow *f, unsigned from)
{
	flow_headers(d, f);
	struct flow_rules *r = f->rules;
	bool first = !r->was_asked[from];
	r->was_asked[from] = true;
	return first;
}

bool flow_first_unclaimed(struct detector *d, struct flow *f, unsigned from)
{
	flow_headers(d, f);
	struct flow_rules *r = f->rules;
	bool first = !r->was_unclaimed[from];
	r->was_unclaimed[from] = true;
	return first;
}
