/* UMAS: what it means. Research calls a program on its way to the controller an
 * upload, while the world of controllers, and so the operation, calls it a download. */
#include <stdio.h>

#include "modbus_umas.h"

enum {
	READ_ID = 0x02,
	TAKE_PLC_RESERVATION = 0x10,
	READ_MEMORY_BLOCK = 0x20,
	READ_VARIABLES = 0x22,
	WRITE_VARIABLES = 0x23,
	READ_COILS_REGISTERS = 0x24,
	START_PLC = 0x40,
	STOP_PLC = 0x41,
	COIL_CLASS = 2,
	POINT_LEN = 24,
};

static const struct {
	uint8_t verb;
	const char *object;
} meanings[128] = {
	[0x01] = { VERB_SESSION, "session" }, [READ_ID] = { VERB_DISCOVER, "device" },
	[0x03] = { VERB_DISCOVER, "project" }, [0x04] = { VERB_DIAGNOSE, "device" },
	[0x05] = { VERB_DISCOVER, "device" }, [0x06] = { VERB_DISCOVER, "memory_card" },
	[0x07] = { VERB_DISCOVER, "memory_block" }, [0x0a] = { VERB_DIAGNOSE, "device" },
	[TAKE_PLC_RESERVATION] = { VERB_LOGIN, "reservation" },
	[0x11] = { VERB_SESSION, "reservation" },
	[0x12] = { VERB_SESSION, "reservation" },
	[READ_MEMORY_BLOCK] = { VERB_READ, "memory_block" },
	[0x21] = { VERB_WRITE, "memory_block" },
	[READ_VARIABLES] = { VERB_READ, "variable" },
	[WRITE_VARIABLES] = { VERB_WRITE, "variable" },
	[READ_COILS_REGISTERS] = { VERB_READ, "holding_register" },
	[0x25] = { VERB_WRITE, "coil_or_register" },
	[0x26] = { VERB_DISCOVER, "data_dictionary" },
	[0x27] = { VERB_DISCOVER, "data_dictionary" },
	[0x28] = { VERB_READ, "physical_address" },
	[0x29] = { VERB_WRITE, "physical_address" }, [0x2a] = { VERB_DIAGNOSE, "events" },
	[0x30] = { VERB_PROGRAM_DOWNLOAD, "program" },
	[0x31] = { VERB_PROGRAM_DOWNLOAD, "program" },
	[0x32] = { VERB_PROGRAM_DOWNLOAD, "program" },
	[0x33] = { VERB_PROGRAM_UPLOAD, "program" },
	[0x34] = { VERB_PROGRAM_UPLOAD, "program" },
	[0x35] = { VERB_PROGRAM_UPLOAD, "program" }, [0x36] = { VERB_FILE, "backup" },
	[0x37] = { VERB_PROGRAM_DOWNLOAD, "program" },
	[0x39] = { VERB_DISCOVER, "network" }, [START_PLC] = { VERB_MODE_CHANGE, "cpu" },
	[STOP_PLC] = { VERB_MODE_CHANGE, "cpu" }, [0x42] = { VERB_RESTART, "cpu" },
	[0x43] = { VERB_MODE_CHANGE, "cpu" }, [0x50] = { VERB_READ, "variable" },
	[0x51] = { VERB_DIAGNOSE, "device" }, [0x52] = { VERB_DIAGNOSE, "device" },
	[0x53] = { VERB_DIAGNOSE, "device" }, [0x58] = { VERB_DIAGNOSE, "device" },
	[0x60] = { VERB_CONTROL, "breakpoint" }, [0x61] = { VERB_CONTROL, "breakpoint" },
	[0x62] = { VERB_CONTROL, "step" }, [0x63] = { VERB_CONTROL, "step" },
	[0x64] = { VERB_CONTROL, "step" }, [0x65] = { VERB_DIAGNOSE, "device" },
	[0x66] = { VERB_DIAGNOSE, "device" }, [0x6e] = { VERB_SESSION, "reservation" },
	[0x70] = { VERB_READ, "io_object" }, [0x71] = { VERB_WRITE, "io_object" },
	[0x72] = { VERB_DISCOVER, "rack" }, [0x73] = { VERB_DIAGNOSE, "module" },
	[0x74] = { VERB_DISCOVER, "device" },
};

/* ---- points ---- */

/* "block.offset": neither alone says where it is. */
static void set_place(struct dissect *d, struct operation *op, uint64_t block,
	uint64_t offset)
{
	char text[POINT_LEN];
	int len = snprintf(text, sizeof(text), "%u.%u", (unsigned)block,
		(unsigned)offset);

	op->point_text = keep(d, (struct bytes){ (const uint8_t *)text, (size_t)len });
}

static void add_memory(struct dissect *d, const struct message *request,
	struct operation *op)
{
	uint64_t block, offset, size;

	if (message_uint(request, UMAS_MEMORY_BLOCK, &block) &&
	    message_uint(request, UMAS_MEMORY_OFFSET, &offset) &&
	    message_uint(request, UMAS_MEMORY_SIZE, &size)) {
		set_place(d, op, block, offset);
		op->count = (uint32_t)size;
	}
	operation_add(d, op);
}

static void set_number(struct dissect *d, struct operation *op, uint64_t value)
{
	struct bytes number = { (const uint8_t *)&value, sizeof(value) };
	struct bytes kept = keep(d, number);

	if (kept.len)
		op->value = (struct values){ VALUE_UINT, 1, kept };
}

/* What a variable's items say, up to the end of its group. */
static void add_variable(struct dissect *d, const struct message *m, uint32_t *at,
	struct operation op)
{
	uint64_t block = 0;

	op.count = 1;
	for (; *at < m->count && m->items[*at].field != ITEM_END; ++*at) {
		const struct item *item = &m->items[*at];
		if (item->field == UMAS_VARIABLE_BLOCK) {
			block = item->u;
		} else if (item->field == UMAS_VARIABLE_OFFSET) {
			set_place(d, &op, block, item->u);
		} else if (item->field == UMAS_VARIABLE_CLASS && item->u == COIL_CLASS) {
			op.object = "coil";
		} else if (item->field == UMAS_VARIABLE_ADDRESS) {
			op.has_point = true;
			op.address = item->u;
		} else if (item->field == UMAS_VARIABLE_COUNT) {
			op.count = (uint32_t)item->u;
		} else if (item->field == UMAS_VARIABLE_VALUE) {
			set_number(d, &op, item->u);
		}
	}
	operation_add(d, &op);
}

static void add_variables(struct dissect *d, const struct message *request,
	struct operation *op)
{
	uint32_t at = 0;
	const struct item *group = modbus_next(request, &at, UMAS_VARIABLES);

	if (!group)
		operation_add(d, op);
	for (; group; group = modbus_next(request, &at, UMAS_VARIABLES))
		add_variable(d, request, &at, *op);
}

/* ---- the rest ---- */

static void set_text(struct operation *op, struct bytes text)
{
	if (text.len)
		op->value = (struct values){ VALUE_TEXT, 1, text };
}

static struct bytes text_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void identify(struct dissect *d, const struct message *answer)
{
	const struct item *model = message_item(answer, UMAS_MODEL);
	const struct item *version = message_item(answer, UMAS_COM_VERSION);
	char text[FORMAT_MAX];

	if (!model || !version || answer->is_cut)
		return;
	struct bytes firmware = { (const uint8_t *)text,
		modbus_fields[UMAS_COM_VERSION].format(item_bytes(version), text) };
	identity_add(d, IDENTITY_VENDOR, text_of("Schneider Electric"));
	identity_add(d, IDENTITY_MODEL, item_bytes(model));
	identity_add(d, IDENTITY_FIRMWARE, keep(d, firmware));
}

static void name_project(struct dissect *d, const struct message *answer)
{
	const struct item *project = message_item(answer, UMAS_PROJECT);

	if (project)
		identity_add(d, IDENTITY_NAME, item_bytes(project));
}

static void add_other(struct dissect *d, const struct message *request, uint64_t function,
	struct operation *op)
{
	const struct item *owner = message_item(request, UMAS_OWNER);

	op->has_point = message_uint(request, UMAS_BLOCK_NUMBER, &op->address);
	op->count = op->has_point;
	if (owner)
		set_text(op, item_bytes(owner));
	if (function == START_PLC || function == STOP_PLC)
		set_text(op, text_of(function == START_PLC ? "start" : "stop"));
	operation_add(d, op);
}

/* An answer alone does not say what it answers. */
void umas_operate(struct dissect *d, const struct message *request,
	const struct message *response)
{
	uint64_t function;

	if (!request || !message_uint(request, UMAS_RAW, &function) || function >= 128 ||
	    !meanings[function].verb)
		return;
	enum verb verb = meanings[function].verb;
	struct operation op = modbus_operation(request, response, verb);
	op.object = meanings[function].object;
	if (function == READ_MEMORY_BLOCK)
		add_memory(d, request, &op);
	else if (message_item(request, UMAS_VARIABLES))
		add_variables(d, request, &op);
	else
		add_other(d, request, function, &op);
	if (response) {
		identify(d, response);
		name_project(d, response);
	}
}
