#include <sodium.h>

#include "incident/merkle.h"

struct merkle_hash merkle_leaf(struct bytes entry)
{
	crypto_hash_sha256_state state;
	struct merkle_hash h;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t[]){ 0 }, 1);
	crypto_hash_sha256_update(&state, entry.at, entry.len);
	crypto_hash_sha256_final(&state, h.at);
	return h;
}

static struct merkle_hash node_of(struct merkle_hash left, struct merkle_hash right)
{
	uint8_t both[1 + 2 * MERKLE_HASH] = { 1 };
	struct merkle_hash h;

	memcpy(both + 1, left.at, MERKLE_HASH);
	memcpy(both + 1 + MERKLE_HASH, right.at, MERKLE_HASH);
	crypto_hash_sha256(h.at, both, sizeof(both));
	return h;
}

bool merkle_equal(struct merkle_hash a, struct merkle_hash b)
{
	return memcmp(a.at, b.at, MERKLE_HASH) == 0;
}

/* As when counting in binary: two full trees of a size make one of the next. */
void merkle_add(struct merkle *m, struct merkle_hash leaf)
{
	unsigned bit = 0;

	for (; m->size >> bit & 1; bit++)
		leaf = node_of(m->full[bit], leaf);
	m->full[bit] = leaf;
	m->size++;
}

struct merkle_hash merkle_root(const struct merkle *m)
{
	struct merkle_hash root;
	unsigned bit = 0;

	if (m->size == 0) {
		crypto_hash_sha256(root.at, NULL, 0);
		return root;
	}
	while (!(m->size >> bit & 1))
		bit++;
	root = m->full[bit];
	for (bit++; bit < 64; bit++)
		if (m->size >> bit & 1)
			root = node_of(m->full[bit], root);
	return root;
}

/* ---- proofs ---- */

static struct merkle_hash root_of(const struct merkle_hash *leaves, uint64_t count)
{
	struct merkle m = { 0 };

	for (uint64_t i = 0; i < count; i++)
		merkle_add(&m, leaves[i]);
	return merkle_root(&m);
}

/* The largest power of two below `count`, which is 2 or more. */
static uint64_t split_of(uint64_t count)
{
	uint64_t k = 1;

	while (k < count - k)
		k *= 2;
	return k;
}

/* SUBPROOF(old, leaves, is_whole): whether the old tree is a whole subtree whose root the other
 * side knows. Goes down one level a call; at most 64 of them. */
static void prove(struct merkle_proof *p, const struct merkle_hash *leaves, uint64_t count,
	uint64_t old, bool is_whole)
{
	if (old == count) {
		if (!is_whole)
			p->nodes[p->count++] = root_of(leaves, count);
		return;
	}
	uint64_t k = split_of(count);
	if (old <= k) {
		prove(p, leaves, k, old, is_whole);
		p->nodes[p->count++] = root_of(leaves + k, count - k);
	} else {
		prove(p, leaves + k, count - k, old - k, false);
		p->nodes[p->count++] = root_of(leaves, k);
	}
}

void merkle_prove(struct merkle_proof *p, const struct merkle_hash *leaves, uint64_t count,
	uint64_t old)
{
	p->count = 0;
	prove(p, leaves, count, old, true);
}

/* The way up from the old tree's last leaf and from the new tree's, in step. */
struct climb {
	uint64_t fn, sn;
	struct merkle_hash fr, sr;
};

static bool step(struct climb *c, struct merkle_hash node)
{
	if (c->sn == 0)
		return false;
	if (!(c->fn & 1) && c->fn != c->sn) {
		c->sr = node_of(c->sr, node);
	} else {
		c->fr = node_of(node, c->fr);
		c->sr = node_of(node, c->sr);
		while (!(c->fn & 1) && c->fn != 0) {
			c->fn >>= 1;
			c->sn >>= 1;
		}
	}
	c->fn >>= 1;
	c->sn >>= 1;
	return true;
}

static bool climb(const struct merkle_proof *p, uint64_t old, struct merkle_hash old_root,
	uint64_t count, struct merkle_hash root)
{
	bool is_full = (old & (old - 1)) == 0; /* then its root is not in the proof */
	unsigned at = is_full ? 0 : 1;
	struct climb c = { .fn = old - 1, .sn = count - 1 };

	if (p->count < at + 1)
		return false;
	c.fr = c.sr = is_full ? old_root : p->nodes[0];
	for (; c.fn & 1; c.fn >>= 1)
		c.sn >>= 1;
	for (; at < p->count; at++)
		if (!step(&c, p->nodes[at]))
			return false;
	return c.sn == 0 && merkle_equal(c.fr, old_root) && merkle_equal(c.sr, root);
}

bool merkle_check(const struct merkle_proof *p, uint64_t old, struct merkle_hash old_root,
	uint64_t count, struct merkle_hash root)
{
	if (old > count)
		return false;
	if (old == 0)
		return p->count == 0;
	if (old == count)
		return p->count == 0 && merkle_equal(old_root, root);
	return climb(p, old, old_root, count, root);
}
