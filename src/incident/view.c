/* Loss of view: how long devices that an incident is about gave no answers. */
#include "incident/state.h"

#define SECOND_NS UINT64_C(1000000000)

/* What was before the incident reached it is not of the incident. */
static void take(struct told_end *e, uint64_t since_ns, uint64_t until_ns)
{
	uint64_t from_ns = since_ns > e->first_ns ? since_ns : e->first_ns;
	if (until_ns <= from_ns)
		return;
	if (since_ns != e->silence_since_ns) {
		e->silent_ns += e->silence_ns;
		e->silence_since_ns = since_ns;
	}
	e->silence_ns = until_ns - from_ns;
}

uint64_t view_lost_s(const struct told_end *e)
{
	return (e->silent_ns + e->silence_ns) / SECOND_NS;
}

/* At first, and when it is twice as long. */
static unsigned news_of(const struct told_end *e)
{
	uint64_t lost_s = view_lost_s(e);
	if (lost_s == e->told_silent_s)
		return NEWS_NONE;
	return lost_s >= 2 * e->told_silent_s ? NEWS_LATER : NEWS_COUNT;
}

void view_silence(struct incident *n, const struct address *device, uint64_t since_ns,
	uint64_t until_ns)
{
	list_each(&n->targets, struct told_end, e) {
		if (!e->end.has_ip || memcmp(&e->end.ip, device, sizeof(*device)) != 0)
			continue;
		take(e, since_ns, until_ns);
		n->news = news_of(e) > n->news ? news_of(e) : n->news;
	}
}

void view_told(struct incident *n)
{
	list_each(&n->targets, struct told_end, e)
		e->told_silent_s = view_lost_s(e);
}

/* Both may have counted the same silence. */
void view_absorb(struct told_end *e, const struct told_end *other)
{
	if (view_lost_s(other) <= view_lost_s(e))
		return;
	e->silent_ns = other->silent_ns;
	e->silence_ns = other->silence_ns;
	e->silence_since_ns = other->silence_since_ns;
}

void view_resume(struct told_end *e, uint64_t lost_s)
{
	e->silent_ns = lost_s * SECOND_NS;
	e->told_silent_s = lost_s;
}
