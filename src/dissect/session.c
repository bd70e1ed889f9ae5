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
	s->config = *config;
	s->sink = *sink;
	s->context = context;
	message_init(&s->tape);
	message_init(&s->spare);
	return s;
}

void sessions_free(struct sessions *s)
{
	message_fini(&s->tape);
	message_fini(&s->spare);
	pool_fini(&s->pool);
	free(s);
}

const struct session_counters *sessions_counters(const struct sessions *s)
{
	return &s->counters;
}

const struct dissector *session_dissector(const struct flow *f)
{
	return f->session ? session_of(f)->dissector : NULL;
}

static void prefetch(const void *at, size_t size)
{
	for (size_t i = 0; at && i < size; i += 64)
		__builtin_prefetch((const char *)at + i);
}

void session_prefetch(const struct flow *f, unsigned step)
{
	const struct session *ses = session_of(f);
	if (step == 2) {
		prefetch(ses, sizeof(*ses));
	} else if (ses && ses->repeats) {
		prefetch(&ses->repeats->light, sizeof(ses->repeats->light));
		prefetch(&ses->repeats->known[ses->repeats->next], sizeof(struct repeated));
	}
}

void session_say(struct sessions *s, struct flow *f, unsigned end, enum session_event event,
	const struct origin *origin)
{
	s->sink.event(s->context, f, session_of(f)->dissector, end, event, origin);
}

/* ---- the bytes of a direction that are no message yet ---- */

bool direction_reserve(struct sessions *s, struct direction *dir, uint32_t cap)
{
	if (cap <= dir->cap)
		return true;
	uint32_t room = dir->cap ? dir->cap : 64;
	while (room < cap)
		room *= 2;
	if (s->pool.used + room > s->config.memory) {
		s->counters.shed++;
		return false;
	}
	uint8_t *bytes = pool_take(&s->pool, room);
	if (dir->len)
		memcpy(bytes, dir->bytes, dir->len);
	pool_give(&s->pool, dir->bytes, dir->cap);
	dir->bytes = bytes;
	dir->cap = room;
	return true;
}

void direction_clear(struct sessions *s, struct direction *dir)
{
	pool_give(&s->pool, dir->bytes, dir->cap);
	dir->bytes = NULL;
	dir->len = dir->cap = dir->need = 0;
}

static void lose_sync(struct direction *dir, bool quiet)
{
	if (!dir->resync)
		dir->quiet = quiet || dir->sure < SURE;
	dir->resync = true;
	dir->sure = 0;
	dir->need = 0;
}

static bool append(struct sessions *s, struct direction *dir, struct bytes data)
{
	if (!direction_reserve(s, dir, dir->len + (uint32_t)data.len))
		return false;
	memcpy(dir->bytes + dir->len, data.at, data.len);
	dir->len += (uint32_t)data.len;
	return true;
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

static void set_dissect(struct sessions *s, struct flow *f, unsigned end, uint64_t time_ns)
{
	s->d.state = session_of(f)->state;
	s->d.message = &s->tape;
	s->d.side = end == f->client ? SIDE_CLIENT : SIDE_SERVER;
	s->d.side_known = f->client_known >= CLIENT_BY_SENSE;
	s->d.is_datagram = f->proto == PROTO_UDP;
	s->d.sport = f->end[end].port;
	s->d.dport = f->end[!end].port;
	s->d.time_ns = time_ns;
}

static void assembly_clear(struct sessions *s, struct assembly *a)
{
	pool_give(&s->pool, a->bytes, a->cap);
	*a = (struct assembly){ .id = a->id };
}

/* The one of `id`; if there is none, a new one in the place of the last resort. */
static struct assembly *find_assembly(struct sessions *s, struct direction *dir, uint32_t id)
{
	struct assembly **free_place = &dir->assembly[id % ASSEMBLIES];
	for (unsigned i = 0; i < ASSEMBLIES; i++) {
		struct assembly *a = dir->assembly[i];
		if (a && a->is_open && a->id == id)
			return a;
		if (!a || !a->is_open)
			free_place = &dir->assembly[i];
	}
	if (!*free_place) {
		*free_place = pool_take(&s->pool, sizeof(**free_place));
		**free_place = (struct assembly){ 0 };
	}
	assembly_clear(s, *free_place);
	(*free_place)->id = id;
	return *free_place;
}

static bool assembly_reserve(struct sessions *s, struct assembly *a, uint32_t len)
{
	if (len <= a->cap)
		return true;
	uint32_t cap = a->cap ? a->cap : 256;
	while (cap < len)
		cap *= 2;
	if (s->pool.used + cap > s->config.memory) {
		s->counters.shed++;
		return false;
	}
	uint8_t *bytes = pool_take(&s->pool, cap);
	if (a->len)
		memcpy(bytes, a->bytes, a->len);
	pool_give(&s->pool, a->bytes, a->cap);
	a->bytes = bytes;
	a->cap = cap;
	return true;
}

/* What does not fit makes the rest of the message unwanted. */
static void add_piece(struct sessions *s, struct flow *f, unsigned end, struct assembly *a,
	struct bytes body, const struct origin *origin)
{
	uint32_t max = session_of(f)->dissector->max_message;
	bool is_long = body.len > max || a->len > max - body.len;
	if (is_long)
		session_say(s, f, end, SESSION_MESSAGE_TOO_LONG, origin);
	if (is_long || !assembly_reserve(s, a, a->len + (uint32_t)body.len)) {
		assembly_clear(s, a);
		a->is_lost = true;
	} else if (body.len) {
		memcpy(a->bytes + a->len, body.at, body.len);
		a->len += (uint32_t)body.len;
	}
}

/* Put a frame to the pieces before it. False: there is no whole message yet. Of a frame that
 * is cut there will be no more: what is there is the message. */
static bool assemble(struct sessions *s, struct flow *f, unsigned end, struct bytes *frame,
	const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct direction *dir = &ses->dir[end];
	struct piece piece = { 0 };
	if (!ses->dissector->assemble)
		return true;
	enum assembled is = ses->dissector->assemble(&s->d, *frame, &piece);
	bool lost_pieces = dir->lost_pieces;
	dir->lost_pieces = false;
	if (is == ASSEMBLED_WHOLE)
		return true;
	struct assembly *a = find_assembly(s, dir, piece.id);
	if (piece.is_first || !a->is_open) {
		a->len = 0;
		a->is_lost = !piece.is_first && (piece.is_later || lost_pieces);
	}
	if (is != ASSEMBLED_DROP && !a->is_lost)
		add_piece(s, f, end, a, piece.body, origin);
	bool is_over = is != ASSEMBLED_MORE || s->tape.is_cut;
	a->is_open = !is_over;
	*frame = (struct bytes){ a->bytes, a->len };
	return is_over && is != ASSEMBLED_DROP && !a->is_lost;
}

/* Pieces of messages that are over need no room. */
static void release_pieces(struct sessions *s, struct direction *dir)
{
	for (unsigned i = 0; i < ASSEMBLIES; i++)
		if (dir->assembly[i] && !dir->assembly[i]->is_open)
			assembly_clear(s, dir->assembly[i]);
}

/* The first header after a gap may be none: then its message is broken, and no violation. */
static bool is_mistaken(struct sessions *s, struct direction *dir, size_t len)
{
	bool mistaken = dir->after_gap && s->tape.events;
	if (mistaken) {
		s->counters.undecoded_bytes += len;
		lose_sync(dir, true);
	} else {
		dir->after_gap = false;
	}
	return mistaken;
}

static void message(struct sessions *s, struct flow *f, unsigned end, struct bytes bytes,
	bool is_cut, enum sense sense, const struct origin *origin)
{
	learn_client(f, end, sense);
	message_clear(&s->tape);
	s->d.side = end == f->client ? SIDE_CLIENT : SIDE_SERVER;
	s->tape.is_cut = is_cut;
	s->tape.side_guessed = f->client_known == CLIENT_GUESSED;
	s->tape.kind = s->d.side == SIDE_CLIENT ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	if (!assemble(s, f, end, &bytes, origin))
		return;
	s->tape.raw = bytes;
	struct cursor c = cursor_of(bytes);
	session_of(f)->dissector->parse(&s->d, &c);
	if (!is_mistaken(s, &session_of(f)->dir[end], bytes.len)) {
		s->counters.messages++;
		pending_message(s, f, end, origin);
	}
	if (session_of(f)->dissector->assemble)
		release_pieces(s, &session_of(f)->dir[end]);
}

void session_reparse(struct sessions *s, struct flow *f, unsigned end, struct bytes bytes,
	const struct origin *origin)
{
	set_dissect(s, f, end, origin->time_ns);
	s->counters.messages--; /* it was counted when it came */
	message(s, f, end, bytes, false, SENSE_UNKNOWN, origin);
}

/* ---- looking for the next header ---- */

/* A header is believed if it says so strongly, or if the message it announces ends where the
 * data ends or where the next header stands; at the start of a segment that may be later. */
static bool is_header(struct sessions *s, const struct dissector *dissector, struct bytes head,
	bool at_boundary)
{
	enum probe is = dissector->probe(head);
	if (is != PROBE_WEAK)
		return is == PROBE_STRONG;
	struct frame frame = dissector->frame(&s->d, head);
	if (frame.is != FRAME_OK || frame.len == 0)
		return false;
	if (frame.len > head.len)
		return at_boundary;
	struct bytes next = { head.at + frame.len, head.len - frame.len };
	enum probe follows = next.len ? dissector->probe(next) : PROBE_STRONG;
	return follows >= PROBE_WEAK || (follows == PROBE_MORE && at_boundary);
}

/* How many bytes lie before the next header, or before what may become one. */
static size_t find_header(struct sessions *s, const struct dissector *dissector,
	struct bytes window, size_t from, size_t boundary, bool *found)
{
	size_t maybe = window.len;
	*found = false;
	for (size_t i = from; i < window.len; i++) {
		struct bytes head = { window.at + i, window.len - i };
		if (is_header(s, dissector, head, i == boundary)) {
			*found = true;
			return i;
		}
		enum probe is = dissector->probe(head);
		if (maybe == window.len && head.len < FRAME_HEAD_MAX &&
			(is == PROBE_MORE || is == PROBE_WEAK))
			maybe = i;
	}
	return maybe;
}

/* Skip to the next header; false if there is none (yet). */
static bool resync(struct sessions *s, struct flow *f, unsigned end, struct bytes window,
	size_t *done, size_t refused, size_t boundary, const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct direction *dir = &ses->dir[end];
	bool found;
	size_t at = find_header(s, ses->dissector, window, *done + refused, boundary, &found);
	s->counters.undecoded_bytes += at - *done;
	if (at > *done && !dir->quiet) {
		dir->quiet = true;
		session_say(s, f, end, SESSION_UNDECODED, origin);
	}
	*done = at;
	if (found) {
		dir->resync = dir->quiet = false;
		s->counters.resyncs++;
	}
	return found;
}

/* ---- cutting bytes into messages ---- */

static size_t skip(struct direction *dir, size_t left)
{
	size_t len = dir->skip < left ? (size_t)dir->skip : left;
	dir->skip -= len;
	return len;
}

/* Messages longer than the protocol allows: what fits is looked at, the rest is skipped. */
static void too_long(struct sessions *s, struct flow *f, unsigned end, struct bytes head,
	uint32_t len, const struct origin *origin)
{
	struct session *ses = session_of(f);
	session_say(s, f, end, SESSION_MESSAGE_TOO_LONG, origin);
	ses->dir[end].skip = len - head.len;
	message(s, f, end, head, true, SENSE_UNKNOWN, origin);
}

/* Whole messages at the start of `window`; returns how many bytes they and what was skipped
 * take. `boundary` is where the newest segment begins. */
static size_t consume(struct sessions *s, struct flow *f, unsigned end, struct bytes window,
	size_t boundary, const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct direction *dir = &ses->dir[end];
	uint32_t max = ses->dissector->max_message;
	size_t done = 0, refused = 0;
	set_dissect(s, f, end, origin->time_ns);
	while (done < window.len) {
		if (dir->skip) {
			done += skip(dir, window.len - done);
			continue;
		}
		if (dir->resync && !resync(s, f, end, window, &done, refused, boundary, origin))
			break;
		struct bytes head = { window.at + done, window.len - done };
		struct frame frame = ses->dissector->frame(&s->d, head);
		dir->need = 0;
		refused = 0;
		if (frame.is == FRAME_MORE && head.len < FRAME_HEAD_MAX)
			break;
		if (frame.is == FRAME_OK && frame.len > max && head.len >= max) {
			too_long(s, f, end, (struct bytes){ head.at, max }, frame.len, origin);
			done += max;
		} else if (frame.is == FRAME_OK && frame.len > head.len) {
			dir->need = frame.len < max ? frame.len : max;
			break;
		} else if (frame.is == FRAME_OK && frame.len > 0) {
			done += frame.len;
			dir->sure += dir->sure < SURE;
			message(s, f, end, (struct bytes){ head.at, frame.len }, false,
				frame.sense, origin);
		} else if (frame.is == FRAME_BAD && frame.len > 0) {
			size_t len = frame.len < head.len ? frame.len : head.len;
			done += len;
			lose_sync(dir, true);
			message(s, f, end, (struct bytes){ head.at, len }, false,
				SENSE_UNKNOWN, origin);
		} else {
			lose_sync(dir, false);
			refused = 1;
		}
	}
	return done;
}

static void feed_stream(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin)
{
	struct direction *dir = &session_of(f)->dir[end];
	uint32_t kept = dir->len;
	if (kept && !append(s, dir, data)) {
		direction_clear(s, dir);
		lose_sync(dir, true);
		kept = 0;
	}
	if (kept && dir->len < dir->need)
		return;
	struct bytes window = kept ? (struct bytes){ dir->bytes, dir->len } : data;
	size_t done = consume(s, f, end, window, kept, origin);
	struct bytes rest = { window.at + done, window.len - done };
	if (kept) {
		memmove(dir->bytes, rest.at, rest.len);
		dir->len = (uint32_t)rest.len;
		if (rest.len == 0)
			direction_clear(s, dir);
	} else if (rest.len && !append(s, dir, rest)) {
		lose_sync(dir, true);
	}
	dir->from_start = done == 0 && (!kept || dir->from_start);
}

/* A datagram stands alone: what is not whole at its end never will be. */
static void feed_datagram(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin)
{
	struct direction *dir = &session_of(f)->dir[end];
	size_t done = consume(s, f, end, data, 0, origin);
	set_dissect(s, f, end, origin->time_ns);
	if (done < data.len && !dir->resync)
		message(s, f, end, (struct bytes){ data.at + done, data.len - done },
			missing > 0, SENSE_UNKNOWN, origin);
	dir->resync = dir->quiet = false;
	dir->skip = dir->need = 0;
}

void session_feed(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin)
{
	if (f->proto == PROTO_TCP)
		feed_stream(s, f, end, data, origin);
	else
		feed_datagram(s, f, end, data, missing, origin);
}

/* ---- gaps ---- */

/* The bytes kept are the head of a message whose rest (or a part of it) is missing. */
static void cut_message(struct sessions *s, struct flow *f, unsigned end, uint64_t missing,
	const struct origin *origin)
{
	struct direction *dir = &session_of(f)->dir[end];
	struct bytes head = { dir->bytes, dir->len };
	set_dissect(s, f, end, origin->time_ns);
	const struct dissector *dissector = session_of(f)->dissector;
	struct frame frame = dissector->frame(&s->d, head);
	bool in_sync = !dir->resync || (dir->from_start && head.len >= CUT_HEAD_MIN &&
		dissector->probe(head) >= PROBE_WEAK);
	if (!in_sync || frame.is != FRAME_OK || frame.len <= head.len) {
		s->counters.undecoded_bytes += dir->len;
		lose_sync(dir, true);
	} else {
		uint64_t lacking = frame.len - dir->len;
		message(s, f, end, head, true, frame.sense, origin);
		if (missing > lacking)
			lose_sync(dir, true);
		else
			dir->skip = lacking - missing;
	}
	direction_clear(s, dir);
}

static struct session *open_session(struct sessions *s, struct flow *f)
{
	if (!f->session) {
		f->session = pool_take(&s->pool, sizeof(struct session));
		memset(f->session, 0, sizeof(struct session));
	}
	return f->session;
}

static void forget_pieces(struct sessions *s, struct direction *dir)
{
	for (unsigned i = 0; i < ASSEMBLIES; i++)
		if (dir->assembly[i])
			dir->assembly[i]->is_open = false;
	release_pieces(s, dir);
	dir->lost_pieces = true;
}

void session_gap(struct sessions *s, struct flow *f, unsigned end, uint64_t len,
	const struct origin *origin)
{
	struct session *ses = open_session(s, f);
	repeat_unfold(s, f);
	s->counters.blind_bytes += len;
	struct direction *dir = &ses->dir[end];
	dir->gaps++;
	dir->gap_ns = origin->time_ns;
	dir->sure = 0;
	dir->after_gap = true;
	ses->joined_since_gap = false;
	if (len && dir->skip >= len) {
		dir->skip -= len;
		forget_pieces(s, dir);
		return;
	}
	dir->skip = 0;
	if (!ses->dissector)
		claim_forget(s, f); /* what was kept does not join on to what comes */
	else if (dir->len)
		cut_message(s, f, end, len, origin);
	else
		lose_sync(dir, true);
	forget_pieces(s, dir);
}

/* ---- the way in ---- */

static void take(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin)
{
	struct session *ses = open_session(s, f);
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
}

void session_data(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	const struct origin *origin)
{
	take(s, f, end, data, 0, origin);
}

void session_datagram(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin)
{
	if (data.len)
		take(s, f, end, data, missing, origin);
}

void session_end(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	if (!ses)
		return;
	claim_forget(s, f);
	pending_end(s, f);
	for (unsigned end = 0; end < 2; end++) {
		direction_clear(s, &ses->dir[end]);
		for (unsigned i = 0; i < ASSEMBLIES; i++)
			if (ses->dir[end].assembly[i]) {
				pool_give(&s->pool, ses->dir[end].assembly[i]->bytes,
					ses->dir[end].assembly[i]->cap);
				pool_give(&s->pool, ses->dir[end].assembly[i],
					sizeof(struct assembly));
			}
	}
	pool_give(&s->pool, ses->repeats, sizeof(*ses->repeats));
	if (ses->dissector)
		pool_give(&s->pool, ses->state, ses->dissector->state_size);
	pool_give(&s->pool, ses, sizeof(*ses));
	f->session = NULL;
}
