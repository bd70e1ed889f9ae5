#include <sha1.h>

#include "base/text.h"
#include "output/community_id.h"

enum { PROTO_SCTP = 132 };

/* ICMP types that come in pairs: the answer's type takes the place of the second port. */
static const struct icmp_pair {
	uint8_t proto, type, answer;
} icmp_pairs[] = {
	{ PROTO_ICMP, 8, 0 },     /* echo */
	{ PROTO_ICMP, 10, 9 },    /* router solicitation, advertisement */
	{ PROTO_ICMP, 13, 14 },   /* timestamp */
	{ PROTO_ICMP, 15, 16 },   /* information */
	{ PROTO_ICMP, 17, 18 },   /* address mask */
	{ PROTO_ICMPV6, 128, 129 }, /* echo */
	{ PROTO_ICMPV6, 130, 131 }, /* multicast listener query, report */
	{ PROTO_ICMPV6, 133, 134 }, /* router solicitation, advertisement */
	{ PROTO_ICMPV6, 135, 136 }, /* neighbour solicitation, advertisement */
	{ PROTO_ICMPV6, 139, 140 }, /* node information */
	{ PROTO_ICMPV6, 144, 145 }, /* home agent address discovery */
};

/* The type that answers `type`; false if none does: then the code stays, and the two ends
 * are not put in order. */
static bool icmp_answer(uint8_t proto, uint16_t type, uint16_t *answer)
{
	for (size_t i = 0; i < sizeof(icmp_pairs) / sizeof(*icmp_pairs); i++) {
		const struct icmp_pair *p = &icmp_pairs[i];
		if (p->proto != proto || (type != p->type && type != p->answer))
			continue;
		*answer = type == p->type ? p->answer : p->type;
		return true;
	}
	return false;
}

static bool is_ordered(const struct address *src, const struct address *dst,
	uint16_t sport, uint16_t dport)
{
	int order = memcmp(src->at, dst->at, sizeof(src->at));
	return order < 0 || (order == 0 && sport <= dport);
}

/* What is hashed, in network byte order. */
struct tuple {
	uint8_t at[2 + 16 + 16 + 2 + 4];
	size_t len;
};

static void put(struct tuple *t, const void *at, size_t len)
{
	memcpy(t->at + t->len, at, len);
	t->len += len;
}

static void put_be16(struct tuple *t, uint16_t v)
{
	put(t, (uint8_t[2]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

static void put_address(struct tuple *t, const struct address *a, bool is_ipv4)
{
	put(t, a->at + (is_ipv4 ? 12 : 0), is_ipv4 ? 4 : 16);
}

static void write_id(const struct tuple *tuple, char *id)
{
	uint8_t digest[SHA1_DIGEST_LENGTH];
	SHA1_CTX sha;
	SHA1Init(&sha);
	SHA1Update(&sha, tuple->at, tuple->len);
	SHA1Final(digest, &sha);
	struct text t = { 0 };
	text_lit(&t, "1:");
	text_base64(&t, (struct bytes){ digest, sizeof(digest) });
	memcpy(id, t.at, COMMUNITY_ID_LEN);
	text_fini(&t);
}

void community_id(uint16_t seed, uint8_t proto, const struct address *src,
	const struct address *dst, uint16_t sport, uint16_t dport, char *id)
{
	bool is_icmp = proto == PROTO_ICMP || proto == PROTO_ICMPV6;
	bool is_one_way = is_icmp && !icmp_answer(proto, sport, &dport);
	bool swap = !is_one_way && !is_ordered(src, dst, sport, dport);
	bool is_ipv4 = address_is_ipv4(src) && address_is_ipv4(dst);
	struct tuple t = { .len = 0 };

	put_be16(&t, seed);
	put_address(&t, swap ? dst : src, is_ipv4);
	put_address(&t, swap ? src : dst, is_ipv4);
	put(&t, (uint8_t[2]){ proto, 0 }, 2);
	if (is_icmp || proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP) {
		put_be16(&t, swap ? dport : sport);
		put_be16(&t, swap ? sport : dport);
	}
	write_id(&t, id);
}
