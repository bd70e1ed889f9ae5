#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/lru.h"
#include "base/memory.h"
#include "incident/incident.h"

enum { SIDS_MAX = 64, OPENS_AT = 2 };
#define QUIET_NS (15ull * 60 * 1000000000) /* so long without an alert closes it */

struct key {
	struct address source, target;
};

struct incident {
	char id[24];
	struct eve_incident e;
	uint32_t sids[SIDS_MAX];
};

struct incidents {
	struct lru *open;
	void (*emit)(void *context, const struct eve_incident *i);
	void *context;
};

static void emit(struct incidents *i, struct incident *n, const char *state)
{
	n->e.revision++;
	n->e.state = state;
	i->emit(i->context, &n->e);
}

static void on_dropped(void *context, const void *key, void *body)
{
	(void)key;
	emit(context, body, "closed");
}

struct incidents *incidents_new(unsigned limit,
	void (*emit_to)(void *context, const struct eve_incident *i), void *context)
{
	struct incidents *i = mem_new(sizeof(*i));
	i->open = lru_new(limit, 0, sizeof(struct key), on_dropped, i);
	i->emit = emit_to;
	i->context = context;
	return i;
}

void incidents_free(struct incidents *i)
{
	lru_free(i->open);
	free(i);
}

static void add_sid(struct incident *n, uint32_t sid)
{
	unsigned at = 0;
	while (at < n->e.sid_count && n->sids[at] < sid)
		at++;
	if ((at < n->e.sid_count && n->sids[at] == sid) || n->e.sid_count == SIDS_MAX)
		return;
	memmove(&n->sids[at + 1], &n->sids[at], (n->e.sid_count - at) * sizeof(*n->sids));
	n->sids[at] = sid;
	n->e.sid_count++;
}

static void begin(struct incident *n, const struct key *key, uint64_t time_ns, uint64_t number)
{
	uint64_t hash = hash_fast(key, sizeof(*key), number ^ time_ns);
	snprintf(n->id, sizeof(n->id), "INC-%016llx", (unsigned long long)hash);
	n->e = (struct eve_incident){ .id = n->id, .source = key->source,
		.target = key->target, .severity = UINT32_MAX, .first_ns = time_ns,
		.sids = n->sids };
}

void incidents_alert(struct incidents *i, const struct rule *rule, const struct address *src,
	const struct address *dst, uint64_t time_ns, uint64_t number)
{
	bool target_is_src = rule->target == TARGET_SRC;
	struct key key = { target_is_src ? *dst : *src, target_is_src ? *src : *dst };
	struct incident *n = lru_find(i->open, &key);
	bool is_new = false;
	if (!n && rule->priority > OPENS_AT)
		return;
	if (!n)
		n = lru_make(i->open, &key, sizeof(*n), &is_new);
	if (is_new)
		begin(n, &key, time_ns, number);
	n->e.alerts++;
	n->e.last_ns = time_ns > n->e.last_ns ? time_ns : n->e.last_ns;
	n->e.number = number;
	add_sid(n, rule->sid);
	if (rule->priority < n->e.severity) {
		n->e.severity = rule->priority;
		n->e.title = rule->msg;
	}
	if (is_new)
		emit(i, n, "open");
}

void incidents_advance(struct incidents *i, uint64_t now_ns)
{
	const void *key;
	for (struct incident *n; (n = lru_oldest(i->open, &key)) != NULL;) {
		if (now_ns < n->e.last_ns + QUIET_NS)
			return;
		lru_drop_oldest(i->open);
	}
}
