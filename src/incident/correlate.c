/* Keys, storms, and what goes on after a restart; hosts and who is a hub are host.c's. */
#include "incident/host.h"

struct storm {
	uint64_t serial, since_ns;
	unsigned opened;
};

enum { PROGRAM_KEY = 80 };
struct rule_key {
	uint32_t gid, sid;
};

void correlate_init(struct incidents *i)
{
	unsigned limit = i->config.limit;
	i->hosts = lru_new(8 * limit, 0, sizeof(struct address), NULL, NULL);
	i->sessions = lru_new(8 * limit, 0, sizeof(uint64_t), NULL, NULL);
	i->programs = lru_new(limit, 0, PROGRAM_KEY, NULL, NULL);
	i->rules = lru_new(limit, 0, sizeof(struct rule_key), NULL, NULL);
}

void correlate_fini(struct incidents *i)
{
	lru_free(i->hosts);
	lru_free(i->sessions);
	lru_free(i->programs);
	lru_free(i->rules);
}

struct incident *incident_of(const struct incidents *i, uint64_t serial)
{
	struct incident *n = lru_peek(i->open, &serial);
	const uint64_t *into;
	while (!n && (into = lru_peek(i->merged, &serial)) != NULL) {
		serial = *into;
		n = lru_peek(i->open, &serial);
	}
	return n;
}

/* Of a host that deals with many and another, the first's key joins: its alerts are its
 * own incident and tell nothing of what else happens to the others. Not so where that is
 * its work: then each of its targets has a story of its own. */
static void choose_ends(struct keys *k, const struct host *source,
	const struct host *target)
{
	k->source_joins = source != NULL;
	k->target_joins = target != NULL;
	if (!source || !target)
		return;
	if (k->source_is_hub || (target->is_wide && !source->is_wide))
		k->source_joins = false;
	else if (source->is_wide)
		k->target_joins = false;
}

/* ---- finding ---- */

/* The incident if it still takes alerts. */
static struct incident *in_time(struct incidents *i, struct keys *k, struct incident *n)
{
	if (!n)
		return NULL;
	if (i->now_ns > n->first_ns + life_ns(i)) {
		memcpy(k->parent.text, n->id, sizeof(n->id));
		incident_end(i, n, STATUS_LIFE);
		return NULL;
	}
	return n;
}

/* What is only worth a note does not make one of two. */
static void join(struct incidents *i, struct keys *k, bool merges, const struct owner *o)
{
	if (!o || !o->joins)
		return;
	struct incident *n = in_time(i, k, incident_of(i, o->serial));
	if (!n || n == k->found)
		return;
	if (!k->found)
		k->found = n;
	else if (merges)
		k->found = incident_merge(i, k->found, n);
}

/* Where an end met others and does not join. */
static void relate(struct incidents *i, struct keys *k, const struct host *h, bool joins)
{
	bool is_other = h && !(joins && h->owner.joins);
	struct incident *n = is_other ? incident_of(i, h->owner.serial) : NULL;
	if (n && n != k->found && k->related_count < RELATED_MAX)
		k->related[k->related_count++] = n->serial;
}

static void program_key(const char *program, char key[PROGRAM_KEY])
{
	memset(key, 0, PROGRAM_KEY);
	memcpy(key, program, strnlen(program, PROGRAM_KEY));
}

static void find_by_keys(struct incidents *i, const struct incident_alert *a,
	struct keys *k, const struct host *source, const struct host *target)
{
	bool merges = a->severity <= 2;
	char program[PROGRAM_KEY];
	if (k->source_joins)
		join(i, k, merges, &source->owner);
	if (k->target_joins)
		join(i, k, merges, &target->owner);
	if (*a->program) {
		program_key(a->program, program);
		join(i, k, merges, lru_find(i->programs, program));
	}
}

void correlate_find(struct incidents *i, const struct incident_alert *a, struct keys *k)
{
	*k = (struct keys){ .source = incident_host(&a->source),
		.target = incident_host(&a->target),
		.source_is_hub = incident_is_hub(&a->source) };
	if (!host_is_known(&k->source) && !host_is_known(&k->target))
		k->target = host_nowhere;
	struct host *source = host_of(i, &k->source), *target = host_of(i, &k->target);
	host_note_peer(i, source, &k->target);
	host_note_peer(i, target, &k->source);
	choose_ends(k, source, target);
	if (a->flow_id)
		join(i, k, true, lru_find(i->sessions, &a->flow_id));
	/* What a hub began in a session goes on there and joins nothing. */
	if (!k->found || (k->source_joins && k->target_joins))
		find_by_keys(i, a, k, source, target);
	relate(i, k, source, k->source_joins);
	relate(i, k, target, k->target_joins);
}

/* ---- storms ---- */

static struct storm *storm_of(struct incidents *i, uint32_t gid, uint32_t sid)
{
	struct rule_key key = { gid, sid };
	bool is_new;
	struct storm *s = lru_make(i->rules, &key, sizeof(*s), &is_new);
	if (i->now_ns > s->since_ns + gap_ns(i)) {
		s->since_ns = i->now_ns;
		s->opened = 0;
	}
	return s;
}

struct incident *correlate_storm(struct incidents *i, const struct incident_alert *a,
	struct keys *k)
{
	return in_time(i, k, incident_of(i, storm_of(i, a->gid, a->sid)->serial));
}

void correlate_opened(struct incidents *i, const struct incident_alert *a,
	struct incident *n)
{
	struct storm *s = storm_of(i, a->gid, a->sid);
	if (++s->opened > INCIDENT_STORM)
		correlate_claim_storm(i, a->gid, a->sid, n);
}

void correlate_claim_storm(struct incidents *i, uint32_t gid, uint32_t sid,
	struct incident *n)
{
	storm_of(i, gid, sid)->serial = n->serial;
	n->is_storm = true;
}

/* ---- what leads to an incident from now on ---- */

static void claim_in(struct incidents *i, struct lru *table, const void *key,
	const struct incident *n)
{
	bool is_new;
	owner_claim(i, lru_make(table, key, sizeof(struct owner), &is_new), true, n);
}

void correlate_touch(struct incidents *i, const struct address *host)
{
	struct host *h = lru_find(i->hosts, host);
	if (h)
		h->last_ns = i->now_ns;
}

void correlate_touch_session(struct incidents *i, uint64_t flow_id,
	const struct incident *n)
{
	claim_in(i, i->sessions, &flow_id, n);
}

static void claim_program(struct incidents *i, const char *program, struct incident *n)
{
	char key[PROGRAM_KEY];
	program_key(program, key);
	claim_in(i, i->programs, key, n);
}

static void claim_end(struct incidents *i, const struct address *host, bool joins,
	bool is_hub, struct incident *n)
{
	struct host *h = host_of(i, host);
	if (!h)
		return;
	owner_claim(i, &h->owner, joins && !n->is_storm, n);
	if (h->is_wide || is_hub)
		incident_note_hub(n, host);
}

void correlate_claim(struct incidents *i, const struct incident_alert *a,
	const struct keys *k, struct incident *n)
{
	if (a->flow_id)
		claim_in(i, i->sessions, &a->flow_id, n);
	if (*a->program)
		claim_program(i, a->program, n);
	claim_end(i, &k->source, k->source_joins, k->source_is_hub, n);
	claim_end(i, &k->target, k->target_joins, false, n);
}

/* ---- after a restart ---- */

static bool is_hub(const struct incident *n, const struct address *host)
{
	list_each(&n->hubs, struct address, hub)
		if (memcmp(hub, host, sizeof(*host)) == 0)
			return true;
	return false;
}

/* Not one whose work it is. */
static bool is_wide(const struct incident *n, const struct incident_end *e)
{
	struct address host = incident_host(e);
	return is_hub(n, &host) && !incident_is_hub(e);
}

static bool has_wide(const struct incident *n, const struct list *ends)
{
	list_each(ends, struct told_end, e)
		if (is_wide(n, &e->end))
			return true;
	return false;
}

/* Who met whom is known where one side is one. */
static void note_peers(struct incidents *i, struct host *h, const struct list *others)
{
	list_each(others, struct told_end, o) {
		struct address peer = incident_host(&o->end);
		host_note_peer(i, h, &peer);
	}
}

static void resume_ends(struct incidents *i, struct incident *n, const struct list *ends,
	const struct list *others, bool are_sources)
{
	bool others_wide = has_wide(n, others);
	list_each(ends, struct told_end, e) {
		struct address host = incident_host(&e->end);
		struct host *h = host_of(i, &host);
		if (!h)
			continue;
		bool is_role = are_sources && incident_is_hub(&e->end);
		if (ends->count == 1 || others->count == 1)
			note_peers(i, h, others);
		h->is_wide |= is_wide(n, &e->end);
		claim_end(i, &host, !is_role && (!others_wide || h->is_wide), is_role, n);
	}
}

void correlate_resume(struct incidents *i, struct incident *n)
{
	resume_ends(i, n, &n->actors, &n->targets, true);
	resume_ends(i, n, &n->targets, &n->actors, false);
	list_each(&n->programs, char *, program)
		claim_program(i, *program, n);
}
