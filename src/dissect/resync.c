/* After a loss of sync, and where a flow was joined in the middle: looks for the next header and
 * skips to it. */
#include "dissect/driver.h"

void resync_begin(struct direction *dir, bool quiet)
{
	if (!dir->resync)
		dir->quiet = quiet || dir->sure < SURE;
	dir->resync = true;
	dir->sure = 0;
	dir->need = 0;
}

/* A header is believed if it says so strongly, or if the message it announces ends where the
 * data ends or where the next header stands. At the start of a segment that may be later, and
 * the message may be an unusual one, or such as says too little; where nothing went before, it may
 * break the rules of framing. */
static bool is_header(struct sessions *s, const struct dissector *dissector, struct bytes head,
	bool at_boundary, bool is_first)
{
	enum probe is = dissector->probe(head);
	if (is < (at_boundary ? PROBE_MORE : PROBE_WEAK) || is == PROBE_STRONG)
		return is == PROBE_STRONG;
	struct frame frame = dissector->frame(&s->d, head);
	if (frame.is == FRAME_BAD)
		return at_boundary && is_first && is == PROBE_WEAK;
	if ((frame.is != FRAME_OK && frame.is != FRAME_SKIP) || frame.len == 0)
		return false;
	if (frame.len > head.len)
		return at_boundary && is == PROBE_WEAK;
	struct bytes next = { head.at + frame.len, head.len - frame.len };
	enum probe follows = next.len ? dissector->probe(next) : PROBE_STRONG;
	if (!at_boundary)
		return follows >= PROBE_WEAK;
	return follows >= (is == PROBE_WEAK ? PROBE_MORE : PROBE_FAINT);
}

/* How many bytes lie before the next header, or before what may become one. */
static size_t find_header(struct sessions *s, const struct dissector *dissector,
	struct bytes window, size_t from, size_t boundary, bool is_first, bool *found)
{
	size_t maybe = window.len;
	*found = false;
	for (size_t i = from; i < window.len; i++) {
		struct bytes head = { window.at + i, window.len - i };
		if (is_header(s, dissector, head, i == boundary, is_first)) {
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
bool resync_skip(struct sessions *s, struct flow *f, unsigned end, struct bytes window,
	size_t *done, size_t refused, size_t boundary, const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct direction *dir = &ses->dir[end];
	bool is_first = dir->gaps == 0 && ses->seen[end].message_ns == 0, found;
	size_t at = find_header(s, ses->dissector, window, *done + refused, boundary, is_first,
		&found);
	session_undecoded(s, f, at - *done);
	if (at > *done && !dir->quiet) {
		dir->quiet = true;
		session_say(s, f, end, SESSION_UNDECODED, origin);
	}
	*done = at;
	if (found) {
		dir->resync = dir->quiet = false;
		s->counters.resyncs += !is_first || at > *done;
	}
	return found;
}
