/* The way in: data, datagrams and gaps of a flow go where its state wants them, and what
 * frames.c cuts off is parsed as a message. */
#include <assert.h>
#include <stdlib.h>

#include "dissect/driver.h"

const struct decode_event_info session_events[SESSION_EVENT_COUNT] = {
#define X(name, text, what) { text, what },
	SESSION_EVENTS(X)
#undef X
};

struct sessions *sessions_new(const struct session_config *config,
	const struct session_sink *sink, void *context)
{
	struct sessions *s = mem_new(sizeof(*s));
	assert(dissector_index(NULL) <= PROTOCOLS_MAX); /* all of them are counted */
	s->config = *config;
	s->pool.limit = s->lasting.limit = config->memory;
	s->sink = *sink;
	s->context = context;
	message_init(&s->tape);
	message_init(&s->spare);
	s->d.message = &s->tape;
	return s;
}

void sessions_free(struct sessions *s)
{
	message_fini(&s->tape);
	message_fini(&s->spare);
	pool_fini(&s->pool);
	pool_fini(&s->lasting);
	free(s);
}

void sessions_ask(struct sessions *s, uint64_t asked)
{
	s->asked = asked;
}

const struct session_counters *sessions_counters(const struct sessions *s)
{
	return &s->counters;
}

const struct dissector *session_dissector(const struct flow *f)
{
	return f->session ? session_of(f)->dissector : NULL;
}

struct session_health session_health(const struct flow *f)
{
	const struct session *ses = session_of(f);
	struct session_health h = { 0 };
	if (!ses)
		return h;
	h.is_encrypted = ses->is_encrypted;
	h.blind_bytes = ses->blind_bytes;
	h.undecoded_bytes = ses->undecoded_bytes;
	h.blind_ns = ses->blind_ns;
	for (unsigned end = 0; end < 2; end++) {
		const struct direction *dir = &ses->dir[end];
		h.gaps += dir->gaps;
		if (dir->gap_ns > h.gap_ns)
			h.gap_ns = dir->gap_ns;
		if (dir->after_gap && dir->gap_ns > ses->seen[end].lost_ns)
			h.blind_ns += dir->gap_ns - ses->seen[end].lost_ns; /* still */
	}
	return h;
}

/* What the dissector knows of the flow, of which most stands first, and the request that has
 * waited longest. */
static void prefetch_state(const struct session *ses)
{
	enum { STATE_LINES = 5 };
	const char *at = ses->state;
	for (size_t i = 0; i < STATE_LINES * LINE && i < ses->dissector->state_size; i += LINE)
		__builtin_prefetch(at + i, 1);
	if (ses->first)
		__builtin_prefetch(ses->first);
}

void session_prefetch_rest(const struct flow *f)
{
	const struct session *ses = session_of(f);
	const struct repeats *r = ses ? ses->repeats : NULL;
	if (ses && ses->state)
		prefetch_state(ses);
	if (!r)
		return;
	__builtin_prefetch(&r->origin);
	__builtin_prefetch(&r->known);
	const char *known = (const char *)r->light.known;
	for (unsigned i = 0; known && i < r->light.lines; i++)
		__builtin_prefetch(known + i * (size_t)LINE);
}

void session_say(struct sessions *s, struct flow *f, unsigned end, enum session_event event,
	const struct origin *origin)
{
	s->sink.event(s->context, f, session_of(f)->dissector, end, event, origin);
}

/* ---- one message ---- */

/* Who is client can be learned from a message that only one side sends. */
static void learn_client(struct flow *f, unsigned end, enum sense sense)
{
	if (sense == SENSE_UNKNOWN || f->client_known >= CLIENT_BY_SENSE)
		return;
	f->client = (uint8_t)(sense == SENSE_REQUEST ? end : !end);
	f->client_known = CLIENT_BY_SENSE;
}

void session_set_dissect(struct sessions *s, struct flow *f, unsigned end, uint64_t time_ns)
{
	s->d.state = session_of(f)->state;
	s->d.message = &s->tape;
	s->d.side = end == f->client ? SIDE_CLIENT : SIDE_SERVER;
	s->d.side_known = f->client_known >= CLIENT_BY_SENSE;
	s->d.is_datagram = f->proto == PROTO_UDP;
	s->d.gaps[SIDE_CLIENT] = session_of(f)->dir[f->client].gaps;
	s->d.gaps[SIDE_SERVER] = session_of(f)->dir[!f->client].gaps;
	s->d.from_start = f->proto == PROTO_TCP && f->client_known == CLIENT_BY_SYN &&
		!s->d.gaps[SIDE_CLIENT] && !s->d.gaps[SIDE_SERVER];
	s->d.after_gap = session_of(f)->dir[end].after_gap;
	s->d.sport = f->end[end].port;
	s->d.dport = f->end[!end].port;
	s->d.time_ns = time_ns;
}

static void see_again(struct session *ses, unsigned end, uint64_t time_ns)
{
	if (ses->dir[end].after_gap && time_ns > ses->seen[end].lost_ns)
		ses->blind_ns += time_ns - ses->seen[end].lost_ns;
	ses->dir[end].after_gap = false;
	ses->dir[end].mistaken = 0;
	if (time_ns > ses->seen[end].message_ns) /* what had to wait came earlier */
		ses->seen[end].message_ns = time_ns;
}

/* The first header after a gap may be none: then its message is broken, and no violation. But one
 * after the other is no mistake. */
static bool is_mistaken(struct sessions *s, struct flow *f, unsigned end, size_t len,
	uint64_t time_ns)
{
	struct direction *dir = &session_of(f)->dir[end];
	bool mistaken = dir->after_gap && s->tape.events && dir->mistaken < MISTAKEN_MAX;
	if (mistaken) {
		dir->mistaken++;
		session_undecoded(s, f, len);
		resync_begin(dir, true);
	} else {
		see_again(session_of(f), end, time_ns);
	}
	return mistaken;
}

void session_message(struct sessions *s, struct flow *f, unsigned end, struct bytes bytes,
	bool is_cut, enum sense sense, const struct origin *origin)
{
	learn_client(f, end, sense);
	message_clear(&s->tape);
	s->d.side = end == f->client ? SIDE_CLIENT : SIDE_SERVER;
	s->tape.is_cut = is_cut;
	s->tape.side_guessed = f->client_known == CLIENT_GUESSED;
	s->tape.kind = s->d.side == SIDE_CLIENT ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	if (!assemble_frame(s, f, end, &bytes, origin))
		return;
	s->tape.raw = bytes;
	struct cursor c = cursor_of(bytes);
	session_of(f)->dissector->parse(&s->d, &c);
	session_of(f)->is_encrypted |= s->tape.is_encrypted;
	if (s->d.has_changed)
		repeat_forget(s, session_of(f));
	if (!is_mistaken(s, f, end, bytes.len, origin->time_ns)) {
		s->counters.messages++;
		session_count(s, f)->messages++;
		session_count(s, f)->violations += s->tape.events != 0;
		pending_message(s, f, end, origin);
	}
	if (session_of(f)->dissector->assemble)
		assemble_release(s, &session_of(f)->dir[end]);
}

void session_reparse(struct sessions *s, struct flow *f, unsigned end, struct bytes bytes,
	const struct origin *origin)
{
	session_set_dissect(s, f, end, origin->time_ns);
	s->counters.messages--; /* it was counted when it came */
	session_count(s, f)->messages--;
	session_message(s, f, end, bytes, false, SENSE_UNKNOWN, origin);
}

/* ---- gaps ---- */

static struct session *open_session(struct sessions *s, struct flow *f)
{
	if (!f->session) {
		f->session = pool_take(&s->lasting, sizeof(struct session));
		memset(f->session, 0, sizeof(struct session));
	}
	return f->session;
}

/* When the last message of a direction was read, or known again; never: now. */
static uint64_t last_seen_ns(const struct session *ses, unsigned end, uint64_t now_ns)
{
	uint64_t parsed_ns = ses->seen[end].message_ns;
	uint64_t known_ns = ses->repeats ? ses->repeats->seen_ns[end] : 0;
	uint64_t last_ns = parsed_ns > known_ns ? parsed_ns : known_ns;
	return last_ns ? last_ns : now_ns;
}

void session_gap(struct sessions *s, struct flow *f, unsigned end, uint64_t len,
	const struct origin *origin)
{
	struct session *ses = open_session(s, f);
	repeat_unfold(s, f);
	s->counters.blind_bytes += len;
	ses->blind_bytes += len;
	struct direction *dir = &ses->dir[end];
	if (!dir->after_gap)
		ses->seen[end].lost_ns = last_seen_ns(ses, end, origin->time_ns);
	dir->gaps++;
	dir->gap_ns = origin->time_ns;
	dir->mistaken = 0;
	dir->sure = 0;
	dir->after_gap = true;
	ses->joined_since_gap = false;
	if (len && dir->skip >= len) {
		dir->skip -= len;
		assemble_forget(s, dir);
		return;
	}
	dir->skip = 0;
	if (!ses->dissector)
		claim_gap(s, f, end, len);
	else if (dir->len)
		session_cut_message(s, f, end, len, origin);
	else
		resync_begin(dir, true);
	assemble_forget(s, dir);
}

/* ---- the way in ---- */

static void take(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin)
{
	struct session *ses = open_session(s, f);
	if (origin->time_ns > s->now_ns)
		session_advance(s, origin->time_ns);
	if (ses->dissector && missing == 0 && repeat_take(s, f, end, data, origin))
		return;
	repeat_unfold(s, f);
	if (ses->dissector)
		session_feed(s, f, end, data, missing, origin);
	else if (ses->given_up)
		s->sink.unclaimed(s->context, f, end, data, origin);
	else
		claim_look(s, f, end, data, missing, origin);
	if (s->begins_to_hold | s->is_short | ses->is_holding)
		room_settle(s, f, end, origin);
}

void session_data(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin)
{
	if (data.len)
		take(s, f, end, data, 0, origin);
}

void session_datagram(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin)
{
	if (data.len)
		take(s, f, end, data, missing, origin);
}

void session_settle(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	if (!ses || ses->is_settled)
		return;
	ses->is_settled = true;
	claim_last(s, f);
	pending_end(s, f);
}

void session_end(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	if (!ses)
		return;
	session_settle(s, f);
	room_leave(s, ses);
	for (unsigned end = 0; end < 2; end++) {
		direction_clear(s, &ses->dir[end]);
		assemble_free(s, &ses->dir[end]);
	}
	user_forget(s, f);
	repeat_free(s, ses);
	companion_free(s, ses);
	if (ses->dissector)
		pool_give(&s->lasting, ses->state, ses->dissector->state_size);
	pool_give(&s->lasting, ses, sizeof(*ses));
	f->session = NULL;
}
