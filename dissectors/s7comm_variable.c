/* Operations on variables: where, what value, and how it went. */
#include "s7comm_operate.h"

enum { VALUES_MAX = 256 };

/* ---- values ---- */

static void store(struct dissect *d, struct values *values, const uint64_t *numbers)
{
	values->bytes = keep(d, (struct bytes){ (const uint8_t *)numbers,
		values->count * sizeof(*numbers) });
	if (!values->bytes.len)
		*values = (struct values){ 0 };
}

static uint64_t widened(uint8_t type, uint64_t raw)
{
	float real;
	double wide;
	uint32_t bits = (uint32_t)raw;

	switch (type) {
	case S7_INT:
		return (uint64_t)(int64_t)(int16_t)raw;
	case S7_DINT:
	case S7_TIME_TYPE:
		return (uint64_t)(int64_t)(int32_t)raw;
	case S7_REAL:
		memcpy(&real, &bits, sizeof(real));
		wide = (double)real;
		memcpy(&raw, &wide, sizeof(raw));
	}
	return raw;
}

static struct values numbers_of(struct dissect *d, uint8_t type, struct bytes data)
{
	uint64_t numbers[VALUES_MAX];
	size_t size = s7_type_size(type);
	struct cursor c = cursor_of(data);
	struct values values = { .type = type == S7_REAL ? VALUE_REAL :
		type == S7_INT || type == S7_DINT || type == S7_TIME_TYPE ? VALUE_INT :
		VALUE_UINT };

	while (c.left >= size && values.count < VALUES_MAX)
		numbers[values.count++] = widened(type, cursor_be(&c, size));
	if (c.left == 0 && values.count)
		store(d, &values, numbers);
	else
		values = (struct values){ 0 };
	return values;
}

/* Data as values of a type; none where they do not fit it. */
struct values s7_values(struct dissect *d, uint8_t type, struct bytes data)
{
	size_t size = s7_type_size(type);

	if (data.len == 0 || size == 0 || data.len % size)
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
	return numbers_of(d, type, data);
}

/* ---- items ---- */

/* What is known of an item beside its address: its data, and how it went. */
struct outcome_of_item {
	const struct item *code, *data;
};

static void set_outcome(struct operation *op, const struct item *code)
{
	if (!code || code->u == S7_SUCCESS)
		return;
	const char *name = name_of(s7_code_names, code->u);
	op->outcome = OUTCOME_REJECTED;
	op->code = name ? name : "unknown";
}

static const char *area_object(uint8_t area)
{
	const char *name = name_of(s7_area_names, area);

	return name ? name : "variable";
}

static void add_any(struct dissect *d, struct operation *op, struct bytes specification,
	const struct item *data)
{
	struct s7_address a = s7_address_read(specification);

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
		op->point_text = s7_formatted(d, s7_area_text, item_bytes(point));
		op->address = byte->u * 8;
		op->count = (uint32_t)length->u;
		op->value = s7_values(d, S7_BYTE, cursor_bytes(&c, length->u));
		operation_add(d, op);
		at = (uint32_t)(point - m->items) + 2; /* it is the last but the end */
	}
}

/* One operation an address, or a place of a list; `at` moves on to the element's end. */
static void add_item(struct dissect *d, enum verb verb, const struct message *m,
	uint32_t *at, struct outcome_of_item how)
{
	struct operation op = s7_operation(d, verb, "variable");
	const struct item *element = &m->items[*at], *point = NULL;
	uint64_t syntax = 0;
	bool has_db = false;

	for (; *at < m->count && m->items[*at].field != ITEM_END; (*at)++) {
		const struct item *item = &m->items[*at];
		syntax = item->field == ITEM_SYNTAX ? item->u : syntax;
		point = item->field == ITEM_POINT ? item : point;
		has_db |= item->field == ITEM_DB;
	}
	set_outcome(&op, how.code);
	if (point)
		op.point_text = s7_formatted(d, s7_point_text, item_bytes(point));
	if (point && has_db)
		op.object = area_object(S7_AREA_DB);
	if (syntax == S7_SYNTAX_DB_LIST)
		add_db_list(d, &op, m, element, how.data);
	else if (point && syntax == S7_SYNTAX_ANY)
		add_any(d, &op, item_bytes(point), how.data);
	else
		operation_add(d, &op);
}

static struct outcome_of_item next_data(const struct message *m, uint32_t *at)
{
	struct outcome_of_item how = { NULL, NULL };

	if (!s7_next_group(m, at, DATA))
		return how;
	for (; *at < m->count && m->items[*at].field != ITEM_END; (*at)++) {
		const struct item *item = &m->items[*at];
		how.code = item->field == DATA_CODE_RAW ? item : how.code;
		how.data = item->field == DATA_BYTES ? item : how.data;
	}
	return how;
}

/* A read's data are in its answer; a write's in the request, and only codes in the
 * answer. */
void s7_operate_items(struct dissect *d, const struct s7_pair *p, enum verb verb)
{
	bool writes = verb == VERB_WRITE;
	uint32_t at = 0, answer_at = 0, data_at = 0;

	if (!s7_item(p->request, ITEMS)) {
		s7_add(d, verb, "variable", NULL);
		return;
	}
	while (s7_next_group(p->request, &at, ITEMS)) {
		struct outcome_of_item how = next_data(p->response, &answer_at);
		if (writes)
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
	const struct item *element, const struct item *data)
{
	const struct item *point = s7_in_group(m, element, VARIABLE_POINT);
	const struct item *byte = s7_in_group(m, element, VARIABLE_BYTE);
	const struct item *bit = s7_in_group(m, element, VARIABLE_BIT);
	const struct item *area = s7_in_group(m, element, VARIABLE_AREA_RAW);
	struct operation op = s7_operation(d, verb, "variable");

	if (!point || !byte || !area)
		return;
	op.point_text = s7_formatted(d, s7_variable_text, item_bytes(point));
	op.has_point = true;
	op.address = is_numbered(area->u) ? byte->u : byte->u * 8 + (bit ? bit->u : 0);
	op.count = 1;
	if (data)
		op.value = s7_values(d, type_of_area((uint8_t)area->u), item_bytes(data));
	operation_add(d, &op);
}

/* Watched variables are read, others written or forced. The first data is the head. */
void s7_operate_variables(struct dissect *d, const struct s7_pair *p, enum verb verb)
{
	const struct item *element;
	uint32_t at = 0, data_at = 0;

	if (!s7_item(p->request, VARIABLES)) {
		s7_add(d, verb, "variable", NULL);
		return;
	}
	next_data(p->request, &data_at);
	while ((element = s7_next_group(p->request, &at, VARIABLES)))
		add_variable(d, verb, p->request, element,
			next_data(p->request, &data_at).data);
}
