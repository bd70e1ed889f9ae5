#include "dnp3_measures.h"
#include "dnp3_values.h"

enum { RUN_MAX = 128, STRINGS_FIRST = 110, STRINGS_LAST = 115 };

static const char *const objects[] = {
	[0] = "device_attribute",
	[1] = "binary_input",
	[2] = "binary_input",
	[3] = "double_bit_input",
	[4] = "double_bit_input",
	[10] = "binary_output",
	[11] = "binary_output",
	[12] = "binary_output",
	[13] = "binary_command",
	[20] = "counter",
	[21] = "frozen_counter",
	[22] = "counter",
	[23] = "frozen_counter",
	[30] = "analog_input",
	[31] = "frozen_analog_input",
	[32] = "analog_input",
	[33] = "frozen_analog_input",
	[34] = "analog_deadband",
	[40] = "analog_output",
	[41] = "analog_output",
	[42] = "analog_output",
	[43] = "analog_command",
	[50] = "clock",
	[60] = "class_data",
	[70] = "file",
	[80] = "internal_indications",
	[85] = "data_set_prototype",
	[86] = "data_set_descriptor",
	[87] = "data_set",
	[88] = "data_set",
	[102] = "unsigned_integer",
	[110] = "octet_string",
	[111] = "octet_string",
	[112] = "virtual_terminal",
	[113] = "virtual_terminal",
	[114] = "octet_string",
	[115] = "octet_string",
	[121] = "security_statistic",
	[122] = "security_statistic",
};

const char *dnp3_object(uint8_t group)
{
	return group < sizeof(objects) / sizeof(*objects) ? objects[group] : NULL;
}

/* ---- runs ---- */

struct run {
	struct dissect *d;
	const struct operation *like;
	enum value_type type;
	uint64_t first;
	uint32_t count;
	uint64_t values[RUN_MAX];
};

/* Eight values to a byte, in their place. */
static size_t pack(struct run *r)
{
	uint8_t *bytes = (uint8_t *)r->values;

	for (uint32_t i = 0; i < r->count; i++) {
		uint8_t bit = (uint8_t)(r->values[i] << i % 8);
		bytes[i / 8] = i % 8 ? bytes[i / 8] | bit : bit;
	}
	return (r->count + 7) / 8;
}

static void finish_run(struct run *r)
{
	struct operation op = *r->like;

	if (!r->count)
		return;
	op.has_point = true;
	op.address = r->first;
	op.count = r->count;
	size_t len = r->type == VALUE_BITS ? pack(r) : r->count * sizeof(*r->values);
	op.value = (struct values){ r->type, r->count,
		keep(r->d, (struct bytes){ (const uint8_t *)r->values, len }) };
	if (!op.value.bytes.len)
		op.value.type = VALUE_NONE;
	operation_add(r->d, &op);
	r->count = 0;
}

static void add_value(struct run *r, uint64_t index, enum value_type type, uint64_t value)
{
	if (r->count == RUN_MAX ||
		(r->count && (index != r->first + r->count || type != r->type)))
		finish_run(r);
	if (!r->count)
		r->first = index;
	r->type = type;
	r->values[r->count++] = value;
}

/* ---- values ---- */

/* Which fields are a point's value, and of what type. States of double-bit inputs need
 * two bits, others one; bytes are a text only where the group is one of strings. */
static const uint8_t value_types[DNP3_FIELDS] = {
	[STATE] = VALUE_BITS,
	[POINT_COUNT] = VALUE_UINT,
	[DEADBAND] = VALUE_UINT,
	[TIMESTAMP] = VALUE_UINT,
	[VALUE_UNSIGNED] = VALUE_UINT,
	[COUNT_VALUE] = VALUE_UINT,
	[VALUE] = VALUE_INT,
	[COMMANDED_VALUE] = VALUE_INT,
	[VALUE_FLOAT] = VALUE_REAL,
	[COMMANDED_FLOAT] = VALUE_REAL,
	[DEADBAND_FLOAT] = VALUE_REAL,
	[VALUE_STRING] = VALUE_TEXT,
	[DATA] = VALUE_TEXT,
};

static enum value_type type_of(unsigned group, unsigned field)
{
	if (field == STATE && (group == 3 || group == 4))
		return VALUE_UINT;
	if (field == DATA && (group < STRINGS_FIRST || group > STRINGS_LAST))
		return VALUE_NONE;
	return (enum value_type)value_types[field];
}

static void add_text(struct run *r, uint64_t index, const struct item *item)
{
	struct operation op = *r->like;

	finish_run(r);
	op.has_point = true;
	op.address = index;
	op.count = 1;
	op.value = (struct values){ VALUE_TEXT, 1, item_bytes(item) };
	operation_add(r->d, &op);
}

/* The values of a data set are many, and of types that its description has. */
static void add_set(struct run *r, const struct dnp3_walk *w)
{
	struct operation op = *r->like;

	finish_run(r);
	op.has_point = dnp3_point_item(w, SET_ID) != NULL;
	op.address = dnp3_point_address(w);
	op.count = 1;
	operation_add(r->d, &op);
}

/* The value is the first field of the point that can be one. */
static void add_point(struct run *r, const struct dnp3_walk *w)
{
	uint64_t index = dnp3_point_address(w);
	enum value_type type = VALUE_NONE;
	uint32_t i = w->from;

	while (i < w->end &&
		(w->m->items[i].field >= DNP3_FIELDS ||
			(type = type_of(w->group, w->m->items[i].field)) == VALUE_NONE))
		i++;
	if (type == VALUE_TEXT)
		add_text(r, index, &w->m->items[i]);
	else if (type != VALUE_NONE)
		add_value(r, index, type, w->m->items[i].u);
}

static void add_measures(struct run *r, struct bytes object)
{
	struct dnp3_measures m = dnp3_measures_of(object);

	r->type = type_of(m.group, m.field);
	while ((r->count = dnp3_measures_read(&m, r->values, RUN_MAX, &r->first)) > 0)
		finish_run(r);
}

void dnp3_values(struct dissect *d, struct dnp3_walk *w, const struct operation *op)
{
	struct run r;
	bool is_set = w->group == SET_GROUP || w->group == SET_EVENT_GROUP;

	r.d = d;
	r.like = op;
	r.count = 0;
	if (w->measures.len)
		add_measures(&r, w->measures);
	while (dnp3_next_point(w))
		if (is_set)
			add_set(&r, w);
		else
			add_point(&r, w);
	finish_run(&r);
}

/* ---- identity ---- */

static int identity_of(unsigned variation)
{
	switch (variation) {
	case 242:
		return IDENTITY_FIRMWARE;
	case 243:
		return IDENTITY_HARDWARE;
	case 247:
		return IDENTITY_NAME;
	case 248:
		return IDENTITY_SERIAL;
	case 250:
		return IDENTITY_MODEL;
	case 252:
		return IDENTITY_VENDOR;
	default:
		return -1;
	}
}

void dnp3_identify(struct dissect *d, struct dnp3_walk w)
{
	int identity = identity_of(w.variation);

	while (identity >= 0 && dnp3_next_point(&w)) {
		const struct item *text = dnp3_point_item(&w, VALUE_STRING);
		if (text)
			identity_add(d, (enum identity)identity, item_bytes(text));
	}
}
