/* Which protocol does a flow speak? Content decides, ports are hints:
 *   - a strong look claims the flow, on a hinted port also a weak one, or a faint one that is
 *     made of whole messages;
 *   - so do weak looks in both directions, or several weak messages in a row in one;
 *   - until then its bytes are kept (bounded), and dissected in their order afterwards.
 * Where the first bytes that were seen may lie within a message, so are a few segments that look
 * like nothing, on a port that hints at a protocol. */
#include "dissect/driver.h"

static bool is_hinted(const struct dissector *d, const struct flow *f)
{
	const uint16_t *ports = f->proto == PROTO_TCP ? d->tcp_ports : d->udp_ports;
	for (; ports && *ports; ports++)
		if (f->end[0].port == *ports || f->end[1].port == *ports)
			return true;
	return false;
}

static bool is_possible(const struct sessions *s, unsigned i, const struct flow *f)
{
	const struct dissector *d = dissectors[i];
	return !(s->config.disabled >> i & 1) &&
		(f->proto == PROTO_TCP ? d->tcp_ports : d->udp_ports) != NULL;
}

static bool is_any_hinted(const struct sessions *s, const struct flow *f)
{
	for (unsigned i = 0; dissectors[i]; i++)
		if (is_possible(s, i, f) && is_hinted(dissectors[i], f))
			return true;
	return false;
}

/* How many messages in a row look like this protocol. */
static unsigned count_messages(struct sessions *s, const struct dissector *d, struct bytes head)
{
	unsigned count = 0;
	while (head.len && d->probe(head) >= PROBE_WEAK) {
		struct frame frame = d->frame(&s->d, head);
		if (frame.is != FRAME_OK || frame.len == 0 || frame.len > head.len)
			break;
		head.at += frame.len;
		head.len -= frame.len;
		count++;
	}
	return count;
}

/* How long the messages are that `head` is made of, the last of which may not be whole; 0: it
 * is not made of messages. */
static uint32_t length_of_all(struct sessions *s, const struct dissector *d, struct bytes head)
{
	uint32_t len = 0;
	while (len < head.len) {
		struct bytes rest = { head.at + len, head.len - len };
		enum probe is = len ? d->probe(rest) : PROBE_FAINT;
		struct frame frame = { FRAME_NOT, 0, SENSE_UNKNOWN };
		if (is != PROBE_NO)
			frame = d->frame(&s->d, rest);
		if (frame.is == FRAME_MORE && is == PROBE_MORE)
			return head.len + 1;
		if (frame.is != FRAME_OK || frame.len == 0)
			return 0;
		len += frame.len;
	}
	return len;
}

struct look {
	const struct dissector *claims; /* NULL: nobody yet */
	uint64_t weak;                  /* bit a dissector */
	bool more;
};

static struct look look(struct sessions *s, struct flow *f, uint64_t other_weak,
	struct bytes head)
{
	struct look l = { 0 };
	s->d.state = NULL;
	for (unsigned i = 0; dissectors[i]; i++) {
		const struct dissector *d = dissectors[i];
		if (!is_possible(s, i, f))
			continue;
		enum probe is = d->probe(head);
		bool hinted = is_hinted(d, f);
		uint32_t all = is == PROBE_FAINT && hinted ? length_of_all(s, d, head) : 0;
		bool believed = is == PROBE_STRONG || (all && all == head.len) ||
			(is == PROBE_WEAK && (hinted || other_weak >> i & 1 ||
				count_messages(s, d, head) >= CLAIM_MESSAGES));
		if (believed) {
			l.claims = d;
			return l;
		}
		if (is == PROBE_WEAK)
			l.weak |= (uint64_t)1 << i;
		l.more |= is == PROBE_MORE || (all > head.len && all <= FRAME_HEAD_MAX);
	}
	return l;
}

/* ---- keeping and letting go ---- */

static void retain(struct sessions *s, struct session *ses, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin)
{
	struct chunk *c = pool_take(&s->pool, sizeof(*c) + data.len);
	*c = (struct chunk){ .origin = *origin, .len = (uint32_t)data.len, .missing = missing,
		.end = (uint8_t)end };
	memcpy(c->bytes, data.at, data.len);
	s->begins_to_hold |= !ses->retained;
	*(ses->retained ? &ses->retained_last->next : &ses->retained) = c;
	ses->retained_last = c;
	ses->retained_bytes += c->len;
	ses->retained_chunks++;
}

static void give_chunk(struct sessions *s, struct chunk *c)
{
	pool_give(&s->pool, c, sizeof(*c) + c->len);
}

static void clear_heads(struct sessions *s, struct session *ses)
{
	for (unsigned end = 0; end < 2; end++) {
		direction_clear(s, &ses->dir[end]);
		ses->dir[end].weak = 0;
	}
}

static void claim(struct sessions *s, struct flow *f, const struct dissector *d)
{
	struct session *ses = session_of(f);
	clear_heads(s, ses);
	ses->dissector = d;
	f->is_claimed = true;
	ses->protocol = (uint8_t)dissector_index(d);
	session_count(s, f)->flows++;
	for (unsigned end = 0; end < 2; end++) {
		ses->dir[end].sure = SURE;
		if (ses->dir[end].gaps || f->is_midstream) /* within a message, perhaps */
			resync_begin(&ses->dir[end], true);
	}
	ses->state = pool_take(&s->lasting, d->state_size);
	memset(ses->state, 0, d->state_size);
	struct chunk *c = ses->retained;
	ses->retained = ses->retained_last = NULL;
	ses->retained_bytes = ses->retained_chunks = 0;
	for (struct chunk *next; c; c = next) {
		next = c->next;
		session_feed(s, f, c->end, (struct bytes){ c->bytes, c->len }, c->missing,
			&c->origin);
		give_chunk(s, c);
	}
}

/* What one end sent without a pause, in one piece, for that is how rules know it. What the capture
 * left of a longer segment may be too little to say that it is nobody's. */
static struct chunk *tell_unclaimed(struct sessions *s, struct flow *f, struct chunk *c)
{
	enum { TELLING = 8 };
	uint8_t bytes[RETAIN_MAX];
	size_t len = 0;
	for (bool is_last = false; !is_last; ) {
		struct chunk *next = c->next;
		memcpy(bytes + len, c->bytes, c->len);
		len += c->len;
		is_last = !next || next->end != c->end || c->missing || f->proto != PROTO_TCP;
		if (is_last && (!c->missing || len >= TELLING))
			s->sink.unclaimed(s->context, f, c->end, (struct bytes){ bytes, len },
				&c->origin);
		give_chunk(s, c);
		c = next;
	}
	return c;
}

/* Nobody's, all of it: if a dissector claims the flow later, a request may have been in it. */
static void release(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	struct chunk *c = ses->retained;
	ses->retained = ses->retained_last = NULL;
	ses->retained_bytes = ses->retained_chunks = 0;
	clear_heads(s, ses);
	ses->shed_ns = s->now_ns;
	while (c)
		c = tell_unclaimed(s, f, c);
}

/* On a port that hints at a protocol the next segment may always be its first. */
static void count_try(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	if (ses->tries < CLAIM_TRIES)
		ses->tries++;
	ses->given_up = ses->tries == CLAIM_TRIES && !is_any_hinted(s, f);
}

/* The rest of a message whose beginning was not seen. */
static bool may_be_rest(const struct sessions *s, const struct flow *f, unsigned end)
{
	const struct session *ses = session_of(f);
	bool is_joined = f->is_midstream || ses->dir[end].gaps;
	return is_joined && ses->tries < CLAIM_TRIES && is_any_hinted(s, f);
}

/* What this direction has sent so far, at most FRAME_HEAD_MAX bytes of it. */
static struct bytes head_of(struct sessions *s, struct direction *dir, struct bytes data,
	bool is_datagram)
{
	if (dir->len == 0 || is_datagram)
		return data;
	uint32_t room = FRAME_HEAD_MAX - dir->len;
	uint32_t more = data.len < room ? (uint32_t)data.len : room;
	if (direction_reserve(s, dir, FRAME_HEAD_MAX)) {
		memcpy(dir->bytes + dir->len, data.at, more);
		dir->len += more;
	}
	return (struct bytes){ dir->bytes, dir->len };
}

static void keep_head(struct sessions *s, struct direction *dir, struct bytes data)
{
	uint32_t len = data.len < FRAME_HEAD_MAX ? (uint32_t)data.len : FRAME_HEAD_MAX;
	if (dir->len == 0 && direction_reserve(s, dir, FRAME_HEAD_MAX)) {
		memcpy(dir->bytes, data.at, len);
		dir->len = len;
	}
}

/* By what this direction has sent so far, or, where that may have begun within a message, by this
 * segment alone. */
static struct look look_again(struct sessions *s, struct flow *f, unsigned end, struct bytes data)
{
	struct session *ses = session_of(f);
	struct direction *dir = &ses->dir[end];
	uint64_t other_weak = ses->dir[!end].weak;
	struct look l = look(s, f, other_weak, head_of(s, dir, data, f->proto != PROTO_TCP));
	if (l.claims || l.weak || l.more || !dir->len || !may_be_rest(s, f, end))
		return l;
	direction_clear(s, dir);
	return look(s, f, other_weak, data);
}

void claim_look(struct sessions *s, struct flow *f, unsigned end, struct bytes data,
	uint32_t missing, const struct origin *origin)
{
	struct session *ses = session_of(f);
	struct direction *dir = &ses->dir[end];
	struct look l = look_again(s, f, end, data);
	if (l.claims) {
		claim(s, f, l.claims);
		session_feed(s, f, end, data, missing, origin);
		return;
	}
	bool is_nothing = !l.weak && !l.more, is_rest = is_nothing && may_be_rest(s, f, end);
	bool is_unwanted = is_nothing && !is_rest;
	bool is_full = !is_unwanted && (ses->retained_bytes + data.len > RETAIN_MAX ||
		ses->retained_chunks == RETAIN_CHUNKS || !pending_make_room(s, data.len));
	if (is_full || is_nothing)
		count_try(s, f);
	if (is_full || is_unwanted) {
		release(s, f);
		s->sink.unclaimed(s->context, f, end, data, origin);
		return;
	}
	retain(s, ses, end, data, missing, origin);
	dir->weak = l.weak;
	if (f->proto == PROTO_TCP && !is_rest)
		keep_head(s, dir, data);
}

void claim_forget(struct sessions *s, struct flow *f)
{
	if (session_of(f)->retained)
		release(s, f);
}

void claim_gap(struct sessions *s, struct flow *f, unsigned end, uint64_t len)
{
	struct chunk *last = session_of(f)->retained_last;
	if (last && last->end == end)
		last->missing = len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
	claim_forget(s, f);
}

/* Its first bytes could have become a message of `d`, and are whole ones. */
static bool is_its_own(struct sessions *s, const struct dissector *d, const struct direction *dir)
{
	struct bytes head = { dir->bytes, dir->len };
	if (!head.len || d->probe(head) != PROBE_MORE)
		return false;
	struct frame frame = d->frame(&s->d, head);
	return frame.is == FRAME_OK && frame.len <= head.len;
}

void claim_last(struct sessions *s, struct flow *f)
{
	struct session *ses = session_of(f);
	s->d.state = NULL;
	for (unsigned i = 0; ses->retained && dissectors[i]; i++)
		if (is_possible(s, i, f) && is_hinted(dissectors[i], f) &&
			(is_its_own(s, dissectors[i], &ses->dir[0]) ||
			is_its_own(s, dissectors[i], &ses->dir[1])))
			claim(s, f, dissectors[i]);
	claim_forget(s, f);
}
