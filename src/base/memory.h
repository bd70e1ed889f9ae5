/* Memory that lives as long as a batch, a flow or the program.
 *
 * mem_new() and friends end the program when the machine has no memory left: there is
 * nothing sensible a sensor could do then. Nothing that a packet decides may reach them
 * with an unchecked size. */
#ifndef IRONSPAN_MEMORY_H
#define IRONSPAN_MEMORY_H

#include <stddef.h>
#include <stdint.h>

void *mem_new(size_t size); /* zeroed */
void *mem_aligned(size_t size); /* zeroed, at the start of a cache line */
void *mem_array(size_t count, size_t size); /* zeroed, overflow checked */
void *mem_resize(void *at, size_t size);
char *mem_string(const char *s);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An arena: bytes given out one after the other and taken back all at once. Its first block
 * stays with it after arena_reset(), what more a storm took goes back to the system. Pointers
 * are aligned to 16 and never move. */
struct arena {
	struct arena_block *first, *current;
};

void *arena_take(struct arena *a, size_t size); /* not zeroed */
void *arena_copy(struct arena *a, const void *at, size_t size);
void arena_reset(struct arena *a);
void arena_fini(struct arena *a);

/* A pool: blocks of a few sizes (powers of two from 64) kept in free lists, so that a
 * steady state allocates nothing. `used` counts the bytes given out, for bounds. What is given
 * back is kept as `spare` bytes for the next of its size; when another size is wanted and both
 * together would exceed `limit`, spare blocks go back to the system first. So a bound on what
 * is used bounds the memory as well, however its sizes change. One thread. */
enum { POOL_CLASSES = 32 };
struct pool {
	void *free[POOL_CLASSES];
	size_t used, spare;
	size_t limit; /* set by the owner; 0: all that is given back is kept */
};

void *pool_take(struct pool *p, size_t size); /* not zeroed; starts a cache line */
void pool_give(struct pool *p, void *at, size_t size); /* the size it was taken with */
void pool_fini(struct pool *p); /* frees what is in the lists */

#endif
