/* Hashes. hash_keyed() withstands an attacker who chooses the input (SipHash-1-3, Aumasson
 * and Bernstein 2012, keyed at start), and so does hash_words(); hash_fast() does not, and is
 * for ids and caches. */
#ifndef IRONSPAN_HASH_H
#define IRONSPAN_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t k0, k1;
	uint64_t words[5]; /* hash_words()'s */
};

struct hash_key hash_key_random(void); /* from the kernel */
uint64_t hash_keyed(const struct hash_key *key, const void *at, size_t len);
/* 32 bits of hash of four numbers. Strongly universal (Thorup, High Speed Hashing for Integers
 * and Strings, 2015, section 3.5): whoever does not know the key finds no collisions. */
static inline uint32_t hash_words(const struct hash_key *key, uint32_t a, uint32_t b, uint32_t c,
	uint32_t d)
{
	const uint64_t *k = key->words;
	return (uint32_t)(((k[0] + b) * (k[1] + a) + (k[2] + d) * (k[3] + c) + k[4]) >> 32);
}

/* One number from two; chained, one from several. For tables that only save work. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15) *
		(b ^ 0xd6e8feb86659fd93);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hash_fast(const void *at, size_t len, uint64_t seed); /* XXH3 */

#endif
