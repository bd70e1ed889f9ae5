/* A rule set: what the loader read, and what the compiler made of it. */
#include <stdlib.h>

#include "detect/runtime.h"

static int order_of(const struct rule *a, const struct rule *b)
{
	if (a->gid != b->gid)
		return a->gid < b->gid ? -1 : 1;
	if (a->sid != b->sid)
		return a->sid < b->sid ? -1 : 1;
	return a->twin == b->twin ? 0 : a->twin < b->twin ? -1 : 1;
}

static int compare_rules(const void *a, const void *b)
{
	return order_of(*(const struct rule *const *)a, *(const struct rule *const *)b);
}

static void sort_by_sid(struct ruleset *set)
{
	size_t size = set->list->count * sizeof(*set->by_sid);
	set->by_sid = arena_take(&set->arena, size);
	for (unsigned i = 0; i < set->list->count; i++)
		set->by_sid[i] = set->list->rules[i];
	if (set->list->count)
		qsort(set->by_sid, set->list->count, sizeof(*set->by_sid), compare_rules);
}

struct ruleset *ruleset_load(const struct rules_config *config)
{
	struct rule_list *list = rules_read(config);
	if (!list)
		return NULL;
	struct ruleset *set = mem_new(sizeof(*set));
	set->list = list;
	set->cache = config->cache_dir;
	sort_by_sid(set);
	bool fine = ruleset_compile(set);
	set->cache = NULL;
	if (fine)
		return set;
	ruleset_free(set);
	return NULL;
}

struct ruleset *ruleset_keep(struct ruleset *r)
{
	r->owners++;
	return r;
}

void ruleset_free(struct ruleset *r)
{
	if (!r || r->owners-- > 0)
		return;
	scanners_free(r);
	rules_release(r->list);
	arena_fini(&r->arena);
	free(r);
}

const struct rules_report *ruleset_report(const struct ruleset *r)
{
	return &r->list->report;
}

const char *ruleset_sha256(const struct ruleset *r)
{
	return r->list->sha256;
}

unsigned ruleset_count(const struct ruleset *r)
{
	return r->list->count;
}

const struct rule *ruleset_rule(const struct ruleset *r, unsigned index)
{
	return index < r->list->count ? r->list->rules[index] : NULL;
}

const struct rule *ruleset_same(const struct ruleset *r, const struct rule *of)
{
	const struct rule **found = bsearch(&of, r->by_sid, r->list->count,
		sizeof(*r->by_sid), compare_rules);
	return found ? *found : NULL;
}

struct packet_wants ruleset_packet_wants(const struct ruleset *r)
{
	const struct packet_index *index = &r->packets;
	struct packet_wants w = { .events = index->events,
		.any_tcp = index->plain[PACKET_TCP].count > 0 };
	for (unsigned flags = 0; flags < 256; flags++)
		if (index->by_flags[flags].count)
			w.tcp_flags[flags / 64] |= (uint64_t)1 << (flags % 64);
	for (unsigned kind = 0; kind < PACKET_KINDS; kind++)
		w.any_other |= kind != PACKET_TCP && index->plain[kind].count > 0;
	return w;
}

bool ruleset_wants_unclaimed(const struct ruleset *r)
{
	return r->unclaimed[TO_SERVER].is_used || r->unclaimed[TO_CLIENT].is_used;
}

uint64_t ruleset_asks(const struct ruleset *r)
{
	uint64_t asks = 0;
	for (unsigned i = 0; i < r->dissector_count; i++)
		asks |= (uint64_t)r->messages[i][PHASE_ASKED].is_used << i;
	return asks;
}

bool ruleset_wants_events(const struct ruleset *r)
{
	return r->has_events;
}

const struct attack_technique *ruleset_attack(const struct ruleset *r, const char *id)
{
	return r->list->attack ? attack_find(r->list->attack, id) : NULL;
}

const char *ruleset_attack_version(const struct ruleset *r)
{
	return r->list->attack ? attack_version(r->list->attack) : NULL;
}
