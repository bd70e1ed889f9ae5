/* What an incident remembers of its alerts, bounded. */
#include <stdlib.h>

#include "base/memory.h"
#include "incident/capture.h"
#include "incident/change.h"
#include "incident/state.h"

void *list_add(struct list *l, size_t size, unsigned most)
{
	if (l->count == most)
		return NULL;
	if (l->count == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 4;
		l->at = mem_resize(l->at, l->cap * size);
	}
	void *item = (char *)l->at + l->count++ * size;
	memset(item, 0, size);
	return item;
}

void incident_note_id(struct list *ids, const char *text)
{
	list_each(ids, struct id, known)
		if (strcmp(known->text, text) == 0)
			return;
	struct id *id = list_add(ids, sizeof(*id), LINKS_MAX);
	if (id)
		snprintf(id->text, sizeof(id->text), "%s", text);
}

void incident_note_hub(struct incident *n, const struct address *host)
{
	list_each(&n->hubs, struct address, known)
		if (memcmp(known, host, sizeof(*host)) == 0)
			return;
	struct address *hub = list_add(&n->hubs, sizeof(*hub), HUBS_MAX);
	if (hub)
		*hub = *host;
}

static void want(struct incident *n, unsigned news)
{
	n->news = news > n->news ? news : n->news;
}

/* ---- uids ---- */

void incident_add_uid(struct uids *u, const uint8_t uid[16])
{
	void *at = list_add(&u->first, 16, UIDS);
	if (!at)
		at = list_add(&u->last, 16, UIDS);
	if (!at) {
		at = (uint8_t *)u->last.at + 16 * (size_t)u->next;
		u->next = (u->next + 1) % UIDS;
	}
	memcpy(at, uid, 16);
}

/* ---- rules ---- */

static uint8_t place_of(const struct list *l, const void *item, size_t size)
{
	return item ? (uint8_t)((size_t)((const char *)item - (const char *)l->at) / size)
		: UNLISTED;
}

static struct told_rule *find_rule(struct incident *n, uint32_t gid, uint32_t sid)
{
	list_each(&n->rules, struct told_rule, r)
		if (r->sid == sid && r->gid == gid)
			return r;
	return NULL;
}

struct told_rule *incident_rule(struct incident *n, uint32_t gid, uint32_t sid,
	uint32_t severity, const char *signature)
{
	struct told_rule *r = find_rule(n, gid, sid);
	if (r || !(r = list_add(&n->rules, sizeof(*r), RULES_MAX)))
		return r;
	r->gid = gid;
	r->sid = sid;
	r->severity = severity;
	r->signature = mem_string(signature);
	return r;
}

/* ---- ends ---- */

bool incident_is_end(const struct incident_end *a, const struct incident_end *b)
{
	if (a->asset || b->asset)
		return a->asset == b->asset;
	if (a->has_ip || b->has_ip)
		return a->has_ip && b->has_ip && memcmp(&a->ip, &b->ip, sizeof(a->ip)) == 0;
	return a->has_mac && b->has_mac && memcmp(a->mac, b->mac, sizeof(a->mac)) == 0;
}

struct told_end *incident_end_of(struct incident *n, struct list *ends,
	const struct incident_end *end, uint64_t first_ns)
{
	if (!end->has_ip && !end->has_mac)
		return NULL;
	list_each(ends, struct told_end, known)
		if (incident_is_end(&known->end, end))
			return known;
	struct told_end *e = list_add(ends, sizeof(*e), ENDS_MAX);
	if (!e)
		return NULL;
	e->end = *end;
	e->first_ns = e->last_ns = first_ns;
	want(n, NEWS_LATER);
	return e;
}

/* The latest is the last; beyond the bound the first ones stay, and it takes the last place. */
void incident_add_user(struct incident *n, struct told_end *actor, const char *user)
{
	char *name = NULL, **at;
	unsigned i = 0;

	if (!actor || !*user || strlen(user) >= USER_TEXT)
		return;
	struct list *users = &actor->users;
	while (i < users->count && strcmp(*list_item(users, char *, i), user) != 0)
		i++;
	if (i < users->count) {
		name = *list_item(users, char *, i);
		for (at = users->at; i + 1 < users->count; i++)
			at[i] = at[i + 1];
		at[i] = name;
		return;
	}
	at = list_add(users, sizeof(*at), USERS_MAX);
	if (!at) {
		at = list_item(users, char *, users->count - 1);
		free(*at);
	}
	*at = mem_string(user);
	want(n, NEWS_LATER);
}

static void clear_users(struct list *ends)
{
	list_each(ends, struct told_end, e) {
		list_each(&e->users, char *, user)
			free(*user);
		free(e->users.at);
	}
}

/* ---- techniques, severity ---- */

static struct told_technique *technique_of(struct incident *n, const char *id)
{
	list_each(&n->techniques, struct told_technique, known)
		if (strcmp(known->id, id) == 0)
			return known;
	struct told_technique *t = *id ? list_add(&n->techniques, sizeof(*t), TECHNIQUES_MAX)
		: NULL;
	if (t) {
		snprintf(t->id, sizeof(t->id), "%s", id);
		want(n, NEWS_LATER);
	}
	return t;
}

void incident_add_technique(struct incident *n, const char *id, uint64_t tactics)
{
	struct told_technique *t = technique_of(n, id);
	if (t)
		t->tactics |= tactics;
}

static void add_techniques(struct incidents *i, struct incident *n,
	const struct incident_alert *a)
{
	const json_t *row;
	size_t r;
	if (*a->attack_version)
		snprintf(n->attack_version, sizeof(n->attack_version), "%s",
			a->attack_version);
	json_array_foreach(a->techniques, r, row) {
		const char *id = json_string_value(json_object_get(row, "id"));
		const char *tactic = json_string_value(json_object_get(row, "tactic"));
		if (r == TECHNIQUES_MAX)
			break;
		if (id && strlen(id) < sizeof(((struct told_technique *)0)->id))
			incident_add_technique(n, id, tactics_of(i, tactic ? tactic : ""));
	}
}

void incident_add_severity(struct incident *n, uint32_t severity)
{
	if (severity >= n->severity)
		return;
	n->severity = severity;
	want(n, NEWS_NOW);
}

void incident_add_program(struct incident *n, const char *program)
{
	list_each(&n->programs, char *, known)
		if (strcmp(*known, program) == 0)
			return;
	char **at = *program ? list_add(&n->programs, sizeof(*at), PROGRAMS_MAX) : NULL;
	if (at)
		*at = mem_string(program);
}

/* ---- alerts ---- */

bool incident_is_obeyed(const struct incident_alert *a)
{
	static const char *const harmless[] = { "", "read", "discover", "diagnose", "session",
		"subscribe" };
	for (unsigned i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (strcmp(a->verb, harmless[i]) == 0)
			return false;
	return strcmp(a->outcome, "accepted") == 0;
}

static void count_end(struct list *ends, uint8_t place, bool accepted, uint64_t time_ns)
{
	if (place == UNLISTED)
		return;
	struct told_end *e = list_item(ends, struct told_end, place);
	e->alerts++;
	e->accepted += accepted;
	e->last_ns = time_ns > e->last_ns ? time_ns : e->last_ns;
	e->first_ns = time_ns < e->first_ns ? time_ns : e->first_ns;
}

static void count_window(struct incident *n, const char *window)
{
	if (!*window)
		return;
	n->expected++;
	incident_note_id(&n->windows, window);
}

void incident_count(const struct incidents *i, struct incident *n, const struct tally *t)
{
	struct place p = t->place;
	n->touched = i->saves;
	n->alerts++;
	want(n, t->accepted && n->accepted == 0 ? NEWS_NOW : NEWS_COUNT);
	n->accepted += t->accepted;
	n->last_ns = t->time_ns > n->last_ns ? t->time_ns : n->last_ns;
	n->first_ns = t->time_ns < n->first_ns ? t->time_ns : n->first_ns;
	count_window(n, t->window);
	incident_add_uid(&n->uids, t->uid);
	if (p.rule != UNLISTED) {
		list_item(&n->rules, struct told_rule, p.rule)->alerts++;
		list_item(&n->rules, struct told_rule, p.rule)->accepted += t->accepted;
	}
	count_end(&n->actors, p.actor, t->accepted, t->time_ns);
	count_end(&n->targets, p.target, t->accepted, t->time_ns);
}

static void add_effect(struct incidents *i, struct incident *n, struct told_end *target,
	const struct incident_alert *a)
{
	uint64_t effect = effect_of(i, a);
	if (!target || !(effect & ~target->effects))
		return;
	target->effects |= effect;
	want(n, NEWS_LATER);
}

struct place incident_gather(struct incidents *i, struct incident *n,
	const struct incident_alert *a)
{
	struct told_rule *rule = incident_rule(n, a->gid, a->sid, a->severity, a->signature);
	struct told_end *actor = incident_end_of(n, &n->actors, &a->source, a->time_ns);
	struct told_end *target = incident_end_of(n, &n->targets, &a->target, a->time_ns);
	struct tally t = { { place_of(&n->rules, rule, sizeof(*rule)),
		place_of(&n->actors, actor, sizeof(*actor)),
		place_of(&n->targets, target, sizeof(*target)) }, incident_is_obeyed(a),
		a->time_ns, incident_window(i, a->target.asset, a->time_ns), { 0 } };
	incident_uid_read(a->uid, t.uid);
	incident_add_severity(n, a->severity);
	incident_add_user(n, actor, a->user);
	capture_note_sensor(i, n, a->sensor);
	add_techniques(i, n, a);
	incident_add_program(n, a->program);
	add_effect(i, n, target, a);
	change_add(n, a);
	evidence_add(n, a->evidence);
	incident_count(i, n, &t);
	return t.place;
}

void incident_clear(struct incident *n)
{
	list_each(&n->rules, struct told_rule, r)
		free(r->signature);
	list_each(&n->programs, char *, program)
		free(*program);
	changes_clear(n);
	clear_users(&n->actors);
	struct list *const lists[] = { &n->rules, &n->actors, &n->targets, &n->techniques,
		&n->programs, &n->captures, &n->windows, &n->merged_from, &n->related, &n->hubs,
		&n->uids.first, &n->uids.last };
	for (unsigned i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		free(lists[i]->at);
	json_decref(n->grade);
}
