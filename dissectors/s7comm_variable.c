/* Operations on variables: where, what value, and how it went. */
#include "s7comm_operate.h"

enum { VALUES_MAX = 1024 }; /* more than a PDU of 960 bytes has */

/* ---- values ---- */

static uint64_t number_at(uint8_t type, size_t size, const uint8_t *at)
{
	float real;
	double wide;
	uint32_t bits;
	uint64_t number;

	switch (type) {
	case S7_INT:
		return (uint64_t)(int64_t)(int16_t)be16_at(at);
	case S7_DINT:
	case S7_TIME_TYPE:
		return (uint64_t)(int64_t)(int32_t)be32_at(at);
	case S7_REAL:
		bits = be32_at(at);
		memcpy(&real, &bits, sizeof(real));
		wide = (double)real;
		memcpy(&number, &wide, sizeof(number));
		return number;
	}
	return size == 1 ? at[0] : size == 2 ? be16_at(at) : be32_at(at);
}

static enum value_type type_of(uint8_t type)
{
	return type == S7_REAL ? VALUE_REAL :
		type == S7_INT || type == S7_DINT || type == S7_TIME_TYPE ? VALUE_INT :
		VALUE_UINT;
}

static struct values numbers_of(struct dissect *d, uint8_t type, size_t size,
	struct bytes data)
{
	uint64_t numbers[VALUES_MAX];
	const uint8_t *at = data.at, *end = at + data.len;
	uint32_t count = 0;

	if (data.len > size * VALUES_MAX)
		return (struct values){ 0 };
	for (; at < end; at += size)
		numbers[count++] = number_at(type, size, at);
	struct bytes kept = keep(d, (struct bytes){ (const uint8_t *)numbers,
		count * sizeof(*numbers) });
	return kept.len ? (struct values){ type_of(type), count, kept } :
		(struct values){ 0 };
}

/* Data as values of a type; none where they do not fit it. */
struct values s7_values(struct dissect *d, uint8_t type, struct bytes data)
{
	size_t size = s7_type_size(type);

	if (data.len == 0 || size == 0 || data.len & (size - 1)) /* a power of two */
		return (struct values){ 0 };
	if (type == S7_BIT)
		return (struct values){ VALUE_BITS,
			(uint32_t)(data.len == 1 ? 1 : data.len * 8), data };
	if (type == S7_CHAR)
		return (struct values){ VALUE_TEXT, 1, data };
	if (type == S7_WORD || type == S7_S5TIME)
		return (struct values){ VALUE_U16, (uint32_t)(data.len / 2), data };
	if (type == S7_DATE_AND_TIME)
		return data.len == size ? (struct values){ VALUE_TEXT, 1,
			s7_formatted(d, s7_clock_text, data) } : (struct values){ 0 };
	return numbers_of(d, type, size, data);
}

/* ---- items ---- */

/* What is known of an item beside its address: its data, and how it went. */
struct outcome_of_item {
	const struct item *code, *data;
	bool is_lost; /* there is an answer, but what it says of this item was not seen */
};

void s7_set_outcome(struct operation *op, const struct item *code)
{
	if (!code || code->u == S7_SUCCESS)
		return;
	const char *name = name_of(s7_code_names, code->u);
	op->outcome = OUTCOME_REJECTED;
	op->code = name ? name : "unknown";
}

static void set_outcome(struct operation *op, struct outcome_of_item how)
{
	s7_set_outcome(op, how.code);
	if (how.is_lost)
		op->outcome = OUTCOME_NOT_SEEN;
}

static const char *area_object(uint8_t area)
{
	const char *name = name_of(s7_area_names, area);

	return name ? name : "variable";
}

static void set_place(struct dissect *d, struct operation *op, const struct s7_address *a)
{
	uint8_t place[S7_PLACE];

	s7_place(a, place);
	op->point_text = keep(d, (struct bytes){ place, sizeof(place) });
	op->point_format = s7_place_text;
}

/* Whatever shape it is read and written in, it is the same memory. */
static void set_memory(struct operation *op, const struct s7_address *a, struct bytes data)
{
	enum { TIMER_BITS = 16 };
	bool is_bit = a->type == S7_BIT && a->length == 1;
	uint64_t place = (uint64_t)a->area << 16 | a->db;
	uint32_t at = s7_area_is_numbered(a->area) ? a->address * TIMER_BITS : a->address;

	op->memory_at = place << 32 | at;
	op->memory_bits = is_bit ? 1 : (uint32_t)s7_type_size(a->type) * 8 * a->length;
	if (op->memory_bits == 0 && data.len <= UINT16_MAX)
		op->memory_bits = (uint32_t)data.len * 8;
	op->memory = data;
	if (is_bit ? data.len != 1 : (uint64_t)data.len * 8 != op->memory_bits)
		op->memory.len = 0;
}

static void add_any(struct dissect *d, struct operation *op, struct bytes specification,
	const struct item *data)
{
	struct s7_address a = s7_address_read(specification);

	set_place(d, op, &a);
	set_memory(op, &a, data ? item_bytes(data) : (struct bytes){ NULL, 0 });
	op->object = area_object(a.area);
	op->has_point = true;
	op->address = a.address;
	op->count = a.length;
	if (data)
		op->value = s7_values(d, a.type, item_bytes(data));
	operation_add(d, op);
}

/* A list of places: their data lie one behind the other, if they are there. Each place is
 * a group in the item's: `element` moves on to where the list ends. */
static void add_db_list(struct dissect *d, struct operation *op, const struct message *m,
	const struct item *element, const struct item *data)
{
	struct cursor c = cursor_of(data ? item_bytes(data) : (struct bytes){ NULL, 0 });
	uint32_t at = (uint32_t)(element - m->items);

	op->object = area_object(S7_AREA_DB);
	op->has_point = true;
	while (at < m->count && m->items[at].field != ITEM_END) {
		if (m->items[at++].field != ITEM_AREAS)
			continue;
		const struct item *point =
			s7_in_group(m, &m->items[at], ITEM_AREAS_POINT);
		const struct item *byte = s7_in_group(m, &m->items[at], ITEM_AREAS_BYTE);
		const struct item *length =
			s7_in_group(m, &m->items[at], ITEM_AREAS_LENGTH);
		if (!point || !byte || !length)
			return;
		struct s7_address a = { .area = S7_AREA_DB, .type = S7_BYTE,
			.db = be16_at(point->at + 1), .length = (uint16_t)length->u,
			.address = (uint32_t)byte->u * 8 };
		struct bytes bytes = cursor_bytes(&c, length->u);
		set_place(d, op, &a);
		set_memory(op, &a, bytes);
		op->address = byte->u * 8;
		op->count = (uint32_t)length->u;
		op->value = s7_values(d, S7_BYTE, bytes);
		operation_add(d, op);
		at = (uint32_t)(point - m->items) + 2; /* it is the last but the end */
	}
}

static void add_other(struct dissect *d, struct operation *op, const struct item *point)
{
	if (point) {
		op->point_text = item_bytes(point);
		op->point_format = s7_point_text;
	}
	operation_add(d, op);
}

/* One operation an address, or a place of a list; `at` moves on to the element's end. */
static void add_item(struct dissect *d, enum verb verb, const struct message *m,
	uint32_t *at, struct outcome_of_item how)
{
	struct operation op = s7_operation(d, verb, "variable");
	const struct item *element = &m->items[*at], *end = m->items + m->count;
	const struct item *item = element, *point = NULL;
	uint64_t syntax = 0;
	bool has_db = false;

	for (; item < end && item->field != ITEM_END; item++)
		if (item->field == ITEM_SYNTAX)
			syntax = item->u;
		else if (item->field == ITEM_POINT)
			point = item;
		else if (item->field == ITEM_DB)
			has_db = true;
	*at = (uint32_t)(item - m->items);
	set_outcome(&op, how);
	if (point && has_db)
		op.object = area_object(S7_AREA_DB);
	if (syntax == S7_SYNTAX_DB_LIST)
		add_db_list(d, &op, m, element, how.data);
	else if (point && syntax == S7_SYNTAX_ANY)
		add_any(d, &op, item_bytes(point), how.data);
	else
		add_other(d, &op, point);
}

static struct outcome_of_item next_data(const struct message *m, uint32_t *at)
{
	struct outcome_of_item how = { NULL, NULL, false };

	const struct item *item = s7_next_group(m, at, DATA);

	if (!item)
		return how;
	for (const struct item *end = m->items + m->count;
		item < end && item->field != ITEM_END; item++)
		if (item->field == DATA_CODE_RAW)
			how.code = item;
		else if (item->field == DATA_BYTES)
			how.data = item;
	*at = (uint32_t)(item - m->items);
	return how;
}

/* Of an answer whose request was not seen, how it went with each item. */
static void add_unasked(struct dissect *d, enum verb verb, const struct message *answer)
{
	uint32_t at = 0;
	struct outcome_of_item how = next_data(answer, &at);

	if (!how.code)
		s7_add(d, verb, "variable", NULL);
	for (; how.code; how = next_data(answer, &at)) {
		struct operation op = s7_operation(d, verb, "variable");
		s7_set_outcome(&op, how.code);
		operation_add(d, &op);
	}
}

/* Not all of a good answer is there. */
static bool lacks_items(const struct message *answer)
{
	return answer && !answer->code && (answer->is_cut || answer->events);
}

/* A read's data are in its answer; a write's in the request, and only codes in the
 * answer. */
void s7_operate_items(struct dissect *d, const struct s7_pair *p, enum verb verb)
{
	bool writes = verb == VERB_WRITE;
	uint32_t at = 0, answer_at = 0, data_at = 0;

	bool subscribes = verb == VERB_SUBSCRIBE;
	if (subscribes) /* the first data is the head */
		next_data(p->response, &answer_at);
	if (!s7_item(p->request, ITEMS)) {
		add_unasked(d, verb, subscribes ? NULL : p->response);
		return;
	}
	while (s7_next_group(p->request, &at, ITEMS)) {
		struct outcome_of_item how = next_data(p->response, &answer_at);
		how.is_lost = lacks_items(p->response) && !how.code;
		if (subscribes)
			how.data = NULL;
		else if (writes)
			how.data = next_data(p->request, &data_at).data;
		else if (how.code && how.code->u != S7_SUCCESS)
			how.data = NULL;
		add_item(d, verb, p->request, &at, how);
	}
}

/* ---- programmer commands ---- */

/* By the width that the area's low digit tells; timers and counters are words. */
static uint8_t type_of_area(uint8_t area)
{
	static const uint8_t types[] = { S7_BIT, S7_BYTE, S7_WORD, S7_DWORD, S7_WORD };
	uint8_t width = area & 0x0f;

	return width < sizeof(types) ? types[width] : 0;
}

/* Timers and counters. */
static bool is_numbered(uint64_t area)
{
	return area >> 4 == 5 || area >> 4 == 6;
}

static void add_variable(struct dissect *d, enum verb verb, const struct message *m,
	const struct item *element, struct outcome_of_item how)
{
	const struct item *point = s7_in_group(m, element, VARIABLE_POINT);
	const struct item *byte = s7_in_group(m, element, VARIABLE_BYTE);
	const struct item *bit = s7_in_group(m, element, VARIABLE_BIT);
	const struct item *area = s7_in_group(m, element, VARIABLE_AREA_RAW);
	const struct item *count = s7_in_group(m, element, VARIABLE_COUNT);
	struct operation op = s7_operation(d, verb, "variable");

	if (!point || !byte || !area) {
		operation_add(d, &op);
		return;
	}
	op.point_text = s7_formatted(d, s7_variable_text, item_bytes(point));
	op.has_point = true;
	op.address = is_numbered(area->u) ? byte->u : byte->u * 8 + (bit ? bit->u : 0);
	op.count = count && count->u ? (uint32_t)count->u : 1;
	if (how.data)
		op.value = s7_values(d, type_of_area((uint8_t)area->u), item_bytes(how.data));
	set_outcome(&op, how);
	operation_add(d, &op);
}

/* Watched variables are read, others written or forced. The first data is the head; an answer
 * without more says that the job was taken, and its results are pushed. */
void s7_operate_variables(struct dissect *d, const struct s7_pair *p, enum verb verb)
{
	const struct item *element;
	uint32_t at = 0, data_at = 0, answer_at = 0;

	if (!s7_item(p->request, VARIABLES)) {
		s7_add(d, verb, "variable", NULL);
		return;
	}
	next_data(p->request, &data_at);
	next_data(p->response, &answer_at);
	while ((element = s7_next_group(p->request, &at, VARIABLES))) {
		struct outcome_of_item how = next_data(p->response, &answer_at);
		how.is_lost = lacks_items(p->response) && !how.code;
		how.data = next_data(p->request, &data_at).data;
		add_variable(d, verb, p->request, element, how);
	}
}
