#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/report.h"
#include "engine/evidence.h"
#include "engine/evidence_folder.h"

enum { FILES_MAX = 64, PCAP_HEADER = 24, RECORD_HEADER = 16, SNAPLEN = 262144 };
enum { SECOND_NS = 1000000000, TIDY_NS = 1000000000 };

/* A packet in the ring; its bytes follow. */
struct kept {
	uint64_t flow_hash, number, time_ns;
	uint32_t len, wire_len;
	uint16_t link_type;
};

/* A file that is open. */
struct file {
	uint64_t flow_hash, until_ns, last; /* number of the last packet in it */
	char name[EVIDENCE_NAME_MAX];
	uint16_t link_type;
	bool is_new;             /* packets behind its alert may be in the ring only */
	const struct kept *seen; /* while it is new: so far the ring was looked through */
	bool is_full;
	bool has_failed;         /* what came last could not be written */
	int fd;
	uint64_t id, bytes; /* id: the folder's */
	SHA2_CTX sum;
};

/* The ring, in two halves: when the one is full the other is emptied and filled. */
struct ring_half {
	uint8_t *bytes;
	size_t used;
};

struct evidence {
	const struct config *config;
	struct evidence_folder *folder;
	struct ring_half halves[2];
	unsigned current;
	const struct kept *last; /* kept */
	size_t half_size;
	struct file files[FILES_MAX];
	unsigned file_count;
	struct text record;
	uint64_t skew_ns; /* of packets' times, modulo 2^64 */
	uint64_t lost;
	uint64_t tidy_ns; /* when the folder is looked through for what is too old */
	bool is_told;
};

struct evidence *evidence_new(const struct config *config, bool *ok)
{
	*ok = true;
	if (!config->evidence_dir)
		return NULL;
	struct evidence *e = mem_new(sizeof(*e));
	e->config = config;
	e->half_size = config->evidence_memory / 2;
	for (unsigned i = 0; i < 2; i++)
		e->halves[i].bytes = mem_array(e->half_size, 1);
	e->folder = evidence_folder_open(config->evidence_dir, config->evidence_max_size,
		config->evidence_max_age_s);
	if (e->folder)
		return e;
	evidence_free(e);
	*ok = false;
	return NULL;
}

/* ---- the ring ---- */

static size_t room_of(uint32_t len)
{
	return (sizeof(struct kept) + len + 7) & ~(size_t)7;
}

static void ring_put(struct evidence *e, const struct packet *p)
{
	uint32_t len = (uint32_t)p->frame.len;
	size_t need = room_of(len);
	if (e->halves[e->current].used + need > e->half_size) {
		e->current = !e->current;
		e->halves[e->current].used = 0;
	}
	struct ring_half *h = &e->halves[e->current];
	struct kept *k = (struct kept *)(void *)(h->bytes + h->used);
	*k = (struct kept){ p->flow_hash, p->number, p->time_ns, len, p->wire_len,
		p->link_type };
	memcpy(k + 1, p->frame.at, len);
	h->used += need;
	e->last = k;
}

/* The kept packet behind this one; NULL: the oldest; at the end NULL again. */
static const struct kept *next_kept(const struct evidence *e, const struct kept *k)
{
	const struct ring_half *older = &e->halves[!e->current], *newer = &e->halves[e->current];
	const uint8_t *at = k ? (const uint8_t *)k + room_of(k->len) : older->bytes;
	if (at == older->bytes + older->used)
		at = newer->bytes;
	return at == newer->bytes + newer->used ? NULL : (const struct kept *)(const void *)at;
}

/* ---- files ---- */

static void tell_once(struct evidence *e, const struct file *f)
{
	if (!e->is_told)
		report_warning("%s/%s: %s; alerts go out without their packets",
			e->config->evidence_dir, f->name, strerror(errno));
	e->is_told = true;
}

/* All of it, or nothing. */
static bool put(struct evidence *e, struct file *f, const void *bytes, size_t len)
{
	if (!evidence_folder_write(e->folder, f->id, f->fd, bytes, len)) {
		tell_once(e, f);
		f->has_failed = true;
		(void)!ftruncate(f->fd, (off_t)f->bytes);
		return false;
	}
	SHA256Update(&f->sum, bytes, len);
	f->bytes += len;
	return true;
}

static void close_file(struct evidence *e, struct file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	*f = e->files[--e->file_count];
}

/* false: the file is full, or cannot be written. */
static bool put_packet(struct evidence *e, struct file *f, const struct kept *k)
{
	uint64_t wall_ns = k->time_ns - e->skew_ns;
	uint32_t header[4] = { (uint32_t)(wall_ns / SECOND_NS),
		(uint32_t)(wall_ns % SECOND_NS), k->len, k->wire_len };
	if (k->link_type != f->link_type || k->number <= f->last)
		return true;
	f->is_full |= f->bytes + RECORD_HEADER + k->len > e->config->evidence_file_size;
	if (f->is_full)
		return false;
	text_clear(&e->record);
	text_put(&e->record, header, sizeof(header));
	text_put(&e->record, k + 1, k->len);
	bool ok = put(e, f, e->record.at, e->record.len);
	f->last = k->number;
	return ok;
}

static bool open_file(struct evidence *e, struct file *f, uint64_t flow_id, uint64_t time_ns)
{
	const uint32_t header[PCAP_HEADER / 4] = { 0xa1b23c4d, 4u << 16 | 2, 0, 0, SNAPLEN,
		f->link_type };
	time_ns -= e->skew_ns;
	time_t second = (time_t)(time_ns / SECOND_NS);
	struct tm tm;
	gmtime_r(&second, &tm);
	char stamp[24];
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
	snprintf(f->name, sizeof(f->name), "%s.%06lluZ-%llu.pcap", stamp,
		(unsigned long long)(time_ns % SECOND_NS / 1000), (unsigned long long)flow_id);
	SHA256Init(&f->sum);
	f->fd = evidence_folder_create(e->folder, f->name, &f->id);
	if (f->fd < 0)
		tell_once(e, f);
	return f->fd >= 0 && put(e, f, header, sizeof(header));
}

static struct file *file_of(struct evidence *e, uint64_t flow_hash)
{
	for (unsigned i = 0; i < e->file_count; i++)
		if (e->files[i].flow_hash == flow_hash)
			return &e->files[i];
	return NULL;
}

/* What the ring has of the flow behind what was seen of it, in that time, up to this packet. */
static bool put_kept(struct evidence *e, struct file *f, uint64_t until_ns, uint64_t number)
{
	const struct kept *k;
	while ((k = next_kept(e, f->seen)) && k->number <= number) {
		f->seen = k;
		if (k->flow_hash == f->flow_hash && k->time_ns <= until_ns && !put_packet(e, f, k))
			return false;
	}
	return true;
}

static uint64_t size_in(const struct file *f, const struct kept *k, uint64_t from_ns)
{
	bool is_in = k->flow_hash == f->flow_hash && k->link_type == f->link_type &&
		k->time_ns >= from_ns;
	return is_in ? RECORD_HEADER + k->len : 0;
}

/* The last packet in the ring that a new file has no use for: it is too old, or what is between it
 * and this packet does not fit. Then half of the file is left to what follows. */
static const struct kept *skip_old(const struct evidence *e, const struct file *f,
	uint64_t from_ns, uint64_t number)
{
	uint64_t room = e->config->evidence_file_size - PCAP_HEADER, bytes = 0;
	const struct kept *k = NULL, *skipped = NULL;
	while ((k = next_kept(e, k)) && k->number <= number)
		bytes += size_in(f, k, from_ns);
	if (bytes > room)
		room /= 2;
	while ((k = next_kept(e, skipped)) && k->number < number &&
		(k->time_ns < from_ns || bytes > room)) {
		bytes -= size_in(f, k, from_ns);
		skipped = k;
	}
	return skipped;
}

/* This packet; one of the flow's if it is gone. */
static const struct kept *find_kept(const struct evidence *e, uint64_t flow_hash, uint64_t number)
{
	const struct kept *found = NULL;
	for (const struct kept *k = next_kept(e, NULL); k; k = next_kept(e, k))
		if (k->flow_hash == flow_hash && (!found || k->number == number))
			found = k;
	return found;
}

/* With what the ring has of the flow from `before` this alert on. */
static struct file *begin_file(struct evidence *e, uint64_t flow_hash, uint64_t flow_id,
	uint64_t number, uint64_t time_ns)
{
	const uint64_t before_ns = e->config->evidence_before_s * (uint64_t)SECOND_NS;
	const struct kept *any = e->file_count < FILES_MAX ? find_kept(e, flow_hash, number) : NULL;
	if (!any)
		return NULL;
	struct file *f = &e->files[e->file_count++];
	*f = (struct file){ .flow_hash = flow_hash, .link_type = any->link_type, .is_new = true };
	f->seen = skip_old(e, f, time_ns > before_ns ? time_ns - before_ns : 0, number);
	if (open_file(e, f, flow_id, time_ns)) {
		put_kept(e, f, UINT64_MAX, number);
		return f;
	}
	close_file(e, f);
	return NULL;
}

/* ---- what the stage calls ---- */

void evidence_packets(struct evidence *e, const struct batch *b)
{
	e->skew_ns = (uint64_t)b->skew_ns;
	for (unsigned i = 0; i < b->count; i++) {
		const struct packet *p = &b->packets[i];
		if (!p->ip_version || room_of((uint32_t)p->frame.len) > e->half_size)
			continue;
		struct file *f = file_of(e, p->flow_hash);
		ring_put(e, p);
		if (f && p->time_ns <= f->until_ns && !put_packet(e, f, e->last))
			f->until_ns = 0;
	}
}

bool evidence_alert(struct evidence *e, uint64_t flow_hash, uint64_t flow_id, uint64_t number,
	uint64_t time_ns, struct evidence_mark *mark)
{
	struct file *f = file_of(e, flow_hash);
	if (f && f->is_new)
		put_kept(e, f, UINT64_MAX, number);
	if (f && !f->has_failed && f->last < number) { /* full, or its time is over */
		close_file(e, f);
		f = NULL;
	}
	if (!f)
		f = begin_file(e, flow_hash, flow_id, number, time_ns);
	if (!f || f->has_failed || f->last < number) {
		e->lost++;
		return false;
	}
	uint64_t until_ns = time_ns + e->config->evidence_after_s * (uint64_t)SECOND_NS;
	if (until_ns > f->until_ns) /* an alert may be about an older packet than the one before */
		f->until_ns = until_ns;
	SHA2_CTX so_far = f->sum;
	SHA256End(&so_far, mark->sha256);
	memcpy(mark->name, f->name, sizeof(mark->name));
	mark->bytes = f->bytes;
	return true;
}

void evidence_advance(struct evidence *e, uint64_t now_ns)
{
	for (unsigned i = 0; i < e->file_count;) {
		struct file *f = &e->files[i];
		bool ok = !f->is_new || put_kept(e, f, f->until_ns, UINT64_MAX); /* behind the alert */
		f->is_new = false;
		f->seen = NULL;
		if (!ok || now_ns > f->until_ns)
			close_file(e, f);
		else
			i++;
	}
	if (now_ns < e->tidy_ns)
		return;
	e->tidy_ns = now_ns + TIDY_NS;
	evidence_folder_tidy(e->folder);
}

uint64_t evidence_lost(const struct evidence *e)
{
	return e->lost;
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	while (e->file_count)
		close_file(e, &e->files[0]);
	evidence_folder_free(e->folder);
	free(e->halves[0].bytes);
	free(e->halves[1].bytes);
	text_fini(&e->record);
	free(e);
}
