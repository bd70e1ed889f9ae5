#include <limits.h>
#include <sha1.h>
#include <stdlib.h>

#include "base/memory.h"
#include "incident/capture.h"
#include "incident/correlate.h"
#include "incident/evaluate.h"
#include "incident/known.h"
#include "incident/time.h"

enum { OPENS_AT = 2 }; /* severity */
#define NEWS_NS (INCIDENT_NEWS_S * UINT64_C(1000000000))

const char *const status_names[STATUSES] = { [STATUS_OPEN] = "open", [STATUS_QUIET] = "quiet",
	[STATUS_LIFE] = "life", [STATUS_MERGED] = "merged", [STATUS_SHED] = "shed" };

struct news {
	struct incident *incident;
	uint64_t due_ns;
};

/* ---- telling ---- */

void incident_tell(struct incidents *i, struct incident *n)
{
	n->revision++;
	n->news = NEWS_NONE;
	capture_told(n);
	view_told(n);
	n->touched = i->saves;
	lru_drop(i->news, &n->serial);
	json_t *doc = incident_document(i, n);
	if (i->config.registers)
		incident_evaluate(doc, i->config.registers, i->now_ns);
	json_decref(n->grade);
	n->grade = json_deep_copy(json_object_get(doc, "grade"));
	i->config.emit(i->config.context, doc);
	json_decref(doc);
}

static void tell_in_time(struct incidents *i, struct incident *n)
{
	bool is_new;
	if (n->news == NEWS_NOW)
		incident_tell(i, n);
	if (n->news != NEWS_LATER)
		return;
	struct news *w = lru_make(i->news, &n->serial, sizeof(*w), &is_new);
	if (is_new)
		*w = (struct news){ n, i->now_ns + NEWS_NS };
}

void incident_resume_news(struct incidents *i, struct incident *n, unsigned news)
{
	n->news = news < NEWS_NOW ? news : NEWS_NONE;
	n->touched = 0;
	tell_in_time(i, n);
}

static void tell_due(struct incidents *i)
{
	const void *serial;
	for (struct news *w; (w = lru_oldest(i->news, &serial)) != NULL;) {
		if (i->now_ns < w->due_ns)
			return;
		incident_tell(i, w->incident);
	}
}

/* ---- ends ---- */

static void on_dropped(void *context, const void *serial, void *body)
{
	struct incidents *i = context;
	struct incident *n = body;
	(void)serial;
	if (n->status == STATUS_OPEN && !i->is_ending)
		n->status = STATUS_SHED;
	if (n->status != STATUS_OPEN || n->news != NEWS_NONE)
		incident_tell(i, n);
	lru_drop(i->news, &n->serial);
	incident_clear(n);
}

void incident_end(struct incidents *i, struct incident *n, enum status status)
{
	n->status = status;
	lru_drop(i->open, &(uint64_t){ n->serial });
}

void incidents_advance(struct incidents *i, uint64_t now_ns)
{
	const void *serial;
	if (now_ns > i->now_ns)
		i->now_ns = now_ns;
	tell_due(i);
	for (struct incident *n; (n = lru_oldest(i->open, &serial)) != NULL;) {
		if (i->now_ns <= n->last_ns + gap_ns(i))
			return;
		incident_end(i, n, STATUS_QUIET);
	}
}

static bool is_older(const struct incident *a, const struct incident *b)
{
	return a->first_ns != b->first_ns ? a->first_ns < b->first_ns : a->serial < b->serial;
}

/* The older one goes on. */
struct incident *incident_merge(struct incidents *i, struct incident *a, struct incident *b)
{
	struct incident *stays = is_older(a, b) ? a : b, *goes = stays == a ? b : a;
	bool is_new;
	*(uint64_t *)lru_make(i->merged, &goes->serial, sizeof(uint64_t), &is_new) =
		stays->serial;
	incident_absorb(stays, goes);
	memcpy(goes->merged_into, stays->id, sizeof(stays->id));
	incident_end(i, goes, STATUS_MERGED);
	stays->news = NEWS_NOW;
	stays->touched = i->saves;
	i->totals.merged++;
	return stays;
}

/* ---- opening ---- */

/* RFC 9562, version 5: SHA-1 of a UUID and a name in it. */
static void name_uid(const uint8_t space[16], const char *name, uint8_t uid[16])
{
	uint8_t digest[SHA1_DIGEST_LENGTH];
	SHA1_CTX sha;
	SHA1Init(&sha);
	SHA1Update(&sha, space, 16);
	SHA1Update(&sha, (const uint8_t *)name, strlen(name));
	SHA1Final(digest, &sha);
	memcpy(uid, digest, 16);
	uid[6] = (uint8_t)((uid[6] & 0x0f) | 0x50);
	uid[8] = (uint8_t)((uid[8] & 0x3f) | 0x80);
}

/* "plant-01-", of what a file name may hold. */
static void put_site(char *at, size_t size, const char *site)
{
	size_t len = 0;
	for (; site && *site && len + 2 < size; site++, len++)
		at[len] = (*site >= '0' && *site <= '9') || (*site >= 'a' && *site <= 'z') ||
			(*site >= 'A' && *site <= 'Z') || *site == '_' ? *site : '-';
	if (len)
		at[len++] = '-';
	at[len] = '\0';
}

/* INC-plant-01-20261120-3f9a11c2: the site, the day it began, the uid's first digits. */
static void name_incident(struct incidents *i, struct incident *n, const struct incident_alert *a)
{
	uint8_t alert[16], uid[16];
	char site[32], day[TIME_TEXT];
	incident_uid_read(a->uid, alert);
	name_uid(alert, "incident", uid);
	incident_uid_text(uid, n->uid);
	put_site(site, sizeof(site), i->config.site);
	time_rfc3339(n->first_ns, day);
	snprintf(n->id, sizeof(n->id), "INC-%s%.4s%.2s%.2s-%.8s", site, day, day + 5, day + 8,
		n->uid);
}

struct incident *incident_make(struct incidents *i)
{
	bool is_new;
	uint64_t serial = ++i->serial;
	struct incident *n = lru_make(i->open, &serial, sizeof(*n), &is_new);
	n->serial = serial;
	n->severity = 255;
	return n;
}

static struct incident *open_incident(struct incidents *i, const struct incident_alert *a,
	struct keys *k)
{
	struct incident *n = correlate_storm(i, a, k);
	if (n)
		return n;
	n = incident_make(i);
	n->first_ns = n->last_ns = a->time_ns;
	name_incident(i, n, a);
	memcpy(n->parent, k->parent.text, sizeof(n->parent));
	correlate_opened(i, a, n);
	i->totals.opened++;
	return n;
}

static void relate(const struct incidents *i, struct incident *n, const struct keys *k)
{
	for (unsigned r = 0; r < k->related_count; r++) {
		struct incident *other = incident_of(i, k->related[r]);
		if (!other || other == n)
			continue;
		incident_note_id(&n->related, other->id);
		incident_note_id(&other->related, n->id);
		other->news = other->news ? other->news : NEWS_COUNT;
		other->touched = i->saves;
	}
}

/* ---- alerts ---- */

static void take(struct incidents *i, const struct incident_alert *a,
	const struct incident_mark *mark)
{
	struct keys k;
	incidents_advance(i, a->time_ns);
	correlate_find(i, a, &k);
	struct incident *n = k.found;
	if (!n && a->severity <= OPENS_AT)
		n = open_incident(i, a, &k);
	if (!n) {
		i->totals.loose++;
		known_remember(i, mark, a, NULL, (struct place){ 0 });
		return;
	}
	lru_find(i->open, &n->serial); /* it was used last */
	correlate_claim(i, a, &k, n);
	relate(i, n, &k);
	struct place place = incident_gather(i, n, a);
	i->totals.alerts++;
	i->last = n->serial;
	known_remember(i, mark, a, n, place);
	tell_in_time(i, n);
}

void incidents_alert_marked(struct incidents *i, struct bytes line,
	const struct incident_mark *mark)
{
	struct incident_alert a;
	i->last = 0;
	if (mark && known_count(i, mark, line))
		return;
	if (!incident_alert_read(&a, line)) {
		i->totals.unusable++;
		return;
	}
	incident_enrich(i, &a);
	take(i, &a, mark);
	incident_alert_fini(&a);
}

const char *incidents_last(const struct incidents *i)
{
	const struct incident *n = i->last ? incident_of(i, i->last) : NULL;
	return n ? n->id : NULL;
}

void incidents_alert(struct incidents *i, struct bytes line)
{
	incidents_alert_marked(i, line, NULL);
}

/* ---- what was hidden ---- */

static bool note_serial(void *context, const void *serial, const void *body)
{
	(void)body;
	uint64_t *at = list_add(context, sizeof(*at), UINT_MAX);
	*at = *(const uint64_t *)serial;
	return true;
}

/* For those who go on to change them. */
static struct list open_serials(const struct incidents *i)
{
	struct list serials = { 0 };
	uint64_t place = 0;
	lru_each(i->open, &place, note_serial, &serials);
	return serials;
}

void incidents_capture(struct incidents *i, const struct incident_capture *c)
{
	struct list serials = open_serials(i);
	capture_note_hosts(i, c);
	list_each(&serials, uint64_t, serial) {
		struct incident *n = lru_peek(i->open, serial);
		if (!capture_add(n, c))
			continue;
		n->touched = i->saves;
		unsigned news = capture_news(n);
		n->news = news > n->news ? news : n->news;
		tell_in_time(i, n);
	}
	free(serials.at);
}

void incidents_silence(struct incidents *i, const struct address *device, uint64_t since_ns,
	uint64_t until_ns)
{
	struct list serials = open_serials(i);
	list_each(&serials, uint64_t, serial) {
		struct incident *n = lru_peek(i->open, serial);
		view_silence(n, device, since_ns, until_ns);
		n->touched = i->saves;
		tell_in_time(i, n);
	}
	free(serials.at);
}

/* ---- the whole ---- */

struct incidents *incidents_new(const struct incidents_config *config)
{
	struct incidents *i = mem_new(sizeof(*i));
	i->config = *config;
	i->saves = 1;
	if (i->config.limit < INCIDENT_HUB_PEERS)
		i->config.limit = INCIDENT_HUB_PEERS;
	tactics_load(i, config->attack_file);
	effects_load(i);
	i->open = lru_new(i->config.limit, 0, sizeof(uint64_t), on_dropped, i);
	i->news = lru_new(i->config.limit, 0, sizeof(uint64_t), NULL, NULL);
	i->views = lru_new(4 * i->config.limit, 0, sizeof(struct address), NULL, NULL);
	i->merged = lru_new(4 * i->config.limit, 0, sizeof(uint64_t), NULL, NULL);
	correlate_init(i);
	known_init(i);
	return i;
}

const struct incidents_totals *incidents_totals(const struct incidents *i)
{
	return &i->totals;
}

void incidents_free(struct incidents *i)
{
	i->is_ending = true;
	lru_free(i->open);
	lru_free(i->news);
	lru_free(i->merged);
	lru_free(i->views);
	correlate_fini(i);
	known_fini(i);
	words_fini(i);
	free(i);
}
