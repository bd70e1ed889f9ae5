/* For tests of captures: bytes of capture files put together in either byte order, a
 * folder to write them to, and what a source makes of them in one line of text. */
#ifndef IRONSPAN_CAPTURES_H
#define IRONSPAN_CAPTURES_H

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/source.h"
#include "test.h"

struct made {
	uint8_t at[4 * 1024 * 1024];
	size_t len;
	bool is_big;
};

static inline void put(struct made *m, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++) {
		unsigned shift = 8 * (m->is_big ? width - 1 - i : i);
		m->at[m->len++] = (uint8_t)(value >> shift);
	}
}

static inline void put_bytes(struct made *m, uint8_t value, size_t len)
{
	memset(m->at + m->len, value, len);
	m->len += len;
}

static inline void put_pcap_header(
	struct made *m, uint32_t magic, uint16_t minor, uint32_t link_type)
{
	put(m, magic, 4);
	put(m, 2, 2);
	put(m, minor, 2);
	put(m, 0, 8);
	put(m, 65535, 4);
	put(m, link_type, 4);
}

/* A frame of `len` bytes, all of them `value`. */
static inline void put_pcap_record(struct made *m, uint32_t s, uint32_t fraction,
	uint8_t value, uint32_t len, uint32_t wire_len)
{
	put(m, s, 4);
	put(m, fraction, 4);
	put(m, len, 4);
	put(m, wire_len, 4);
	put_bytes(m, value, len);
}

/* A folder that is gone at the end, and where standard error goes meanwhile. */
static char test_folder[] = "/tmp/ironspan-test-XXXXXX";
static int test_errors = -1;

static inline const char *test_path(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", test_folder, name);
	return path;
}

static inline void folder_make(void)
{
	if (!mkdtemp(test_folder))
		exit(99);
	test_errors = fileno(freopen(test_path(".errors"), "w+", stderr));
}

static inline void folder_empty(const char *folder)
{
	char path[512];
	DIR *d = opendir(folder);
	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		unlink(path);
	}
	closedir(d);
}

static inline void folder_remove(void)
{
	folder_empty(test_folder);
	rmdir(test_folder);
}

/* What was reported since the last call. */
static inline const char *errors(void)
{
	static char said[2048];
	fflush(stderr);
	ssize_t len = pread(test_errors, said, sizeof(said) - 1, 0);
	said[len > 0 ? len : 0] = '\0';
	(void)!ftruncate(test_errors, 0);
	rewind(stderr);
	return said;
}

static inline void write_file(const char *path, const uint8_t *at, size_t len)
{
	FILE *f = fopen(path, "w");
	if (!f || fwrite(at, 1, len, f) != len)
		exit(99);
	fclose(f);
}

/* All packets of a source, one word each: number:first byte*length@time, "/wire" where
 * the wire was longer, "^link" where it is not Ethernet. */
struct read {
	char text[4096];
	uint64_t packets;
	enum source_state state;
	struct source_counters counters;
};

static inline void add_packet(struct read *r, const struct packet *p)
{
	char *end = r->text + strlen(r->text);
	if (end > r->text + sizeof(r->text) - 128)
		return;
	end += sprintf(end, "%s%" PRIu64 ":%02x*%zu@%" PRIu64, *r->text ? " " : "",
		p->number, p->frame.len ? p->frame.at[0] : 0, p->frame.len, p->time_ns);
	if (p->wire_len != p->frame.len)
		end += sprintf(end, "/%u", p->wire_len);
	if (p->link_type != 1)
		sprintf(end, "^%u", p->link_type);
}

/* Two batches by turns: packets of one must outlive the reading of the other. */
static inline struct read read_all(struct source *s)
{
	struct read r = { .state = SOURCE_MORE };
	struct batch batches[2];
	unsigned turn = 0;
	batch_init(&batches[0]);
	batch_init(&batches[1]);
	while (r.state == SOURCE_MORE) {
		r.state = source_read(s, &batches[turn % 2], 0);
		turn++;
		for (unsigned i = 0; i < batches[turn % 2].count; i++)
			add_packet(&r, &batches[turn % 2].packets[i]);
		r.packets += batches[turn % 2].count;
	}
	turn++;
	for (unsigned i = 0; i < batches[turn % 2].count; i++)
		add_packet(&r, &batches[turn % 2].packets[i]);
	r.packets += batches[turn % 2].count;
	r.counters = s->counters;
	batch_fini(&batches[0]);
	batch_fini(&batches[1]);
	source_close(s);
	return r;
}

/* False if the source does not open. */
static inline bool read_path(const char *path, const char *filter, struct read *r)
{
	struct source *s = source_open_files(&path, 1, filter);
	if (s)
		*r = read_all(s);
	return s != NULL;
}

static inline bool read_made(const struct made *m, size_t len, struct read *r)
{
	const char *path = test_path("made");
	write_file(path, m->at, len);
	return read_path(path, NULL, r);
}

#endif
