/* Fuzzes the DNP3 dissector through the real driver, past its checksums: those of the frames
 * in the input are made right before it is fed, unless bit 3 of the byte before it says no.
 * Otherwise as fuzz_dissector.c, whose inputs it takes: a byte that says who sends (bit 0),
 * whether bytes are missing behind it (bit 1), whether a second goes by (bit 2); two bytes of
 * length; the bytes. The first byte of all chooses between TCP and UDP, and whether the client
 * is known. */
#include <stdlib.h>

#include "dissect/session.h"

enum { HEADER = 10, BLOCK = 16, CRC = 2, LENGTH_MIN = 5, INPUT_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_transaction(void *context, struct transaction *t)
{
	unsigned *sum = context;

	for (unsigned i = 0; i < t->operation_count; i++)
		for (size_t at = 0; at < t->operations[i].value.bytes.len; at++)
			*sum += t->operations[i].value.bytes.at[at];
	const struct message *halves[] = { t->request, t->response };
	for (unsigned h = 0; h < 2; h++)
		for (uint32_t i = 0; halves[h] && i < halves[h]->count; i++) {
			const struct item *item = &halves[h]->items[i];
			for (uint32_t at = 0; at < item->len; at++)
				*sum += item->at[at]; /* every byte can be read */
		}
}

static void on_event(void *context, struct flow *f, const struct dissector *d, unsigned end,
	enum session_event event, const struct origin *origin)
{
	(void)context;
	(void)f;
	(void)d;
	(void)end;
	(void)event;
	(void)origin;
}

static void on_unclaimed(void *context, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin)
{
	(void)context;
	(void)f;
	(void)end;
	(void)data;
	(void)origin;
}

static void on_repeated(void *context, struct flow *f, const struct operation *op,
	struct repeat_memo *memo)
{
	(void)context;
	(void)f;
	(void)op;
	(void)memo;
}

static void on_released(void *context, struct transaction *t)
{
	(void)context;
	(void)t;
}

static const struct session_sink sink = { on_transaction, on_transaction, on_event,
	on_unclaimed, on_repeated, on_released };

/* ---- checksums, bit by bit: not the dissector's own ---- */

static void seal(uint8_t *at, size_t len)
{
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= at[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xa6bc : crc >> 1;
	}
	at[len] = (uint8_t)~crc;
	at[len + 1] = (uint8_t)(~crc >> 8);
}

/* The frame at `at`; returns its size, 0: there is none. */
static size_t repair_frame(uint8_t *at, size_t left)
{
	size_t done = HEADER;

	if (left < HEADER || at[0] != 0x05 || at[1] != 0x64 || at[2] < LENGTH_MIN)
		return 0;
	seal(at, HEADER - CRC);
	for (size_t data = at[2] - LENGTH_MIN; data > 0;) {
		size_t block = data < BLOCK ? data : BLOCK;
		if (left < done + block + CRC)
			return left;
		seal(at + done, block);
		done += block + CRC;
		data -= block;
	}
	return done;
}

static void repair(uint8_t *at, size_t len)
{
	for (size_t i = 0, size; i < len; i += size ? size : 1)
		size = repair_frame(at + i, len - i);
}

static void feed(struct sessions *s, struct flow *f, struct origin *o, struct cursor *c)
{
	static uint8_t room[INPUT_MAX];
	uint8_t how = cursor_u8(c);
	size_t len = cursor_be16(c);
	struct bytes data = cursor_bytes(c, len < c->left ? len : c->left);
	unsigned end = how & 1;

	if (data.len)
		memcpy(room, data.at, data.len);
	if (!(how & 8))
		repair(room, data.len);
	data.at = room;
	o->number++;
	o->time_ns += how & 4 ? 1000000000 : 1000;
	f->packets[end]++;
	session_advance(s, o->time_ns);
	if (f->proto == PROTO_UDP) {
		session_datagram(s, f, end, data, how & 2 ? 9 : 0, o);
	} else {
		session_data(s, f, end, data, o);
		if (how & 2)
			session_gap(s, f, end, how, o);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session_config config = { .outcome_wait_ns = 1000000000, .memory = 1 << 20 };
	unsigned sum = 0;
	struct sessions *s = sessions_new(&config, &sink, &sum);
	struct cursor c = { data, size, false };
	uint8_t kind = cursor_u8(&c);
	struct origin origin = { 0 };
	struct flow flow = { .proto = kind & 1 ? PROTO_UDP : PROTO_TCP };

	flow.end[0].port = 49152;
	flow.end[1].port = kind & 2 ? 49153 : 20000;
	flow.client_known = kind & 4 ? CLIENT_GUESSED : CLIENT_BY_SYN;
	while (c.left > 2)
		feed(s, &flow, &origin, &c);
	session_end(s, &flow);
	sessions_free(s);
	return 0;
}
