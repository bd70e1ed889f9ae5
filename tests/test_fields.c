/* Field names as rules use them, the tape, operations as a tape, and the manual. */
#include <jansson.h>
#include <stdlib.h>

#include "dissect/fields.h"
#include "test.h"

/* ---- names ---- */

static const struct {
	const char *keyword, *name; /* name: the JSON path of the row found; NULL: none */
	enum half half;
	unsigned count;
} keywords[] = {
	{ "modbus.unit_id", "unit_id", HALF_ANY, 1 },
	{ "modbus.transaction_id", "transaction_id", HALF_ANY, 1 },
	{ "modbus.protocol_id", "protocol_id", HALF_ANY, 1 },
	{ "modbus.function", "function_raw", HALF_ANY, 1 },
	{ "modbus.function_raw", NULL, HALF_ANY, 0 },
	{ "modbus.subfunction", "diagnostic.raw", HALF_ANY, 1 },
	{ "modbus.exception_code", "exception.raw", HALF_ANY, 1 },
	{ "modbus.read.address", "read.address", HALF_ANY, 1 },
	{ "modbus.request.read.address", "read.address", HALF_REQUEST, 1 },
	{ "modbus.response.read.value", "read.values", HALF_RESPONSE, 2 },
	{ "modbus.read.quantity", "read.quantity", HALF_ANY, 1 },
	{ "modbus.write.address", "write.address", HALF_ANY, 1 },
	{ "modbus.write.quantity", "write.quantity", HALF_ANY, 1 },
	{ "modbus.write.value", "write.values", HALF_ANY, 2 },
	{ "modbus.write.values", "write.values", HALF_ANY, 2 },
	{ "modbus.mei.objects.value", "mei.objects.value", HALF_ANY, 1 },
	{ "modbus_func", "function_raw", HALF_ANY, 1 },
	{ "modbus_unit", "unit_id", HALF_ANY, 1 },
	{ "modbus_data", "body", HALF_ANY, 1 },
	{ "ot.verb", "verb", HALF_ANY, 1 },
	{ "ot.object", "object", HALF_ANY, 1 },
	{ "ot.outcome", "outcome", HALF_ANY, 1 },
	{ "ot.unit", "unit", HALF_ANY, 2 },
	{ "ot.value", "value", HALF_ANY, 9 },
	{ "ot.point.addr", "point.addr", HALF_ANY, 1 },
	{ "modbus", NULL, HALF_ANY, 0 },
	{ "modbus.", NULL, HALF_ANY, 0 },
	{ "modbus.request.", NULL, HALF_ANY, 0 },
	{ "modbus.read", NULL, HALF_ANY, 0 },
	{ "modbus.read.addres", NULL, HALF_ANY, 0 },
	{ "modbus.read.addresses", NULL, HALF_ANY, 0 },
	{ "modbus_fun", NULL, HALF_ANY, 0 },
	{ "unit_id", NULL, HALF_ANY, 0 },
	{ "", NULL, HALF_ANY, 0 },
};

static void test_keywords(void)
{
	for (unsigned i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
		const char *k = keywords[i].keyword;
		struct field_ref ref;
		bool is_found = field_find(k, strlen(k), &ref);
		CHECK(is_found == (keywords[i].name != NULL), "%s", k);
		if (!is_found || !keywords[i].name)
			continue;
		const char *name = ref.dissector->fields[ref.field].name;
		CHECK(strcmp(name, keywords[i].name) == 0, "%s is %s", k, name);
		CHECK(ref.half == keywords[i].half, "%s: half %d", k, ref.half);
		CHECK(ref.count == keywords[i].count, "%s: %u rows", k, ref.count);
	}
}

/* Every row is found under its keyword and its aliases, and under nobody else's. */
static void test_table(const struct dissector *d)
{
	for (unsigned i = 0; i < d->field_count; i++) {
		const struct field *f = &d->fields[i];
		char keyword[128], aliases[256];
		struct field_ref ref = { 0 };
		CHECK(f->name && f->help && *f->help, "%s: row %u", d->name, i);
		snprintf(keyword, sizeof(keyword), "%s.%s", d->name, field_keyword(f));
		field_find(keyword, strlen(keyword), &ref);
		CHECK(ref.dissector == d && i - ref.field < ref.count, "%s is not row %u",
			keyword, i);
		snprintf(aliases, sizeof(aliases), "%s", f->aliases ? f->aliases : "");
		for (char *a = strtok(aliases, " "); a; a = strtok(NULL, " ")) {
			field_find(a, strlen(a), &ref);
			CHECK(ref.dissector == d && i - ref.field < ref.count,
				"%s is not row %u", a, i);
		}
		CHECK(f->type != FIELD_ENUM || f->names, "%s has no names", keyword);
		CHECK(f->type != FIELD_FLAGS || f->names, "%s has no names", keyword);
	}
}

static void test_dissectors(void)
{
	for (unsigned i = 0; dissectors[i]; i++) {
		const char *name = dissectors[i]->name;
		CHECK(dissector_find(name, strlen(name)) == dissectors[i], "%s", name);
		CHECK(!dissector_find(name, strlen(name) - 1), "a part of %s", name);
		CHECK(dissector_index(dissectors[i]) == i, "%s", name);
		CHECK(dissectors[i]->event_count <= EVENT_MAX, "%s", name);
		test_table(dissectors[i]);
	}
	test_table(&ot_dissector);
}

/* ---- the tape ---- */

static void test_tape(void)
{
	struct message m;
	struct dissect d = { .message = &m };

	message_init(&m);
	put_uint(&d, 3, 7);
	put_begin(&d, 4);
	put_int(&d, 5, -1);
	put_end(&d);
	put_real(&d, 6, 0.5);
	put_text(&d, 7, "text");
	CHECK(m.count == 6, "%u", m.count);
	CHECK(message_item(&m, 3)->u == 7, "number");
	CHECK(message_item(&m, 5)->i == -1, "signed");
	CHECK(message_item(&m, 6)->real == 0.5, "real");
	CHECK(message_item(&m, 7)->len == 4, "text");
	CHECK(m.items[3].field == ITEM_END, "end");
	CHECK(!message_item(&m, 8), "nothing");
	message_clear(&m);
	CHECK(m.count == 0 && !message_item(&m, 3), "cleared");
	for (uint32_t i = 0; i < MESSAGE_ITEMS_MAX + 5; i++)
		put_uint(&d, 1, i);
	CHECK(m.count == MESSAGE_ITEMS_MAX && m.is_full, "%u", m.count);
	CHECK(m.items[MESSAGE_ITEMS_MAX - 1].u == MESSAGE_ITEMS_MAX - 1, "the last one");
	message_fini(&m);
}

static const struct {
	const char *what;
	size_t left, len;
	uint32_t items, item_len;
	bool ok;
} runs[] = {
	{ "whole", 4, 4, 1, 4, true },
	{ "some are left", 4, 3, 1, 3, true },
	{ "none asked for", 4, 0, 1, 0, true },
	{ "short", 4, 5, 1, 4, false },
	{ "nothing there", 0, 5, 0, 0, false },
};

static void test_runs(void)
{
	static const uint8_t bytes[4] = { 1, 2, 3, 4 };
	struct message m;
	struct dissect d = { .message = &m };

	message_init(&m);
	for (unsigned i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		struct cursor c = { bytes, runs[i].left, false };
		message_clear(&m);
		put_run(&d, 1, &c, runs[i].len);
		CHECK(m.count == runs[i].items, "%s: %u items", runs[i].what, m.count);
		CHECK(!m.count || m.items[0].len == runs[i].item_len, "%s", runs[i].what);
		CHECK(cursor_ok(&c) == runs[i].ok, "%s: cursor", runs[i].what);
		m.count = 0;
		c.failed = true;
		put_run(&d, 1, &c, 1);
		put_rest(&d, 1, &c);
		put_u8(&d, 1, &c);
		CHECK(m.count == 0, "%s: nothing through a failed cursor", runs[i].what);
	}
	message_fini(&m);
}

static const struct {
	uint32_t bytes, count, want;
} bits[] = {
	{ 1, 0, 0 },
	{ 1, 1, 1 },
	{ 1, 8, 8 },
	{ 2, 9, 9 },
	{ 2, 13, 13 },
	{ 2, 16, 16 },
	{ 1, 9, 8 },
	{ 2, 2000, 16 },
	{ 0, 5, 0 },
};

static void test_bits(void)
{
	static const uint8_t bytes[2] = { 0xcd, 0x13 };
	struct message m;
	struct dissect d = { .message = &m };

	message_init(&m);
	for (unsigned i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		message_clear(&m);
		put_bits(&d, 1, (struct bytes){ bytes, bits[i].bytes }, bits[i].count);
		CHECK(item_bit_count(&m.items[0]) == bits[i].want, "%u of %u bytes: %u",
			bits[i].count, bits[i].bytes, item_bit_count(&m.items[0]));
	}
	message_clear(&m);
	put_bits(&d, 1, (struct bytes){ bytes, 2 }, 16);
	CHECK(item_bit(&m.items[0], 0) == 1 && item_bit(&m.items[0], 1) == 0,
		"lowest first");
	CHECK(item_bit(&m.items[0], 12) == 1 && item_bit(&m.items[0], 13) == 0,
		"second byte");
	message_fini(&m);
}

/* ---- operations ---- */

static const uint8_t u16s[] = { 0, 10, 1, 2 };
static const uint64_t uints[] = { 5, UINT64_MAX };
static const double reals[] = { 1.5, 2.5 };

#define BYTES(a)                                                                         \
	{                                                                                \
		(const uint8_t *)(a), sizeof(a)                                          \
	}

static const struct {
	const char *what;
	struct values value;
	unsigned field, items; /* the first row of the value, and how many such items */
} values[] = {
	{ "none", { VALUE_NONE, 0, { NULL, 0 } }, OT_VALUE, 0 },
	{ "one bit", { VALUE_BITS, 1, BYTES(u16s) }, OT_VALUE, 1 },
	{ "bits", { VALUE_BITS, 9, BYTES(u16s) }, OT_VALUE_BITS, 1 },
	{ "one register", { VALUE_U16, 1, BYTES(u16s) }, OT_VALUE, 1 },
	{ "registers", { VALUE_U16, 2, BYTES(u16s) }, OT_VALUE_U16S, 1 },
	{ "one number", { VALUE_UINT, 1, BYTES(uints) }, OT_VALUE, 1 },
	{ "numbers", { VALUE_UINT, 2, BYTES(uints) }, OT_VALUES_UINT, 2 },
	{ "more than there are", { VALUE_UINT, 9, BYTES(uints) }, OT_VALUES_UINT, 2 },
	{ "one signed", { VALUE_INT, 1, BYTES(uints) }, OT_VALUE_INT, 1 },
	{ "reals", { VALUE_REAL, 2, BYTES(reals) }, OT_VALUES_REAL, 2 },
	{ "text", { VALUE_TEXT, 1, BYTES(u16s) }, OT_VALUE_TEXT, 1 },
};

static unsigned count_items(const struct message *m, unsigned field)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < m->count; i++)
		count += m->items[i].field == field;
	return count;
}

static void test_values(void)
{
	struct message m;

	message_init(&m);
	for (unsigned i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct operation op = { .verb = VERB_READ, .value = values[i].value };
		operation_tape(&m, &op);
		unsigned all = 0, these = count_items(&m, values[i].field);
		for (unsigned f = OT_VALUE; f <= OT_VALUES_REAL; f++)
			all += count_items(&m, f);
		CHECK(these == values[i].items && all == these, "%s: %u of %u",
			values[i].what, these, all);
	}
	message_fini(&m);
}

static void test_operation(void)
{
	struct operation op = { .verb = VERB_WRITE,
		.outcome = OUTCOME_REJECTED,
		.code = "IllegalDataAddr",
		.object = "coil",
		.has_unit = true,
		.unit = 7,
		.has_point = true,
		.address = 100,
		.count = 2 };
	struct message m;
	uint64_t value = 0;

	message_init(&m);
	operation_tape(&m, &op);
	CHECK(message_uint(&m, OT_VERB, &value) && value == VERB_WRITE, "verb");
	CHECK(message_uint(&m, OT_UNIT, &value) && value == 7, "unit");
	CHECK(message_uint(&m, OT_POINT_ADDR, &value) && value == 100, "address");
	CHECK(message_uint(&m, OT_POINT_COUNT, &value) && value == 2, "count");
	CHECK(message_uint(&m, OT_OUTCOME, &value) && value == OUTCOME_REJECTED,
		"outcome");
	CHECK(message_item(&m, OT_OBJECT)->len == 4, "object");
	CHECK(message_item(&m, OT_CODE)->len == 15, "code");
	CHECK(!message_item(&m, OT_UNIT_TEXT) && !message_item(&m, OT_POINT_ID),
		"no text");
	message_fini(&m);
}

/* ---- the manual ---- */

static void test_manual(void)
{
	const struct dissector *d = dissector_find("modbus", 6);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	fields_print(out, NULL, true);
	fflush(out);
	json_t *all = json_loads(text, 0, NULL);
	CHECK(all && json_array_size(all) > 1, "the manual is JSON");
	json_t *modbus = json_array_get(all, dissector_index(d));
	CHECK(json_array_size(json_object_get(modbus, "fields")) == d->field_count,
		"every field is in it");
	CHECK(json_array_size(json_object_get(modbus, "events")) == d->event_count,
		"every event is in it");
	json_decref(all);
	fclose(out);
	free(text);
	text = NULL;
	out = open_memstream(&text, &len);
	fields_print(out, d, false);
	fclose(out);
	CHECK(strstr(text, "modbus.write.value") && strstr(text, "modbus_func"),
		"keywords");
	CHECK(!strstr(text, "ot.verb"), "one dissector only");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		CHECK(strlen(line) <= 100, "a long line: %s", line);
	free(text);
}

int main(void)
{
	test_keywords();
	test_dissectors();
	test_tape();
	test_runs();
	test_bits();
	test_values();
	test_operation();
	test_manual();
	return test_end();
}
