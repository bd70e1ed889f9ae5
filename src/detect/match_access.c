/* Suricata's `modbus: access`: what a request reads or writes, by table, address and value.
 *
 * The fields are the Modbus dissector's, found by name when the rules are compiled. A request
 * fits an address range if any address it touches lies in it, and a value range if the value
 * written at such an address does. */
#include "detect/runtime.h"

enum { DISCRETES = 1, COILS = 2, INPUT = 4, HOLDING = 8 };
enum { WRITE_SINGLE_COIL = 5, COIL_ON = 0xff00 };

static const struct access_function {
	uint8_t code, table;
	bool reads, writes;
} functions[] = {
	{ 1, COILS, true, false },
	{ 2, DISCRETES, true, false },
	{ 3, HOLDING, true, false },
	{ 4, INPUT, true, false },
	{ 5, COILS, false, true },
	{ 6, HOLDING, false, true },
	{ 15, COILS, false, true },
	{ 16, HOLDING, false, true },
	{ 20, 0, true, false },
	{ 21, 0, false, true },
	{ 22, HOLDING, false, true },
	{ 23, HOLDING, true, true },
	{ 24, HOLDING, true, false },
};

static const struct access_function *function_find(uint64_t code)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (functions[i].code == code)
			return &functions[i];
	return NULL;
}

const char *access_table(uint64_t code)
{
	const struct access_function *f = function_find(code);
	switch (f ? f->table : 0) {
	case DISCRETES:
		return "discretes";
	case COILS:
		return "coils";
	case INPUT:
		return "input";
	case HOLDING:
		return "holding";
	}
	return NULL;
}

static const struct item *item_of(const struct ruleset *set, const struct message *m,
	unsigned what)
{
	const struct field_ref *ref = &set->access[what];
	const struct item *item = NULL;
	for (unsigned i = 0; ref->dissector && i < ref->count && !item; i++)
		item = message_item(m, ref->field + i);
	return item;
}

static bool number_of(const struct ruleset *set, const struct message *m, unsigned what,
	uint64_t *value)
{
	const struct item *item = item_of(set, m, what);
	if (item)
		*value = item->u;
	return item != NULL;
}

/* The value written at the n-th address of the request. */
static bool value_at(const struct ruleset *set, const struct item *item, uint64_t function,
	uint32_t n, uint32_t *value)
{
	const struct dissector *modbus = set->access[ACCESS_WRITE_VALUE].dissector;
	enum field_type type = modbus->fields[item->field].type;
	if (type == FIELD_U16S && n < item->len / 2)
		*value = be16_at(item->at + 2 * (size_t)n);
	else if (type == FIELD_BITS && n < item_bit_count(item))
		*value = item_bit(item, n);
	else if (type == FIELD_UINT && n == 0)
		*value = (uint32_t)item->u;
	else
		return false;
	if (function == WRITE_SINGLE_COIL)
		*value = *value == COIL_ON || *value == 1;
	return true;
}

static bool value_holds(const struct ruleset *set, const struct modbus_access *a,
	const struct message *m, uint64_t start, struct access_found *found)
{
	const struct item *item = item_of(set, m, ACCESS_WRITE_VALUE);
	uint64_t low = found->address - start;
	for (uint32_t n = (uint32_t)low; item; n++) {
		if ((int64_t)(start + n) > a->address.high ||
			!value_at(set, item, found->function, n, &found->value))
			return false;
		found->address = (uint32_t)(start + n);
		found->has_value = number_in(&a->value, 1, found->value);
		if (found->has_value)
			return true;
	}
	return false;
}

static bool address_holds(const struct ruleset *set, const struct modbus_access *a,
	const struct message *m, struct access_found *found)
{
	uint64_t start, quantity = 1;
	if (!number_of(set, m, a->is_write ? ACCESS_WRITE_ADDRESS : ACCESS_READ_ADDRESS, &start))
		return false;
	number_of(set, m, a->is_write ? ACCESS_WRITE_QUANTITY : ACCESS_READ_QUANTITY, &quantity);
	int64_t first = (int64_t)start, last = first + (int64_t)quantity - 1;
	int64_t low = a->address.low > first ? a->address.low : first;
	int64_t high = a->address.high < last ? a->address.high : last;
	if (low > high)
		return false;
	found->has_address = true;
	found->address = (uint32_t)low;
	return !a->has_value || value_holds(set, a, m, start, found);
}

bool access_holds(const struct ruleset *set, const struct modbus_access *a,
	const struct message *request, struct access_found *found)
{
	*found = (struct access_found){ 0 };
	if (!request || !number_of(set, request, ACCESS_FUNCTION, &found->function))
		return false;
	const struct access_function *f = function_find(found->function);
	if (!f || !(a->is_write ? f->writes : f->reads))
		return false;
	if (a->table && !(a->table & f->table))
		return false;
	return !a->has_address || address_holds(set, a, request, found);
}

void access_find_fields(struct ruleset *set)
{
	static const char *const names[ACCESS_FIELDS] = {
		[ACCESS_FUNCTION] = "modbus.function",
		[ACCESS_READ_ADDRESS] = "modbus.read.address",
		[ACCESS_READ_QUANTITY] = "modbus.read.quantity",
		[ACCESS_WRITE_ADDRESS] = "modbus.write.address",
		[ACCESS_WRITE_QUANTITY] = "modbus.write.quantity",
		[ACCESS_WRITE_VALUE] = "modbus.write.value",
	};
	for (unsigned i = 0; i < ACCESS_FIELDS; i++)
		if (!field_find(names[i], strlen(names[i]), &set->access[i]))
			set->access[i] = (struct field_ref){ 0 };
}
