/* Any bytes as packets. The first two choose a link type and whether checksums are
 * verified; then come frames, each behind a length of two bytes, so that fragments meet
 * in one decoder. Payloads must lie in the frame or in the arena. */
#include <stdlib.h>

#include "packet/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint16_t link_types[] = { 1, 0, 9, 50, 51, 101, 104, 108, 113, 228, 229, 276,
	147 };

static void check(const struct packet *p)
{
	const uint8_t *end = p->frame.at + p->frame.len;
	volatile uint8_t sum = 0;
	for (size_t i = 0; i < p->payload.len; i++)
		sum = (uint8_t)(sum + p->payload.at[i]);
	bool is_inside =
		p->payload.at >= p->frame.at && p->payload.at + p->payload.len <= end;
	if (p->payload.len > 0 && !p->is_reassembled && !is_inside)
		abort();
	if (p->payload_wire < p->payload.len || p->vlan_count > VLAN_MAX)
		abort();
	if ((p->is_fragment || p->events >> DECODE_TCP_CSUM_INVALID & 1) && p->has_ports)
		abort();
	if (p->events >> DECODE_EVENT_COUNT)
		abort();
}

/* A frame of its own, so that a sanitizer sees what is read beyond it. */
static void decode(
	struct decoder *d, struct arena *arena, struct packet *p, struct bytes frame)
{
	uint8_t *exact = malloc(frame.len ? frame.len : 1);
	memcpy(exact, frame.at ? frame.at : exact, frame.len);
	p->frame = (struct bytes){ exact, frame.len };
	packet_decode(d, p, arena);
	check(p);
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cursor c = { data, len, false };
	struct arena arena = { NULL, NULL };
	uint8_t link = cursor_u8(&c), choice = cursor_u8(&c);
	struct decoder_config config = { .verify_checksums = choice & 1,
		.fragment_memory = (choice >> 1) * (size_t)2048 };
	struct decoder *d = decoder_new(&config);
	while (c.left >= 4) {
		uint16_t kept = cursor_be16(&c), more = cursor_be16(&c);
		struct packet p = { .time_ns = decoder_counters(d)->packets * 1000000000 };
		p.link_type =
			link_types[link % (sizeof(link_types) / sizeof(*link_types))];
		struct bytes frame = cursor_bytes(&c, kept < c.left ? kept : c.left);
		p.wire_len = (uint32_t)frame.len + (more & 1 ? more : 0);
		decode(d, &arena, &p, frame);
	}
	decoder_free(d);
	arena_fini(&arena);
	return 0;
}
