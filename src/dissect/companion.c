/* Two protocols on one connection, a message each in the same frames: each is read by its own
 * dissector, with a state of its own. What is found, kept and counted of the connection's bytes
 * is common to both. */
#include "dissect/driver.h"

void *session_state(const struct session *ses, const struct dissector *d)
{
	return ses->dissector == d ? ses->state : ses->other->state;
}

struct protocol_counters *session_count_of(struct sessions *s, const struct session *ses,
	const struct dissector *d)
{
	return &s->counters.protocols[ses->dissector == d ? ses->protocol : ses->other->protocol];
}

static struct voice *voice_new(struct sessions *s, const struct dissector *d)
{
	struct voice *v = pool_take(&s->lasting, sizeof(*v));
	*v = (struct voice){ .dissector = d, .protocol = (uint8_t)dissector_index(d) };
	v->state = memset(pool_take(&s->lasting, d->state_size), 0, d->state_size);
	s->counters.protocols[v->protocol].flows++;
	return v;
}

/* What is known of polls is known to one of them only. */
static void change_over(struct sessions *s, struct session *ses)
{
	struct voice was = { ses->dissector, ses->state, ses->protocol };
	repeat_free(s, ses);
	ses->repeats = NULL;
	ses->dissector = ses->other->dissector;
	ses->state = ses->other->state;
	ses->protocol = ses->other->protocol;
	*ses->other = was;
}

bool companion_takes(struct sessions *s, struct flow *f, unsigned end, struct bytes frame,
	uint64_t time_ns)
{
	struct session *ses = session_of(f);
	const struct dissector *d = ses->dissector;
	if (ses->dir[end].in_pieces || !d->is_foreign(frame))
		return false;
	const struct dissector *other = dissector_find(d->companion, strlen(d->companion));
	if (!other || s->config.disabled >> dissector_index(other) & 1 ||
		other->probe(frame) != PROBE_STRONG)
		return false;
	if (!ses->other)
		ses->other = voice_new(s, other);
	change_over(s, ses);
	session_set_dissect(s, f, end, time_ns);
	return true;
}

void companion_free(struct sessions *s, struct session *ses)
{
	if (!ses->other)
		return;
	pool_give(&s->lasting, ses->other->state, ses->other->dissector->state_size);
	pool_give(&s->lasting, ses->other, sizeof(*ses->other));
}
