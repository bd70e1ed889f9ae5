/* Inline capture: the kernel's queues as one source, whose packets are held until they
 * are settled. */
#include <errno.h>
#include <linux/netfilter.h>
#include <net/if.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/report.h"
#include "capture/queue.h"
#include "capture/watchdog.h"

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)

enum {
	/* A packet's verdict waits for those that came with it, so they are few. */
	TOGETHER_MAX = 64,
	BYTES = TOGETHER_MAX * QUEUED_MAX, /* most of it is never touched */
	LAG_MS = 10, /* a packet may be so old when we read it */
	IFACES_MAX = 64,
	LINKTYPE_RAW = 101, /* IPv4 or IPv6 without a link layer */
};

/* What is known of a batch's packets while they are held. */
struct held {
	bool is_last; /* no batch follows */
	struct held_packet {
		uint32_t id, mark;
		uint16_t queue; /* index */
	} at[TOGETHER_MAX];
};

struct queues {
	struct source source; /* first: a source is its queues */
	struct queue_config config;
	struct queue *queues;
	struct pollfd *ready; /* of the queues, then of wake */
	struct refuser *refuser;
	int wake;
	atomic_bool is_stopped;
	unsigned next;        /* queue to begin with */
	uint64_t number;
	uint64_t come_ns;     /* time has come so far */
	uint32_t indexes[IFACES_MAX]; /* the kernel's, of source.ifaces */
	char names[IFACES_MAX][IF_NAMESIZE];
	atomic_ulong refusals;
};

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

/* ---- interfaces ---- */

static uint16_t new_iface(struct queues *s, uint32_t index)
{
	unsigned i = s->source.iface_count;
	char *name = s->names[i];

	if (index == 0)
		memcpy(name, "local", sizeof("local"));
	else if (!if_indextoname(index, name))
		snprintf(name, IF_NAMESIZE, "if%u", index);
	s->indexes[i] = index;
	s->source.ifaces[i] = (struct source_iface){ .name = name };
	s->source.iface_count++;
	return (uint16_t)i;
}

/* Where there are too many, the last stands for the rest. */
static uint16_t iface_of(struct queues *s, uint32_t index)
{
	unsigned count = s->source.iface_count;

	for (unsigned i = 0; i < count; i++)
		if (s->indexes[i] == index)
			return (uint16_t)i;
	return count < IFACES_MAX ? new_iface(s, index) : IFACES_MAX - 1;
}

/* ---- reading ---- */

/* Never back by less than a second: packets of two queues come in no order. By more it is
 * somebody who set the clock. */
static uint64_t in_order(struct queues *s, uint64_t time_ns)
{
	if (time_ns > s->come_ns || time_ns + SECOND < s->come_ns)
		s->come_ns = time_ns;
	return s->come_ns;
}

static void put(struct queues *s, struct batch *b, unsigned queue, const struct queued *q)
{
	struct packet *p = &b->packets[b->count];
	struct held *held = b->held;

	p->frame = q->frame;
	p->wire_len = q->wire_len;
	p->link_type = LINKTYPE_RAW;
	p->is_unsummed = q->is_unsummed;
	p->iface = iface_of(s, q->iface);
	p->time_ns = in_order(s, q->time_ns ? q->time_ns : clock_ns());
	p->number = s->number++;
	held->at[b->count++] = (struct held_packet){ q->id, q->mark, (uint16_t)queue };
	s->source.counters.packets++;
	s->source.counters.bytes += q->frame.len;
	s->source.ifaces[p->iface].packets++;
	s->source.ifaces[p->iface].bytes += q->frame.len;
}

/* As many as there are, up to `most`. False: the queue is broken. */
static bool take_some(struct queues *s, struct batch *b, size_t *at, unsigned queue,
	unsigned most)
{
	struct queued packet;
	size_t used;

	while (b->count < most) {
		switch (queue_read(&s->queues[queue], b->bytes + *at, &packet, &used)) {
		case QUEUE_PACKET:
			put(s, b, queue, &packet);
			*at += used;
			break;
		case QUEUE_EMPTY:
			return true;
		case QUEUE_BROKEN:
			return false;
		case QUEUE_OTHER:
		case QUEUE_OVERRUN:
			break;
		}
	}
	return true;
}

/* Each queue has its share of the batch, and each is the first in turn. */
static bool take(struct queues *s, struct batch *b)
{
	unsigned count = s->config.count;
	size_t at = 0;

	for (unsigned i = 0; i < count && b->count < TOGETHER_MAX; i++) {
		unsigned share = (TOGETHER_MAX - b->count) / (count - i);
		unsigned most = b->count + (share ? share : 1);
		if (!take_some(s, b, &at, (s->next + i) % count, most))
			return false;
	}
	s->next = (s->next + 1) % count;
	return true;
}

static void wait_for_packets(struct queues *s, unsigned wait_ms)
{
	unsigned count = s->config.count;
	uint64_t times;

	if (poll(s->ready, count + 1, (int)wait_ms) > 0 && s->ready[count].revents)
		(void)!read(s->wake, &times, sizeof(times));
}

static void prepare(struct batch *b)
{
	if (!b->held)
		b->held = mem_new(sizeof(struct held));
	arena_reset(&b->arena);
	batch_reserve(b, BYTES);
	b->count = 0;
}

static enum source_state queues_read(struct source *source, struct batch *b,
	unsigned wait_ms)
{
	struct queues *s = (struct queues *)source;

	prepare(b);
	watchdog_beat(s->config.watchdog);
	bool ok = take(s, b);
	bool is_stopped = atomic_load_explicit(&s->is_stopped, memory_order_relaxed);
	if (ok && b->count == 0 && !is_stopped) {
		wait_for_packets(s, wait_ms);
		ok = take(s, b);
	}
	watchdog_took(s->config.watchdog, b->count);
	b->now_ns = b->count ? b->packets[b->count - 1].time_ns
		: in_order(s, clock_ns() - LAG_MS * MS);
	if (!ok)
		return SOURCE_FAILED;
	((struct held *)b->held)->is_last = is_stopped;
	return is_stopped ? SOURCE_END : b->count ? SOURCE_MORE : SOURCE_IDLE;
}

/* ---- settling ---- */

static struct settlement settlement_of(const struct queues *s,
	const struct held_packet *h, uint8_t verdict)
{
	struct settlement out = { .up_to = h->id, .verdict = NF_ACCEPT };
	uint32_t mask = s->config.mask, mark = (h->mark & ~mask) | (s->config.mark & mask);

	if (verdict & VERDICT_DROP) {
		out.verdict = NF_DROP;
		return out;
	}
	out.has_mark = mask != 0;
	out.mark = mark;
	if (s->config.repeats && h->mark != mark) /* else it would come round for ever */
		out.verdict = NF_REPEAT;
	return out;
}

static bool same(const struct settlement *a, const struct settlement *b)
{
	return a->verdict == b->verdict && a->has_mark == b->has_mark && a->mark == b->mark;
}

/* Neighbours with the same fate are settled together. */
static void settle_queue(struct queues *s, const struct batch *b, const uint8_t *verdicts,
	unsigned queue)
{
	struct settlement list[TOGETHER_MAX];
	const struct held_packet *held = ((const struct held *)b->held)->at;
	unsigned count = 0;

	for (unsigned i = 0; i < b->count; i++) {
		if (held[i].queue != queue)
			continue;
		struct settlement next = settlement_of(s, &held[i], verdicts[i]);
		if (count > 0 && same(&list[count - 1], &next))
			list[count - 1].up_to = next.up_to;
		else
			list[count++] = next;
	}
	if (count > 0)
		queue_settle(&s->queues[queue], list, count);
}

static void refuse_some(struct queues *s, const struct batch *b, const uint8_t *verdicts)
{
	for (unsigned i = 0; i < b->count; i++)
		if (verdicts[i] & (VERDICT_REFUSE_SRC | VERDICT_REFUSE_DST))
			atomic_fetch_add_explicit(&s->refusals,
				refuser_tell(s->refuser, &b->packets[i], verdicts[i]),
				memory_order_relaxed);
}

static void let_go(struct queues *s)
{
	for (unsigned i = 0; i < s->config.count; i++)
		queue_close(&s->queues[i]);
	watchdog_rest(s->config.watchdog);
}

static void queues_settle(struct source *source, const struct batch *b,
	const uint8_t *verdicts)
{
	struct queues *s = (struct queues *)source;

	for (unsigned i = 0; i < s->config.count && b->count > 0; i++)
		settle_queue(s, b, verdicts, i);
	watchdog_settled(s->config.watchdog, b->count);
	refuse_some(s, b, verdicts);
	if (((const struct held *)b->held)->is_last)
		let_go(s);
}

/* ---- the rest of a source ---- */

static void queues_wake(struct source *source)
{
	const struct queues *s = (struct queues *)source;
	int before = errno; /* a signal handler may call this */

	(void)!write(s->wake, &(uint64_t){ 1 }, sizeof(uint64_t));
	errno = before;
}

static void queues_stop(struct source *source)
{
	struct queues *s = (struct queues *)source;

	atomic_store_explicit(&s->is_stopped, true, memory_order_relaxed);
	queues_wake(source);
}

static void queues_count(struct source *source)
{
	struct queues *s = (struct queues *)source;
	struct source_counters *n = &source->counters;
	uint64_t missed = 0;

	for (unsigned i = 0; i < s->config.count; i++)
		missed += s->queues[i].missed;
	*(s->config.is_open ? &n->unseen : &n->dropped) = missed;
	n->refusals = atomic_load_explicit(&s->refusals, memory_order_relaxed);
}

static void queues_close(struct source *source)
{
	struct queues *s = (struct queues *)source;

	let_go(s);
	if (s->refuser)
		refuser_free(s->refuser);
	if (s->wake >= 0)
		close(s->wake);
	free(s->queues);
	free(s->ready);
	free(source->ifaces);
	free(s);
}

/* ---- opening ---- */

static bool open_queues(struct queues *s)
{
	unsigned first = s->config.first, count = s->config.count;

	for (unsigned i = 0; i < count; i++) {
		if (!queue_open(&s->queues[i], (uint16_t)(first + i), &s->config))
			return false;
		s->ready[i] = (struct pollfd){ s->queues[i].fd, POLLIN, 0 };
	}
	s->ready[count] = (struct pollfd){ s->wake, POLLIN, 0 };
	if (count == 1)
		report_news("holding the packets of queue %u", first);
	else
		report_news("holding the packets of queues %u to %u", first, first + count - 1);
	return true;
}

static bool open_wake(struct queues *s)
{
	s->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (s->wake < 0)
		report_error("eventfd: %s", strerror(errno));
	return s->wake >= 0;
}

struct source *source_open_queues(const struct queue_config *config)
{
	static const struct source_ops ops = { .read = queues_read, .settle = queues_settle,
		.wake = queues_wake, .stop = queues_stop, .count = queues_count,
		.close = queues_close };
	struct queues *s = mem_new(sizeof(*s));

	s->source.ops = &ops;
	s->source.is_live = true;
	s->config = *config;
	s->queues = mem_array(config->count, sizeof(*s->queues));
	s->ready = mem_array(config->count + 1u, sizeof(*s->ready));
	s->source.ifaces = mem_array(IFACES_MAX, sizeof(*s->source.ifaces));
	s->refuser = refuser_new(config->mark & config->mask);
	/* As of interfaces: events of two runs must not have the same ids. */
	s->number = clock_ns() / 1000;
	if (open_wake(s) && open_queues(s)) {
		watchdog_beat(config->watchdog); /* packets are held from now on */
		return &s->source;
	}
	queues_close(&s->source);
	return NULL;
}
