#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void *checked(void *at)
{
	if (!at) {
		fputs("ironspan: error: out of memory\n", stderr);
		abort();
	}
	return at;
}

void *mem_new(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size));
}

void *mem_resize(void *at, size_t size)
{
	return checked(realloc(at, size ? size : 1));
}

void *mem_aligned(size_t size)
{
	size = (size + 63) & ~(size_t)63;
	return memset(checked(aligned_alloc(64, size)), 0, size);
}

char *mem_string(const char *s)
{
	return checked(strdup(s));
}

char *mem_printf(const char *format, ...)
{
	va_list args;
	char *s = NULL;
	va_start(args, format);
	int len = vasprintf(&s, format, args);
	va_end(args);
	return checked(len < 0 ? NULL : s);
}

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(16) char at[];
};

enum { ARENA_BLOCK = 16 * 1024 };

void *arena_take(struct arena *a, size_t size)
{
	size = (size + 15) & ~(size_t)15;
	struct arena_block *b = a->current;
	if (!b || b->size - b->used < size) {
		size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
		struct arena_block *fresh = checked(malloc(sizeof(*fresh) + room));
		*fresh = (struct arena_block){ .size = room };
		if (b)
			b->next = fresh;
		else
			a->first = fresh;
		b = fresh;
	}
	a->current = b;
	void *at = b->at + b->used;
	b->used += size;
	return at;
}

void *arena_copy(struct arena *a, const void *at, size_t size)
{
	void *copy = arena_take(a, size);
	if (size)
		memcpy(copy, at, size);
	return copy;
}

static void free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;
		free(b);
		b = next;
	}
}

void arena_fini(struct arena *a)
{
	free_blocks(a->first);
	a->first = a->current = NULL;
}

void arena_reset(struct arena *a)
{
	struct arena_block *first = a->first;
	if (first && first->size > ARENA_BLOCK) {
		arena_fini(a);
	} else if (first) {
		free_blocks(first->next);
		first->next = NULL;
		first->used = 0;
		a->current = first;
	}
}

/* Classes of 64, 128, 256 … bytes. */
static unsigned pool_class(size_t size)
{
	return size <= 64 ? 0 : 64 - 6 - (unsigned)__builtin_clzl(size - 1);
}

static size_t class_room(unsigned class)
{
	return (size_t)64 << class;
}

static void *take_spare(struct pool *p, unsigned class)
{
	void *at = p->free[class];
	memcpy(&p->free[class], at, sizeof(void *));
	p->spare -= class_room(class);
	return at;
}

/* The largest blocks first: few calls, and holes that anything fits into. */
static void give_back(struct pool *p, size_t room)
{
	for (unsigned class = POOL_CLASSES; class-- > 0;)
		while (p->free[class] && p->used + p->spare + room > p->limit)
			free(take_spare(p, class));
}

void *pool_take(struct pool *p, size_t size)
{
	unsigned class = pool_class(size);
	size_t room = class_room(class);
	void *at = NULL;
	if (p->free[class])
		at = take_spare(p, class);
	else if (p->limit && p->spare && p->used + p->spare + room > p->limit)
		give_back(p, room);
	p->used += room;
	return at ? at : checked(aligned_alloc(64, room));
}

void pool_give(struct pool *p, void *at, size_t size)
{
	if (!at)
		return;
	unsigned class = pool_class(size);
	p->used -= class_room(class);
	p->spare += class_room(class);
	memcpy(at, &p->free[class], sizeof(void *));
	p->free[class] = at;
}

void pool_fini(struct pool *p)
{
	for (unsigned class = 0; class < POOL_CLASSES; class++)
		while (p->free[class])
			free(take_spare(p, class));
}
