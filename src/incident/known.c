#include "incident/correlate.h"
#include "incident/known.h"

struct known_key {
	struct address src, dst;
	uint64_t deed;
	uint32_t gid, sid, outcome, is_held_back;
};

struct known {
	uint64_t serial;          /* 0: near no incident */
	uint64_t epoch, opened;   /* it holds while these are the same */
	uint64_t flow_id;
	struct address source, target;
	const struct register_asset *asset; /* the target */
	struct place place;
	bool is_accepted;
};

void known_init(struct incidents *i)
{
	i->known = lru_new(16 * i->config.limit, 16, sizeof(struct known_key), NULL, NULL);
}

void known_fini(struct incidents *i)
{
	lru_free(i->known);
}

static struct known_key key_of(const struct incident_mark *m, bool is_held_back)
{
	if (is_held_back)
		return (struct known_key){ m->src, m->dst, 0, m->gid, m->sid, 0, 1 };
	return (struct known_key){ m->src, m->dst, m->deed, m->gid, m->sid, m->outcome, 0 };
}

static void remember(struct incidents *i, const struct known_key *key, const struct known *fact)
{
	bool is_new;
	*(struct known *)lru_make(i->known, key, sizeof(*fact), &is_new) = *fact;
}

void known_remember(struct incidents *i, const struct incident_mark *mark,
	const struct incident_alert *a, const struct incident *n, struct place place)
{
	if (!mark)
		return;
	struct known fact = { n ? n->serial : 0, i->epoch, i->totals.opened, a->flow_id,
		incident_host(&a->source), incident_host(&a->target),
		a->target.asset, place, incident_is_obeyed(a) };
	struct known_key key = key_of(mark, false), held = key_of(mark, true);
	if (mark->deed)
		remember(i, &key, &fact);
	if (n)
		remember(i, &held, &fact);
}

/* Nothing within a string looks like this: quotes are escaped there. `ot` comes last, so most
 * of the line is not searched. */
static bool find_uid(struct bytes line, uint8_t uid[16])
{
	static const char before[] = "\"ot\":{\"schema\":\"ironspan.alert/1\",\"uid\":\"";
	size_t half = line.len / 2;
	const char *at = memmem(line.at + half, line.len - half, before, sizeof(before) - 1);
	if (!at)
		at = memmem(line.at, line.len, before, sizeof(before) - 1);
	if (!at)
		return false;
	at += sizeof(before) - 1;
	return (const char *)line.at + line.len - at >= INCIDENT_UID_TEXT &&
		incident_uid_read(at, uid);
}

/* The incident it was counted in, if it would be again. */
static struct incident *still_there(struct incidents *i, const struct known *f, uint64_t time_ns)
{
	struct incident *n = lru_peek(i->open, &f->serial);
	bool is_in_time = n && i->now_ns <= n->last_ns + gap_ns(i) &&
		time_ns <= n->first_ns + life_ns(i);
	return is_in_time && f->epoch == i->epoch ? n : NULL;
}

void incidents_forget_known(struct incidents *i)
{
	i->epoch++;
}

static void stay(struct incidents *i, struct known *f, const struct incident *n, uint64_t flow_id)
{
	lru_find(i->open, &n->serial);
	correlate_touch(i, &f->source);
	correlate_touch(i, &f->target);
	if (flow_id && flow_id != f->flow_id)
		correlate_touch_session(i, flow_id, n);
	f->flow_id = flow_id;
}

bool known_count(struct incidents *i, const struct incident_mark *mark, struct bytes line)
{
	struct known_key key = key_of(mark, false);
	struct known *f = mark->deed ? lru_find(i->known, &key) : NULL;
	uint64_t time_ns = mark->time_ns - mark->time_ns % 1000; /* as in lines */
	if (!f)
		return false;
	incidents_advance(i, time_ns);
	if (!f->serial) {
		bool is_loose = f->opened == i->totals.opened && f->epoch == i->epoch;
		i->totals.loose += is_loose;
		return is_loose;
	}
	struct incident *n = still_there(i, f, time_ns);
	struct tally t = { f->place, f->is_accepted, time_ns, "", { 0 } };
	if (!n || !find_uid(line, t.uid))
		return false;
	t.window = incident_window(i, f->asset, time_ns);
	stay(i, f, n, mark->flow_id);
	incident_count(i, n, &t);
	i->totals.alerts++;
	i->last = n->serial;
	return true;
}

void incidents_held_back(struct incidents *i, const struct incident_mark *mark)
{
	struct known_key key = key_of(mark, true);
	struct known *f = lru_find(i->known, &key);
	if (!f)
		return;
	uint64_t time_ns = mark->time_ns - mark->time_ns % 1000;
	incidents_advance(i, time_ns);
	struct incident *n = still_there(i, f, time_ns);
	if (!n)
		return;
	stay(i, f, n, mark->flow_id);
	n->suppressed++;
	n->touched = i->saves;
	n->last_ns = time_ns > n->last_ns ? time_ns : n->last_ns;
	n->news = n->news ? n->news : NEWS_COUNT;
}
