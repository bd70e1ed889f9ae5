/* Plain elements; see opcua_plain.h. */
#include "opcua_plain.h"
#include "opcua_channel.h"
#include "opcua_fields.h"

/* Of a longer message elements might be left out where the tape ends, or values where what is
 * kept does. */
enum { PLAIN_MESSAGE_MAX = 16 * 1024 };

/* ---- data values ---- */

enum { HAS_VALUE = 1, HAS_STATUS = 2, HAS_UNKNOWN = 0xc0 };

/* How the types are coded that are plain values. */
static const struct plain_type {
	bool is_plain;
	uint8_t width; /* of numbers and times; texts say theirs */
	uint16_t field;
} types[] = {
	[T_NULL] = { true, 0, 0 },
	[T_BOOLEAN] = { true, 1, F_VALUE_BOOL },
	[T_SBYTE] = { true, 1, F_VALUE_INT },
	[T_BYTE] = { true, 1, F_VALUE_UINT },
	[T_INT16] = { true, 2, F_VALUE_INT },
	[T_UINT16] = { true, 2, F_VALUE_UINT },
	[T_INT32] = { true, 4, F_VALUE_INT },
	[T_UINT32] = { true, 4, F_VALUE_UINT },
	[T_INT64] = { true, 8, F_VALUE_INT },
	[T_UINT64] = { true, 8, F_VALUE_UINT },
	[T_FLOAT] = { true, 4, F_VALUE_REAL },
	[T_DOUBLE] = { true, 8, F_VALUE_REAL },
	[T_STRING] = { true, 0, F_VALUE_TEXT },
	[T_DATE_TIME] = { true, 8, F_VALUE_TIME },
};

static const struct plain_type *type_at(uint8_t mask)
{
	bool is_known = mask < sizeof(types) / sizeof(*types) && types[mask].is_plain;

	return is_known ? &types[mask] : NULL;
}

/* How many bytes stand behind the value, by what the data value has: a status, times, and
 * their picoseconds. */
static inline size_t behind_value(uint8_t has)
{
	static const uint8_t lens[] = { 0, 4, 8, 12, 8, 12, 16, 20 };

	return lens[has >> 1 & 7] + (size_t)(has >> 3 & 2) + (size_t)(has >> 4 & 2);
}

/* Of a string that is there at all; null ones are not. */
static inline bool take_string(struct cursor *c, struct bytes *text)
{
	uint32_t len = cursor_le32(c);

	*text = (struct bytes){ NULL, 0 };
	if (len == UINT32_MAX)
		return false;
	*text = cursor_bytes(c, len);
	return cursor_ok(c);
}

static inline bool skip_text(struct cursor *c)
{
	struct bytes text;

	return !take_string(c, &text) || opcua_is_utf8(text);
}

/* A value that is a number or a time, with whatever else its data value may have, takes no more.
 * How wide it is; 0: it is another, or so near the end that each step must be looked at. */
enum { NUMBER_ROOM = 34 };

static inline unsigned number_width(const struct cursor *c)
{
	bool is_near = c->left < NUMBER_ROOM;

	return is_near || (c->at[0] & (HAS_VALUE | HAS_UNKNOWN)) != HAS_VALUE ||
			       c->at[1] >= sizeof(types) / sizeof(*types)
		       ? 0
		       : types[c->at[1]].width;
}

static inline bool skip_value(struct cursor *c)
{
	unsigned width = number_width(c);

	if (width) {
		cursor_skip(c, 2 + width + behind_value(c->at[0]));
		return true;
	}
	uint8_t has = cursor_u8(c);
	const struct plain_type *type = has & HAS_VALUE ? type_at(cursor_u8(c)) : types;

	if (!type || has & HAS_UNKNOWN || (type->field == F_VALUE_TEXT && !skip_text(c)))
		return false;
	cursor_skip(c, type->width + behind_value(has));
	return cursor_ok(c);
}

/* ---- nodes to read ---- */

enum { NODE_STRING = 3, NODE_OPAQUE = 5, PLAIN_FORMS = 6 };

/* Empty: it is not plain. `is_checked`: it went by before. */
static inline struct bytes take_node_id(struct cursor *c, bool is_checked)
{
	static const uint8_t widths[PLAIN_FORMS] = { 2, 4, 7, 3, 19, 3 };
	const uint8_t *from = c->at;
	uint8_t form = c->left ? *c->at : PLAIN_FORMS;
	struct bytes text;

	cursor_skip(c, form < PLAIN_FORMS ? widths[form] : SIZE_MAX);
	if (form == NODE_STRING || form == NODE_OPAQUE)
		take_string(c, &text);
	if (form == NODE_STRING && !is_checked && !opcua_is_utf8(text))
		cursor_skip(c, SIZE_MAX);
	return (struct bytes){ from, cursor_ok(c) ? (size_t)(c->at - from) : 0 };
}

/* Behind the attribute: all of it, in the encoding that everybody uses. */
enum { WHOLE_LEN = 10 };
static const uint8_t whole[WHOLE_LEN] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0xff,
	0xff };

static inline bool skip_node(struct cursor *c)
{
	take_node_id(c, false);
	cursor_skip(c, 4);
	struct bytes rest = cursor_bytes(c, WHOLE_LEN);
	return rest.len && memcmp(rest.at, whole, WHOLE_LEN) == 0;
}

/* Operations will ask which nodes the first ones are. */
static bool skip_items(const struct body *b, struct cursor *c, uint32_t count)
{
	enum { FEW = 16 };
	const struct item *subscription = message_item(b->d->message, F_SUBSCRIPTION_ID);
	bool is_plain = true;

	for (uint32_t i = 0; i < count && is_plain; i++) {
		uint32_t handle = cursor_le32(c);
		if (subscription && i < FEW)
			opcua_item_expect(b->d->state, (uint32_t)subscription->u, handle);
		is_plain = skip_value(c);
	}
	return is_plain;
}

/* ---- references ---- */

static inline bool skip_qualified_name(struct cursor *c)
{
	cursor_skip(c, 2);
	return skip_text(c);
}

static inline bool skip_localized_text(struct cursor *c)
{
	enum { HAS_LOCALE = 1, HAS_TEXT = 2 };
	uint8_t has = cursor_u8(c);

	return !(has & ~(HAS_LOCALE | HAS_TEXT)) && (!(has & HAS_LOCALE) || skip_text(c)) &&
	       (!(has & HAS_TEXT) || skip_text(c));
}

/* What a node refers to: with which kind of reference, whether forward, and what that is. */
static bool skip_reference(struct cursor *c)
{
	take_node_id(c, false);
	cursor_skip(c, 1);
	take_node_id(c, false);
	if (!skip_qualified_name(c) || !skip_localized_text(c))
		return false;
	cursor_skip(c, 4);
	return take_node_id(c, false).len > 0;
}

/* ---- arrays ---- */

/* 0: the array is another's of that name. */
static unsigned row_of(const struct member *m)
{
	switch (m->field) {
	case F_NODES_TO_READ:
		return m->of == S_READ_VALUE_ID ? F_PLAIN_NODES_TO_READ : 0;
	case F_RESULTS:
		return m->type == (T_DATA_VALUE | T_ARRAY) ? F_PLAIN_RESULTS : 0;
	case F_MONITORED_ITEMS:
		return F_PLAIN_MONITORED_ITEMS;
	case F_REFERENCES:
		return F_PLAIN_REFERENCES;
	default:
		return 0;
	}
}

unsigned opcua_plain_row(unsigned group)
{
	return group == F_NODES_TO_READ	    ? F_PLAIN_NODES_TO_READ
	       : group == F_RESULTS	    ? F_PLAIN_RESULTS
	       : group == F_MONITORED_ITEMS ? F_PLAIN_MONITORED_ITEMS
					    : 0;
}

static bool skip_all(const struct body *b, struct cursor *c, unsigned row, uint32_t count)
{
	bool is_plain = true;

	if (row == F_PLAIN_NODES_TO_READ)
		for (; count > 0 && is_plain; count--)
			is_plain = skip_node(c);
	else if (row == F_PLAIN_RESULTS)
		for (; count > 0 && is_plain; count--)
			is_plain = skip_value(c);
	else if (row == F_PLAIN_REFERENCES)
		for (; count > 0 && is_plain; count--)
			is_plain = skip_reference(c);
	else
		is_plain = skip_items(b, c, count);
	return is_plain;
}

bool opcua_put_plain(struct body *b, const struct member *m, uint32_t count)
{
	unsigned row = row_of(m);
	struct cursor c = b->c;

	if (!row || b->depth >= NESTING_MAX ||
		b->d->message->raw.len > PLAIN_MESSAGE_MAX || !skip_all(b, &c, row, count))
		return false;
	put_lazy(b->d, row, (struct bytes){ b->c.at, b->c.left - c.left });
	b->c = c;
	return true;
}

/* ---- headers ---- */

static const uint8_t null_object[3];

enum { TIME_LEN = 8 };

static inline void put_timestamp(struct body *b, const uint8_t *at)
{
	if (le64_at(at))
		put_bytes(b->d, F_TIMESTAMP, (struct bytes){ at, TIME_LEN });
}

bool opcua_put_plain_response(struct body *b)
{
	enum { RESULT = 12, DIAGNOSTICS = 16, STRINGS = 17, OBJECT = 21, LEN = 24 };
	static const struct item items[] = { { .field = F_REQUEST_HANDLE },
		{ .field = F_SERVICE_RESULT }, { .field = F_SERVICE_RESULT_RAW } };
	const uint8_t *at = b->c.at;

	if (b->c.left < LEN || le32_at(at + RESULT) || at[DIAGNOSTICS] || !b->counted ||
		(le32_at(at + STRINGS) && le32_at(at + STRINGS) != UINT32_MAX) ||
		memcmp(at + OBJECT, null_object, sizeof(null_object)) != 0)
		return false;
	put_timestamp(b, at);
	struct item *put = put_items(b->d, items, sizeof(items) / sizeof(*items), false);
	if (put)
		put->u = le32_at(at + TIME_LEN);
	cursor_skip(&b->c, LEN);
	return true;
}

bool opcua_put_plain_request(struct body *b)
{
	enum { DIAGNOSTICS = 12, AUDIT = 16, TIMEOUT = 20, OBJECT = 24, LEN = 27 };
	static const struct item items[] = { { .field = F_REQUEST_HANDLE },
		{ .field = F_RETURN_DIAGNOSTICS }, { .field = F_TIMEOUT_HINT } };
	const uint8_t *at = b->c.at;

	if (b->c.left < LEN || le32_at(at + AUDIT) != UINT32_MAX ||
		memcmp(at + OBJECT, null_object, sizeof(null_object)) != 0)
		return false;
	put_timestamp(b, at);
	struct item *put = put_items(b->d, items, sizeof(items) / sizeof(*items), false);
	if (put) {
		put[0].u = le32_at(at + TIME_LEN);
		put[1].u = le32_at(at + DIAGNOSTICS);
		put[2].u = le32_at(at + TIMEOUT);
	}
	cursor_skip(&b->c, LEN);
	return true;
}

/* ---- what operations ask ---- */

static inline void pick(struct picked *p, enum pick what, struct item item)
{
	p->room[what] = item;
	p->item[what] = &p->room[what];
}

static inline void pick_bytes(
	struct picked *p, enum pick what, unsigned field, struct bytes value)
{
	pick(p, what, (struct item){ .field = (uint16_t)field, .len = (uint32_t)value.len,
			      .at = value.at });
}

/* What the bits are, which the cursor was at, as its item would have it. */
static inline struct item number(unsigned type, uint64_t bits)
{
	struct item item = { .field = types[type].field, .u = bits };
	unsigned unused = 64 - 8 * types[type].width;
	uint32_t half = (uint32_t)bits;
	float real;

	if (type == T_FLOAT) {
		memcpy(&real, &half, sizeof(real));
		item.real = (double)real;
	} else if (type == T_BOOLEAN) {
		item.u = bits != 0;
	} else if (item.field == F_VALUE_INT) {
		item.i = (int64_t)(bits << unused) >> unused;
	} else if (type == T_DOUBLE) {
		memcpy(&item.real, &bits, sizeof(bits));
	}
	return item;
}

static inline uint64_t take_bits(struct cursor *c, unsigned width)
{
	return width == 8 ? cursor_le64(c)
	       : width == 4 ? cursor_le32(c)
	       : width == 2 ? cursor_le16(c)
			    : cursor_u8(c);
}

static inline void pick_value(struct cursor *c, struct picked *p)
{
	unsigned type = cursor_u8(c) % (sizeof(types) / sizeof(*types));
	struct bytes value = { NULL, 0 };

	if (type == T_STRING && take_string(c, &value))
		pick_bytes(p, PICK_VALUE, F_VALUE_TEXT, value);
	else if (type == T_DATE_TIME)
		pick_bytes(p, PICK_VALUE, F_VALUE_TIME, cursor_bytes(c, 8));
	else if (types[type].width)
		pick(p, PICK_VALUE, number(type, take_bits(c, types[type].width)));
}

static inline void pick_status(struct picked *p, uint32_t code)
{
	pick(p, PICK_STATUS, (struct item){ .field = F_STATUS_CODE, .u = code });
}

static inline void pick_number(struct cursor *c, struct picked *p, unsigned width)
{
	const uint8_t *value = c->at + 2;
	unsigned unused = 64 - 8 * width;

	pick(p, PICK_VALUE, number(c->at[1], le64_at(value) << unused >> unused));
	if (c->at[0] & HAS_STATUS)
		pick_status(p, le32_at(value + width));
	cursor_skip(c, 2 + width + behind_value(c->at[0]));
}

static inline void pick_data_value(struct cursor *c, struct picked *p)
{
	unsigned width = number_width(c);

	if (width && c->at[1] != T_DATE_TIME) {
		pick_number(c, p, width);
		return;
	}
	uint8_t has = cursor_u8(c);

	if (has & HAS_VALUE)
		pick_value(c, p);
	if (has & HAS_STATUS)
		pick_status(p, cursor_le32(c));
	cursor_skip(c, behind_value(has & ~HAS_STATUS));
}

static inline void pick_node(struct cursor *c, struct picked *p)
{
	pick_bytes(p, PICK_NODE, F_NODE_ID, take_node_id(c, true));
	pick(p, PICK_ATTRIBUTE, (struct item){ .field = F_ATTRIBUTE_ID, .u = cursor_le32(c) });
	cursor_skip(c, WHOLE_LEN);
}

void opcua_pick_plain(struct stretch *in, unsigned group, struct picked *picked)
{
	const struct item *all = &in->m->items[in->at];
	struct cursor c = { all->at + in->done, all->len - in->done, false };

	if (group == F_NODES_TO_READ)
		pick_node(&c, picked);
	else if (group == F_MONITORED_ITEMS)
		pick(picked, PICK_HANDLE, (struct item){ .field = F_CLIENT_HANDLE,
						  .u = cursor_le32(&c) });
	if (group != F_NODES_TO_READ)
		pick_data_value(&c, picked);
	in->done = all->len - (uint32_t)c.left;
	if (c.left == 0) {
		in->at++;
		in->done = 0;
	}
}

/* ---- what they are when somebody looks ---- */

static void expand(struct dissect *d, struct bytes value, struct member m)
{
	struct body b = { .d = d, .c = cursor_of(value) };

	while (b.c.left > 0 && cursor_ok(&b.c))
		opcua_put_element(&b, &m);
}

void opcua_expand_nodes(struct dissect *d, struct bytes value)
{
	expand(d, value, (struct member){ T_STRUCTURE, F_NODES_TO_READ, S_READ_VALUE_ID });
}

void opcua_expand_results(struct dissect *d, struct bytes value)
{
	expand(d, value, (struct member){ T_DATA_VALUE, F_RESULTS, 0 });
}

void opcua_expand_items(struct dissect *d, struct bytes value)
{
	expand(d, value,
		(struct member){ T_STRUCTURE, F_MONITORED_ITEMS, S_MONITORED_ITEM_NOTIFICATION });
}

void opcua_expand_references(struct dissect *d, struct bytes value)
{
	expand(d, value,
		(struct member){ T_STRUCTURE, F_REFERENCES, S_REFERENCE_DESCRIPTION });
}
