/* Conversations for the fuzzers of dissectors, through the real driver.
 *
 * The input: a byte that says who sends (bit 0), whether bytes are missing behind it (bit 1),
 * whether a second goes by (bit 2); two bytes of length; the bytes. The first byte of all
 * chooses between TCP and UDP, and whether the client is known. `test_examples --seeds FOLDER`
 * writes the examples in this form. */
#ifndef IRONSPAN_CONVERSATION_H
#define IRONSPAN_CONVERSATION_H

#include "ignore.h"

enum { CONVERSATION_BYTES_MAX = 1 << 16 }; /* that are sent at once */

/* Makes right, before it is fed, what chance does not: checksums. `how` is the first byte. */
typedef void conversation_repair(uint8_t how, uint8_t *at, size_t len);

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
	t->silent_until_ns = UINT64_MAX; /* so that repetitions are tried */
}

static const struct session_sink conversation_sink = { on_transaction, on_transaction,
	ignore_event, ignore_unclaimed, ignore_remembered, ignore_repeated, ignore_released };

static void say(struct sessions *s, struct flow *f, struct origin *o, struct cursor *c,
	conversation_repair *repair)
{
	static uint8_t room[CONVERSATION_BYTES_MAX];
	uint8_t how = cursor_u8(c);
	size_t len = cursor_be16(c);
	struct bytes data = cursor_bytes(c, len < c->left ? len : c->left);
	unsigned end = how & 1;

	if (repair && data.len) {
		memcpy(room, data.at, data.len);
		repair(how, room, data.len);
		data.at = room;
	}
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

/* All of it; `repair` may be NULL. */
static int converse(const uint8_t *data, size_t size, uint16_t port, conversation_repair *repair)
{
	struct session_config config = { .outcome_wait_ns = 1000000000, .repeats = true,
		.memory = 1 << 20 };
	unsigned sum = 0;
	struct sessions *s = sessions_new(&config, &conversation_sink, &sum);
	struct cursor c = { data, size, false };
	uint8_t kind = cursor_u8(&c);
	struct origin origin = { 0 };
	struct flow flow = { .proto = kind & 1 ? PROTO_UDP : PROTO_TCP };

	flow.end[0].port = 49152;
	flow.end[1].port = kind & 2 ? 49153 : port;
	flow.client_known = kind & 4 ? CLIENT_GUESSED : CLIENT_BY_SYN;
	while (c.left > 2)
		say(s, &flow, &origin, &c, repair);
	session_end(s, &flow);
	sessions_free(s);
	return 0;
}

#endif
