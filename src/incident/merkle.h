/* A Merkle tree over the entries of a log, as RFC 6962, section 2.1, builds it with SHA-256: its
 * root stands for all of them, and a short proof shows that a later tree begins with an earlier
 * one. Any thread. */
#ifndef IRONSPAN_INCIDENT_MERKLE_H
#define IRONSPAN_INCIDENT_MERKLE_H

#include <stdbool.h>

#include "base/bytes.h"

enum { MERKLE_HASH = 32, MERKLE_PROOF = 64 };

struct merkle_hash {
	uint8_t at[MERKLE_HASH];
};

/* Of one entry. */
struct merkle_hash merkle_leaf(struct bytes entry);

/* A tree that grows by one leaf at a time and keeps only the roots of its full subtrees, one
 * for each bit of `size`. Begins as zeros. */
struct merkle {
	uint64_t size;
	struct merkle_hash full[64]; /* [i]: of 2^i leaves, where bit i of size is set */
};

void merkle_add(struct merkle *m, struct merkle_hash leaf);
struct merkle_hash merkle_root(const struct merkle *m);

struct merkle_proof {
	struct merkle_hash nodes[MERKLE_PROOF];
	unsigned count;
};

/* That the tree of all `count` leaves begins with the tree of the first `old`; 0 < old <= count.
 * RFC 6962, section 2.1.2. */
void merkle_prove(struct merkle_proof *p, const struct merkle_hash *leaves, uint64_t count,
	uint64_t old);
/* Checks such a proof against two roots; RFC 9162, section 2.1.4.2. For old == 0 the proof must
 * be empty: every tree begins with the empty one. */
bool merkle_check(const struct merkle_proof *p, uint64_t old, struct merkle_hash old_root,
	uint64_t count, struct merkle_hash root);

bool merkle_equal(struct merkle_hash a, struct merkle_hash b);

#endif
