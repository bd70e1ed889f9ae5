#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/report.h"
#include "base/text.h"
#include "engine/store_line.h"
#include "engine/store_queue.h"
#include "incident/time.h"

enum kind { DOCUMENT, ALERT, OPERATIONS };

/* Before each piece of the queue; behind it the bytes, then the incident's id. */
struct head {
	enum kind kind;
	uint32_t len, id_len; /* id_len with its NUL; 0: none */
	uint64_t now_ns;
};

enum { LINGER_MS = 500 }; /* how long a batch gathers, live */
enum { RETRY_S = 1, RETRY_S_MAX = 60 }; /* after a failure, twice as long each time */
#define RETAIN_EVERY_NS (UINT64_C(3600) * 1000000000)

struct store_queue {
	struct store_queue_config config;
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t has_more, has_room, ends;
	struct text waiting;  /* under the lock */
	uint64_t waiting_count; /* pieces in it */
	bool is_ending, is_busy;
	uint64_t lost;
	/* the thread's */
	struct text taken;
	uint64_t taken_count;
	bool has_failed;
	uint64_t retained_ns;
};

/* ---- the stage's side ---- */

static void put_piece(
	struct text *t, const struct head *head, struct bytes bytes, const char *id)
{
	text_put(t, head, sizeof(*head));
	text_put(t, bytes.at, bytes.len);
	text_put(t, id, head->id_len);
}

/* An empty queue takes a piece of any size. */
static bool fits(const struct store_queue *q, size_t more)
{
	return q->waiting.len == 0 || q->waiting.len + more <= q->config.room;
}

static void push(
	struct store_queue *q, struct head head, struct bytes bytes, const char *id)
{
	head.len = (uint32_t)bytes.len;
	head.id_len = id ? (uint32_t)strlen(id) + 1 : 0;
	size_t more = sizeof(head) + head.len + head.id_len;
	pthread_mutex_lock(&q->lock);
	while (!q->config.is_live && !fits(q, more))
		pthread_cond_wait(&q->has_room, &q->lock);
	if (!fits(q, more)) {
		q->lost++;
	} else {
		if (q->waiting.len == 0)
			pthread_cond_signal(&q->has_more);
		put_piece(&q->waiting, &head, bytes, id);
		q->waiting_count++;
	}
	pthread_mutex_unlock(&q->lock);
}

void store_queue_document(struct store_queue *q, struct bytes json, uint64_t now_ns)
{
	push(q, (struct head){ .kind = DOCUMENT, .now_ns = now_ns }, json, NULL);
}

void store_queue_alert(struct store_queue *q, struct bytes line, const char *incident)
{
	push(q, (struct head){ .kind = ALERT }, line, incident);
}

void store_queue_operations(struct store_queue *q, struct bytes line)
{
	push(q, (struct head){ .kind = OPERATIONS }, line, NULL);
}

void store_queue_finish(struct store_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->is_ending = true;
	pthread_cond_signal(&q->has_more);
	pthread_cond_signal(&q->ends);
	while (q->waiting.len > 0 || q->is_busy)
		pthread_cond_wait(&q->has_room, &q->lock);
	pthread_mutex_unlock(&q->lock);
}

uint64_t store_queue_lost(struct store_queue *q)
{
	pthread_mutex_lock(&q->lock);
	uint64_t lost = q->lost;
	pthread_mutex_unlock(&q->lock);
	return lost;
}

/* ---- the thread's side ---- */

static bool add_document(struct store_queue *q, const struct head *h, struct bytes bytes)
{
	json_t *doc = json_loadb((const char *)bytes.at, bytes.len, 0, NULL);
	bool ok = doc && store_merge(q->store, doc, h->now_ns) != STORE_FAILED;
	json_decref(doc);
	return ok;
}

static bool add(struct store_queue *q, const struct head *h, const char *at)
{
	struct bytes bytes = { (const uint8_t *)at, h->len };
	switch (h->kind) {
	case DOCUMENT:
		return add_document(q, h, bytes);
	case ALERT:
		return store_line_alert(q->store, bytes, h->id_len ? at + h->len : NULL);
	case OPERATIONS:
		return store_line_operations(q->store, bytes);
	}
	return false;
}

/* How many pieces are not added. */
static uint64_t add_all(struct store_queue *q)
{
	uint64_t failed = 0;
	struct head head;
	for (size_t at = 0; at < q->taken.len;
		at += sizeof(head) + head.len + head.id_len) {
		memcpy(&head, q->taken.at + at, sizeof(head));
		failed += !add(q, &head, q->taken.at + at + sizeof(head));
	}
	return failed;
}

static void tell_failure(struct store_queue *q)
{
	if (!q->has_failed)
		report_error("%s: incidents and alerts are not stored: %s%s", q->config.dir,
			store_error(q->store), q->config.is_live ? "; they wait" : "");
	q->has_failed = true;
}

static void tell_success(struct store_queue *q)
{
	if (q->has_failed)
		report_warning("%s: incidents and alerts are stored again", q->config.dir);
	q->has_failed = false;
}

/* One transaction. *failed: so many pieces are not in it. false: none is. Where it does not begin
 * none is tried: each would wait for the store as long as the whole, or go in alone. */
static bool store_taken(struct store_queue *q, uint64_t *failed)
{
	bool ok = store_begin(q->store);
	if (ok) {
		*failed = add_all(q);
		ok = store_commit(q->store);
	}
	if (!ok) {
		*failed = q->taken_count;
		tell_failure(q);
	} else if (*failed == 0) {
		tell_success(q);
	}
	return ok;
}

/* Live, before another attempt. false: there is to be none, it ends. */
static bool wait_to_retry(struct store_queue *q, unsigned seconds)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&q->lock);
	bool goes_on = q->config.is_live && !q->is_ending;
	if (goes_on)
		pthread_cond_timedwait(&q->ends, &q->lock, &until);
	pthread_mutex_unlock(&q->lock);
	return goes_on;
}

/* Until it is in the store; at the end, what is not yet there is lost. */
static uint64_t store_surely(struct store_queue *q)
{
	uint64_t failed;
	unsigned seconds = RETRY_S;
	while (!store_taken(q, &failed) && wait_to_retry(q, seconds))
		seconds = seconds * 2 < RETRY_S_MAX ? seconds * 2 : RETRY_S_MAX;
	return failed;
}

static void retain(struct store_queue *q)
{
	uint64_t now_ns = time_now_ns();
	if (!q->config.is_live || now_ns < q->retained_ns + RETAIN_EVERY_NS)
		return;
	q->retained_ns = now_ns;
	if (!store_retain(q->store, &q->config.keep, now_ns))
		tell_failure(q);
}

/* Many pieces in one transaction cost little more than one. */
static void linger(struct store_queue *q)
{
	struct timespec pause = { 0, LINGER_MS * 1000000 };
	if (q->config.is_live)
		nanosleep(&pause, NULL);
}

/* Waits for pieces and takes them all. false: there will be no more. */
static bool take(struct store_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->is_busy = false;
	pthread_cond_broadcast(&q->has_room);
	while (q->waiting.len == 0 && !q->is_ending)
		pthread_cond_wait(&q->has_more, &q->lock);
	bool more = q->waiting.len > 0;
	q->is_busy = more;
	pthread_mutex_unlock(&q->lock);
	if (!more)
		return false;
	linger(q);
	pthread_mutex_lock(&q->lock);
	struct text full = q->waiting;
	q->waiting = q->taken;
	q->taken = full;
	q->taken_count = q->waiting_count;
	q->waiting_count = 0;
	pthread_cond_broadcast(&q->has_room);
	pthread_mutex_unlock(&q->lock);
	return true;
}

static void *run(void *context)
{
	struct store_queue *q = context;
	while (take(q)) {
		uint64_t failed = store_surely(q);
		text_clear(&q->taken);
		pthread_mutex_lock(&q->lock);
		q->lost += failed;
		pthread_mutex_unlock(&q->lock);
		retain(q);
	}
	return NULL;
}

/* ---- the whole ---- */

struct store *store_queue_store(struct store_queue *q)
{
	return q->store;
}

static struct store *open_store(const struct store_queue_config *c)
{
	char *log = c->site ? mem_printf("audit-%s", c->site) : NULL;
	struct store_config config = { .dir = c->dir, .mode = STORE_CREATE, .log = log,
		.person = person_sensor(c->sensor_id), .registers = c->registers };
	struct store *s = store_open(&config);
	free(log);
	return s;
}

struct store_queue *store_queue_new(const struct store_queue_config *config)
{
	struct store *store = open_store(config);
	if (!store)
		return NULL;
	struct store_queue *q = mem_new(sizeof(*q));
	q->config = *config;
	q->store = store;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->has_more, NULL);
	pthread_cond_init(&q->has_room, NULL);
	pthread_cond_init(&q->ends, NULL);
	if (pthread_create(&q->thread, NULL, run, q) == 0)
		return q;
	report_error("%s: no thread can be started", config->dir);
	store_close(store);
	free(q);
	return NULL;
}

void store_queue_free(struct store_queue *q)
{
	if (!q)
		return;
	store_queue_finish(q);
	pthread_join(q->thread, NULL);
	store_close(q->store);
	text_fini(&q->waiting);
	text_fini(&q->taken);
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->has_more);
	pthread_cond_destroy(&q->has_room);
	pthread_cond_destroy(&q->ends);
	free(q);
}
