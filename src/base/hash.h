/* Hashes. hash_keyed() withstands an attacker who chooses the input (SipHash-1-3, Aumasson
 * and Bernstein 2012, keyed at start); hash_fast() does not, and is for ids and caches. */
#ifndef IRONSPAN_HASH_H
#define IRONSPAN_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t k0, k1;
};

struct hash_key hash_key_random(void); /* from the kernel */
uint64_t hash_keyed(const struct hash_key *key, const void *at, size_t len);
uint64_t hash_fast(const void *at, size_t len, uint64_t seed); /* XXH3 */

#endif
