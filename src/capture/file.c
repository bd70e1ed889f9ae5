/* The block reader. It reads with read(2) into the batch's own memory instead of letting
 * libpcap do it: stdio's locks and copies cost libpcap more than half of its time,
 * mmap(2) would end the program with SIGBUS when somebody truncates the file, and pipes
 * are served by the same code this way. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/report.h"
#include "capture/file.h"

enum {
	BLOCK_MIN = 16 * 1024,
	BLOCK_SLACK = 1024,
	MAGIC = 4,
	WRITTEN_AHEAD = 8, /* packets: another core has seen them last */
};

static size_t max_of(size_t a, size_t b)
{
	return a > b ? a : b;
}

bool file_open(struct file *f, const char *path)
{
	struct stat st;
	*f = (struct file){ .path = path, .block = BATCH_BYTES, .need = MAGIC };
	f->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) < 0) {
		f->why = mem_printf("%s: %s", path, strerror(errno));
		return false;
	}
	f->is_regular = S_ISREG(st.st_mode);
	if (f->is_regular)
		(void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return true;
}

void file_close(struct file *f)
{
	if (f->record == pcapng_record)
		pcapng_end(f);
	if (f->fd > STDIN_FILENO)
		close(f->fd);
	free(f->tail);
	free(f->why);
}

/* One read(2). False if it failed; an interrupted one just reads nothing. */
static bool read_some(struct file *f, uint8_t *at, size_t len, size_t *got)
{
	ssize_t n = read(f->fd, at, len);
	*got = n > 0 ? (size_t)n : 0;
	if (n == 0)
		f->at_end = true;
	if (n >= 0 || errno == EINTR)
		return true;
	if (errno == EAGAIN) {
		struct pollfd ready = { .fd = f->fd, .events = POLLIN };
		(void)poll(&ready, 1, -1);
		return true;
	}
	f->why = mem_printf("%s: reading stopped behind byte %llu: %s", f->path,
		(unsigned long long)f->offset, strerror(errno));
	return false;
}

/* The tail of the last block, then what comes. A regular file gives a whole block, a pipe
 * what it has: a record that has come in whole must not wait for the next one. */
static bool fill(struct file *f, struct batch *b, size_t *len)
{
	size_t want = max_of(max_of(f->block, f->need), f->tail_len);
	size_t got = 1;
	batch_reserve(b, max_of(want, BATCH_BYTES));
	if (f->tail_len > 0)
		memcpy(b->bytes, f->tail, f->tail_len);
	*len = f->tail_len;
	while (*len < want && (f->is_regular || *len < f->need) && got > 0) {
		if (!read_some(f, b->bytes + *len, want - *len, &got))
			return false;
		*len += got;
	}
	return true;
}

static void keep_tail(struct file *f, const struct cursor *rest)
{
	if (rest->left > f->tail_cap) {
		free(f->tail);
		f->tail = mem_resize(NULL, rest->left);
		f->tail_cap = rest->left;
	}
	if (rest->left > 0)
		memcpy(f->tail, rest->at, rest->left);
	f->tail_len = rest->left;
}

/* Small packets fill a batch before a block is used up, and the rest would be copied:
 * read about as much as the last batch took. */
static void adapt_block(struct file *f, bool is_full, size_t used)
{
	size_t block = is_full ? used + BLOCK_SLACK : f->block + f->block / 8;
	f->block = block > BATCH_BYTES ? BATCH_BYTES : max_of(block, BLOCK_MIN);
}

static enum file_state end_early(struct file *f, const char *what, uint64_t offset)
{
	f->was_cut = true;
	if (!f->quiet)
		report_warning(
			"%s %s at byte %llu; all %llu whole packets before it are used",
			f->path, what, (unsigned long long)offset,
			(unsigned long long)f->packets);
	return FILE_END;
}

static enum file_state begin(struct file *f, struct cursor *c)
{
	enum record got = RECORD_MORE;
	if (c->left >= MAGIC)
		got = be32_at(c->at) == 0x0a0d0d0a ? pcapng_begin(f, c)
						   : pcap_begin(f, c);
	if (got == RECORD_OTHER || (got == RECORD_MORE && !f->at_end))
		return FILE_MORE;
	struct bytes head = { c->at, c->left };
	bool is_cut = got == RECORD_MORE && c->left >= MAGIC;
	f->why = is_cut ? mem_printf("%s ends inside its file header: not a capture", f->path)
			: refusal(f->path, head);
	f->is_else = !is_cut && !refusal_knows(head);
	return FILE_REFUSED;
}

static enum file_state read_records(
	struct file *f, struct batch *b, unsigned max, struct cursor *c)
{
	while (b->count < max) {
		__builtin_prefetch(&b->packets[b->count + WRITTEN_AHEAD], 1);
		enum record got = f->record(f, c, &b->packets[b->count]);
		uint64_t offset = f->offset + (uint64_t)(c->at - b->bytes);
		if (got == RECORD_PACKET) {
			b->count++;
			f->packets++;
		} else if (got == RECORD_DAMAGED) {
			return end_early(f, "is damaged", offset);
		} else if (got == RECORD_MORE && !f->at_end) {
			return FILE_MORE;
		} else if (got == RECORD_MORE) {
			return c->left ? end_early(f, "ends inside a record", offset)
				       : FILE_END;
		}
	}
	f->need = 0;
	return FILE_MORE;
}

enum file_state file_read(struct file *f, struct batch *b, unsigned max)
{
	size_t len;
	b->count = 0;
	if (!fill(f, b, &len))
		return FILE_FAILED;
	struct cursor c = { b->bytes, len, false };
	enum file_state state = f->record ? FILE_MORE : begin(f, &c);
	if (f->record && state == FILE_MORE)
		state = read_records(f, b, max, &c);
	if (b->count > 0)
		f->last_ns = b->packets[b->count - 1].time_ns;
	f->offset += len - c.left;
	adapt_block(f, b->count == max, len - c.left);
	keep_tail(f, &c);
	return state;
}
