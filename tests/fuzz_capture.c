/* Any bytes as a capture file: read it, decode its packets, and see that every frame lies
 * in the bytes of its batch. The seeds are capture files; -close_fd_mask=2 keeps the
 * warnings off the screen. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct batch *b, const struct packet *p)
{
	const uint8_t *end = b->bytes + b->bytes_cap;
	if (p->frame.at < b->bytes || p->frame.at > end ||
		p->frame.len > (size_t)(end - p->frame.at))
		abort();
	if (p->wire_len < p->frame.len || p->time_ns > INT64_MAX)
		abort();
}

static void replay(struct source *s)
{
	struct decoder *d =
		decoder_new(&(struct decoder_config){ .fragment_memory = 65536 });
	struct batch b;
	uint64_t packets = 0;
	enum source_state state;
	batch_init(&b);
	do {
		state = source_read(s, &b, 0);
		for (unsigned i = 0; i < b.count; i++) {
			check(&b, &b.packets[i]);
			packet_decode(d, &b.packets[i], &b.arena);
		}
		packets += b.count;
	} while (state == SOURCE_MORE);
	if (packets != s->counters.packets || packets > s->counters.total / 16)
		abort();
	batch_fini(&b);
	decoder_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char name[64];
	int fd = memfd_create("capture", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	const char *path = name;
	struct source *s = source_open_files(&path, 1, len % 7 == 0 ? "ip or ip6" : NULL);
	if (s) {
		replay(s);
		source_close(s);
	}
	close(fd);
	return 0;
}
