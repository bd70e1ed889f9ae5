/* What is to be replayed, in order: paths as given, folders as the captures in them. All
 * of them are looked at before the first packet is read. Private to src/capture. */
#ifndef IRONSPAN_INPUTS_H
#define IRONSPAN_INPUTS_H

#include "capture/source.h"

struct input {
	char *path;
	bool is_regular; /* else a pipe: not looked at */
	bool has_packets;
	uint16_t link_type; /* of the first packet */
	uint64_t first_ns;
	uint64_t size;
};

struct inputs {
	struct input *at;
	size_t count, cap;
};

/* False after a reported error. */
bool inputs_add(struct inputs *in, const char *path);
void inputs_fini(struct inputs *in);

#endif
