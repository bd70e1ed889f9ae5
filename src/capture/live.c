/* Live capture: several interfaces as one source, in the order of time.
 *
 * A tap puts the two directions of a link on two interfaces, and the kernel shows what came
 * on each in blocks, some milliseconds late. So with several interfaces a packet waits until
 * each of them has shown what is older, or until nothing older can come any more. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/report.h"
#include "capture/filter.h"
#include "capture/tap.h"

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)

enum {
	LAG_MS = 3 * TAP_BLOCK_MS, /* what is older has been shown */
	STEP_MS = 5,               /* how often time goes on: packets come in handfuls */
	COUNT_MS = 20,             /* how old counters may be: libpcap reads files for them */
};

struct live {
	struct source source; /* first: a source is its live capture */
	struct live_config config;
	struct tap *taps;
	struct pollfd *ready; /* of the taps, then of wake */
	int wake;
	atomic_bool is_stopped;
	struct pace pace;
	uint64_t end_ns;     /* no packet later than this is wanted; 0: all are */
	uint64_t number;
	uint64_t come_ns;    /* time has come so far, nothing older comes */
	uint64_t looked_ns;  /* steady clock: when the interfaces were looked after */
	uint64_t counted_ns; /* steady clock: when the counters were brought up to date */
};

static uint64_t steady_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

/* ---- taking packets ---- */

/* In steps. */
static void advance(struct live *l)
{
	uint64_t now = pace_now(&l->pace) - LAG_MS * MS;
	if (now >= l->come_ns + STEP_MS * MS)
		l->come_ns = now;
}

static bool is_wanted(const struct live *l, const struct tap *t)
{
	return l->end_ns == 0 || t->head_ns <= l->end_ns;
}

static bool is_due(const struct live *l, const struct tap *t)
{
	return t->head_ns <= l->come_ns;
}

/* Whose packet is next; NULL: nobody's for now. */
static struct tap *next_tap(struct live *l)
{
	struct tap *first = NULL;
	bool all = true;
	for (unsigned i = 0; i < l->config.count; i++) {
		struct tap *t = &l->taps[i];
		if (!tap_peek(t))
			all = false;
		else if (!first || t->head_ns < first->head_ns)
			first = t;
	}
	if (first && !is_wanted(l, first))
		return NULL;
	bool is_sure = all || l->config.count == 1;
	return first && (is_sure || is_due(l, first)) ? first : NULL;
}

/* False: it waits for the next batch. libpcap's memory is its own, so packets are copied. */
static bool copy(struct live *l, struct batch *b, size_t *used, const struct tap *t)
{
	size_t len = t->head->caplen;
	if (b->count == 0 && len > b->bytes_cap)
		batch_reserve(b, len);
	if (len > b->bytes_cap - *used)
		return false;
	memcpy(b->bytes + *used, t->bytes, len);
	struct packet *p = &b->packets[b->count++];
	p->frame = (struct bytes){ b->bytes + *used, len };
	p->wire_len = t->head->len > len ? t->head->len : (uint32_t)len;
	p->link_type = t->link_type;
	p->iface = (uint16_t)(t - l->taps);
	p->time_ns = t->head_ns;
	p->number = l->number;
	*used += len;
	return true;
}

static void take(struct live *l, struct batch *b)
{
	struct source_counters *n = &l->source.counters;
	size_t used = 0;
	struct tap *t;
	for (unsigned i = 0; i < BATCH_PACKETS && (t = next_tap(l)); i++) {
		l->number++;
		if (!packet_link_known(t->link_type)) {
			n->unknown_link++;
		} else if (copy(l, b, &used, t)) {
			struct source_iface *link = &l->source.ifaces[t - l->taps];
			n->packets++;
			n->bytes += t->head->caplen;
			link->packets++;
			link->bytes += t->head->caplen;
		} else {
			l->number--;
			return;
		}
		tap_drop(t);
	}
}

/* ---- waiting ---- */

/* A tap that has shown its next packet need not be waited for. */
static void wait_for_packets(struct live *l, unsigned wait_ms)
{
	unsigned count = l->config.count;
	for (unsigned i = 0; i < count; i++) {
		struct tap *t = &l->taps[i];
		bool is_waited_for = t->pcap && !t->head;
		l->ready[i] = (struct pollfd){ is_waited_for ? t->fd : -1, POLLIN, 0 };
		if (t->head && wait_ms > STEP_MS)
			wait_ms = STEP_MS;
	}
	l->ready[count] = (struct pollfd){ l->wake, POLLIN, 0 };
	uint64_t times;
	if (poll(l->ready, count + 1, (int)wait_ms) > 0 && l->ready[count].revents)
		(void)!read(l->wake, &times, sizeof(times));
}

static void look_after(struct live *l)
{
	uint64_t now = steady_ns(), past = now - l->looked_ns;
	if (past < SECOND)
		return;
	for (unsigned i = 0; i < l->config.count; i++)
		tap_look(&l->taps[i], past);
	l->looked_ns = now;
}

static void look_again(struct live *l)
{
	pace_look(&l->pace);
	if (l->end_ns == 0 && atomic_load_explicit(&l->is_stopped, memory_order_relaxed))
		l->end_ns = pace_now(&l->pace);
	for (unsigned i = 0; i < l->config.count; i++)
		l->taps[i].is_empty = false;
	advance(l);
}

/* Whether all that was wanted has been shown. */
static bool is_over(const struct live *l)
{
	return l->end_ns != 0 && l->come_ns >= l->end_ns;
}

static enum source_state live_read(struct source *s, struct batch *b, unsigned wait_ms)
{
	struct live *l = (struct live *)s;
	arena_reset(&b->arena);
	batch_reserve(b, BATCH_BYTES);
	b->count = 0;
	look_after(l);
	look_again(l);
	take(l, b);
	if (b->count == 0) {
		wait_for_packets(l, wait_ms);
		look_again(l);
		take(l, b);
	}
	b->skew_ns = l->pace.skew_ns;
	b->now_ns = b->count > 0 ? b->packets[b->count - 1].time_ns : l->come_ns;
	if (b->count > 0)
		return SOURCE_MORE;
	return is_over(l) ? SOURCE_END : SOURCE_IDLE;
}

/* ---- the rest of a source ---- */

static void live_wake(struct source *s)
{
	const struct live *l = (struct live *)s;
	int before = errno; /* a signal handler may call this */
	(void)!write(l->wake, &(uint64_t){ 1 }, sizeof(uint64_t));
	errno = before;
}

static void live_stop(struct source *s)
{
	struct live *l = (struct live *)s;
	atomic_store_explicit(&l->is_stopped, true, memory_order_relaxed);
	live_wake(s);
}

static void count(struct live *l)
{
	struct source *s = &l->source;
	struct source_counters *n = &s->counters;
	n->dropped = n->missed = n->away_ns = 0;
	for (unsigned i = 0; i < l->config.count; i++) {
		struct tap *t = &l->taps[i];
		tap_count(t);
		n->dropped += t->dropped;
		n->missed += t->missed;
		n->away_ns += t->away_ns;
		struct source_iface *link = &s->ifaces[i];
		link->dropped = t->dropped;
		link->missed = t->missed;
		link->away_ns = t->away_ns;
		link->is_away = !t->pcap || t->is_down;
	}
}

/* This is asked with each batch. The kernel drops when its ring is full, so what it dropped is
 * known here before the packets around the hole are looked at. */
static void live_count(struct source *s)
{
	struct live *l = (struct live *)s;
	uint64_t now = steady_ns();
	if (now - l->counted_ns < COUNT_MS * MS && !is_over(l))
		return;
	count(l);
	l->counted_ns = now;
}

static void live_close(struct source *s)
{
	struct live *l = (struct live *)s;
	for (unsigned i = 0; i < l->config.count; i++)
		tap_close(&l->taps[i]);
	if (l->wake >= 0)
		close(l->wake);
	free(l->taps);
	free(l->ready);
	free(s->ifaces);
	free(l);
}

/* ---- opening ---- */

static bool check_name(const struct live_config *c, unsigned i)
{
	const char *name = c->names[i];

	if (!*name || *name == '-' || strlen(name) >= IF_NAMESIZE ||
		strpbrk(name, "/ ")) {
		report_error("\"%s\" cannot be the name of an interface", name);
		return false;
	}
	for (unsigned other = 0; other < i; other++) {
		if (strcmp(c->names[other], name) == 0) {
			report_error("interface %s is named twice", name);
			return false;
		}
	}
	return true;
}

static bool check_names(const struct live_config *c)
{
	for (unsigned i = 0; i < c->count; i++)
		if (!check_name(c, i))
			return false;
	return true;
}

bool live_filter_check(const char *expression)
{
	struct filter *f = filter_new(expression);
	const char *error = filter_check(f, DLT_EN10MB);
	if (error)
		report_error("the filter is wrong: %s", error);
	filter_free(f);
	return !error;
}

static bool open_taps(struct live *l)
{
	for (unsigned i = 0; i < l->config.count; i++) {
		struct tap *t = &l->taps[i];
		tap_init(t, l->config.names[i], &l->config, &l->pace);
		l->source.ifaces[i] = (struct source_iface){ .name = t->name };
		l->source.iface_count++;
	}
	for (unsigned i = 0; i < l->config.count; i++)
		if (tap_open(&l->taps[i]) == TAP_WRONG)
			return false;
	return true;
}

static bool open_wake(struct live *l)
{
	l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->wake < 0)
		report_error("eventfd: %s", strerror(errno));
	return l->wake >= 0;
}

struct source *source_open_live(const struct live_config *config)
{
	static const struct source_ops ops = { .read = live_read, .wake = live_wake,
		.stop = live_stop, .count = live_count, .close = live_close };
	struct live *l = mem_new(sizeof(*l));
	l->wake = -1;
	l->source.ops = &ops;
	l->source.is_live = true;
	l->config = *config;
	pace_init(&l->pace);
	l->taps = mem_array(config->count, sizeof(*l->taps));
	l->ready = mem_array(config->count + 1, sizeof(*l->ready));
	l->source.ifaces = mem_array(config->count, sizeof(*l->source.ifaces));
	/* Events of two runs must not have the same ids, so numbers go on over runs. */
	l->number = pace_now(&l->pace) / 1000;
	l->looked_ns = steady_ns();
	if (check_names(config) && (!config->filter || live_filter_check(config->filter)) &&
		open_wake(l) && open_taps(l))
		return &l->source;
	live_close(&l->source);
	return NULL;
}
