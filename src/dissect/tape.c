/* The tape: a message's fields in wire order.
 *
 * It grows by doubling, which a steady state never does, up to MESSAGE_ITEMS_MAX; after
 * that nothing is appended, group ends included: the end of the tape closes whatever is
 * open. */
#include <stdlib.h>

#include "base/memory.h"
#include "dissect/dissect.h"
#include "dissect/fields.h"

enum { FIRST_CAP = 128 };

void message_init(struct message *m)
{
	*m = (struct message){ .items = mem_array(FIRST_CAP, sizeof(struct item)) };
	m->cap = FIRST_CAP;
}

void message_clear(struct message *m)
{
	*m = (struct message){ .items = m->items, .cap = m->cap, .kept = m->kept };
}

void message_fini(struct message *m)
{
	free(m->items);
	free(m->kept);
	*m = (struct message){ 0 };
}

size_t message_copy_size(const struct message *m)
{
	return m->count * sizeof(*m->items) + m->raw.len + m->kept_len;
}

/* Bytes of `from` at their new place; others stay where they are. */
static const uint8_t *moved(const uint8_t *at, const struct message *from,
	const struct message *to)
{
	uintptr_t raw = (uintptr_t)at - (uintptr_t)from->raw.at;
	uintptr_t kept = (uintptr_t)at - (uintptr_t)from->kept;

	if (raw < from->raw.len)
		return to->raw.at + raw;
	return kept < from->kept_len ? to->kept + kept : at;
}

static void move_item(struct item *item, const struct message *from, const struct message *to)
{
	if (item->len)
		item->at = moved(item->at, from, to);
}

/* Few items have bytes: four at once are looked at. */
static void move_items(const struct message *to, const struct message *from)
{
	struct item *at = to->items, *end = at + from->count;

	for (; end - at >= 4; at += 4)
		if (__builtin_expect((at[0].len | at[1].len | at[2].len | at[3].len) != 0, 0))
			for (unsigned i = 0; i < 4; i++)
				move_item(&at[i], from, to);
	for (; at < end; at++)
		move_item(at, from, to);
}

void message_copy(struct message *to, void *room, const struct message *from)
{
	struct item *items = room;
	uint8_t *raw = (uint8_t *)(items + from->count);

	*to = *from;
	to->items = items;
	to->cap = from->count;
	to->raw.at = raw;
	to->kept = raw + from->raw.len;
	if (from->raw.len)
		memcpy(raw, from->raw.at, from->raw.len);
	if (from->kept_len)
		memcpy(to->kept, from->kept, from->kept_len);
	if (from->count)
		memcpy(items, from->items, from->count * sizeof(*items));
	move_items(to, from);
}

struct bytes keep(struct dissect *d, struct bytes value)
{
	struct message *m = d->message;

	if (value.len > KEEP_MAX - m->kept_len) {
		m->is_full = true;
		return (struct bytes){ NULL, 0 };
	}
	if (!m->kept)
		m->kept = mem_new(KEEP_MAX);
	uint8_t *at = m->kept + m->kept_len;
	if (value.len)
		memcpy(at, value.at, value.len);
	m->kept_len += (uint32_t)value.len;
	return (struct bytes){ at, value.len };
}

struct tape_place tape_place(const struct dissect *d)
{
	const struct message *m = d->message;
	struct tape_place place = { .count = m->count, .kept_len = m->kept_len };

	memcpy(place.where, m->where, sizeof(place.where));
	return place;
}

void tape_return(struct dissect *d, const struct tape_place *place)
{
	struct message *m = d->message;

	m->count = place->count;
	m->kept_len = place->kept_len;
	memcpy(m->where, place->where, sizeof(m->where));
}

void conceal(struct dissect *d, struct bytes secret)
{
	struct message *m = d->message;
	uintptr_t at = (uintptr_t)secret.at - (uintptr_t)m->raw.at;

	if (secret.len == 0)
		return;
	if (m->secret_count == SECRETS_MAX || at >= m->raw.len || secret.len > m->raw.len - at)
		m->is_secret = true;
	else
		m->secrets[m->secret_count++] =
			(struct secret){ (uint32_t)at, (uint32_t)secret.len };
}

struct bytes item_text(const struct field *f, const struct item *item, char *room)
{
	if (!f->format)
		return item_bytes(item);
	size_t len = f->format(item_bytes(item), room);
	return (struct bytes){ (const uint8_t *)room, len };
}

/* The first item of most fields is remembered as it is put; others are looked for. */
const struct item *message_item(const struct message *m, unsigned field)
{
	unsigned where = m->where[field % WHERE];
	if (where && m->items[where - 1].field == field)
		return &m->items[where - 1];
	if (!where && m->count < UINT8_MAX)
		return NULL;
	for (uint32_t i = 0; i < m->count; i++)
		if (m->items[i].field == field)
			return &m->items[i];
	return NULL;
}

static bool tape_grow(struct message *m)
{
	if (m->cap >= MESSAGE_ITEMS_MAX) {
		m->is_full = true;
		return false;
	}
	m->cap = m->cap ? m->cap * 2 : FIRST_CAP;
	m->items = mem_resize(m->items, m->cap * sizeof(struct item));
	return true;
}

bool tape_reserve(struct message *m, uint32_t count)
{
	while (m->cap - m->count < count)
		if (!tape_grow(m))
			return false;
	return true;
}

/* Out of line, so that the common case saves no registers. */
static __attribute__((noinline, cold)) void put_grown(struct message *m, struct item item)
{
	if (tape_grow(m))
		m->items[m->count++] = item;
}

static inline void tape_put(struct message *m, struct item item)
{
	uint8_t *where = &m->where[item.field % WHERE];
	if (*where == 0 && m->count < UINT8_MAX)
		*where = (uint8_t)(m->count + 1);
	if (__builtin_expect(m->count < m->cap, 1))
		m->items[m->count++] = item;
	else
		put_grown(m, item);
}

void put_item(struct message *m, struct item item)
{
	tape_put(m, item);
}

void put_int(struct dissect *d, unsigned field, int64_t value)
{
	tape_put(d->message, (struct item){ .field = (uint16_t)field, .i = value });
}

void put_real(struct dissect *d, unsigned field, double value)
{
	tape_put(d->message, (struct item){ .field = (uint16_t)field, .real = value });
}

void put_text(struct dissect *d, unsigned field, const char *value)
{
	put_bytes(d, field, (struct bytes){ (const uint8_t *)value, strlen(value) });
}

/* `count` says more than the bytes can hold where a message is broken: the bytes decide.
 */
void put_bits(struct dissect *d, unsigned field, struct bytes value, uint32_t count)
{
	struct item item = { .field = (uint16_t)field, .at = value.at };

	item.len = (uint32_t)value.len;
	if (count < value.len * 8) {
		item.len = count / 8 + (count % 8 != 0);
		item.extra = count % 8;
	}
	tape_put(d->message, item);
}

void put_lazy(struct dissect *d, unsigned field, struct bytes value)
{
	put_bytes(d, field, value);
	d->message->is_lazy = true;
}

void put_rest(struct dissect *d, unsigned field, struct cursor *c)
{
	if (cursor_ok(c))
		put_bytes(d, field, cursor_rest(c));
}

void put_run(struct dissect *d, unsigned field, struct cursor *c, size_t len)
{
	bool is_short = len > c->left;

	if (!cursor_ok(c))
		return;
	if (c->left > 0 || len == 0)
		put_bytes(d, field, cursor_bytes(c, is_short ? c->left : len));
	c->failed = is_short;
}

void put_fixed(struct dissect *d, unsigned field, struct cursor *c, size_t len)
{
	struct bytes run = cursor_bytes(c, len);
	if (cursor_ok(c))
		put_bytes(d, field, run);
}

/* ---- what is lazy ---- */

static const struct field *lazy_field(const struct dissector *d, const struct item *item)
{
	bool is_lazy = item->field < d->field_count &&
		       d->fields[item->field].type == FIELD_LAZY;

	return is_lazy ? &d->fields[item->field] : NULL;
}

/* All that `m` is, but its items. */
static void begin_like(struct message *room, const struct message *m)
{
	struct message empty = *m;

	empty.items = room->items;
	empty.cap = room->cap;
	empty.kept = room->kept;
	empty.count = empty.kept_len = 0;
	empty.is_lazy = false;
	memset(empty.where, 0, sizeof(empty.where));
	*room = empty;
}

const struct message *message_expanded(
	const struct dissector *d, const struct message *m, struct message *room)
{
	struct dissect to = { .message = room };

	if (!m->is_lazy)
		return m;
	begin_like(room, m);
	for (uint32_t i = 0; i < m->count; i++) {
		const struct field *lazy = lazy_field(d, &m->items[i]);
		if (lazy)
			lazy->expand(&to, item_bytes(&m->items[i]));
		else
			tape_put(room, m->items[i]);
	}
	return room;
}
