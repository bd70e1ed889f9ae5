#include <stdlib.h>

#include "capture/source.h"

void batch_init(struct batch *b)
{
	*b = (struct batch){ .packets = mem_aligned(BATCH_PACKETS * sizeof(struct packet)) };
}

void batch_reserve(struct batch *b, size_t cap)
{
	if (b->bytes_cap == cap)
		return;
	free(b->bytes);
	b->bytes = mem_resize(NULL, cap);
	b->bytes_cap = cap;
}

void batch_fini(struct batch *b)
{
	arena_fini(&b->arena);
	free(b->bytes);
	free(b->held);
	free(b->packets);
	*b = (struct batch){ 0 };
}
