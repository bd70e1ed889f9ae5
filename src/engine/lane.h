/* A lane: a share of the shards, and the tools to work on them. It works through its lists in
 * the order of the slots. Which thread works at it does not matter, and changes: there are
 * more lanes than threads, and whoever has nothing else to do takes one that is behind. */
#ifndef IRONSPAN_LANE_H
#define IRONSPAN_LANE_H

#include "engine/ahead.h"
#include "engine/slot.h"

struct lane {
	_Alignas(64) unsigned index;  /* its shards are index, index + count, … */
	unsigned count;              /* of lanes */
	struct shard *const *shards; /* all */
	struct source *source;
	struct tools tools;
	const struct ruleset *rules; /* its tools' */
	struct ahead ahead;
	struct decoder *decoder;     /* of bare packets */
	atomic_bool is_taken;
	atomic_ulong turn;           /* slots that it is done with */
};

/* Its tools are set, and all shards are there. */
void lane_init(struct lane *l, unsigned index, unsigned count, struct shard *const *shards,
	struct source *source, const struct ruleset *rules, const struct decoder_config *decoder);
void lane_fini(struct lane *l);

/* Of the lanes first, first + step, … before `end` the one that is furthest behind `filled`
 * slots and that nobody works at. It is the caller's until lane_leave(). NULL: there is none. */
struct lane *lane_take(struct lane *lanes, unsigned first, unsigned step, unsigned end,
	unsigned long filled);
void lane_leave(struct lane *l);

/* Its list of the next slot. */
void lane_work(struct lane *l, struct slot *s);

#endif
