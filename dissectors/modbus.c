/* Modbus over TCP and UDP.
 *
 * MODBUS Application Protocol Specification V1.1b3 (2012) and MODBUS Messaging on TCP/IP
 * Implementation Guide V1.0b (2006). Names in JSON, spelled as Suricata spells them, keep
 * existing consumers working; numbers beside them keep everything that was on the wire.
 *
 *      0      1      2      3      4      5      6      7      8 …
 *   +-------------+-------------+-------------+------+------+---------------
 *   | transaction | protocol 0  | length      | unit | func | data
 *   +-------------+-------------+-------------+------+------+---------------
 *   `length` counts what follows it: 2 to 254. A response repeats transaction, unit and
 *   function; an exception sets bit 7 of the function and carries one byte, its code. */
#include <assert.h>

#include "dissect/dissect.h"

enum {
	HEADER = 6,         /* up to and with `length` */
	DATA_AT = 8,        /* where the function's data begin */
	LENGTH_MIN = 2,
	LENGTH_MAX = 254,
	UMAS = 90,          /* Schneider Electric's programming protocol … */
	UMAS_LENGTH_MIN = 4, /* … with a session and a function of its own … */
	UMAS_LENGTH_MAX = 2 + 1024, /* … whose messages are longer */
	EXCEPTION_BIT = 0x80,
	DIAGNOSTICS = 8,
	MEI = 43,           /* encapsulated interface transport */
	MEI_CANOPEN = 13,
	MEI_DEVICE_ID = 14,
	REFERENCE_TYPE = 6, /* the only one that file records have */
	FIFO_MAX = 31,
	UNKNOWN = 0xff,     /* a value of name tables that no message has */
};

/* ---- names ---- */

/* Suricata's names first, they are the ones shown; then those of Snort's modbus_func. */
static const struct name function_names[] = {
	{ 1, "RdCoils" }, { 2, "RdDiscreteInputs" }, { 3, "RdHoldRegs" },
	{ 4, "RdInputRegs" }, { 5, "WrSingleCoil" }, { 6, "WrSingleReg" },
	{ 7, "RdExcStatus" }, { 8, "Diagnostic" }, { 9, "Program484" },
	{ 10, "Poll484" }, { 11, "GetCommEventCtr" }, { 12, "GetCommEventLog" },
	{ 13, "ProgramController" }, { 14, "PollController" }, { 15, "WrMultCoils" },
	{ 16, "WrMultRegs" }, { 17, "ReportServerID" }, { 18, "Program884" },
	{ 19, "ResetCommLink" }, { 20, "RdFileRec" }, { 21, "WrFileRec" },
	{ 22, "MaskWrReg" }, { 23, "RdWrMultRegs" }, { 24, "RdFIFOQueue" },
	{ 43, "MEI" }, { UMAS, "UMAS" }, { UNKNOWN, "Unknown" }, { 1, "read_coils" },
	{ 2, "read_discrete_inputs" }, { 3, "read_holding_registers" },
	{ 4, "read_input_registers" }, { 5, "write_single_coil" },
	{ 6, "write_single_register" }, { 7, "read_exception_status" },
	{ 8, "diagnostics" }, { 11, "get_comm_event_counter" },
	{ 12, "get_comm_event_log" }, { 15, "write_multiple_coils" },
	{ 16, "write_multiple_registers" }, { 17, "report_slave_id" },
	{ 20, "read_file_record" }, { 21, "write_file_record" },
	{ 22, "mask_write_register" }, { 23, "read_write_multiple_registers" },
	{ 24, "read_fifo_queue" }, { 43, "encapsulated_interface_transport" },
	{ 0, NULL },
};

enum {
	READ = 0x01, WRITE = 0x02, DISCRETES = 0x04, COILS = 0x08, INPUT = 0x10,
	HOLDING = 0x20, WRITE_SINGLE = WRITE | 0x40, WRITE_MULTIPLE = WRITE | 0x80,
};
static const struct name access_names[] = {
	{ 0, "NONE" }, { READ, "READ" }, { WRITE, "WRITE" }, { DISCRETES, "DISCRETES" },
	{ COILS, "COILS" }, { INPUT, "INPUT" }, { HOLDING, "HOLDING" },
	{ 0x40, "SINGLE" }, { 0x80, "MULTIPLE" }, { WRITE_SINGLE, "WRITE_SINGLE" },
	{ WRITE_MULTIPLE, "WRITE_MULTIPLE" }, { 0, NULL },
};

enum {
	NO_CATEGORY = 0, PUBLIC_ASSIGNED = 1, PUBLIC_UNASSIGNED = 2, USER_DEFINED = 4,
	RESERVED = 8,
};
static const struct name category_names[] = {
	{ NO_CATEGORY, "NONE" }, { PUBLIC_ASSIGNED, "PUBLIC_ASSIGNED" },
	{ PUBLIC_UNASSIGNED, "PUBLIC_UNASSIGNED" }, { USER_DEFINED, "USER_DEFINED" },
	{ RESERVED, "RESERVED" }, { 0, NULL },
};

enum { DATA_VALUE = 1, DATA_LENGTH = 2, EXC_CODE = 4, FUNC_CODE = 8, PROTO_ID = 16 };
static const struct name error_names[] = {
	{ 0, "NONE" }, { DATA_VALUE, "DATA_VALUE" }, { DATA_LENGTH, "DATA_LENGTH" },
	{ EXC_CODE, "EXC_CODE" }, { FUNC_CODE, "FUNC_CODE" }, { PROTO_ID, "PROTO_ID" },
	{ 0, NULL },
};

enum { ACKNOWLEDGE = 5 };
static const struct name exception_names[] = {
	{ 1, "IllegalFunction" }, { 2, "IllegalDataAddr" }, { 3, "IllegalDataValue" },
	{ 4, "ServerDeviceFail" }, { ACKNOWLEDGE, "Ack" }, { 6, "ServerDeviceBusy" },
	{ 7, "NegAck" }, { 8, "MemParityErr" }, { 10, "GatewayPathUnavailable" },
	{ 11, "GatewayTargetFailToResp" }, { UNKNOWN, "Unknown" }, { 0, NULL },
};

enum {
	QUERY_DATA = 0, RESTART = 1, CHANGE_DELIMITER = 3, LISTEN_ONLY = 4,
	CLEAR_COUNTERS = 10, CLEAR_OVERRUN = 20,
};
static const struct name diagnostic_names[] = {
	{ QUERY_DATA, "RetQueryData" }, { RESTART, "RestartCommOpt" },
	{ 2, "RetDiagReg" }, { CHANGE_DELIMITER, "ChangeInputDelimiter" },
	{ LISTEN_ONLY, "ForceListenOnlyMode" }, { CLEAR_COUNTERS, "ClearCtrDiagReg" },
	{ 11, "RetBusMsgCount" }, { 12, "RetBusCommErrCount" },
	{ 13, "RetBusExcErrCount" }, { 14, "RetServerMsgCount" },
	{ 15, "RetServerNoRespCount" }, { 16, "RetServerNAKCount" },
	{ 17, "RetServerBusyCount" }, { 18, "RetBusCharOverrunCount" },
	{ 19, "RetOverrunErrCount" }, { CLEAR_OVERRUN, "ClearOverrunCounterFlag" },
	{ 21, "GetClearPlusStats" }, { UNKNOWN, "Reserved" }, { 0, NULL },
};

static const struct name mei_names[] = {
	{ MEI_CANOPEN, "CANOpenGenRefReqResp" }, { MEI_DEVICE_ID, "RdDevId" },
	{ UNKNOWN, "Unknown" }, { 0, NULL },
};

static const struct name read_device_id_names[] = {
	{ 1, "basic" }, { 2, "regular" }, { 3, "extended" }, { 4, "specific" },
	{ 0, NULL },
};

/* Bit 7: single objects can be asked for as well. */
static const struct name conformity_names[] = {
	{ 0x01, "basic" }, { 0x02, "regular" }, { 0x03, "extended" },
	{ 0x81, "basic_individual" }, { 0x82, "regular_individual" },
	{ 0x83, "extended_individual" }, { 0, NULL },
};

static const struct name object_names[] = {
	{ 0, "VendorName" }, { 1, "ProductCode" }, { 2, "MajorMinorRevision" },
	{ 3, "VendorUrl" }, { 4, "ProductName" }, { 5, "ModelName" },
	{ 6, "UserApplicationName" }, { 0, NULL },
};

/* ---- fields ---- */

enum {
	TRANSACTION_ID, PROTOCOL_ID, LENGTH, UNIT_ID, FUNCTION_RAW, FUNCTION_CODE,
	ACCESS_TYPE, CATEGORY, ERROR_FLAGS, BODY, DATA, EXCEPTION_RAW, EXCEPTION_CODE,
	DIAGNOSTIC_RAW, DIAGNOSTIC_CODE, DIAGNOSTIC_DATA, DIAGNOSTIC_VALUES, MEI_RAW,
	MEI_CODE, MEI_DATA, MEI_READ_CODE, MEI_OBJECT_ID, MEI_CONFORMITY,
	MEI_MORE_FOLLOWS, MEI_NEXT_OBJECT, MEI_OBJECT_COUNT, MEI_OBJECTS,
	MEI_OBJECTS_ID, MEI_OBJECTS_NAME, MEI_OBJECTS_LENGTH, MEI_OBJECTS_VALUE,
	READ_ADDRESS, READ_QUANTITY, READ_BYTE_COUNT, READ_DATA, READ_VALUES, READ_BITS,
	WRITE_ADDRESS, WRITE_QUANTITY, WRITE_BYTE_COUNT, WRITE_DATA, WRITE_NUMBER,
	WRITE_AND_MASK, WRITE_OR_MASK, WRITE_VALUES, WRITE_BITS, EXCEPTION_STATUS,
	COMM_BYTE_COUNT, COMM_STATUS, COMM_EVENT_COUNT, COMM_MESSAGE_COUNT, COMM_EVENTS,
	SERVER_BYTE_COUNT, SERVER_ID, SERVER_RUN, SERVER_ADDITIONAL, FILE_BYTE_COUNT,
	FILE_RECORDS, FILE_LENGTH, FILE_TYPE, FILE_NUMBER, FILE_RECORD,
	FILE_RECORD_LENGTH, FILE_VALUES, FIFO_ADDRESS, FIFO_BYTE_COUNT, FIFO_COUNT,
	FIFO_VALUES,
};

static const struct field fields[] = {
	[TRANSACTION_ID] = { "transaction_id", FIELD_UINT,
		"chosen by the client, repeated in the answer" },
	[PROTOCOL_ID] = { "protocol_id", FIELD_UINT, "0 is Modbus" },
	[LENGTH] = { "length", FIELD_UINT, "bytes that follow in the header's words" },
	[UNIT_ID] = { "unit_id", FIELD_UINT,
		"addressed unit behind the IP address; 0 or 255: the device itself",
		.aliases = "modbus_unit" },
	[FUNCTION_RAW] = { "function_raw", FIELD_UINT,
		"function code as sent; bit 7 marks an exception", function_names,
		.keyword = "function", .aliases = "modbus_func", .flags = FIELD_SELECTS },
	[FUNCTION_CODE] = { "function_code", FIELD_ENUM,
		"the function's name", function_names },
	[ACCESS_TYPE] = { "access_type", FIELD_FLAGS, "what the function reads or writes",
		access_names },
	[CATEGORY] = { "category", FIELD_ENUM, "who defines the function code",
		category_names },
	[ERROR_FLAGS] = { "error_flags", FIELD_FLAGS, "what is wrong with the message",
		error_names },
	[BODY] = { "body", FIELD_DATA, "everything behind the function code",
		.aliases = "modbus_data", .flags = FIELD_HIDDEN },
	[DATA] = { "data", FIELD_DATA,
		"the bytes behind a function code without own fields" },

	[EXCEPTION_RAW] = { "exception.raw", FIELD_UINT, "why the request was refused",
		exception_names, .keyword = "exception_code" },
	[EXCEPTION_CODE] = { "exception.code", FIELD_ENUM, "its name", exception_names },

	[DIAGNOSTIC_RAW] = { "diagnostic.raw", FIELD_UINT, "subfunction of function 8",
		diagnostic_names, .keyword = "subfunction" },
	[DIAGNOSTIC_CODE] = { "diagnostic.code", FIELD_ENUM,
		"its name", diagnostic_names },
	[DIAGNOSTIC_DATA] = { "diagnostic.data", FIELD_DATA, "its data" },
	[DIAGNOSTIC_VALUES] = { "diagnostic.values", FIELD_U16S,
		"its data as numbers: counters, the diagnostic register" },

	[MEI_RAW] = { "mei.raw", FIELD_UINT,
		"type of the encapsulated interface", mei_names,
		.keyword = "mei" },
	[MEI_CODE] = { "mei.code", FIELD_ENUM, "its name", mei_names },
	[MEI_DATA] = { "mei.data", FIELD_DATA, "its data" },
	[MEI_READ_CODE] = { "mei.read_device_id_code", FIELD_UINT,
		"which part of the identification is asked for", read_device_id_names },
	[MEI_OBJECT_ID] = { "mei.object_id", FIELD_UINT,
		"object to begin with", object_names },
	[MEI_CONFORMITY] = { "mei.conformity_level", FIELD_UINT,
		"what the device can identify itself with", conformity_names },
	[MEI_MORE_FOLLOWS] = { "mei.more_follows", FIELD_UINT,
		"255: more objects follow in another transaction" },
	[MEI_NEXT_OBJECT] = { "mei.next_object_id", FIELD_UINT, "where they begin" },
	[MEI_OBJECT_COUNT] = { "mei.number_of_objects", FIELD_UINT,
		"objects in this message" },
	[MEI_OBJECTS] = { "mei.objects", FIELD_GROUP, "identification objects" },
	[MEI_OBJECTS_ID] = { "mei.objects.id", FIELD_UINT, "object id", object_names },
	[MEI_OBJECTS_NAME] = { "mei.objects.name", FIELD_ENUM,
		"its name, where it has one",
		object_names },
	[MEI_OBJECTS_LENGTH] = { "mei.objects.length", FIELD_UINT, "bytes of the value" },
	[MEI_OBJECTS_VALUE] = { "mei.objects.value", FIELD_TEXT, "what the device says" },

	[READ_ADDRESS] = { "read.address", FIELD_UINT,
		"first coil or register read, from 0" },
	[READ_QUANTITY] = { "read.quantity", FIELD_UINT, "coils or registers to read" },
	[READ_BYTE_COUNT] = { "read.byte_count", FIELD_UINT, "bytes of the values read" },
	[READ_DATA] = { "read.data", FIELD_DATA, "the values read, as bytes" },
	[READ_VALUES] = { "read.values", FIELD_U16S, "the registers read",
		.keyword = "read.value", .aliases = "modbus.read.values" },
	[READ_BITS] = { "read.values", FIELD_BITS, "the coils or inputs read",
		.keyword = "read.value", .aliases = "modbus.read.values" },

	[WRITE_ADDRESS] = { "write.address", FIELD_UINT,
		"first coil or register written, from 0" },
	[WRITE_QUANTITY] = { "write.quantity", FIELD_UINT,
		"coils or registers to write" },
	[WRITE_BYTE_COUNT] = { "write.byte_count", FIELD_UINT,
		"bytes of the values written" },
	[WRITE_DATA] = { "write.data", FIELD_DATA, "the values written, as bytes" },
	[WRITE_NUMBER] = { "write.data", FIELD_UINT,
		"as sent: a register's value, a coil's 0 or 65280, an answer's quantity",
		.keyword = "write.number" },
	[WRITE_AND_MASK] = { "write.and_mask", FIELD_UINT, "bits to keep" },
	[WRITE_OR_MASK] = { "write.or_mask", FIELD_UINT,
		"bits to set of those not kept" },
	[WRITE_VALUES] = { "write.values", FIELD_U16S, "the registers written",
		.keyword = "write.value", .aliases = "modbus.write.values" },
	[WRITE_BITS] = { "write.values", FIELD_BITS, "the coils written, 0 or 1",
		.keyword = "write.value", .aliases = "modbus.write.values" },

	[EXCEPTION_STATUS] = { "exception_status", FIELD_UINT,
		"the eight exception status outputs, a bit each" },
	[COMM_BYTE_COUNT] = { "comm.byte_count", FIELD_UINT, "bytes of the event log" },
	[COMM_STATUS] = { "comm.status", FIELD_UINT,
		"65535: a program command is under way" },
	[COMM_EVENT_COUNT] = { "comm.event_count", FIELD_UINT, "messages completed" },
	[COMM_MESSAGE_COUNT] = { "comm.message_count", FIELD_UINT, "messages processed" },
	[COMM_EVENTS] = { "comm.events", FIELD_BYTES, "the last events, newest first" },
	[SERVER_BYTE_COUNT] = { "server.byte_count", FIELD_UINT, "bytes that follow" },
	[SERVER_ID] = { "server.id", FIELD_TEXT, "server id, specific to the device" },
	[SERVER_RUN] = { "server.run_indicator", FIELD_UINT, "0 is off, 255 is on" },
	[SERVER_ADDITIONAL] = { "server.additional", FIELD_TEXT,
		"what else the server says" },
	[FILE_BYTE_COUNT] = { "file.byte_count", FIELD_UINT, "bytes of all records" },
	[FILE_RECORDS] = { "file.records", FIELD_GROUP, "one file record each" },
	[FILE_LENGTH] = { "file.records.length", FIELD_UINT,
		"bytes of this part of the answer" },
	[FILE_TYPE] = { "file.records.reference_type", FIELD_UINT, "always 6" },
	[FILE_NUMBER] = { "file.records.file_number", FIELD_UINT, "file, from 1" },
	[FILE_RECORD] = { "file.records.record_number", FIELD_UINT,
		"first record, from 0" },
	[FILE_RECORD_LENGTH] = { "file.records.record_length", FIELD_UINT, "registers" },
	[FILE_VALUES] = { "file.records.values", FIELD_U16S,
		"the registers of the record" },
	[FIFO_ADDRESS] = { "fifo.address", FIELD_UINT, "FIFO pointer address" },
	[FIFO_BYTE_COUNT] = { "fifo.byte_count", FIELD_UINT, "bytes that follow" },
	[FIFO_COUNT] = { "fifo.count", FIELD_UINT, "registers in the queue, at most 31" },
	[FIFO_VALUES] = { "fifo.values", FIELD_U16S, "the queued registers" },
};

/* ---- events: the first eight are Suricata's ---- */

enum {
	INVALID_PROTOCOL_ID, UNSOLICITED_RESPONSE, INVALID_LENGTH,
	INVALID_UNIT_IDENTIFIER, INVALID_FUNCTION_CODE, INVALID_VALUE,
	INVALID_EXCEPTION_CODE, VALUE_MISMATCH, INVALID_QUANTITY, INVALID_BYTE_COUNT,
	ADDRESS_OVERFLOW, INVALID_REFERENCE_TYPE, INVALID_FIFO_COUNT, EXTRA_BYTES,
	EXCEPTION_FROM_CLIENT, TRANSACTION_ID_MISMATCH, UNIT_MISMATCH,
	FUNCTION_MISMATCH, EVENT_COUNT,
};

static const struct event events[] = {
	[INVALID_PROTOCOL_ID] = { "invalid_protocol_id", "protocol id is not 0" },
	[UNSOLICITED_RESPONSE] = { "unsolicited_response",
		"an answer to nothing that was asked, or a second one" },
	[INVALID_LENGTH] = { "invalid_length",
		"the header's length is out of bounds, or too short for the function" },
	[INVALID_UNIT_IDENTIFIER] = { "invalid_unit_identifier",
		"a request to a reserved unit, 248 to 254" },
	[INVALID_FUNCTION_CODE] = { "invalid_function_code",
		"function code 0, or a request beyond 127" },
	[INVALID_VALUE] = { "invalid_value", "a value the function does not have" },
	[INVALID_EXCEPTION_CODE] = { "invalid_exception_code",
		"an undefined exception code" },
	[VALUE_MISMATCH] = { "value_mismatch",
		"the answer's address, quantity or values are not what was asked for" },
	[INVALID_QUANTITY] = { "invalid_quantity", "quantity is 0 or beyond the limit" },
	[INVALID_BYTE_COUNT] = { "invalid_byte_count",
		"the byte count fits neither the quantity nor the bytes that follow" },
	[ADDRESS_OVERFLOW] = { "address_overflow", "the range goes past address 65535" },
	[INVALID_REFERENCE_TYPE] = { "invalid_reference_type",
		"a file record whose reference type is not 6" },
	[INVALID_FIFO_COUNT] = { "invalid_fifo_count",
		"more than 31 registers in a FIFO" },
	[EXTRA_BYTES] = { "extra_bytes", "bytes behind the end of the function's data" },
	[EXCEPTION_FROM_CLIENT] = { "exception_from_client",
		"an exception sent by the client" },
	[TRANSACTION_ID_MISMATCH] = { "transaction_id_mismatch",
		"an answer with transaction id 0 to a request that had one" },
	[UNIT_MISMATCH] = { "unit_mismatch", "the answer comes from another unit" },
	[FUNCTION_MISMATCH] = { "function_mismatch",
		"the answer is one to another function" },
};
static_assert(sizeof(events) / sizeof(*events) == EVENT_COUNT, "every event has a name");

/* Suricata's error_flags of an event; the rest has none. */
static const uint8_t event_flags[EVENT_COUNT] = {
	[INVALID_PROTOCOL_ID] = PROTO_ID, [INVALID_LENGTH] = DATA_LENGTH,
	[EXTRA_BYTES] = DATA_LENGTH, [INVALID_FUNCTION_CODE] = FUNC_CODE,
	[EXCEPTION_FROM_CLIENT] = FUNC_CODE, [INVALID_EXCEPTION_CODE] = EXC_CODE,
	[INVALID_VALUE] = DATA_VALUE, [VALUE_MISMATCH] = DATA_VALUE,
	[INVALID_QUANTITY] = DATA_VALUE, [INVALID_BYTE_COUNT] = DATA_VALUE,
	[ADDRESS_OVERFLOW] = DATA_VALUE, [INVALID_REFERENCE_TYPE] = DATA_VALUE,
	[INVALID_FIFO_COUNT] = DATA_VALUE,
};

static struct item *find(struct message *m, unsigned field)
{
	for (uint32_t i = 0; i < m->count; i++)
		if (m->items[i].field == field)
			return &m->items[i];
	return NULL;
}

/* What is wrong with this message: one event, the first that is said, so parsers ask for
 * the most specific first. Of a cut message nobody knows. */
static void wrong(struct dissect *d, unsigned event)
{
	struct item *flags = find(d->message, ERROR_FLAGS);

	if (d->message->is_cut || d->message->events)
		return;
	put_event(d, event);
	if (flags)
		flags->u |= event_flags[event];
}

/* ---- the functions ---- */

/* A length that the header may show: `base`, plus a count of `least` or more that stands
 * `width` bytes wide at `count_at`. `is_open`: at least `base`. */
struct form {
	uint8_t base, count_at, width, least;
	bool is_open;
};

struct function {
	uint8_t access;
	uint8_t echo;    /* how many bytes the answer repeats; ECHO_ALL: all of them */
	bool is_plain;   /* no fields in Suricata: its bytes are also shown as `data` */
	uint16_t limit;  /* most coils or registers in one message */
	struct form request_form, response_form;
	void (*request)(struct dissect *d, struct cursor *c);
	void (*response)(struct dissect *d, struct cursor *c);
	void (*operate)(struct dissect *d, const struct message *request,
		const struct message *response);
	const char *object;
};
enum { ECHO_ALL = 0xff };

static const struct function functions[128];

static uint8_t function_of(const struct message *m)
{
	return m->key >> 32 & 0x7f;
}

static const struct function *function_in(const struct dissect *d)
{
	return &functions[function_of(d->message)];
}

static bool is_bits(const struct function *f)
{
	return f->access & (COILS | DISCRETES);
}

static uint32_t byte_count_of(const struct function *f, uint32_t quantity)
{
	return is_bits(f) ? (quantity + 7) / 8 : quantity * 2;
}

/* The key, bits from the top: transaction 16, unit 8, function as sent 8, subfunction 16,
 * fit 16. `fit` is what request and answer have in common: an address, a size. */
static void key_sub(struct dissect *d, uint16_t sub)
{
	d->message->key |= (uint64_t)sub << 16;
}

static void key_fit(struct dissect *d, uint32_t fit)
{
	d->message->key |= (uint16_t)fit;
}

static void check_range(struct dissect *d, const struct cursor *c, uint32_t address,
	uint32_t quantity, uint32_t limit)
{
	if (!cursor_ok(c))
		return;
	if (quantity == 0 || quantity > limit)
		wrong(d, INVALID_QUANTITY);
	else if (address + quantity > 0x10000)
		wrong(d, ADDRESS_OVERFLOW);
}

static struct bytes up_to(struct cursor *c, size_t len)
{
	return cursor_bytes(c, len < c->left ? len : c->left);
}

/* ---- reading ---- */

static void put_read_request(struct dissect *d, struct cursor *c)
{
	const struct function *f = function_in(d);
	uint16_t address = put_be16(d, READ_ADDRESS, c);
	uint16_t quantity = put_be16(d, READ_QUANTITY, c);

	check_range(d, c, address, quantity, f->limit);
	key_fit(d, byte_count_of(f, quantity));
}

static void put_read_response(struct dissect *d, struct cursor *c)
{
	const struct function *f = function_in(d);
	uint8_t count = put_u8(d, READ_BYTE_COUNT, c);

	if (!cursor_ok(c))
		return;
	if (count == 0 || count != c->left || (!is_bits(f) && count % 2))
		wrong(d, INVALID_BYTE_COUNT);
	struct bytes data = up_to(c, count);
	put_bytes(d, READ_DATA, data);
	put_bytes(d, is_bits(f) ? READ_BITS : READ_VALUES, data);
	key_fit(d, count);
}

/* ---- writing ---- */

static void put_write_values(struct dissect *d, struct cursor *c, uint32_t quantity,
	uint32_t limit)
{
	const struct function *f = function_in(d);
	uint8_t count = put_u8(d, WRITE_BYTE_COUNT, c);

	if (!cursor_ok(c))
		return;
	if (quantity > 0 && quantity <= limit && count != byte_count_of(f, quantity))
		wrong(d, INVALID_BYTE_COUNT);
	struct bytes data = up_to(c, count);
	put_bytes(d, WRITE_DATA, data);
	if (is_bits(f))
		put_bits(d, WRITE_BITS, data, quantity);
	else
		put_bytes(d, WRITE_VALUES, data);
	c->failed |= data.len < count;
}

static void put_write_multiple(struct dissect *d, struct cursor *c)
{
	const struct function *f = function_in(d);
	uint16_t address = put_be16(d, WRITE_ADDRESS, c);
	uint16_t quantity = put_be16(d, WRITE_QUANTITY, c);

	check_range(d, c, address, quantity, f->limit);
	key_fit(d, address);
	put_write_values(d, c, quantity, f->limit);
}

/* Suricata shows the quantity of this answer as `data`. */
static void put_write_multiple_done(struct dissect *d, struct cursor *c)
{
	const struct function *f = function_in(d);
	uint16_t address = put_be16(d, WRITE_ADDRESS, c);
	struct cursor ahead = *c;
	uint16_t quantity = put_be16(d, WRITE_QUANTITY, c);

	put_be16(d, WRITE_NUMBER, &ahead);
	check_range(d, c, address, quantity, f->limit);
	key_fit(d, address);
}

/* A coil is told apart from a register: `write.data` is what was sent (0 or 65280), while
 * `write.values`, and with it modbus.write.value in rules, says 0 or 1. */
static void put_write_coil(struct dissect *d, struct cursor *c)
{
	static const uint8_t off = 0, on = 1;

	key_fit(d, put_be16(d, WRITE_ADDRESS, c));
	uint16_t value = put_be16(d, WRITE_NUMBER, c);
	if (!cursor_ok(c))
		return;
	put_bits(d, WRITE_BITS, (struct bytes){ value ? &on : &off, 1 }, 1);
	if (value != 0 && value != 0xff00)
		wrong(d, INVALID_VALUE);
}

static void put_write_register(struct dissect *d, struct cursor *c)
{
	key_fit(d, put_be16(d, WRITE_ADDRESS, c));
	struct cursor ahead = *c;
	put_be16(d, WRITE_NUMBER, c);
	if (cursor_ok(c))
		put_run(d, WRITE_VALUES, &ahead, 2);
}

static void put_write_mask(struct dissect *d, struct cursor *c)
{
	key_fit(d, put_be16(d, WRITE_ADDRESS, c));
	put_be16(d, WRITE_AND_MASK, c);
	put_be16(d, WRITE_OR_MASK, c);
}

enum { READ_WRITE_LIMIT = 121 }; /* registers written together with a read */

static void put_read_write(struct dissect *d, struct cursor *c)
{
	put_read_request(d, c);
	uint16_t address = put_be16(d, WRITE_ADDRESS, c);
	uint16_t quantity = put_be16(d, WRITE_QUANTITY, c);
	check_range(d, c, address, quantity, READ_WRITE_LIMIT);
	put_write_values(d, c, quantity, READ_WRITE_LIMIT);
}

/* ---- serial line functions: 7, 8, 11, 12, 17 ---- */

static void put_nothing(struct dissect *d, struct cursor *c)
{
	(void)d;
	(void)c;
}

static void put_exception_status(struct dissect *d, struct cursor *c)
{
	put_u8(d, EXCEPTION_STATUS, c);
}

/* Two bytes of data, in requests mostly zeros; in subfunction 0 they are the client's. */
static void check_diagnostic(struct dissect *d, uint16_t sub, struct bytes data)
{
	if (data.len != 2) {
		wrong(d, data.len < 2 ? INVALID_LENGTH : EXTRA_BYTES);
		return;
	}
	uint16_t value = be16_at(data.at);
	bool is_fine = value == 0 || (sub == RESTART && value == 0xff00) ||
		(sub == CHANGE_DELIMITER && (value & 0xff) == 0);
	if (d->side == SIDE_CLIENT && !is_fine)
		wrong(d, INVALID_VALUE);
}

static void put_diagnostic(struct dissect *d, struct cursor *c)
{
	uint16_t sub = put_be16(d, DIAGNOSTIC_RAW, c);

	if (!cursor_ok(c))
		return;
	bool is_known = sub < UNKNOWN && name_of(diagnostic_names, sub);
	put_uint(d, DIAGNOSTIC_CODE, is_known ? sub : UNKNOWN);
	key_sub(d, sub);
	struct bytes data = cursor_rest(c);
	put_bytes(d, DIAGNOSTIC_DATA, data);
	put_bytes(d, DIAGNOSTIC_VALUES, data);
	if (is_known && sub != QUERY_DATA && sub <= CLEAR_OVERRUN)
		check_diagnostic(d, sub, data);
}

static void put_comm_event_counter(struct dissect *d, struct cursor *c)
{
	put_be16(d, COMM_STATUS, c);
	put_be16(d, COMM_EVENT_COUNT, c);
}

static void put_comm_event_log(struct dissect *d, struct cursor *c)
{
	uint8_t count = put_u8(d, COMM_BYTE_COUNT, c);

	if (cursor_ok(c) && (count < 6 || count != c->left))
		wrong(d, INVALID_BYTE_COUNT);
	put_be16(d, COMM_STATUS, c);
	put_be16(d, COMM_EVENT_COUNT, c);
	put_be16(d, COMM_MESSAGE_COUNT, c);
	put_run(d, COMM_EVENTS, c, count < 6 ? 0 : count - 6u);
}

static bool is_run_indicator(uint8_t value)
{
	return value == 0 || value == 0xff;
}

/* The specification leaves the layout to the device. Found in the field: one byte of id,
 * run indicator, more; or an id as text with the run indicator at its end. */
static void put_server_id(struct dissect *d, struct cursor *c)
{
	uint8_t count = put_u8(d, SERVER_BYTE_COUNT, c);

	if (!cursor_ok(c))
		return;
	if (count != c->left)
		wrong(d, INVALID_BYTE_COUNT);
	struct cursor s = cursor_of(up_to(c, count));
	bool has_short_id = s.left >= 2 && is_run_indicator(s.at[1]);
	bool has_run = has_short_id || (s.left >= 2 &&
			is_run_indicator(s.at[s.left - 1]));
	put_run(d, SERVER_ID, &s, has_short_id ? 1 : s.left - has_run);
	if (has_run)
		put_u8(d, SERVER_RUN, &s);
	if (s.left > 0)
		put_rest(d, SERVER_ADDITIONAL, &s);
}

/* ---- file records and FIFO: 20, 21, 24 ---- */

static void put_reference_type(struct dissect *d, struct cursor *c)
{
	uint8_t type = put_u8(d, FILE_TYPE, c);

	if (cursor_ok(c) && type != REFERENCE_TYPE)
		wrong(d, INVALID_REFERENCE_TYPE);
}

/* The records as a cursor of their own; what the byte count leaves over stays in `c`. */
static struct cursor file_records(struct dissect *d, struct cursor *c, unsigned least)
{
	uint8_t count = put_u8(d, FILE_BYTE_COUNT, c);

	if (cursor_ok(c) && (count < least || count != c->left))
		wrong(d, INVALID_BYTE_COUNT);
	return cursor_of(up_to(c, count));
}

static uint16_t put_file_place(struct dissect *d, struct cursor *c)
{
	put_reference_type(d, c);
	put_be16(d, FILE_NUMBER, c);
	put_be16(d, FILE_RECORD, c);
	return put_be16(d, FILE_RECORD_LENGTH, c);
}

static void put_file_read(struct dissect *d, struct cursor *c)
{
	struct cursor records = file_records(d, c, 7);
	uint32_t answer = 0;

	while (records.left > 0) {
		put_begin(d, FILE_RECORDS);
		answer += 2 + 2u * put_file_place(d, &records);
		put_end(d);
	}
	key_fit(d, answer);
	cursor_join(c, &records);
}

static void put_file_read_done(struct dissect *d, struct cursor *c)
{
	struct cursor records = file_records(d, c, 2);

	key_fit(d, (uint32_t)records.left);
	while (records.left > 0) {
		put_begin(d, FILE_RECORDS);
		uint8_t length = put_u8(d, FILE_LENGTH, &records);
		struct cursor record = cursor_sub(&records, length);
		put_reference_type(d, &record);
		put_rest(d, FILE_VALUES, &record);
		put_end(d);
		cursor_join(&records, &record);
	}
	cursor_join(c, &records);
}

static void put_file_write(struct dissect *d, struct cursor *c)
{
	struct cursor records = file_records(d, c, 9);

	key_fit(d, (uint32_t)records.left);
	while (records.left > 0) {
		put_begin(d, FILE_RECORDS);
		uint16_t length = put_file_place(d, &records);
		put_run(d, FILE_VALUES, &records, 2u * length);
		put_end(d);
	}
	cursor_join(c, &records);
}

static void put_fifo(struct dissect *d, struct cursor *c)
{
	put_be16(d, FIFO_ADDRESS, c);
}

static void put_fifo_done(struct dissect *d, struct cursor *c)
{
	uint16_t bytes = put_be16(d, FIFO_BYTE_COUNT, c);
	uint16_t count = put_be16(d, FIFO_COUNT, c);

	if (!cursor_ok(c))
		return;
	if (count > FIFO_MAX)
		wrong(d, INVALID_FIFO_COUNT);
	else if (bytes != 2 + 2u * count || bytes - 2u != c->left)
		wrong(d, INVALID_BYTE_COUNT);
	put_bytes(d, FIFO_VALUES, up_to(c, 2u * count));
}

/* ---- encapsulated interface transport: 43 ---- */

static void put_read_code(struct dissect *d, struct cursor *c)
{
	uint8_t code = put_u8(d, MEI_READ_CODE, c);

	if (cursor_ok(c) && !name_of(read_device_id_names, code))
		wrong(d, INVALID_VALUE);
	key_fit(d, code);
}

static void put_object(struct dissect *d, struct cursor *c)
{
	put_begin(d, MEI_OBJECTS);
	uint8_t id = put_u8(d, MEI_OBJECTS_ID, c);
	if (cursor_ok(c) && name_of(object_names, id))
		put_uint(d, MEI_OBJECTS_NAME, id);
	put_run(d, MEI_OBJECTS_VALUE, c, put_u8(d, MEI_OBJECTS_LENGTH, c));
	put_end(d);
}

static void put_device_id(struct dissect *d, struct cursor *c)
{
	put_read_code(d, c);
	put_u8(d, MEI_CONFORMITY, c);
	put_u8(d, MEI_MORE_FOLLOWS, c);
	put_u8(d, MEI_NEXT_OBJECT, c);
	uint8_t count = put_u8(d, MEI_OBJECT_COUNT, c);
	for (; count > 0 && cursor_ok(c); count--)
		put_object(d, c);
}

static void put_mei(struct dissect *d, struct cursor *c)
{
	uint8_t type = put_u8(d, MEI_RAW, c);

	if (!cursor_ok(c))
		return;
	put_uint(d, MEI_CODE, name_of(mei_names, type) ? type : UNKNOWN);
	key_sub(d, type);
	put_bytes(d, MEI_DATA, (struct bytes){ c->at, c->left });
	if (type != MEI_DEVICE_ID) {
		cursor_skip(c, c->left);
	} else if (d->side == SIDE_SERVER) {
		put_device_id(d, c);
	} else {
		put_read_code(d, c);
		put_u8(d, MEI_OBJECT_ID, c);
	}
}

/* ---- what they mean ---- */

static bool is_exception(const struct message *m)
{
	return m->key >> 32 & EXCEPTION_BIT;
}

/* An operation on the unit that is addressed. Unit 0 is a broadcast on serial lines only;
 * over TCP it mostly means the device itself, which does answer. */
static struct operation operation_of(const struct message *request,
	const struct message *response, enum verb verb)
{
	const struct message *m = request ? request : response;

	return (struct operation){ .verb = verb,
		.object = functions[function_of(m)].object,
		.has_unit = true,
		.unit = m->key >> 40 & 0xff };
}

/* The first of the two halves that has the field. */
static const struct item *either(const struct message *a, const struct message *b,
	unsigned field)
{
	const struct item *item = a ? message_item(a, field) : NULL;

	return !item && b ? message_item(b, field) : item;
}

static void set_point(struct operation *op, const struct item *address,
	const struct item *quantity)
{
	op->has_point = address != NULL;
	op->address = address ? address->u : 0;
	op->count = quantity ? (uint32_t)quantity->u : 1;
}

/* As many values as there are whole ones; the quantity may promise more. */
static void set_value(struct operation *op, enum value_type type, const struct item *data)
{
	if (!data || data->len == 0)
		return;
	uint32_t there = type == VALUE_BITS ? item_bit_count(data) : data->len / 2;
	op->value.type = type;
	op->value.count = op->has_point && op->count < there ? op->count : there;
	op->value.bytes = item_bytes(data);
	if (!op->has_point)
		op->count = there;
}

static void operate_read(struct dissect *d, const struct message *request,
	const struct message *response)
{
	struct operation op = operation_of(request, response, VERB_READ);

	set_point(&op, either(request, NULL, READ_ADDRESS),
		either(request, NULL, READ_QUANTITY));
	set_value(&op, VALUE_U16, either(response, NULL, READ_VALUES));
	set_value(&op, VALUE_BITS, either(response, NULL, READ_BITS));
	operation_add(d, &op);
}

/* The answer repeats the place, and of single writes the value. */
static void operate_write(struct dissect *d, const struct message *request,
	const struct message *response)
{
	struct operation op = operation_of(request, response, VERB_WRITE);

	set_point(&op, either(request, response, WRITE_ADDRESS),
		either(request, response, WRITE_QUANTITY));
	set_value(&op, VALUE_U16, either(request, response, WRITE_VALUES));
	set_value(&op, VALUE_BITS, either(request, response, WRITE_BITS));
	operation_add(d, &op);
}

/* The server writes first, then reads. */
static void operate_read_write(struct dissect *d, const struct message *request,
	const struct message *response)
{
	if (request)
		operate_write(d, request, response);
	operate_read(d, request, response);
}

static void operate_discover(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct item *additional = either(response, NULL, SERVER_ADDITIONAL);
	struct operation op = operation_of(request, response, VERB_DISCOVER);

	operation_add(d, &op);
	for (uint32_t i = 0; additional && i < additional->len; i++)
		if (additional->at[i] < 0x20 || additional->at[i] > 0x7e)
			return;
	if (additional && additional->len > 2)
		identity_add(d, IDENTITY_PRODUCT, item_bytes(additional));
}

static void operate_diagnose(struct dissect *d, const struct message *request,
	const struct message *response)
{
	struct operation op = operation_of(request, response, VERB_DIAGNOSE);

	operation_add(d, &op);
}

/* A device forced to listen does not answer that request; some refuse it, though: so the
 * answer is waited for. */
static void operate_diagnostic(struct dissect *d, const struct message *request,
	const struct message *response)
{
	static const uint8_t verbs[] = {
		[RESTART] = VERB_RESTART, [CHANGE_DELIMITER] = VERB_CONFIG,
		[LISTEN_ONLY] = VERB_MODE_CHANGE, [CLEAR_COUNTERS] = VERB_CONFIG,
		[CLEAR_OVERRUN] = VERB_CONFIG,
	};
	const struct item *sub = either(request, response, DIAGNOSTIC_RAW);
	struct operation op = operation_of(request, response, VERB_DIAGNOSE);

	if (sub && sub->u < sizeof(verbs) && verbs[sub->u])
		op.verb = verbs[sub->u];
	operation_add(d, &op);
}

static const struct item *next_item(const struct message *m, uint32_t *at, unsigned field)
{
	while (m && *at < m->count)
		if (m->items[(*at)++].field == field)
			return &m->items[*at - 1];
	return NULL;
}

/* One operation a record. Its address is the file's number over the record's, 16 bits
 * each; its values are what is written, or what a read answers. */
static void operate_file(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	const struct message *valued = m->key >> 32 & 1 ? m : response; /* 21 writes */
	uint32_t at = 0, value_at = 0;
	const struct item *file, *record, *length;

	while ((file = next_item(m, &at, FILE_NUMBER)) &&
	       (record = next_item(m, &at, FILE_RECORD)) &&
	       (length = next_item(m, &at, FILE_RECORD_LENGTH))) {
		struct operation op = operation_of(request, response, VERB_FILE);
		op.has_point = true;
		op.address = file->u << 16 | record->u;
		op.count = (uint32_t)length->u;
		set_value(&op, VALUE_U16, next_item(valued, &value_at, FILE_VALUES));
		operation_add(d, &op);
	}
}

static void operate_fifo(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct item *address = either(request, NULL, FIFO_ADDRESS);
	struct operation op = operation_of(request, response, VERB_READ);

	set_value(&op, VALUE_U16, either(response, NULL, FIFO_VALUES));
	op.has_point = address != NULL;
	op.address = address ? address->u : 0;
	operation_add(d, &op);
}

static void identify(struct dissect *d, const struct message *response)
{
	/* By object id. A model's name says more than the product's, and comes later. */
	static const uint8_t identities[] = {
		IDENTITY_VENDOR, IDENTITY_PRODUCT, IDENTITY_FIRMWARE, IDENTITY_COUNT,
		IDENTITY_MODEL, IDENTITY_MODEL, IDENTITY_NAME,
	};
	uint32_t at = 0;
	const struct item *id, *value;

	while ((id = next_item(response, &at, MEI_OBJECTS_ID)) &&
	       (value = next_item(response, &at, MEI_OBJECTS_VALUE)))
		if (id->u < sizeof(identities) && identities[id->u] < IDENTITY_COUNT)
			identity_add(d, identities[id->u], item_bytes(value));
}

/* Inside CANopen, reading and writing are not told apart: it may be a command. */
static void operate_mei(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct item *type = either(request, response, MEI_RAW);
	bool is_canopen = type && type->u == MEI_CANOPEN;
	struct operation op = operation_of(request, response, VERB_DISCOVER);

	if (!type || (!is_canopen && type->u != MEI_DEVICE_ID))
		return;
	if (is_canopen) {
		op.verb = VERB_CONTROL;
		op.object = "canopen";
	}
	operation_add(d, &op);
	if (response && !response->events && !response->is_cut)
		identify(d, response);
}

/* ---- the table of functions ---- */

#define FIXED(length) { (length), 0, 0, 0, false }
#define COUNTED(base, at, width, least) { (base), (at), (width), (least), false }
#define AT_LEAST(base) { (base), 0, 0, 0, true }

static const struct function functions[128] = {
	[1] = { READ | COILS, 0, false, 2000, FIXED(6), COUNTED(3, 8, 1, 1),
		put_read_request, put_read_response, operate_read, "coil" },
	[2] = { READ | DISCRETES, 0, false, 2000, FIXED(6), COUNTED(3, 8, 1, 1),
		put_read_request, put_read_response, operate_read, "discrete_input" },
	[3] = { READ | HOLDING, 0, false, 125, FIXED(6), COUNTED(3, 8, 1, 2),
		put_read_request, put_read_response, operate_read, "holding_register" },
	[4] = { READ | INPUT, 0, false, 125, FIXED(6), COUNTED(3, 8, 1, 2),
		put_read_request, put_read_response, operate_read, "input_register" },
	[5] = { COILS | WRITE_SINGLE, ECHO_ALL, false, 1, FIXED(6), FIXED(6),
		put_write_coil, put_write_coil, operate_write, "coil" },
	[6] = { HOLDING | WRITE_SINGLE, ECHO_ALL, false, 1, FIXED(6), FIXED(6),
		put_write_register, put_write_register, operate_write,
		"holding_register" },
	[7] = { 0, 0, true, 0, FIXED(2), FIXED(3),
		put_nothing, put_exception_status, operate_diagnose, "device" },
	[DIAGNOSTICS] = { 0, 0, false, 0, AT_LEAST(6), AT_LEAST(6),
		put_diagnostic, put_diagnostic, operate_diagnostic, "device" },
	[11] = { 0, 0, true, 0, FIXED(2), FIXED(6),
		put_nothing, put_comm_event_counter, operate_diagnose, "device" },
	[12] = { 0, 0, true, 0, FIXED(2), COUNTED(3, 8, 1, 6),
		put_nothing, put_comm_event_log, operate_diagnose, "device" },
	[15] = { COILS | WRITE_MULTIPLE, 4, false, 1968, COUNTED(7, 12, 1, 1), FIXED(6),
		put_write_multiple, put_write_multiple_done, operate_write, "coil" },
	[16] = { HOLDING | WRITE_MULTIPLE, 4, false, 123, COUNTED(7, 12, 1, 2), FIXED(6),
		put_write_multiple, put_write_multiple_done, operate_write,
		"holding_register" },
	[17] = { 0, 0, true, 0, FIXED(2), COUNTED(3, 8, 1, 1),
		put_nothing, put_server_id, operate_discover, "device" },
	[20] = { 0, 0, true, 0, COUNTED(3, 8, 1, 7), COUNTED(3, 8, 1, 2),
		put_file_read, put_file_read_done, operate_file, "file_record" },
	[21] = { 0, ECHO_ALL, true, 0, COUNTED(3, 8, 1, 9), COUNTED(3, 8, 1, 9),
		put_file_write, put_file_write, operate_file, "file_record" },
	[22] = { WRITE | HOLDING, ECHO_ALL, false, 1, FIXED(8), FIXED(8),
		put_write_mask, put_write_mask, operate_write, "holding_register" },
	[23] = { READ | HOLDING | WRITE_MULTIPLE, 0, false, 125, COUNTED(11, 16, 1, 2),
		COUNTED(3, 8, 1, 2),
		put_read_write, put_read_response, operate_read_write,
		"holding_register" },
	[24] = { 0, 0, true, 0, FIXED(4), COUNTED(4, 8, 2, 2),
		put_fifo, put_fifo_done, operate_fifo, "fifo_queue" },
	[MEI] = { 0, 0, false, 0, AT_LEAST(3), AT_LEAST(3),
		put_mei, put_mei, operate_mei, "device" },
};

/* ---- one message ---- */

/* Codes 18, 19 and 40 were Modicon's before there was a list, which leaves them open. */
static unsigned category_by_range(uint8_t code)
{
	static const struct {
		uint8_t last, category;
	} ranges[] = {
		{ 0, NO_CATEGORY }, { 8, PUBLIC_UNASSIGNED }, { 14, RESERVED },
		{ 17, PUBLIC_UNASSIGNED }, { 19, RESERVED }, { 39, PUBLIC_UNASSIGNED },
		{ 42, RESERVED }, { 64, PUBLIC_UNASSIGNED }, { 72, USER_DEFINED },
		{ 89, PUBLIC_UNASSIGNED }, { 91, RESERVED }, { 99, PUBLIC_UNASSIGNED },
		{ 110, USER_DEFINED }, { 124, PUBLIC_UNASSIGNED }, { 127, RESERVED },
	};
	unsigned i = 0;

	while (ranges[i].last < code)
		i++;
	return ranges[i].category;
}

/* As in Suricata, an exception to a function that has subfunctions, or to one that is not
 * assigned, has no category. */
static unsigned category_of(uint8_t raw, struct cursor body)
{
	uint8_t code = raw & 0x7f;
	bool is_exception = raw & EXCEPTION_BIT;

	if (!functions[code].request)
		return is_exception ? NO_CATEGORY : category_by_range(code);
	if (code != DIAGNOSTICS && code != MEI)
		return PUBLIC_ASSIGNED;
	uint32_t sub = code == MEI ? cursor_u8(&body) : cursor_be16(&body);
	if (is_exception || !cursor_ok(&body))
		return NO_CATEGORY;
	if (code == MEI)
		return sub == MEI_CANOPEN || sub == MEI_DEVICE_ID ? PUBLIC_ASSIGNED
								  : RESERVED;
	return sub <= CLEAR_OVERRUN && sub != 19 && name_of(diagnostic_names, sub) ?
		PUBLIC_ASSIGNED : RESERVED;
}

static void put_function(struct dissect *d, uint8_t raw, const struct cursor *c)
{
	uint8_t code = raw & 0x7f;
	bool has_name = functions[code].request || name_of(function_names, code);

	put_uint(d, FUNCTION_RAW, raw);
	put_uint(d, FUNCTION_CODE, has_name ? code : UNKNOWN);
	put_uint(d, ACCESS_TYPE, functions[code].access);
	put_uint(d, CATEGORY, category_of(raw, *c));
	put_uint(d, ERROR_FLAGS, 0);
	put_bytes(d, BODY, (struct bytes){ c->at, c->left });
}

static bool is_exception_code(uint8_t code)
{
	return code != UNKNOWN && name_of(exception_names, code);
}

/* Acknowledge refuses nothing: the server goes on working on a long command. */
static void put_exception(struct dissect *d, struct cursor *c)
{
	uint8_t code = put_u8(d, EXCEPTION_RAW, c);

	if (!cursor_ok(c))
		return;
	const char *name = name_of(exception_names, code);
	put_uint(d, EXCEPTION_CODE, name ? code : UNKNOWN);
	if (!is_exception_code(code))
		wrong(d, INVALID_EXCEPTION_CODE);
	if (code != ACKNOWLEDGE)
		d->message->code = name ? name : "Unknown";
}

static void put_data(struct dissect *d, struct cursor *c)
{
	put_bytes(d, DATA, cursor_rest(c));
}

static void parse_body(struct dissect *d, uint8_t raw, struct cursor *c)
{
	const struct function *f = &functions[raw & 0x7f];
	bool is_response = d->side == SIDE_SERVER;

	if (raw & EXCEPTION_BIT) {
		if (!is_response)
			wrong(d, c->left == 1 || f->request ? EXCEPTION_FROM_CLIENT :
				INVALID_FUNCTION_CODE);
		put_exception(d, c);
	} else if (!f->request) {
		if (raw == 0)
			wrong(d, INVALID_FUNCTION_CODE);
		put_data(d, c);
	} else {
		if (f->is_plain)
			put_bytes(d, DATA, (struct bytes){ c->at, c->left });
		(is_response ? f->response : f->request)(d, c);
	}
}

/* Units 248 to 254 are reserved; 255 is how a device without units behind it is asked. */
static void check_end(struct dissect *d, uint8_t unit, const struct cursor *c,
	bool is_short)
{
	if (!cursor_ok(c) || is_short)
		wrong(d, INVALID_LENGTH);
	else if (c->left > 0)
		wrong(d, EXTRA_BYTES);
	else if (d->side == SIDE_CLIENT && unit >= 248 && unit <= 254)
		wrong(d, INVALID_UNIT_IDENTIFIER);
}

static bool is_length(uint32_t length, uint8_t raw)
{
	uint32_t most = raw == UMAS ? UMAS_LENGTH_MAX : LENGTH_MAX;

	return length >= LENGTH_MIN && length <= most;
}

static void modbus_parse(struct dissect *d, struct cursor *c)
{
	uint16_t transaction = put_be16(d, TRANSACTION_ID, c);
	uint16_t protocol = put_be16(d, PROTOCOL_ID, c);
	uint16_t length = put_be16(d, LENGTH, c);
	uint8_t unit = put_u8(d, UNIT_ID, c);
	uint8_t raw = cursor_u8(c);

	d->message->key = (uint64_t)transaction << 48 | (uint64_t)unit << 40 |
		(uint64_t)raw << 32;
	if (cursor_ok(c))
		put_function(d, raw, c);
	if (!is_length(length, raw)) {
		wrong(d, INVALID_LENGTH);
		return;
	}
	bool is_short = c->left + LENGTH_MIN < length; /* the datagram ends too early */
	if (protocol != 0)
		wrong(d, INVALID_PROTOCOL_ID);
	if (cursor_ok(c))
		parse_body(d, raw, c);
	check_end(d, unit, c, is_short);
}

/* ---- where messages begin and end ---- */

enum { FITS_NONE, FITS_REQUEST, FITS_RESPONSE, FITS_BOTH };

/* Whether the header's length is what this form asks for, as far as it is there. */
static bool fits(const struct form *form, struct bytes head, uint32_t length)
{
	struct cursor c = cursor_of(head);

	if (form->is_open)
		return length >= form->base;
	if (!form->count_at)
		return length == form->base;
	cursor_skip(&c, form->count_at);
	uint64_t count = cursor_be(&c, form->width);
	return length >= (uint32_t)form->base + form->least &&
		(!cursor_ok(&c) || length == form->base + count);
}

/* What a message of this length can be: a request, a response, both, neither. */
static unsigned shape_of(struct bytes head, uint32_t length)
{
	uint8_t raw = head.at[DATA_AT - 1];
	const struct function *f = &functions[raw & 0x7f];
	unsigned shape = FITS_NONE;

	if (raw & EXCEPTION_BIT)
		return length == 3 ? FITS_RESPONSE : FITS_NONE;
	if (!f->request)
		return raw ? FITS_BOTH : FITS_NONE;
	if (fits(&f->request_form, head, length))
		shape |= FITS_REQUEST;
	if (fits(&f->response_form, head, length))
		shape |= FITS_RESPONSE;
	if (f->response == put_read_response && !is_bits(f) && length % 2 == 0)
		shape &= FITS_REQUEST; /* registers have two bytes each */
	if (raw == MEI && head.len > DATA_AT && head.at[DATA_AT] == MEI_DEVICE_ID)
		shape &= length == 5 ? FITS_REQUEST : FITS_RESPONSE;
	return shape;
}

/* `length` alone says where a message ends, if it is one that every function may have. */
static struct frame frame_of_start(struct bytes head)
{
	bool is_known = head.len >= HEADER && be16_at(head.at + 2) == 0 &&
		is_length(be16_at(head.at + 4), 0);

	if (!is_known)
		return (struct frame){ FRAME_MORE, 0, SENSE_UNKNOWN };
	return (struct frame){ FRAME_OK, HEADER + be16_at(head.at + 4), SENSE_UNKNOWN };
}

/* A header whose protocol id is not 0 is still ours in the middle of a flow, if all the
 * rest of it is. */
static struct frame modbus_frame(const struct dissect *d, struct bytes head)
{
	static const uint8_t senses[] = {
		[FITS_REQUEST] = SENSE_REQUEST, [FITS_RESPONSE] = SENSE_RESPONSE,
		[FITS_BOTH] = SENSE_UNKNOWN,
	};

	if (head.len < DATA_AT)
		return frame_of_start(head);
	uint32_t protocol = be16_at(head.at + 2), length = be16_at(head.at + 4);
	bool is_bad = !is_length(length, head.at[DATA_AT - 1]);
	if (!is_bad && protocol == 0 && d->side_known)
		return (struct frame){ FRAME_OK, HEADER + length, SENSE_UNKNOWN };
	unsigned shape = is_bad ? FITS_NONE : shape_of(head, length);
	if (protocol != 0 && shape == FITS_NONE)
		return (struct frame){ FRAME_NOT, 0, SENSE_UNKNOWN };
	if (is_bad)
		return (struct frame){ FRAME_BAD,
			length < LENGTH_MIN ? HEADER + length : DATA_AT, SENSE_UNKNOWN };
	return (struct frame){ FRAME_OK, HEADER + length, senses[shape] };
}

static bool is_range(uint32_t address, uint32_t quantity, uint32_t limit)
{
	return quantity > 0 && quantity <= limit && address + quantity <= 0x10000;
}

/* Address and quantity, and for requests to write several the byte count behind them. */
static bool is_range_fine(const struct function *f, struct cursor *c, bool has_values)
{
	uint32_t address = cursor_be16(c), quantity = cursor_be16(c);

	return is_range(address, quantity, f->limit) &&
		(!has_values || cursor_u8(c) == byte_count_of(f, quantity));
}

/* Whether the numbers inside fit each other and the length, which chance does not do. */
static bool is_consistent(struct bytes head, uint32_t length, unsigned shape)
{
	uint8_t raw = head.at[DATA_AT - 1];
	const struct function *f = &functions[raw & 0x7f];
	struct cursor c = { head.at + DATA_AT, length - LENGTH_MIN, false };
	bool writes = shape == FITS_REQUEST && (f->access & WRITE);

	if (!f->request)
		return false;
	if (raw & EXCEPTION_BIT)
		return true;
	if (raw == MEI)
		return c.at[0] == MEI_DEVICE_ID && name_of(read_device_id_names, c.at[1]);
	if (f->response == put_read_response && shape == FITS_RESPONSE)
		return true;
	if (f->request == put_write_coil)
		return (c.at[2] == 0 || c.at[2] == 0xff) && c.at[3] == 0;
	if (f->request == put_read_write)
		return is_range_fine(f, &c, false) && is_range_fine(f, &c, true);
	return f->limit > 1 && is_range_fine(f, &c, writes);
}

/* As far as the bytes go, a header with protocol id 0 and a length that is possible. */
static bool is_header(struct bytes head)
{
	if (head.len >= DATA_AT && !is_length(be16_at(head.at + 4), head.at[DATA_AT - 1]))
		return false;
	return (head.len < 3 || head.at[2] == 0) && (head.len < 4 || head.at[3] == 0) &&
		(head.len < 5 || head.at[4] <= UMAS_LENGTH_MAX >> 8) &&
		(head.len < HEADER || is_length(be16_at(head.at + 4), UMAS));
}

/* Whether it is a function that somebody defines, of a length that is its own: bytes from
 * the middle of messages often look like a header, but seldom like that. */
static bool is_defined(struct bytes head, uint32_t length)
{
	uint8_t raw = head.at[DATA_AT - 1], code = raw & 0x7f;
	bool has_data = head.len > DATA_AT;

	if (!functions[code].request && code != UMAS)
		return false;
	if (raw == UMAS)
		return length >= UMAS_LENGTH_MIN;
	if (raw & EXCEPTION_BIT)
		return length == 3 && (!has_data || is_exception_code(head.at[DATA_AT]));
	return shape_of(head, length) != FITS_NONE;
}

/* Six bytes that many protocols could begin with: so what follows must be a message that
 * is defined; to be sure, the numbers in it must fit, and it must end where the bytes end
 * or where the next header stands. */
static enum probe modbus_probe(struct bytes head)
{
	if (!is_header(head))
		return PROBE_NO;
	if (head.len < DATA_AT)
		return PROBE_MORE;
	uint32_t length = be16_at(head.at + 4), whole = HEADER + length;
	if (!is_defined(head, length))
		return head.len < whole ? PROBE_MORE : PROBE_FAINT;
	if (head.len < whole)
		return PROBE_WEAK;
	struct bytes next = { head.at + whole, head.len - whole };
	return is_header(next) && is_consistent(head, length, shape_of(head, length)) ?
		PROBE_STRONG : PROBE_WEAK;
}

/* ---- requests and their answers ---- */

/* Where the keys differ. Parts of a cut message's key that are 0 may be missing. */
static uint64_t difference(const struct message *request, const struct message *response)
{
	static const uint64_t parts[] = { /* unit, function, subfunction, fit */
		0xff0000000000, 0xff00000000, 0xffff0000, 0xffff,
	};
	uint64_t differ = request->key ^ response->key;

	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if ((request->is_cut && !(request->key & parts[i])) ||
		    (response->is_cut && !(response->key & parts[i])))
			differ &= ~parts[i];
	return differ;
}

/* Whether the answer repeats what it must, as far as both are there. */
static bool is_echo(const struct message *request, const struct message *response)
{
	const struct item *asked = message_item(request, BODY);
	const struct item *answer = message_item(response, BODY);
	uint8_t code = function_of(response);
	uint32_t echo = functions[code].echo;

	if (code == DIAGNOSTICS && (response->key >> 16 & 0xffff) == QUERY_DATA)
		echo = ECHO_ALL;
	if (!asked || !answer || !echo)
		return true;
	uint32_t first = asked->len < echo ? asked->len : echo;
	uint32_t second = answer->len < echo ? answer->len : echo;
	uint32_t both = first < second ? first : second;
	return (first == second || request->is_cut || response->is_cut) &&
		bytes_equal((struct bytes){ asked->at, both },
			(struct bytes){ answer->at, both });
}

enum { NOT_ITS, NO_ID, OTHER_FUNCTION, OTHER_UNIT, OTHER_VALUES, AS_FAR_AS_SEEN, EXACT };

/* Of one unit and function: which request has the size, the place and the values that the
 * answer has? An exception says nothing of them. */
static unsigned join_values(const struct message *request, const struct message *response)
{
	if (is_exception(response))
		return EXACT;
	if ((uint32_t)difference(request, response) || !is_echo(request, response))
		return OTHER_VALUES;
	return request->is_cut || response->is_cut ? AS_FAR_AS_SEEN : EXACT;
}

/* A server repeats the transaction id; a client that always uses the same one is answered
 * in order, so the oldest of equals is right, if an answer before was not lost: then what
 * the answer repeats tells. Some gateways answer everything with id 0. An answer with any
 * other id belongs to a request that was not seen. A wrong unit or function is believed
 * to answer only under an id that tells something, not under 0. */
static unsigned modbus_join(const struct message *request, const struct message *response)
{
	uint64_t differ = difference(request, response);
	bool same_unit = (differ >> 40 & 0xff) == 0;
	bool same_function = (differ >> 32 & 0x7f) == 0;

	if (differ >> 48)
		return response->key >> 48 == 0 && same_unit && same_function &&
			join_values(request, response) > OTHER_VALUES ? NO_ID : NOT_ITS;
	if (same_unit && same_function)
		return join_values(request, response);
	if (request->key >> 48 == 0)
		return NOT_ITS;
	return same_function ? OTHER_UNIT : same_unit ? OTHER_FUNCTION : NOT_ITS;
}

/* The last byte of coils holds as many as are left of the quantity. */
static void trim_bits(struct message *response, const struct message *request)
{
	const struct item *quantity = message_item(request, READ_QUANTITY);
	struct item *bits = find(response, READ_BITS);

	if (quantity && bits && bits->len == (quantity->u + 7) / 8)
		bits->extra = quantity->u % 8;
}

static void modbus_check(struct dissect *d, const struct message *request)
{
	struct message *m = d->message;
	uint64_t differ = difference(request, m);

	if (differ >> 48)
		wrong(d, TRANSACTION_ID_MISMATCH);
	if (differ >> 32 & 0x7f)
		wrong(d, FUNCTION_MISMATCH);
	if (differ >> 40 & 0xff)
		wrong(d, UNIT_MISMATCH);
	if (is_exception(m) || differ >> 32 || request->events || request->is_cut)
		return;
	if (differ >> 16 & 0xffff)
		wrong(d, FUNCTION_MISMATCH);
	if ((differ & 0xffff) || !is_echo(request, m))
		wrong(d, VALUE_MISMATCH);
	trim_bits(m, request);
}

/* What functions that nobody defines do is unknown: no operation. */
static void modbus_operate(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	const struct function *f = &functions[function_of(m)];

	if (!f->operate || (request && is_exception(request)))
		return;
	if (request && response && (is_exception(response) ||
			function_of(response) != function_of(request)))
		response = NULL;
	f->operate(d, request, response);
}

static const uint16_t ports[] = { 502, 0 };

const struct dissector modbus_dissector = {
	.name = "modbus",
	.title = "Modbus over TCP and UDP",
	.source = "MODBUS Application Protocol Specification V1.1b3; "
		"MODBUS Messaging on TCP/IP Implementation Guide V1.0b",
	.fields = fields,
	.field_count = sizeof(fields) / sizeof(*fields),
	.events = events,
	.event_count = EVENT_COUNT,
	.tcp_ports = ports,
	.udp_ports = ports,
	.max_message = HEADER + UMAS_LENGTH_MAX,
	.probe = modbus_probe,
	.repeat = { .id_at = 0, .id_len = 2, .id_field = TRANSACTION_ID },
	.frame = modbus_frame,
	.parse = modbus_parse,
	.join = modbus_join,
	.check = modbus_check,
	.operate = modbus_operate,
	.lone_response_event = UNSOLICITED_RESPONSE,
};
