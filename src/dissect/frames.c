/* Cuts bytes into messages. Whole ones are parsed where they lie; only what is not whole at
 * the end of a segment is kept, until the rest comes or is known to be missing. */
#include "dissect/driver.h"

/* ---- the bytes of a direction that are no message yet ---- */

bool direction_reserve(struct sessions *s, struct direction *dir, uint32_t cap)
{
	if (cap <= dir->cap)
		return true;
	uint32_t room = dir->cap ? dir->cap : 64;
	while (room < cap)
		room *= 2;
	if (!pending_make_room(s, room)) {
		s->counters.shed++;
		return false;
	}
	s->begins_to_hold |= !dir->bytes;
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

static bool append(struct sessions *s, struct direction *dir, struct bytes data)
{
	if (!direction_reserve(s, dir, dir->len + (uint32_t)data.len))
		return false;
	memcpy(dir->bytes + dir->len, data.at, data.len);
	dir->len += (uint32_t)data.len;
	return true;
}

/* ---- cutting ---- */

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
	session_message(s, f, end, head, true, SENSE_UNKNOWN, origin);
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
	session_set_dissect(s, f, end, origin->time_ns);
	while (done < window.len) {
		if (dir->skip) {
			done += skip(dir, window.len - done);
			continue;
		}
		if (dir->resync &&
			!resync_skip(s, f, end, window, &done, refused, boundary, origin))
			break;
		struct bytes head = { window.at + done, window.len - done };
		struct frame frame = ses->dissector->frame(&s->d, head);
		dir->need = 0;
		refused = 0;
		if (frame.is == FRAME_MORE && head.len < FRAME_HEAD_MAX)
			break;
		if (frame.is == FRAME_SKIP && frame.len > 0) {
			dir->sure += dir->sure < SURE;
			dir->skip = frame.len;
		} else if (frame.is == FRAME_OK && frame.len > max && head.len >= max) {
			too_long(s, f, end, (struct bytes){ head.at, max }, frame.len, origin);
			done += max;
		} else if (frame.is == FRAME_OK && frame.len > head.len) {
			dir->need = frame.len < max ? frame.len : max;
			break;
		} else if (frame.is == FRAME_OK && frame.len > 0) {
			struct bytes whole = { head.at, frame.len };
			done += frame.len;
			dir->sure += dir->sure < SURE;
			if (ses->dissector->companion &&
				companion_takes(s, f, end, whole, origin->time_ns))
				frame = ses->dissector->frame(&s->d, whole);
			session_message(s, f, end, whole, false, frame.sense, origin);
		} else if (frame.is == FRAME_BAD && frame.len > 0) {
			size_t len = frame.len < head.len ? frame.len : head.len;
			done += len;
			resync_begin(dir, true);
			session_message(s, f, end, (struct bytes){ head.at, len }, false,
				SENSE_UNKNOWN, origin);
		} else {
			resync_begin(dir, false);
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
		resync_begin(dir, true);
		kept = 0;
	}
	if (kept && dir->len < dir->need)
		return;
	struct bytes window = kept ? (struct bytes){ dir->bytes, dir->len } : data;
	size_t done = consume(s, f, end, window, kept, origin);
	struct bytes rest = { window.at + done, window.len - done };
	if (kept) {
		s->begins_to_hold |= done > 0;
		memmove(dir->bytes, rest.at, rest.len);
		dir->len = (uint32_t)rest.len;
		if (rest.len == 0)
			direction_clear(s, dir);
	} else if (rest.len && !append(s, dir, rest)) {
		resync_begin(dir, true);
	}
	dir->from_start = done == 0 && (!kept || dir->from_start);
}

/* A datagram stands alone: what is not whole at its end never will be. */
static void feed_datagram(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin)
{
	struct direction *dir = &session_of(f)->dir[end];
	size_t done = consume(s, f, end, data, 0, origin);
	session_set_dissect(s, f, end, origin->time_ns);
	if (done < data.len && !dir->resync)
		session_message(s, f, end, (struct bytes){ data.at + done, data.len - done },
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

/* ---- the rest is missing ---- */

/* The bytes kept are the head of a message whose rest (or a part of it) is missing. */
void session_cut_message(struct sessions *s, struct flow *f, unsigned end, uint64_t missing,
	const struct origin *origin)
{
	struct direction *dir = &session_of(f)->dir[end];
	struct bytes head = { dir->bytes, dir->len };
	session_set_dissect(s, f, end, origin->time_ns);
	const struct dissector *dissector = session_of(f)->dissector;
	struct frame frame = dissector->frame(&s->d, head);
	bool in_sync = !dir->resync || (dir->from_start && head.len >= CUT_HEAD_MIN &&
		dissector->probe(head) >= PROBE_WEAK);
	bool is_ours = frame.is == FRAME_OK || frame.is == FRAME_SKIP;
	if (!in_sync || !is_ours || frame.len <= head.len) {
		session_undecoded(s, f, dir->len);
		resync_begin(dir, true);
	} else {
		uint64_t lacking = frame.len - dir->len;
		if (frame.is == FRAME_OK)
			session_message(s, f, end, head, true, frame.sense, origin);
		if (missing == 0 || missing > lacking) /* 0: what comes next is not its rest */
			resync_begin(dir, true);
		else
			dir->skip = lacking - missing;
	}
	direction_clear(s, dir);
}
