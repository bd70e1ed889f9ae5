/* What Modbus messages are made of: field numbers, events, and the numbers that have
 * names. Their texts are in modbus_fields.c. Spelled as in the specification; JSON
 * names are Suricata's, where it has the field. */
#ifndef IRONSPAN_MODBUS_FIELDS_H
#define IRONSPAN_MODBUS_FIELDS_H

#include "dissect/dissect.h"

enum {
	UMAS = 90,          /* function of Schneider Electric's programming protocol */
	EXCEPTION_BIT = 0x80,
	DIAGNOSTICS = 8,
	MEI = 43,           /* encapsulated interface transport */
	MEI_CANOPEN = 13,
	MEI_DEVICE_ID = 14,
	ACKNOWLEDGE = 5,    /* an exception that refuses nothing */
	UNKNOWN = 0xff,     /* a value of name tables that no message has */
};

enum framing { FRAMING_UNDECIDED, FRAMING_MBAP, FRAMING_RTU };

enum {
	READ = 0x01, WRITE = 0x02, DISCRETES = 0x04, COILS = 0x08, INPUT = 0x10,
	HOLDING = 0x20, WRITE_SINGLE = WRITE | 0x40, WRITE_MULTIPLE = WRITE | 0x80,
};

enum {
	NO_CATEGORY = 0, PUBLIC_ASSIGNED = 1, PUBLIC_UNASSIGNED = 2, USER_DEFINED = 4,
	RESERVED = 8,
};

enum { DATA_VALUE = 1, DATA_LENGTH = 2, EXC_CODE = 4, FUNC_CODE = 8, PROTO_ID = 16 };

enum {
	QUERY_DATA = 0, RESTART = 1, CHANGE_DELIMITER = 3, LISTEN_ONLY = 4,
	CLEAR_COUNTERS = 10, CLEAR_OVERRUN = 20,
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
	FRAMING, CRC,
	UMAS_SESSION, UMAS_RAW, UMAS_CODE, UMAS_SIGNED, UMAS_ANSWER_RAW, UMAS_ANSWER,
	UMAS_ERROR, UMAS_OWNER, UMAS_RESERVATION, UMAS_MAX_FRAME, UMAS_HARDWARE_ID,
	UMAS_COM_VERSION, UMAS_HARDWARE_VERSION, UMAS_MODEL, UMAS_PROJECT,
	UMAS_PROJECT_CRC, UMAS_MEMORY_BLOCK, UMAS_MEMORY_OFFSET, UMAS_MEMORY_SIZE,
	UMAS_VARIABLES, UMAS_VARIABLE_CLASS, UMAS_VARIABLE_ADDRESS, UMAS_VARIABLE_BLOCK,
	UMAS_VARIABLE_OFFSET, UMAS_VARIABLE_COUNT, UMAS_VARIABLE_VALUE,
	UMAS_BLOCK_NUMBER, UMAS_BLOCK_SIZE, UMAS_BLOCK_LAST,
	UMAS_TRANSFER_BLOCKS, UMAS_TRANSFER_SIZE, UMAS_TRANSFER_SHA256,
	FIELD_COUNT
};

extern const struct name modbus_function_names[], modbus_access_names[],
	modbus_category_names[], modbus_error_names[], modbus_exception_names[],
	modbus_diagnostic_names[], modbus_mei_names[], modbus_read_device_id_names[],
	modbus_conformity_names[], modbus_object_names[], modbus_framing_names[],
	umas_function_names[], umas_answer_names[], umas_class_names[];

extern const struct field modbus_fields[FIELD_COUNT];

/* ---- events: the first eight are Suricata's ---- */

enum {
	INVALID_PROTOCOL_ID, UNSOLICITED_RESPONSE, INVALID_LENGTH,
	INVALID_UNIT_IDENTIFIER, INVALID_FUNCTION_CODE, INVALID_VALUE,
	INVALID_EXCEPTION_CODE, VALUE_MISMATCH, INVALID_QUANTITY, INVALID_BYTE_COUNT,
	ADDRESS_OVERFLOW, INVALID_REFERENCE_TYPE, INVALID_FIFO_COUNT, EXTRA_BYTES,
	EXCEPTION_FROM_CLIENT, TRANSACTION_ID_MISMATCH, UNIT_MISMATCH,
	FUNCTION_MISMATCH, INVALID_CRC, EVENT_COUNT
};

extern const struct event modbus_events[EVENT_COUNT];

/* What is wrong with this message: one event, the first that is said, so parsers ask
 * for the most specific first. Of a cut message nobody knows. */
void modbus_wrong(struct dissect *d, unsigned event);

/* The first item of a field, to be changed; NULL if there is none. */
struct item *modbus_find(struct message *m, unsigned field);
/* The next one from `*at` on, which then is behind it. */
const struct item *modbus_next(const struct message *m, uint32_t *at, unsigned field);

#endif
