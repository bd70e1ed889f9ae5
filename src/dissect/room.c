/* Which flows hold bytes that wait for the rest of their message, by when they began to. Where
 * there is no room for others, those that waited longer than any answer may take give up: as if the
 * rest were lost. */
#include "dissect/driver.h"

static bool holds(const struct direction *dir)
{
	bool has_pieces = false;
	for (unsigned i = 0; dir->assemblies && i < ASSEMBLIES; i++)
		has_pieces |= dir->assemblies[i].bytes != NULL;
	return dir->bytes || has_pieces;
}

void room_leave(struct sessions *s, struct session *ses)
{
	if (!ses->is_holding)
		return;
	*(ses->longer ? &session_of(ses->longer)->shorter : &s->held_longest) = ses->shorter;
	*(ses->shorter ? &session_of(ses->shorter)->longer : &s->held_last) = ses->longer;
	ses->is_holding = false;
}

static void enter(struct sessions *s, struct flow *f, unsigned end, const struct origin *origin)
{
	struct session *ses = session_of(f);
	ses->is_holding = true;
	ses->held = *origin;
	ses->held_end = (uint8_t)end;
	ses->longer = s->held_last;
	ses->shorter = NULL;
	*(s->held_last ? &session_of(s->held_last)->shorter : &s->held_longest) = f;
	s->held_last = f;
}

/* What there is of a message comes from the packet that brought it. */
static void give_up(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	room_leave(s, ses);
	for (unsigned end = 0; end < 2; end++)
		if (ses->retained || holds(&ses->dir[end])) {
			struct origin origin = ses->held;
			origin.has_macs &= end == ses->held_end;
			s->counters.shed++;
			session_gap(s, f, end, 0, &origin);
		}
}

void room_settle(struct sessions *s, struct flow *f, unsigned end, const struct origin *origin)
{
	struct session *ses = session_of(f);
	uint64_t longest_ns = SLOW_WAITS * s->config.outcome_wait_ns;
	bool still = ses->retained || holds(&ses->dir[0]) || holds(&ses->dir[1]);
	if (!still || s->begins_to_hold)
		room_leave(s, ses);
	if (still && !ses->is_holding)
		enter(s, f, end, origin);
	s->begins_to_hold = false;
	while (s->is_short && s->held_longest &&
		session_of(s->held_longest)->held.time_ns + longest_ns < s->now_ns)
		give_up(s, s->held_longest);
	s->is_short = false;
}
