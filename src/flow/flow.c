#include <stdlib.h>

#include "base/memory.h"
#include "flow/flow.h"

enum { COPY_US = 50 * 1000, LIST_NS = 1000 * 1000 * 1000 };
enum { FIRST_BUCKETS = 64 };

/* Flows of one timeout, the one silent longest first. A flow moves to the end when it speaks,
 * but at most once a second: the order is that coarse, the cost of a packet that low. */
struct list {
	struct flow *oldest, *newest;
	uint64_t timeout_ns;
};
enum { LIST_TCP, LIST_UDP, LIST_CLOSED, LIST_COUNT };

struct flow_table {
	struct flow_index index;
	unsigned limit;
	struct hash_key key;
	const uint8_t *server_ports;
	struct list lists[LIST_COUNT];
	struct flow_counters counters;
	void (*released)(void *context, struct flow *f);
	void *context;
};

struct flow_table *flow_table_new(const struct flow_config *config, const struct hash_key *key,
	void (*released)(void *context, struct flow *f), void *context)
{
	struct flow_table *t = mem_new(sizeof(*t));
	const unsigned timeouts[LIST_COUNT] = { config->tcp_timeout_s, config->udp_timeout_s,
		config->closed_timeout_s };
	for (unsigned i = 0; i < LIST_COUNT; i++)
		t->lists[i].timeout_ns = (uint64_t)timeouts[i] * 1000000000;
	t->limit = config->flows ? config->flows : 1;
	t->server_ports = config->server_ports;
	t->index.mask = FIRST_BUCKETS - 1;
	t->index.buckets = mem_array(FIRST_BUCKETS, sizeof(*t->index.buckets));
	t->key = *key;
	t->released = released;
	t->context = context;
	return t;
}

const struct flow_index *flow_index(const struct flow_table *t)
{
	return &t->index;
}

const struct flow_counters *flow_counters(const struct flow_table *t)
{
	return &t->counters;
}

static inline struct flow **bucket_of(const struct flow_index *index, uint64_t hash)
{
	return &index->buckets[hash & index->mask];
}

static void list_remove(struct list *l, struct flow *f)
{
	*(f->older ? &f->older->newer : &l->oldest) = f->newer;
	*(f->newer ? &f->newer->older : &l->newest) = f->older;
}

static void list_append(struct list *l, struct flow *f)
{
	f->older = l->newest;
	f->newer = NULL;
	*(l->newest ? &l->newest->newer : &l->oldest) = f;
	l->newest = f;
	f->listed_ns = f->last_ns;
}

static unsigned list_of(const struct flow *f)
{
	if (f->is_closed)
		return LIST_CLOSED;
	return f->proto == PROTO_TCP ? LIST_TCP : LIST_UDP;
}

static void release(struct flow_table *t, struct flow *f, enum flow_end_reason reason)
{
	f->reason = (uint8_t)reason;
	struct flow **at = bucket_of(&t->index, f->hash);
	while (*at != f)
		at = &(*at)->chain;
	*at = f->chain;
	list_remove(&t->lists[f->list], f);
	t->counters.active--;
	t->released(t->context, f);
	free(f);
}

static struct flow *oldest_of_all(const struct flow_table *t)
{
	struct flow *oldest = NULL;
	for (unsigned i = 0; i < LIST_COUNT; i++) {
		struct flow *f = t->lists[i].oldest;
		if (f && (!oldest || f->last_ns < oldest->last_ns))
			oldest = f;
	}
	return oldest;
}

void flow_table_free(struct flow_table *t)
{
	for (struct flow *f; (f = oldest_of_all(t)) != NULL;)
		release(t, f, FLOW_SHUTDOWN);
	free(t->index.buckets);
	free(t);
}

void flow_each(const struct flow_table *t, void (*visit)(void *context, struct flow *f),
	void *context)
{
	for (unsigned i = 0; i < LIST_COUNT; i++)
		for (struct flow *f = t->lists[i].oldest; f; f = f->newer)
			visit(context, f);
}

static void grow(struct flow_table *t)
{
	struct flow_index old = t->index, *index = &t->index;
	index->mask = old.mask * 2 + 1;
	index->buckets = mem_array(index->mask + 1, sizeof(*index->buckets));
	for (uint64_t i = 0; i <= old.mask; i++)
		for (struct flow *f = old.buckets[i], *next; f; f = next) {
			next = f->chain;
			f->chain = *bucket_of(index, f->hash);
			*bucket_of(index, f->hash) = f;
		}
	free(old.buckets);
}

/* The tuple with the smaller end first, so that both directions are the same. */
struct tuple {
	struct address low, high;
	uint16_t low_port, high_port;
	uint8_t proto, pad[3];
};

static int compare_ends(const struct packet *p)
{
	int order = memcmp(&p->src, &p->dst, sizeof(p->src));
	return order ? order : (int)p->sport - (int)p->dport;
}

/* ICMP's type and code are no ports: an echo and its reply are one flow. */
static uint16_t port_of(const struct packet *p, uint16_t port)
{
	return p->has_ports ? port : 0;
}

static struct tuple tuple_of(const struct packet *p)
{
	bool swap = compare_ends(p) > 0;
	struct tuple t = { swap ? p->dst : p->src, swap ? p->src : p->dst,
		port_of(p, swap ? p->dport : p->sport), port_of(p, swap ? p->sport : p->dport),
		p->proto, { 0 } };
	return t;
}

/* IPv4 fits into four words; that is most of the traffic. */
uint64_t flow_hash(const struct hash_key *key, const struct packet *p)
{
	if (p->ip_version != 4) {
		struct tuple t = tuple_of(p);
		return hash_keyed(key, &t, sizeof(t));
	}
	uint32_t src, dst;
	memcpy(&src, p->src.at + 12, sizeof(src));
	memcpy(&dst, p->dst.at + 12, sizeof(dst));
	uint64_t from = (uint64_t)src << 16 | port_of(p, p->sport);
	uint64_t to = (uint64_t)dst << 16 | port_of(p, p->dport);
	uint64_t low = from < to ? from : to, high = from < to ? to : from;
	uint32_t ports = (uint32_t)(low << 16 | (high & 0xffff));
	return hash_words(key, (uint32_t)(low >> 16), (uint32_t)(high >> 16), ports, p->proto);
}

static struct flow *lookup(const struct flow_table *t, const struct packet *p, uint64_t hash,
	unsigned *from)
{
	uint16_t sport = port_of(p, p->sport), dport = port_of(p, p->dport);
	for (struct flow *f = *bucket_of(&t->index, hash); f; f = f->chain) {
		if (f->hash != hash || f->proto != p->proto)
			continue;
		for (unsigned end = 0; end < 2; end++)
			if (flow_is_end(&f->end[end], &p->src, sport) &&
				flow_is_end(&f->end[!end], &p->dst, dport)) {
				*from = end;
				return f;
			}
	}
	return NULL;
}

static bool is_server_port(const struct flow_table *t, uint16_t port)
{
	return t->server_ports && t->server_ports[port / 8] >> (port % 8) & 1;
}

static void find_client(const struct flow_table *t, struct flow *f, const struct packet *p)
{
	if (p->proto == PROTO_TCP && p->tcp_flags & TCP_SYN) {
		f->client = p->tcp_flags & TCP_ACK ? 1 : 0;
		f->client_known = CLIENT_BY_SYN;
		return;
	}
	bool server0 = is_server_port(t, f->end[0].port);
	bool server1 = is_server_port(t, f->end[1].port);
	f->is_midstream = p->proto == PROTO_TCP;
	f->client = server0 && !server1;
	f->client_known = server0 != server1 ? CLIENT_BY_PORT : CLIENT_GUESSED;
}

static uint64_t flow_id(const struct packet *p)
{
	struct tuple t = tuple_of(p);
	return hash_fast(&t, sizeof(t), p->number) >> 13; /* below 2^51, as Suricata's */
}

static struct flow *create(struct flow_table *t, const struct packet *p, uint64_t hash)
{
	if (t->counters.active >= t->limit) {
		release(t, oldest_of_all(t), FLOW_SHED);
		t->counters.shed++;
	}
	if (t->counters.active > t->index.mask)
		grow(t);
	struct flow *f = mem_aligned(sizeof(*f));
	f->end[0].address = p->src;
	f->end[0].port = port_of(p, p->sport);
	f->end[1].address = p->dst;
	f->end[1].port = port_of(p, p->dport);
	f->hash = hash;
	f->proto = p->proto;
	f->ip_version = p->ip_version;
	f->id = flow_id(p);
	f->iface = p->iface;
	f->first_ns = f->last_ns = p->time_ns;
	find_client(t, f, p);
	f->chain = *bucket_of(&t->index, hash);
	*bucket_of(&t->index, hash) = f;
	f->list = (uint8_t)list_of(f);
	list_append(&t->lists[f->list], f);
	t->counters.created++;
	t->counters.active++;
	return f;
}

/* Its own SYN once more: a connection may be over before the second copy of its first packet. */
static bool is_its_syn(const struct flow *f, unsigned from, const struct packet *p)
{
	return p->time_ns < f->last_ns + FLOW_COPY_LATE_NS &&
		f->last_ns < p->time_ns + FLOW_COPY_LATE_NS && stream_began_at(f, from, p->seq);
}

/* The answer to the SYN that it was already: a client may have gone before. */
static bool is_its_answer(const struct flow *f, unsigned from, const struct packet *p)
{
	return stream_began_at(f, !from, p->ack - 1) &&
		(stream_began_at(f, from, p->seq) || stream_bytes(f, from) == 0);
}

/* A client alone cannot get a blocked flow forgotten: the server must answer its SYN. */
static bool begins_anew(const struct flow *f, unsigned from, const struct packet *p)
{
	unsigned flags = p->tcp_flags & (TCP_SYN | TCP_ACK);
	if (p->proto != PROTO_TCP)
		return false;
	if (f->block)
		return flags == (TCP_SYN | TCP_ACK) && from != f->client;
	if (f->is_closed && flags == (TCP_SYN | TCP_ACK))
		return !is_its_answer(f, from, p);
	if (flags == (TCP_SYN | TCP_ACK)) /* to a SYN that alone could be forged */
		return !f->is_claimed && stream_is_expected(f, !from, p->ack) &&
			!stream_began_at(f, from, p->seq);
	return f->is_closed && flags == TCP_SYN && !is_its_syn(f, from, p);
}

/* Both sent a SYN, and who was taken for the client answers the other's: the first one was forged,
 * or they opened at once. Then a known port tells. */
static void mend_client(const struct flow_table *t, struct flow *f, unsigned from,
	const struct packet *p)
{
	unsigned both = TCP_SYN | TCP_ACK;
	if ((p->tcp_flags & both) == both && from == f->client && !f->session &&
		f->client_known == CLIENT_BY_SYN && f->tcp_flags[!from] & TCP_SYN &&
		is_server_port(t, f->end[from].port) >= is_server_port(t, f->end[!from].port))
		f->client = (uint8_t)!from;
}

static void touch(struct flow_table *t, struct flow *f, uint64_t time_ns)
{
	if (time_ns > f->last_ns)
		f->last_ns = time_ns;
	if (f->last_ns - f->listed_ns < LIST_NS && f->list == list_of(f))
		return;
	list_remove(&t->lists[f->list], f);
	f->list = (uint8_t)list_of(f);
	list_append(&t->lists[f->list], f);
}

/* A new connection on the ports of one that may only seem to have ended. */
static struct flow *replace(struct flow_table *t, struct flow *old, unsigned from,
	const struct packet *p)
{
	uint32_t seq[2] = { 0, 0 };
	bool is_known[2];
	for (unsigned end = 0; end < 2; end++)
		is_known[end] = stream_goes_on_at(old, end, &seq[end]);
	release(t, old, FLOW_REPLACED);
	struct flow *f = create(t, p, p->flow_hash);
	for (unsigned end = 0; end < 2; end++) {
		f->former[end] = seq[end ^ from];
		f->has_former[end] = is_known[end ^ from];
	}
	return f;
}

struct flow *flow_find(struct flow_table *t, const struct packet *p, unsigned *from)
{
	uint64_t hash = p->flow_hash;
	struct flow *f = lookup(t, p, hash, from);
	bool may_begin = f && (f->is_closed || f->block || p->tcp_flags & TCP_SYN);
	bool is_new = !f || (may_begin && begins_anew(f, *from, p));
	if (is_new) {
		f = f ? replace(t, f, *from, p) : create(t, p, hash);
		*from = 0;
	}
	if (p->proto == PROTO_TCP && p->tcp_flags & TCP_SYN)
		mend_client(t, f, *from, p);
	touch(t, f, p->time_ns);
	f->packets[*from]++;
	f->bytes[*from] += p->wire_len;
	f->tcp_flags[*from] |= p->tcp_flags;
	return f;
}

void flow_expire(struct flow_table *t, uint64_t now_ns)
{
	for (unsigned i = 0; i < LIST_COUNT; i++) {
		struct list *l = &t->lists[i];
		while (l->oldest && now_ns > l->oldest->listed_ns + l->timeout_ns) {
			struct flow *f = l->oldest;
			if (now_ns <= f->last_ns + l->timeout_ns) {
				list_remove(l, f);
				list_append(l, f);
				continue;
			}
			release(t, f, FLOW_TIMEOUT);
			t->counters.expired++;
		}
	}
}

/* What copies of a packet have in common, as one number. The stream compares the bytes of
 * TCP itself; a datagram's are hashed with the secret key, since a match hides it. */
static uint32_t mark_of(const struct flow_table *t, const struct packet *p)
{
	uint64_t a = (uint64_t)p->ip_id << 32 | p->seq;
	uint64_t b = (uint64_t)p->ack << 32 | p->payload_wire << 8 | p->tcp_flags;
	uint64_t mark = (a ^ t->key.k0) * (t->key.k1 | 1) + (b ^ t->key.k1) * (t->key.k0 | 1);
	if (p->proto == PROTO_UDP)
		mark = hash_keyed(&t->key, p->payload.at, p->payload.len) + ((uint64_t)p->ip_id << 32);
	return mark >> 32 ? (uint32_t)(mark >> 32) : 1;
}

bool flow_is_copy(const struct flow_table *t, struct flow *f, unsigned from,
	const struct packet *p)
{
	if (p->proto != PROTO_TCP && (p->proto != PROTO_UDP || p->ip_id == 0))
		return false;
	uint32_t mark = mark_of(t, p), time_us = (uint32_t)(p->time_ns / 1000);
	struct flow_recent *recent = &f->recent[from];
	for (unsigned i = 0; i < RECENT_PACKETS; i++)
		if (recent->mark[i] == mark && time_us - recent->time_us[i] + COPY_US <= 2 * COPY_US)
			return true;
	unsigned next = f->recent_next[from]++ % RECENT_PACKETS;
	recent->mark[next] = mark;
	recent->time_us[next] = time_us;
	return false;
}
