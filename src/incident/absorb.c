/* Two incidents become one. */
#include "incident/capture.h"
#include "incident/change.h"
#include "incident/state.h"

static void add_uids(struct uids *u, const struct uids *other)
{
	for (unsigned i = 0; i < other->first.count; i++)
		incident_add_uid(u, (uint8_t *)other->first.at + 16 * (size_t)i);
	for (unsigned i = 0; i < other->last.count; i++)
		incident_add_uid(u, (uint8_t *)other->last.at +
			16 * (size_t)((other->next + i) % other->last.count));
}

static void absorb_ends(struct incident *n, struct list *ends, const struct list *others)
{
	list_each(others, struct told_end, o) {
		struct told_end *e = incident_end_of(n, ends, &o->end, o->first_ns);
		if (!e)
			continue;
		e->alerts += o->alerts;
		e->accepted += o->accepted;
		e->effects |= o->effects;
		list_each(&o->users, char *, user)
			incident_add_user(n, e, *user);
		capture_absorb_end(e, o);
		view_absorb(e, o);
		e->first_ns = o->first_ns < e->first_ns ? o->first_ns : e->first_ns;
		e->last_ns = o->last_ns > e->last_ns ? o->last_ns : e->last_ns;
	}
}

static void absorb_rules(struct incident *n, const struct incident *other)
{
	list_each(&other->rules, struct told_rule, o) {
		struct told_rule *r = incident_rule(n, o->gid, o->sid, o->severity,
			o->signature);
		if (!r)
			continue;
		r->alerts += o->alerts;
		r->accepted += o->accepted;
	}
}

static void absorb_counts(struct incident *n, const struct incident *other)
{
	n->alerts += other->alerts;
	n->accepted += other->accepted;
	n->suppressed += other->suppressed;
	n->expected += other->expected;
	n->first_ns = other->first_ns < n->first_ns ? other->first_ns : n->first_ns;
	n->last_ns = other->last_ns > n->last_ns ? other->last_ns : n->last_ns;
	incident_add_severity(n, other->severity);
	add_uids(&n->uids, &other->uids);
}

static void absorb_links(struct incident *n, const struct incident *other)
{
	list_each(&other->merged_from, struct id, id)
		incident_note_id(&n->merged_from, id->text);
	incident_note_id(&n->merged_from, other->id);
	list_each(&other->related, struct id, id)
		if (strcmp(id->text, n->id) != 0)
			incident_note_id(&n->related, id->text);
	list_each(&other->windows, struct id, id)
		incident_note_id(&n->windows, id->text);
	list_each(&other->hubs, struct address, host)
		incident_note_hub(n, host);
}

void incident_absorb(struct incident *n, const struct incident *other)
{
	absorb_counts(n, other);
	absorb_rules(n, other);
	absorb_ends(n, &n->actors, &other->actors);
	absorb_ends(n, &n->targets, &other->targets);
	absorb_links(n, other);
	list_each(&other->techniques, struct told_technique, t)
		incident_add_technique(n, t->id, t->tactics);
	list_each(&other->programs, char *, program)
		incident_add_program(n, *program);
	changes_absorb(n, other);
	capture_absorb(n, other);
	n->news = NEWS_NOW;
}
