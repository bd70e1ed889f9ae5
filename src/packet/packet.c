#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "packet/fragments.h"
#include "packet/layers.h"

const struct decode_event_info decode_events[DECODE_EVENT_COUNT] = {
#define X(name, text, what) [DECODE_##name] = { text, what },
	DECODE_EVENTS(X)
#undef X
};

static_assert(DECODE_EVENT_COUNT <= 64, "packet.events has a bit for each");

enum { FRAGMENT_MEMORY = 4 * 1024 * 1024 };

struct decoder *decoder_new(const struct decoder_config *config)
{
	struct decoder *d = mem_new(sizeof(*d));
	size_t memory = config->fragment_memory;
	d->verify_checksums = config->verify_checksums;
	d->defrag = defrag_new(memory ? memory : FRAGMENT_MEMORY);
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	defrag_free(d->defrag);
	free(d);
}

const struct decoder_counters *decoder_counters(const struct decoder *d)
{
	return &d->counters;
}

static void count(struct decoder_counters *n, const struct packet *p)
{
	n->packets++;
	n->bytes += p->wire_len;
	n->ipv4 += p->ip_version == 4;
	n->ipv6 += p->ip_version == 6;
	n->not_ip += p->ip_version == 0;
	if (p->events)
		n->events += (unsigned)__builtin_popcountll(p->events);
}

/* Zero what is decoded. In two halves: gcc makes plain stores of 64 bytes, but `rep stos`
 * of more, which takes as long to begin as a quarter of all decoding. */
static inline void clear(struct packet *p)
{
	uint8_t *at = (uint8_t *)p + offsetof(struct packet, payload);
	enum { DECODED = sizeof(*p) - offsetof(struct packet, payload), HALF = DECODED / 2 };
	static_assert(DECODED % 2 == 0, "two halves");
	memset(at, 0, HALF);
	memset(at + HALF, 0, HALF);
}

void packet_decode(struct decoder *d, struct packet *p, struct arena *arena)
{
	clear(p);
	struct walk w = {
		.decoder = d,
		.packet = p,
		.arena = arena,
		.c = cursor_of(p->frame),
		.cut = p->wire_len > p->frame.len ? p->wire_len - p->frame.len : 0,
	};
	decode_link(&w);
	count(&d->counters, p);
}
