/* A bounded map that forgets what was used longest ago.
 *
 * Keys are bytes of one fixed length (no padding, or zeroed); bodies are zeroed when new and
 * may differ in size. The hash is seeded at random, which shows in nothing but speed: what is
 * forgotten depends on use alone. One thread. */
#ifndef IRONSPAN_LRU_H
#define IRONSPAN_LRU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lru;

/* `dropped` (or NULL) is called before a body goes away. `slack` buys speed: an entry moves
 * in the order of use only when more than so many others did since; 0 keeps it exact. */
struct lru *lru_new(unsigned limit, unsigned slack, size_t key_len,
	void (*dropped)(void *context, const void *key, void *body), void *context);
void lru_free(struct lru *l); /* drops all, the one used longest ago first */

/* The body of this key, now the one used last; NULL if there is none. */
void *lru_find(struct lru *l, const void *key);
/* The same without counting as use. */
void *lru_peek(const struct lru *l, const void *key);
/* As lru_find(), made if there was none. */
void *lru_make(struct lru *l, const void *key, size_t body_size, bool *is_new);
/* A larger body in the place of one of this map, with the same first `old_size` bytes. */
void *lru_grow(struct lru *l, void *body, size_t old_size, size_t size);
/* Changes when a body goes away or moves: as long as it is what it was when a body was found,
 * that is where it was. Using it then does not count as use, which matters to nobody while none
 * is dropped. */
uint64_t lru_epoch(const struct lru *l);
/* Fetch into the cache what finding this key will touch: where to look first, and later, when
 * that is there, what to look at. */
void lru_prefetch_bucket(const struct lru *l, const void *key);
void lru_prefetch_body(const struct lru *l, const void *key);
/* The one used longest ago (NULL when empty) and its key. */
void *lru_oldest(struct lru *l, const void **key);
void lru_drop_oldest(struct lru *l);
void lru_drop(struct lru *l, const void *key); /* nothing if there is none */
/* Shows bodies in the order of use, from *place on (0: from the oldest), until `see` says false;
 * *place is then where to go on, and 0 when all were seen. What is used between two calls is
 * shown once more. `see` changes no body's key and calls nothing here. */
void lru_each(const struct lru *l, uint64_t *place,
	bool (*see)(void *context, const void *key, const void *body), void *context);

#endif
