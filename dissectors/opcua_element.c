/* Elements and values; see opcua_element.h. Every function is linear in the stretch. */
#include "opcua_element.h"
#include "opcua_fields.h"
#include "opcua_names.h"
#include "opcua_plain.h"
#include "opcua_text.h"

struct stretch opcua_whole(const struct message *m)
{
	return (struct stretch){ m, 0, m ? m->count : 0, 0 };
}

bool opcua_is_whole(const struct message *m, const struct item *item)
{
	const struct item *next = item + 1, *end = m->items + m->count;

	while (m->is_cut && next < end && next->field == ITEM_END)
		next++;
	return !m->is_cut || next < end;
}

const struct item *opcua_whole_item(const struct message *m, unsigned field)
{
	const struct item *item = m ? message_item(m, field) : NULL;

	return item && opcua_is_whole(m, item) ? item : NULL;
}

static inline bool is_group(const struct item *item)
{
	return item->field >= F_FIRST_GROUP && item->field < F_COUNT;
}

/* Behind the element that begins at `at`, or the item that stands there. */
static inline uint32_t behind(const struct message *m, uint32_t at, uint32_t end)
{
	unsigned depth = is_group(&m->items[at++]);

	for (; depth > 0 && at < end; at++)
		if (m->items[at].field == ITEM_END)
			depth--;
		else
			depth += is_group(&m->items[at]);
	return at;
}

/* Past what is neither an element's begin, nor its end, nor plain elements. */
static inline void pass_items(struct stretch *in)
{
	while (in->at < in->end && in->m->items[in->at].field < F_FIRST_PLAIN)
		in->at++;
}

bool opcua_next(struct stretch *in, unsigned group, struct stretch *element)
{
	while (in->m && in->at < in->end) {
		uint32_t from = in->at;
		in->at = behind(in->m, from, in->end);
		if (in->m->items[from].field != group)
			continue;
		*element = (struct stretch){ in->m, from + 1, in->at, 0 };
		return true;
	}
	return false;
}

bool opcua_enter(struct stretch *in, unsigned group)
{
	while (in->m && in->at < in->end) {
		pass_items(in);
		if (in->at == in->end)
			break;
		if (in->m->items[in->at].field == group) {
			in->at++;
			return true;
		}
		in->at = behind(in->m, in->at, in->end);
	}
	return false;
}

/* To the begin of the next element of `group`. False: the stretch ends, or what it is in. */
static bool seek(struct stretch *in, unsigned group)
{
	unsigned plain = opcua_plain_row(group);

	while (in->m && in->at < in->end) {
		pass_items(in);
		if (in->at == in->end)
			break;
		unsigned field = in->m->items[in->at].field;
		if (field == group || (plain && field == plain))
			return true;
		in->at = behind(in->m, in->at, in->end);
		if (field == ITEM_END)
			break;
	}
	return false;
}

/* From the element that the stretch is at, item by item. */
static void pick_items(struct stretch *in, struct picked *picked)
{
	static const uint8_t picks[F_FIRST_GROUP] = {
		[F_NODE_ID] = PICK_NODE,
		[F_ATTRIBUTE_ID] = PICK_ATTRIBUTE,
		[F_CLIENT_HANDLE] = PICK_HANDLE,
		[F_INDEX_RANGE] = PICK_RANGE,
		[F_STATUS_CODE ... F_STATUS_CODE_NUMBER] = PICK_STATUS,
		[F_VALUE_BOOL ... F_VALUE_LOCALIZED] = PICK_VALUE,
	};
	const struct item *begin = in->m->items + in->at + 1, *item = begin;
	const struct item *end = in->m->items + in->end;
	unsigned depth = 1;

	for (; depth > 0 && item < end; item++) {
		if (item->field == ITEM_END)
			depth--;
		else if (item->field >= F_FIRST_GROUP)
			depth++;
		else if (depth == 1 && !picked->item[picks[item->field]])
			picked->item[picks[item->field]] = item;
	}
	in->at = (uint32_t)(item - in->m->items);
	picked->element = (struct stretch){ in->m, (uint32_t)(begin - in->m->items), in->at, 0 };
}

/* Elsewhere than in the middle of plain elements. */
static __attribute__((noinline)) bool pick_next(struct stretch *in, unsigned group,
	struct picked *picked)
{
	if (!seek(in, group))
		return false;
	if (in->m->items[in->at].field == group)
		pick_items(in, picked);
	else
		opcua_pick_plain(in, group, picked);
	return true;
}

bool opcua_pick(struct stretch *in, unsigned group, struct picked *picked)
{
	memset(picked->item, 0, sizeof(picked->item));
	picked->element.m = NULL;
	if (!in->done)
		return pick_next(in, group, picked);
	opcua_pick_plain(in, group, picked);
	return true;
}

const struct item *opcua_rows_in(struct stretch in, unsigned field, unsigned rows)
{
	while (in.m && in.at < in.end) {
		const struct item *item = &in.m->items[in.at];
		if (item->field - field < rows)
			return item;
		in.at = behind(in.m, in.at, in.end);
	}
	return NULL;
}

const struct item *opcua_item_in(struct stretch in, unsigned field)
{
	return opcua_rows_in(in, field, 1);
}

struct bytes opcua_kept_text(struct dissect *d, size_t (*format)(struct bytes, char *),
	const struct item *item)
{
	char text[FORMAT_MAX];

	if (!item)
		return (struct bytes){ NULL, 0 };
	size_t len = format(item_bytes(item), text);
	return keep(d, (struct bytes){ (const uint8_t *)text, len });
}

/* ---- values ---- */

static enum value_type type_of(const struct item *item)
{
	static const uint8_t types[] = {
		[F_VALUE_BOOL - F_VALUE_BOOL] = VALUE_UINT,
		[F_VALUE_INT - F_VALUE_BOOL] = VALUE_INT,
		[F_VALUE_UINT - F_VALUE_BOOL] = VALUE_UINT,
		[F_VALUE_REAL - F_VALUE_BOOL] = VALUE_REAL,
		[F_VALUE_LOCALIZED - F_VALUE_BOOL] = VALUE_NONE,
	};
	uint8_t type = types[item->field - F_VALUE_BOOL];

	return type == VALUE_NONE ? VALUE_TEXT : (enum value_type)type;
}

static size_t hex(struct bytes value, char *out)
{
	size_t len = value.len < FORMAT_MAX / 2 ? value.len : FORMAT_MAX / 2;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = "0123456789abcdef"[value.at[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[value.at[i] & 15];
	}
	return 2 * len;
}

/* `m`: whose tape has the item; NULL of a plain one, which is whole. */
static struct values text_value(
	struct dissect *d, const struct message *m, const struct item *item)
{
	struct values v = { VALUE_TEXT, 1, item_bytes(item) };
	const struct field *f = &opcua_fields[item->field];
	bool has_end = (item->field != F_VALUE_TEXT && item->field != F_VALUE_BYTES) || !m ||
		opcua_is_whole(m, item);

	if (!has_end)
		return (struct values){ 0 };
	if (item->field == F_VALUE_STATUS) {
		const char *name = opcua_status_name((uint32_t)item->u);
		v.bytes =
			(struct bytes){ (const uint8_t *)name, name ? strlen(name) : 0 };
	} else if (f->type == FIELD_BYTES) {
		v.bytes = opcua_kept_text(d, hex, item);
	} else if (f->format) {
		v.bytes = opcua_kept_text(d, f->format, item);
	}
	return v;
}

/* A number is where its item has it, in host order. */
static struct values single(
	struct dissect *d, const struct message *m, const struct item *item)
{
	enum value_type type = type_of(item);

	if (type == VALUE_TEXT)
		return text_value(d, m, item);
	return (struct values){ type, 1, { (const uint8_t *)&item->u, sizeof(item->u) } };
}

static const struct item *value_of(struct stretch in)
{
	return opcua_rows_in(in, F_VALUE_BOOL, F_VALUE_LOCALIZED - F_VALUE_BOOL + 1);
}

static uint64_t real_bits(enum value_type type, uint64_t number)
{
	double real = type == VALUE_INT ? (double)(int64_t)number : (double)number;

	memcpy(&number, &real, sizeof(number));
	return number;
}

/* Numbers of several types are reals. */
static void add_number(struct values *v, uint64_t *numbers, const struct item *item)
{
	enum value_type type = type_of(item);
	bool is_other = v->count && type != v->type;

	for (uint32_t i = 0; is_other && v->type != VALUE_REAL && i < v->count; i++)
		numbers[i] = real_bits(v->type, numbers[i]);
	v->type = is_other ? VALUE_REAL : type;
	numbers[v->count++] = is_other && type != VALUE_REAL ? real_bits(type, item->u) : item->u;
}

/* Of an array, as many numbers as an operation shows; of texts the first. None if there is
 * something else among its numbers. */
static struct values several(struct dissect *d, struct stretch in)
{
	enum { SHOWN = 64 };
	uint64_t numbers[SHOWN];
	struct values v = { 0 };
	struct stretch element;

	while (v.count < SHOWN && opcua_next(&in, F_VALUES, &element)) {
		const struct item *item = value_of(element);
		if (!item && in.m->is_cut)
			break;
		if (item && !v.count && type_of(item) == VALUE_TEXT)
			return text_value(d, in.m, item);
		if (!item || type_of(item) == VALUE_TEXT)
			return (struct values){ 0 };
		add_number(&v, numbers, item);
	}
	if (v.count)
		v.bytes = keep(d, (struct bytes){ (const uint8_t *)numbers,
					  v.count * sizeof(*numbers) });
	return v;
}

struct bytes opcua_number(struct dissect *d, const struct picked *picked, enum pick what)
{
	const struct item *item = picked->item[what];

	return item == &picked->room[what] ? keep_number(d, item->u)
		: (struct bytes){ (const uint8_t *)&item->u, sizeof(item->u) };
}

struct values opcua_values_of(struct dissect *d, const struct picked *from)
{
	const struct item *item = from->item[PICK_VALUE];

	if (!item)
		return several(d, from->element);
	enum value_type type = type_of(item);
	return type == VALUE_TEXT ? text_value(d, from->element.m, item)
		: (struct values){ type, 1, opcua_number(d, from, PICK_VALUE) };
}

struct values opcua_values_in(struct dissect *d, struct stretch in)
{
	const struct item *item = value_of(in);

	return item ? single(d, in.m, item) : several(d, in);
}
