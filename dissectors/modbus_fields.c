/* Names, fields and events of Modbus and of the UMAS inside it, as people and rules
 * see them. */
#include "modbus_fields.h"

/* ---- names ---- */

/* Suricata's names first, they are the ones shown; then those of Snort's modbus_func. */
const struct name modbus_function_names[] = {
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

const struct name modbus_access_names[] = {
	{ 0, "NONE" }, { READ, "READ" }, { WRITE, "WRITE" }, { DISCRETES, "DISCRETES" },
	{ COILS, "COILS" }, { INPUT, "INPUT" }, { HOLDING, "HOLDING" },
	{ 0x40, "SINGLE" }, { 0x80, "MULTIPLE" }, { WRITE_SINGLE, "WRITE_SINGLE" },
	{ WRITE_MULTIPLE, "WRITE_MULTIPLE" }, { 0, NULL },
};

const struct name modbus_category_names[] = {
	{ NO_CATEGORY, "NONE" }, { PUBLIC_ASSIGNED, "PUBLIC_ASSIGNED" },
	{ PUBLIC_UNASSIGNED, "PUBLIC_UNASSIGNED" }, { USER_DEFINED, "USER_DEFINED" },
	{ RESERVED, "RESERVED" }, { 0, NULL },
};

const struct name modbus_error_names[] = {
	{ 0, "NONE" }, { DATA_VALUE, "DATA_VALUE" }, { DATA_LENGTH, "DATA_LENGTH" },
	{ EXC_CODE, "EXC_CODE" }, { FUNC_CODE, "FUNC_CODE" }, { PROTO_ID, "PROTO_ID" },
	{ 0, NULL },
};

const struct name modbus_exception_names[] = {
	{ 1, "IllegalFunction" }, { 2, "IllegalDataAddr" }, { 3, "IllegalDataValue" },
	{ 4, "ServerDeviceFail" }, { ACKNOWLEDGE, "Ack" }, { 6, "ServerDeviceBusy" },
	{ 7, "NegAck" }, { 8, "MemParityErr" }, { 10, "GatewayPathUnavailable" },
	{ 11, "GatewayTargetFailToResp" }, { UNKNOWN, "Unknown" }, { 0, NULL },
};

const struct name modbus_diagnostic_names[] = {
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

const struct name modbus_mei_names[] = {
	{ MEI_CANOPEN, "CANOpenGenRefReqResp" }, { MEI_DEVICE_ID, "RdDevId" },
	{ UNKNOWN, "Unknown" }, { 0, NULL },
};

const struct name modbus_read_device_id_names[] = {
	{ 1, "basic" }, { 2, "regular" }, { 3, "extended" }, { 4, "specific" },
	{ 0, NULL },
};

/* Bit 7: single objects can be asked for as well. */
const struct name modbus_conformity_names[] = {
	{ 0x01, "basic" }, { 0x02, "regular" }, { 0x03, "extended" },
	{ 0x81, "basic_individual" }, { 0x82, "regular_individual" },
	{ 0x83, "extended_individual" }, { 0, NULL },
};

const struct name modbus_object_names[] = {
	{ 0, "VendorName" }, { 1, "ProductCode" }, { 2, "MajorMinorRevision" },
	{ 3, "VendorUrl" }, { 4, "ProductName" }, { 5, "ModelName" },
	{ 6, "UserApplicationName" }, { 0, NULL },
};

const struct name modbus_framing_names[] = {
	{ FRAMING_MBAP, "mbap" }, { FRAMING_RTU, "rtu" }, { 0, NULL },
};

/* ---- UMAS, with the names that public research gave ---- */

const struct name umas_function_names[] = {
	{ 0x01, "INIT_COMM" }, { 0x02, "READ_ID" }, { 0x03, "READ_PROJECT_INFO" },
	{ 0x04, "READ_PLC_INFO" }, { 0x05, "READ_LOADER_INFO" },
	{ 0x06, "READ_CARD_INFO" }, { 0x07, "READ_BLOCK_INFO" }, { 0x0a, "REPEAT" },
	{ 0x10, "TAKE_PLC_RESERVATION" },
	{ 0x11, "RELEASE_PLC_RESERVATION" }, { 0x12, "KEEP_ALIVE" },
	{ 0x20, "READ_MEMORY_BLOCK" }, { 0x21, "WRITE_MEMORY_BLOCK" },
	{ 0x22, "READ_VARIABLES" }, { 0x23, "WRITE_VARIABLES" },
	{ 0x24, "READ_COILS_REGISTERS" }, { 0x25, "WRITE_COILS_REGISTERS" },
	{ 0x26, "DATA_DICTIONARY" }, { 0x27, "DATA_DICTIONARY_PRELOAD" },
	{ 0x28, "READ_PHYSICAL_ADDRESS" }, { 0x29, "WRITE_PHYSICAL_ADDRESS" },
	{ 0x2a, "BROWSE_EVENTS" }, { 0x30, "INITIALIZE_UPLOAD" },
	{ 0x31, "UPLOAD_BLOCK" },
	{ 0x32, "END_STRATEGY_UPLOAD" }, { 0x33, "INITIALIZE_DOWNLOAD" },
	{ 0x34, "DOWNLOAD_BLOCK" }, { 0x35, "END_STRATEGY_DOWNLOAD" },
	{ 0x36, "BACKUP" },
	{ 0x37, "PRELOAD_BLOCKS" }, { 0x38, "SIGNED" },
	{ 0x39, "READ_ETH_MASTER_DATA" },
	{ 0x40, "START_PLC" }, { 0x41, "STOP_PLC" }, { 0x42, "INIT_PLC" },
	{ 0x43, "SWAP_PLC" }, { 0x50, "MONITOR_PLC" }, { 0x51, "GET_AUTO_MODIF" },
	{ 0x52, "GET_FORCED_BITS" }, { 0x53, "GET_SELECTED_BLOCKS" },
	{ 0x58, "CHECK_PLC" }, { 0x60, "BREAKPOINT_SET" },
	{ 0x61, "BREAKPOINT_DELETE" }, { 0x62, "STEP_OVER" },
	{ 0x63, "STEP_IN" }, { 0x64, "STEP_OUT" }, { 0x65, "GET_CALL_STACK" },
	{ 0x66, "CHECK_DEBUG_ALLOWED" }, { 0x6c, "PROCESS_MESSAGE" },
	{ 0x6d, "PRIVATE" },
	{ 0x6e, "RESERVATION_NONCES" }, { 0x70, "READ_IO_OBJECT" },
	{ 0x71, "WRITE_IO_OBJECT" }, { 0x72, "READ_RACK" },
	{ 0x73, "GET_STATUS_MODULE" },
	{ 0x74, "READ_DEVICE_DATA" }, { UNKNOWN, "Unknown" }, { 0, NULL },
};

const struct name umas_answer_names[] = {
	{ 0xfe, "OK" }, { 0xfd, "ERROR" }, { 0, NULL },
};

const struct name umas_class_names[] = {
	{ 2, "coil" }, { 3, "holding_register" }, { 0, NULL },
};

/* ---- fields ---- */

/* Four hex digits, two of them behind the point: 0270 is 2.70. */
static size_t format_version(struct bytes value, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = 0;

	if (value.len < 2)
		return 0;
	if (value.at[1] >> 4)
		out[len++] = digits[value.at[1] >> 4];
	out[len++] = digits[value.at[1] & 0x0f];
	out[len++] = '.';
	out[len++] = digits[value.at[0] >> 4];
	out[len++] = digits[value.at[0] & 0x0f];
	return len;
}

const struct field modbus_fields[FIELD_COUNT] = {
	[TRANSACTION_ID] = { "transaction_id", FIELD_UINT,
		"chosen by the client, repeated in the answer" },
	[PROTOCOL_ID] = { "protocol_id", FIELD_UINT, "0 is Modbus" },
	[LENGTH] = { "length", FIELD_UINT, "bytes that follow in the header's words" },
	[UNIT_ID] = { "unit_id", FIELD_UINT,
		"addressed unit behind the IP address; 0 or 255: the device itself",
		.aliases = "modbus_unit" },
	[FUNCTION_RAW] = { "function_raw", FIELD_UINT,
		"function code as sent; bit 7 marks an exception", modbus_function_names,
		.keyword = "function", .aliases = "modbus_func", .flags = FIELD_SELECTS },
	[FUNCTION_CODE] = { "function_code", FIELD_ENUM,
		"the function's name", modbus_function_names },
	[ACCESS_TYPE] = { "access_type", FIELD_FLAGS, "what the function reads or writes",
		modbus_access_names },
	[CATEGORY] = { "category", FIELD_ENUM, "who defines the function code",
		modbus_category_names },
	[ERROR_FLAGS] = { "error_flags", FIELD_FLAGS, "what is wrong with the message",
		modbus_error_names },
	[BODY] = { "body", FIELD_DATA, "everything behind the function code",
		.aliases = "modbus_data", .flags = FIELD_HIDDEN },
	[DATA] = { "data", FIELD_DATA,
		"the bytes behind a function code without own fields" },

	[EXCEPTION_RAW] = { "exception.raw", FIELD_UINT, "why the request was refused",
		modbus_exception_names, .keyword = "exception_code" },
	[EXCEPTION_CODE] = { "exception.code", FIELD_ENUM, "its name",
		modbus_exception_names },

	[DIAGNOSTIC_RAW] = { "diagnostic.raw", FIELD_UINT, "subfunction of function 8",
		modbus_diagnostic_names, .keyword = "subfunction" },
	[DIAGNOSTIC_CODE] = { "diagnostic.code", FIELD_ENUM,
		"its name", modbus_diagnostic_names },
	[DIAGNOSTIC_DATA] = { "diagnostic.data", FIELD_DATA, "its data" },
	[DIAGNOSTIC_VALUES] = { "diagnostic.values", FIELD_U16S,
		"its data as numbers: counters, the diagnostic register" },

	[MEI_RAW] = { "mei.raw", FIELD_UINT,
		"type of the encapsulated interface", modbus_mei_names,
		.keyword = "mei" },
	[MEI_CODE] = { "mei.code", FIELD_ENUM, "its name", modbus_mei_names },
	[MEI_DATA] = { "mei.data", FIELD_DATA, "its data" },
	[MEI_READ_CODE] = { "mei.read_device_id_code", FIELD_UINT,
		"which part of the identification is asked for",
		modbus_read_device_id_names },
	[MEI_OBJECT_ID] = { "mei.object_id", FIELD_UINT,
		"object to begin with", modbus_object_names },
	[MEI_CONFORMITY] = { "mei.conformity_level", FIELD_UINT,
		"what the device can identify itself with", modbus_conformity_names },
	[MEI_MORE_FOLLOWS] = { "mei.more_follows", FIELD_UINT,
		"255: more objects follow in another transaction" },
	[MEI_NEXT_OBJECT] = { "mei.next_object_id", FIELD_UINT, "where they begin" },
	[MEI_OBJECT_COUNT] = { "mei.number_of_objects", FIELD_UINT,
		"objects in this message" },
	[MEI_OBJECTS] = { "mei.objects", FIELD_GROUP, "identification objects" },
	[MEI_OBJECTS_ID] = { "mei.objects.id", FIELD_UINT, "object id",
		modbus_object_names },
	[MEI_OBJECTS_NAME] = { "mei.objects.name", FIELD_ENUM,
		"its name, where it has one",
		modbus_object_names },
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

	[FRAMING] = { "framing", FIELD_ENUM,
		"rtu: serial framing with a checksum, and no header; not said otherwise",
		modbus_framing_names },
	[CRC] = { "crc", FIELD_UINT, "checksum of serial framing, as it stands there" },

	[UMAS_SESSION] = { "umas.session", FIELD_UINT,
		"reservation under which the request is made; 0: none" },
	[UMAS_RAW] = { "umas.function_raw", FIELD_UINT, "function code of UMAS",
		umas_function_names, .keyword = "umas.function" },
	[UMAS_CODE] = { "umas.function_code", FIELD_ENUM,
		"its name in public research, where upload is to the controller",
		umas_function_names },
	[UMAS_SIGNED] = { "umas.signed", FIELD_BOOL,
		"the function stands inside a signed message" },
	[UMAS_ANSWER_RAW] = { "umas.answer_raw", FIELD_UINT, "254 is yes, 253 is no",
		umas_answer_names, .keyword = "umas.answer" },
	[UMAS_ANSWER] = { "umas.answer_code", FIELD_ENUM, "its name", umas_answer_names },
	[UMAS_ERROR] = { "umas.error", FIELD_BYTES, "why it is no" },
	[UMAS_OWNER] = { "umas.owner", FIELD_TEXT,
		"station that reserves the controller" },
	[UMAS_RESERVATION] = { "umas.reservation", FIELD_UINT,
		"session that the controller hands out with a reservation" },
	[UMAS_MAX_FRAME] = { "umas.max_frame", FIELD_UINT,
		"longest message that the controller takes" },
	[UMAS_HARDWARE_ID] = { "umas.hardware_id", FIELD_UINT, "number of the model" },
	[UMAS_COM_VERSION] = { "umas.com_version", FIELD_TEXT,
		"firmware of the controller", .format = format_version },
	[UMAS_HARDWARE_VERSION] = { "umas.hardware_version", FIELD_UINT,
		"version of the controller's hardware" },
	[UMAS_MODEL] = { "umas.model", FIELD_TEXT, "name of the model" },
	[UMAS_PROJECT] = { "umas.project", FIELD_TEXT, "name of the program" },
	[UMAS_PROJECT_CRC] = { "umas.project_crc", FIELD_UINT,
		"program that the variables belong to" },
	[UMAS_MEMORY_BLOCK] = { "umas.memory.block", FIELD_UINT, "block of memory" },
	[UMAS_MEMORY_OFFSET] = { "umas.memory.offset", FIELD_UINT, "first byte in it" },
	[UMAS_MEMORY_SIZE] = { "umas.memory.size", FIELD_UINT, "bytes" },
	[UMAS_VARIABLES] = { "umas.variables", FIELD_GROUP, "one variable each" },
	[UMAS_VARIABLE_CLASS] = { "umas.variables.class", FIELD_UINT,
		"2: coils (%M), 3: registers (%MW)", umas_class_names },
	[UMAS_VARIABLE_ADDRESS] = { "umas.variables.address", FIELD_UINT,
		"first coil or register, from 0" },
	[UMAS_VARIABLE_BLOCK] = { "umas.variables.block", FIELD_UINT,
		"block of memory that holds it" },
	[UMAS_VARIABLE_OFFSET] = { "umas.variables.offset", FIELD_UINT,
		"its first byte in the block" },
	[UMAS_VARIABLE_COUNT] = { "umas.variables.count", FIELD_UINT, "elements" },
	[UMAS_VARIABLE_VALUE] = { "umas.variables.value", FIELD_UINT, "what is written" },
	[UMAS_BLOCK_NUMBER] = { "umas.block.number", FIELD_UINT,
		"part of the program, from 1; at the end, how many there were" },
	[UMAS_BLOCK_SIZE] = { "umas.block.size", FIELD_UINT, "its bytes" },
	[UMAS_BLOCK_LAST] = { "umas.block.last", FIELD_UINT, "1: nothing follows it" },
	[UMAS_TRANSFER_BLOCKS] = { "umas.transfer.blocks", FIELD_UINT,
		"parts of the program seen, if none was missed" },
	[UMAS_TRANSFER_SIZE] = { "umas.transfer.size", FIELD_UINT,
		"bytes of the program: as announced, or as seen at the end" },
	[UMAS_TRANSFER_SHA256] = { "umas.transfer.sha256", FIELD_BYTES,
		"SHA-256 of the program as it was transferred" },
};

/* ---- events ---- */

const struct event modbus_events[EVENT_COUNT] = {
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
	[INVALID_CRC] = { "invalid_crc",
		"a checksum of serial framing that does not fit" },
};

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

struct item *modbus_find(struct message *m, unsigned field)
{
	for (uint32_t i = 0; i < m->count; i++)
		if (m->items[i].field == field)
			return &m->items[i];
	return NULL;
}

const struct item *modbus_next(const struct message *m, uint32_t *at, unsigned field)
{
	while (m && *at < m->count)
		if (m->items[(*at)++].field == field)
			return &m->items[*at - 1];
	return NULL;
}

void modbus_wrong(struct dissect *d, unsigned event)
{
	struct item *flags = modbus_find(d->message, ERROR_FLAGS);

	if (d->message->is_cut || d->message->events)
		return;
	put_event(d, event);
	if (flags)
		flags->u |= event_flags[event];
}
