/* One fragment of the application layer. */
#include "dnp3_application.h"
#include "dnp3_objects.h"

enum {
	FIR = 0x80,
	FIN = 0x40,
	CON = 0x20,
	UNS = 0x10,
	SEQUENCE = 0x0f,
	FROM_MASTER = 0x80, /* of the link's control byte */
	REFUSALS = 0x17,    /* of IIN2: not supported, unknown, parameter, executing */
	FLOOD = 500,        /* unanswered requests in a row */
	CHALLENGE = 1 << 1,
	REPLY = 1 << 2, /* variations of group 120 */
};
static const uint64_t select_time_ns = 10ull * 1000 * 1000 * 1000;

struct fragment {
	uint8_t control, function;
	uint16_t iin;
	bool is_response; /* of any kind */
	bool from_master, is_broadcast;
};

static bool is_known(uint8_t function)
{
	return function <= AUTHENTICATE_NR ||
	       (function >= RESPONSE && function <= AUTHENTICATE_RESPONSE);
}

static bool needs_no_answer(uint8_t function)
{
	return function == DIRECT_OPERATE_NR || function == FREEZE_NR ||
	       function == FREEZE_CLEAR_NR || function == FREEZE_AT_TIME_NR ||
	       function == AUTHENTICATE_NR;
}

/* ---- the header ---- */

/* Its items follow each other; indications are before it, where there are any. */
static const struct item header_items[] = { { .field = IIN_RAW }, { .field = IIN },
	{ .field = APP_FIR }, { .field = APP_FIN }, { .field = APP_CON }, { .field = APP_UNS },
	{ .field = APP_SEQUENCE }, { .field = FUNCTION_CODE }, { .field = FUNCTION } };
enum { IIN_ITEMS = 2, CONTROL_ITEMS = sizeof(header_items) / sizeof(*header_items) - IIN_ITEMS };

static void set_control(struct item *at, const struct fragment *f)
{
	at[0].u = (f->control & FIR) != 0;
	at[1].u = (f->control & FIN) != 0;
	at[2].u = (f->control & CON) != 0;
	at[3].u = (f->control & UNS) != 0;
	at[4].u = f->control & SEQUENCE;
	at[5].u = at[6].u = f->function;
}

static void put_header(struct dissect *d, const struct fragment *f, bool has_iin)
{
	struct item *at = has_iin
		? put_new_items(d, header_items, IIN_ITEMS + CONTROL_ITEMS)
		: put_new_items(d, header_items + IIN_ITEMS, CONTROL_ITEMS);

	if (!at)
		return;
	if (has_iin) {
		at[0].u = at[1].u = f->iin;
		at += IIN_ITEMS;
	}
	set_control(at, f);
}

static unsigned type_of(const struct fragment *f)
{
	if (f->function == UNSOLICITED)
		return TYPE_UNSOLICITED;
	return f->is_response ? TYPE_RESPONSE : TYPE_REQUEST;
}

/* False if the fragment ends within its header. */
static bool read_header(struct dissect *d, struct fragment *f, struct cursor *c)
{
	const struct dnp3_state *st = d->state;

	f->control = cursor_u8(c);
	f->function = cursor_u8(c);
	f->is_response = f->function >= RESPONSE && f->function <= AUTHENTICATE_RESPONSE;
	f->from_master = st->link.control & FROM_MASTER;
	f->is_broadcast = st->link.dst >= BROADCAST_FIRST;
	if (!cursor_ok(c))
		return false;
	d->message->items[0].u = type_of(f); /* the link layer's guess */
	if (f->is_response)
		f->iin = cursor_be16(c);
	put_header(d, f, f->is_response && cursor_ok(c));
	return cursor_ok(c);
}

static void check_header(struct dissect *d, const struct fragment *f)
{
	if (!is_known(f->function))
		dnp3_wrong(d, FUNCTION_INVALID);
	else if (f->is_response ? f->from_master
				: !f->from_master && f->function != CONFIRM)
		dnp3_wrong(d, DIRECTION_WRONG);
	else if (!f->is_response && f->control & CON)
		dnp3_wrong(d, CON_IN_REQUEST);
}

/* ---- select before operate ---- */

/* In aggressive mode a command stands between who signs it (120.3) and the signature (120.9),
 * which are never the same twice. */
static struct bytes without_signature(struct bytes objects)
{
	enum { BEFORE = 10, BEHIND = 6 };
	static const uint8_t before[] = { 120, 3, 7, 1 }, behind[] = { 120, 9, 0x5b, 1 };

	if (objects.len < BEFORE || memcmp(objects.at, before, sizeof(before)) != 0)
		return objects;
	objects = (struct bytes){ objects.at + BEFORE, objects.len - BEFORE };
	for (size_t i = 0; i + BEHIND <= objects.len; i++)
		if (memcmp(objects.at + i, behind, sizeof(behind)) == 0 &&
			i + BEHIND + le16_at(objects.at + i + 4) == objects.len)
			return (struct bytes){ objects.at, i };
	return objects;
}

static uint64_t hash_of(const struct cursor *c)
{
	struct bytes b = without_signature((struct bytes){ c->at, c->left });
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < b.len; i++)
		hash = (hash ^ b.at[i]) * 0x100000001b3;
	return hash;
}

static void put_select_state(
	struct dissect *d, struct dnp3_peer *p, uint8_t sequence, uint64_t hash)
{
	bool is_retry = p->is_operated && sequence == p->operate_sequence;
	bool is_after = ((p->app_sequence + 1) & SEQUENCE) == sequence;
	bool is_same = p->had_select && hash == p->select_hash;
	bool is_late = d->time_ns > p->select_ns + select_time_ns;
	const struct dnp3_state *st = d->state;
	/* nothing between was missed: bytes that TCP lost make had_request false. A retry is judged
	 * as what it repeats was */
	bool saw_all = p->had_request ? is_after || !(d->is_datagram || is_retry)
				      : d->from_start && !st->has_forgotten;

	if (is_same && (is_retry || (p->function == SELECT && is_after))) {
		put_uint(d, SELECT_STATE, is_late ? SELECT_LATE : SELECT_MATCHED);
	} else if (is_same && p->function == SELECT) {
		put_uint(d, SELECT_STATE, SELECT_MISMATCHED);
	} else if (saw_all) {
		put_uint(d, SELECT_STATE,
			p->function == SELECT ? SELECT_MISMATCHED : SELECT_MISSING);
		dnp3_wrong(d, OPERATE_UNSELECTED);
	}
}

/* Requests that a select and its operate may lie between; not authentication. */
static bool is_request(const struct dissect *d, const struct fragment *f)
{
	const struct dnp3_state *st = d->state;

	return !st->is_ignored && !d->message->is_cut && f->function != CONFIRM &&
	       f->function < AUTHENTICATE;
}

static void note_request(
	struct dissect *d, const struct fragment *f, const struct cursor *c)
{
	struct dnp3_state *st = d->state;
	struct dnp3_peer *p = st->peer;
	uint8_t sequence = f->control & SEQUENCE;
	bool is_command = f->function == SELECT || f->function == OPERATE;
	uint64_t hash = is_command ? hash_of(c) : 0;

	if (f->function == OPERATE)
		put_select_state(d, p, sequence, hash);
	if (f->function == SELECT) {
		p->had_select = true;
		p->select_hash = hash;
		p->select_ns = d->time_ns;
	}
	p->is_operated = f->function == OPERATE;
	p->operate_sequence = sequence;
	p->had_request = true;
	p->function = f->function;
	p->app_sequence = sequence;
}

/* ---- what it is, and what it answers ---- */

static enum message_kind kind_of(const struct fragment *f, uint32_t authentication)
{
	if (f->function == CONFIRM)
		return f->control & UNS ? MESSAGE_RESPONSE : MESSAGE_ONEWAY;
	if (f->function == UNSOLICITED)
		return f->control & CON ? MESSAGE_REQUEST : MESSAGE_ONEWAY;
	if (f->is_response)
		return MESSAGE_RESPONSE;
	if (f->is_broadcast || needs_no_answer(f->function))
		return MESSAGE_ONEWAY;
	if (!is_known(f->function) && !f->from_master)
		return MESSAGE_ONEWAY;
	return f->function == AUTHENTICATE && authentication & REPLY
		       ? MESSAGE_ONEWAY
		       : MESSAGE_REQUEST; /* a reply is answered by what its challenge
					     held up */
}

/* Later fragments have no request of their own; a challenge leaves the request waiting.
 */
static bool is_continuation(const struct fragment *f, uint32_t authentication)
{
	return (f->function == RESPONSE && !(f->control & FIR)) ||
	       (f->function == AUTHENTICATE_RESPONSE && authentication & CHALLENGE);
}

/* Without objects, the indications say why there are none. */
static const char *refusal_of(const struct fragment *f, const struct dnp3_reader *r)
{
	static const char *const names[] = { "NO_FUNC_CODE_SUPPORT", "OBJECT_UNKNOWN",
		"PARAMETER_ERROR", NULL, "ALREADY_EXECUTING" };

	if (r->refusal || r->has_objects)
		return r->refusal;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (f->iin & REFUSALS & 1u << i)
			return names[i];
	return NULL;
}

static bool is_reading(const struct fragment *f, const struct dnp3_reader *r)
{
	bool reads = f->function == READ || f->function == RESPONSE ||
		     f->function == UNSOLICITED || f->function == CONFIRM;

	return reads && !r->does_more;
}

static void count_unanswered(struct dissect *d)
{
	struct dnp3_state *st = d->state;

	if (d->message->kind == MESSAGE_RESPONSE) {
		st->has_answers = true;
		st->unanswered = 0;
	} else if (d->message->kind == MESSAGE_REQUEST && st->has_answers &&
		   ++st->unanswered == FLOOD) {
		dnp3_wrong(d, FLOODED);
	}
}

static void classify(
	struct dissect *d, const struct fragment *f, const struct dnp3_reader *r)
{
	const struct dnp3_state *st = d->state;
	struct message *m = d->message;
	bool is_unsolicited = f->function == UNSOLICITED ||
			      (f->function == CONFIRM && f->control & UNS);

	if (st->is_ignored) {
		m->kind = MESSAGE_ONEWAY;
		return;
	}
	m->kind = kind_of(f, r->authentication);
	m->is_continuation = is_continuation(f, r->authentication);
	m->is_reading = is_reading(f, r);
	m->from_device = f->function == UNSOLICITED;
	if (f->function == RESPONSE || f->function == AUTHENTICATE_RESPONSE)
		m->code = refusal_of(f, r);
	m->key = dnp3_key(is_unsolicited ? CLASS_UNSOLICITED : CLASS_APPLICATION,
		f->control & SEQUENCE, dnp3_id(st->link.src, st->link.dst));
	count_unanswered(d);
}

void dnp3_fragment(struct dissect *d, struct cursor *c)
{
	struct dnp3_reader r = { .d = d };
	struct fragment f = { 0 };

	put_bytes(d, APP_DATA, (struct bytes){ c->at, c->left });
	if (!read_header(d, &f, c)) {
		dnp3_wrong(d, FRAGMENT_SHORT);
		d->message->kind = MESSAGE_ONEWAY;
		return;
	}
	check_header(d, &f);
	r.function = f.function;
	if (is_request(d, &f))
		note_request(d, &f, c);
	uint32_t complete_at = d->message->count;
	put_uint(d, COMPLETE, 0);
	if (is_known(f.function))
		dnp3_objects(&r, c);
	d->message->is_full |= d->message->count + r.hidden > MESSAGE_ITEMS_MAX;
	d->message->items[complete_at].u =
		is_known(f.function) && !r.stopped && !d->message->is_full;
	classify(d, &f, &r);
}
