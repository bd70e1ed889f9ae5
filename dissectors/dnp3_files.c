/* Files under way: which name belongs to which handle, and what they contain.
 *
 * A request to open (variation 3) has a name and an id; its answer (4) has the id and a
 * handle; blocks (5) have the handle and a number, the last one a mark. Whoever sends
 * them, the contents are hashed as they pass. A block that is missing breaks the hash. */
#include "dnp3_objects.h"

enum { COMMAND_OF_FILE = 3, COMMAND_STATUS = 4, TRANSPORT = 5, TRANSPORT_STATUS = 6 };

static uint64_t number(const struct message *m, uint32_t from, unsigned field)
{
	const struct item *item = dnp3_item(m, from, field);

	return item ? item->u : 0;
}

/* The link address of the outstation that has the file. */
static uint32_t outstation(const struct dnp3_state *st)
{
	return st->link.control & 0x80 ? st->link.dst : st->link.src;
}

static struct dnp3_file *find_request(struct dnp3_state *st, uint64_t request)
{
	for (unsigned i = 0; i < FILES; i++) {
		struct dnp3_file *f = &st->files[i];
		if (f->is_used && !f->has_handle && f->request == request &&
			f->outstation == outstation(st))
			return f;
	}
	return NULL;
}

struct dnp3_file *dnp3_file_of(struct dnp3_state *st, uint32_t address, uint64_t handle)
{
	for (unsigned i = 0; i < FILES; i++) {
		struct dnp3_file *f = &st->files[i];
		if (f->is_used && f->has_handle && f->handle == handle &&
			f->outstation == address)
			return f;
	}
	return NULL;
}

static struct dnp3_file *add(struct dnp3_state *st)
{
	struct dnp3_file *f = &st->files[st->next_file++ % FILES];

	f->is_used = true;
	f->has_handle = f->is_broken = f->is_done = false;
	f->outstation = outstation(st);
	f->bytes = f->next_block = f->name_len = 0;
	SHA256Init(&f->hash);
	return f;
}

static void open_file(struct dnp3_state *st, const struct message *m, uint32_t from)
{
	uint64_t request = number(m, from, REQUEST_ID);
	const struct item *name = dnp3_item(m, from, FILENAME);
	struct dnp3_file *f = find_request(st, request);

	f = f ? f : add(st);
	f->request = (uint16_t)request;
	f->name_len = (uint8_t)(!name                   ? 0
				: name->len < NAME_KEPT ? name->len
							: NAME_KEPT);
	if (f->name_len)
		memcpy(f->name, name->at, f->name_len);
}

/* A handle may be given again for another file. */
static void opened(struct dnp3_state *st, const struct message *m, uint32_t from)
{
	uint32_t handle = (uint32_t)number(m, from, FILE_HANDLE);
	struct dnp3_file *f = find_request(st, number(m, from, REQUEST_ID));
	struct dnp3_file *old = dnp3_file_of(st, outstation(st), handle);

	if (!f || number(m, from, FILE_STATUS) != 0)
		return;
	if (old)
		old->is_used = false;
	f->has_handle = true;
	f->handle = handle;
}

static void put_digest(struct dissect *d, struct dnp3_file *f)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256Final(digest, &f->hash);
	f->is_done = true;
	struct bytes kept = keep(d, (struct bytes){ digest, sizeof(digest) });
	if (f->is_broken || !kept.len)
		return;
	put_bytes(d, FILE_SHA256, kept);
	put_uint(d, FILE_BYTES, f->bytes);
}

/* A block that comes again changes nothing. Without its opening, a file is known from its
 * first block on. */
static void take_block(struct dissect *d, struct dnp3_state *st, uint32_t from)
{
	const struct message *m = d->message;
	const struct item *data = dnp3_item(m, from, FILE_DATA);
	uint64_t block = number(m, from, BLOCK), handle = number(m, from, FILE_HANDLE);
	struct dnp3_file *f = dnp3_file_of(st, outstation(st), handle);

	if (!f && block != 0)
		return;
	if (!f) {
		f = add(st);
		f->has_handle = true;
		f->handle = (uint32_t)handle;
	}
	if (block < f->next_block || f->is_done || !data)
		return;
	f->is_broken |= block > f->next_block || m->is_cut;
	f->next_block = (uint32_t)block + 1;
	f->bytes += data->len;
	SHA256Update(&f->hash, data->at, data->len);
	if (number(m, from, LAST_BLOCK))
		put_digest(d, f);
}

void dnp3_file_point(struct dnp3_reader *r, uint8_t variation, uint32_t from)
{
	struct dissect *d = r->d;
	struct dnp3_state *st = d->state;
	const struct item *status = dnp3_item(d->message, from, FILE_STATUS);

	if (status && status->u && !r->refusal) {
		const char *name = name_of(dnp3_file_statuses, status->u);
		r->refusal = name ? name : "RESERVED";
	}
	if (variation == COMMAND_OF_FILE && r->function == OPEN_FILE)
		open_file(st, d->message, from);
	else if (variation == COMMAND_STATUS && r->function == RESPONSE)
		opened(st, d->message, from);
	else if (variation == TRANSPORT && r->function != READ)
		take_block(d, st, from);
}
