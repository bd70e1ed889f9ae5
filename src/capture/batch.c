#include <stdlib.h>

#include "capture/source.h"

void batch_init(struct batch *b)
{
	*b = (struct batch){ .packets = mem_array(BATCH_PACKETS, sizeof(struct packet)) };
}

void batch_fini(struct batch *b)
{
	arena_fini(&b->arena);
	free(b->bytes);
	free(b->packets);
	*b = (struct batch){ 0 };
}
