/* Alerts and control operations: rows that come by the thousand and are asked for by
 * time. */
#include <string.h>

#include "base/hash.h"
#include "incident/store_state.h"

enum { UID = 16 };

/* "69ef4874-f56d-52a4-84b9-f4e8a2b9bc5c" */
static bool read_uid(const char *text, uint8_t uid[UID])
{
	unsigned digits = 0;
	memset(uid, 0, UID);
	for (; *text; text++) {
		const char *all = "0123456789abcdef";
		const char *at = strchr(all, *text | ' ');
		if (*text == '-')
			continue;
		if (!at || digits == 2 * UID)
			return false;
		uid[digits / 2] |= (uint8_t)((at - all) << (digits % 2 ? 0 : 4));
		digits++;
	}
	return digits == 2 * UID;
}

static void write_uid(struct bytes uid, char text[37])
{
	char *at = text;
	for (size_t i = 0; i < uid.len && i < UID; i++)
		at += sprintf(at,
			i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
			uid.at[i]);
	*at = '\0';
}

static const char *const *texts_of(const struct store_operation *o)
{
	return &o->src;
}

enum { TEXTS = 12 };
_Static_assert(
	sizeof(struct store_operation) == sizeof(uint64_t) + TEXTS * sizeof(char *),
	"the texts of an operation are a list");

static void put_texts(struct query *q, const struct store_operation *o)
{
	for (unsigned i = 0; i < TEXTS; i++)
		query_text(q, texts_of(o)[i]);
}

static void take_texts(struct query *q, struct store_operation *o)
{
	const char **to = &o->src;
	for (unsigned i = 0; i < TEXTS; i++)
		to[i] = query_take_text(q);
}

/* ---- in ---- */

#define TEXT_NAMES                                                                       \
	"src, dst, user, protocol, verb, unit, object, point, value, value_prev, "       \
	"outcome, code"

bool store_has_alert(struct store *s, uint64_t time_ns, const char *text, bool *has)
{
	uint8_t uid[UID];
	*has = false;
	if (!read_uid(text, uid))
		return store_fail(s, "an alert has no UUID");
	struct query q = query_begin(s, "SELECT 1 FROM alert WHERE time = ? AND uid = ?");
	query_int(&q, time_ns);
	query_bytes(&q, (struct bytes){ uid, UID });
	*has = query_row(&q);
	return query_end(&q);
}

bool store_add_alert(struct store *s, const struct store_alert *a)
{
	uint8_t uid[UID];
	if (!store_may(s, RIGHT_FEED))
		return false;
	if (!a->uid || !read_uid(a->uid, uid))
		return store_fail(s, "an alert has no UUID");
	struct query q = query_begin(s,
		"INSERT OR IGNORE INTO alert (time, uid, incident, sid,"
		" severity, msg, " TEXT_NAMES ", line)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	query_int(&q, a->operation.time_ns);
	query_bytes(&q, (struct bytes){ uid, UID });
	query_text(&q, a->incident);
	query_int(&q, a->sid);
	query_int(&q, a->severity);
	query_text(&q, a->msg);
	put_texts(&q, &a->operation);
	query_bytes(&q, a->line);
	return query_run(&q);
}

/* An operation has no id of its own: the same content at the same time is the same. */
static void hash_operation(const struct store_operation *o, uint8_t uid[UID])
{
	uint64_t h[2] = { 1, 2 };
	for (unsigned i = 0; i < TEXTS; i++)
		for (unsigned half = 0; half < 2; half++) {
			const char *text = texts_of(o)[i];
			h[half] = hash_fast(text ? text : "", text ? strlen(text) + 1 : 0,
				hash_mix(h[half], i));
		}
	memcpy(uid, h, UID);
}

bool store_add_operation(struct store *s, const struct store_operation *o)
{
	uint8_t uid[UID];
	if (!store_may(s, RIGHT_FEED))
		return false;
	hash_operation(o, uid);
	struct query q = query_begin(s,
		"INSERT OR IGNORE INTO operation (time, uid, " TEXT_NAMES
		") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	query_int(&q, o->time_ns);
	query_bytes(&q, (struct bytes){ uid, UID });
	put_texts(&q, o);
	return query_run(&q);
}

/* ---- out ---- */

/* The first condition is one that an index answers; the others are looked at
 * row by row. */
#define ALERTS(first, order)                                                             \
	"SELECT time, uid, incident, sid, severity, msg, " TEXT_NAMES                    \
	", line FROM alert"                                                              \
	" WHERE " first " AND time BETWEEN ?1 AND ?2 AND (?3 IS NULL OR incident = ?3)"  \
	" AND (?4 IS NULL OR src = ?4) AND (?5 IS NULL OR dst = ?5)"                     \
	" AND (?6 = 0 OR sid = ?6) ORDER BY time " order " LIMIT ?7"
#define OPERATIONS(first, order)                                                         \
	"SELECT time, " TEXT_NAMES " FROM operation WHERE " first                        \
	" AND time BETWEEN ?1 AND ?2 AND (?3 IS NULL OR src = ?3)"                       \
	" AND (?4 IS NULL OR dst = ?4) ORDER BY time " order " LIMIT ?5"
#define BOTH_WAYS(statement, first) { statement(first, "ASC"), statement(first, "DESC") }

enum { BY_INCIDENT, BY_SRC, BY_DST, BY_SID, BY_TIME };

static const char *const alerts_sql[][2] = {
	[BY_INCIDENT] = BOTH_WAYS(ALERTS, "incident = ?3"),
	[BY_SRC] = BOTH_WAYS(ALERTS, "src = ?4"),
	[BY_DST] = BOTH_WAYS(ALERTS, "dst = ?5"),
	[BY_SID] = BOTH_WAYS(ALERTS, "sid = ?6"),
	[BY_TIME] = BOTH_WAYS(ALERTS, "1"),
};
static const char *const operations_sql[][2] = {
	[BY_SRC] = BOTH_WAYS(OPERATIONS, "src = ?3"),
	[BY_DST] = BOTH_WAYS(OPERATIONS, "dst = ?4"),
	[BY_TIME] = BOTH_WAYS(OPERATIONS, "1"),
};

static unsigned way_to_ends(const struct store_period *p)
{
	return p->src ? BY_SRC : p->dst ? BY_DST : BY_TIME;
}

static unsigned way_to_alerts(const struct store_period *p)
{
	unsigned ends = way_to_ends(p);
	return p->incident	? BY_INCIDENT :
		ends != BY_TIME ? ends :
		p->sid		? BY_SID :
				  BY_TIME;
}

static void put_period(struct query *q, const struct store_period *p)
{
	query_int(q, p->since_ns);
	query_int(q, p->until_ns ? p->until_ns : INT64_MAX);
}

static void take_alert(struct query *q, struct store_alert *a, char uid[37])
{
	uint64_t time_ns = query_take_int(q);
	write_uid(query_take_bytes(q), uid);
	a->uid = uid;
	a->incident = query_take_text(q);
	a->sid = (uint32_t)query_take_int(q);
	a->severity = (uint32_t)query_take_int(q);
	a->msg = query_take_text(q);
	take_texts(q, &a->operation);
	a->operation.time_ns = time_ns;
	a->line = query_take_bytes(q);
}

bool store_alerts(struct store *s, const struct store_period *p,
	void (*row)(void *context, const struct store_alert *a), void *context)
{
	struct store_alert a;
	char uid[37];
	if (!store_may(s, RIGHT_READ))
		return false;
	struct query q = query_begin(s, alerts_sql[way_to_alerts(p)][p->newest]);
	put_period(&q, p);
	query_text(&q, p->incident);
	query_text(&q, p->src);
	query_text(&q, p->dst);
	query_int(&q, p->sid);
	query_int(&q, p->limit ? p->limit : UINT64_MAX);
	while (query_row(&q)) {
		take_alert(&q, &a, uid);
		row(context, &a);
	}
	return query_end(&q);
}

bool store_operations(struct store *s, const struct store_period *p,
	void (*row)(void *context, const struct store_operation *o), void *context)
{
	struct store_operation o;
	if (!store_may(s, RIGHT_READ))
		return false;
	struct query q = query_begin(s, operations_sql[way_to_ends(p)][p->newest]);
	put_period(&q, p);
	query_text(&q, p->src);
	query_text(&q, p->dst);
	query_int(&q, p->limit ? p->limit : UINT64_MAX);
	while (query_row(&q)) {
		o.time_ns = query_take_int(&q);
		take_texts(&q, &o);
		row(context, &o);
	}
	return query_end(&q);
}
