/* What the files of the S7comm-plus dissector share.
 *
 *   s7commplus.c                  finding, framing, one message, pairing
 *   s7commplus_fields.c           the table of fields, and that of events
 *   s7commplus_assemble.c         messages in several fragments, TLS records
 *   s7commplus_function.c         what each function carries
 *   s7commplus_variable.c         … those that read and write variables
 *   s7commplus_notification.c     what a PLC sends unasked: notifications, system events
 *   s7commplus_object.c           objects with their attributes
 *   s7commplus_item.c             addresses of variables
 *   s7commplus_value.c, _number.c values and numbers
 *   s7commplus_text.c             identifiers, addresses and clocks as text
 *   s7commplus_operate.c          what a transaction means
 *   s7commplus_operate_objects.c  … where it is about objects
 *   s7commplus_identity.c         what the PLC says of itself
 *   s7commplus_names.c, _ids.c, _errors.c
 *
 * The protocol has no public specification. What is known comes from observation; where a
 * meaning is a guess the field's help says "inferred". */
#ifndef S7COMMPLUS_PARTS_H
#define S7COMMPLUS_PARTS_H

#include "dissect/cotp.h"

enum {
	PROTOCOL = 0x72,
	HEADER = 4,  /* protocol, version, length of the data */
	TRAILER = 4, /* protocol, version, 0: behind the data of the last fragment */
	DIGEST = 32,
	DIGEST_PART = 1 + DIGEST, /* with its length: in front of the data in version 3 */
};

enum version {
	VERSION_CONNECT = 1, /* sessions are set up with it */
	VERSION_2 = 2,       /* newer ones with a digest behind the data */
	VERSION_3 = 3,       /* every fragment begins with a digest */
	VERSION_EVENT = 0xfe,
	VERSION_KEEPALIVE = 0xff,
};

enum opcode {
	OPCODE_RESPONSE2 = 0x02, /* to requests that insist on no answer (inferred) */
	OPCODE_REQUEST = 0x31,
	OPCODE_RESPONSE = 0x32,
	OPCODE_NOTIFICATION = 0x33,
};

enum function {
	ERROR = 0x04b1, EXPLORE = 0x04bb, CREATE_OBJECT = 0x04ca, DELETE_OBJECT = 0x04d4,
	SET_VARIABLE = 0x04f2, GET_VARIABLE = 0x04fc, ADD_LINK = 0x0506,
	REMOVE_LINK = 0x051a, GET_LINK = 0x0524, SET_MULTI_VARIABLES = 0x0542,
	GET_MULTI_VARIABLES = 0x054c, BEGIN_SEQUENCE = 0x0556, END_SEQUENCE = 0x0560,
	INVOKE = 0x056b, SET_VAR_SUBSTREAMED = 0x057c, GET_VAR_SUBSTREAMED = 0x0586,
	GET_VARIABLES_ADDRESS = 0x0590, ABORT = 0x059a, ERROR_2 = 0x05a9,
	INIT_SSL = 0x05b3,
};

enum datatype {
	TYPE_NULL, TYPE_BOOL, TYPE_USINT, TYPE_UINT, TYPE_UDINT, TYPE_ULINT, TYPE_SINT,
	TYPE_INT, TYPE_DINT, TYPE_LINT, TYPE_BYTE, TYPE_WORD, TYPE_DWORD, TYPE_LWORD,
	TYPE_REAL, TYPE_LREAL, TYPE_TIMESTAMP, TYPE_TIMESPAN, TYPE_RID, TYPE_AID,
	TYPE_BLOB, TYPE_WSTRING, TYPE_VARIANT, TYPE_STRUCT, TYPE_COUNT
};
enum { ARRAY = 0x10, ADDRESS_ARRAY = 0x20, SPARSE_ARRAY = 0x40, ANY_ARRAY = 0x70 };

/* Identifiers of objects (RID), classes and attributes (AID) share one space. */
enum id {
	ID_INPUTS = 80, ID_TIMERS = 84,
	ID_NAME = 233, ID_SESSION = 287, ID_CHALLENGE_RESPONSE = 304,
	ID_CLIENT_PASSWORD = 309, ID_PAOM_STRING = 319, ID_SUBSCRIPTION = 1001,
	ID_REFERENCE_LIST = 1048, ID_SUBSCRIPTION_LAST = 1082, ID_QUALIFIER = 1256,
	ID_PARENT = 1257,
	ID_SESSION_KEY = 1830, ID_LEGITIMATE = 1846, ID_OPERATING_STATE_REQ = 2167,
	ID_SYSTEM_TIME = 2421, ID_DB_VALUE = 2550, ID_KNOWHOW_PASSWORD = 3449,
	ID_AREA_VALUE = 3736, ID_AS_STATE_REQ = 3748, ID_SYSTEM_EVENT = 40300,
	ID_PAYLOAD_PASSWORD = 40403,
	ID_DB = 0x8a0e0000, ID_NUMBER = 0xffff, /* a block's id holds its number */
};

/* ---- fields ---- */

/* One value has these rows, wherever it stands: `rows` + ROW_…. Only its own one of the
 * scalars is put; of an array the elements, or all bytes where they have one or two. */
enum row {
	ROW_LEVEL, ROW_ID, ROW_NAME, ROW_TYPE, ROW_ARRAY, ROW_SIZE, ROW_U16S, ROW_BOOL,
	ROW_UINT, ROW_INT, ROW_REAL, ROW_TEXT, ROW_TIME, ROW_BYTES, ROW_SHA256, ROW_SECRET,
	ROW_ELEMENTS, ROW_KEY, ROW_E_UINT, ROW_E_INT, ROW_E_REAL,
	ROW_E_TEXT, ROW_E_TIME, ROW_E_BYTES, ROW_REFERENCES, ROW_REFERENCE,
	ROW_REFERENCE_CRC, ROW_REFERENCE_AREA, ROW_REFERENCE_DB, ROW_REFERENCE_ADDRESS,
	ROW_COUNT
};

enum {
	FIELD_VERSION, FIELD_LENGTH, FIELD_DATA_LENGTH, FIELD_FRAGMENTS,
	FIELD_FRAGMENT_LENGTHS, FIELD_PROTECTION, FIELD_PROTOCOL_ID, FIELD_TLS_RECORDS,
	FIELD_TLS_RECORD_TYPE, FIELD_TLS_RECORD_VERSION, FIELD_TLS_RECORD_LENGTH,
	FIELD_KEEPALIVE, FIELD_OPCODE, FIELD_OPCODE_RAW,
	FIELD_FUNCTION, FIELD_FUNCTION_RAW, FIELD_SEQUENCE, FIELD_SESSION,
	FIELD_TRANSPORT_FLAGS, FIELD_RETURN, FIELD_RETURN_CODE, FIELD_RETURN_NAME,
	FIELD_RETURN_SOURCE, FIELD_RETURN_GENERIC, FIELD_OBJECT_ID, FIELD_OBJECT,
	FIELD_METHOD, FIELD_EXPLORE_ID, FIELD_EXPLORE_NAME, FIELD_EXPLORE_RECURSIVE,
	FIELD_EXPLORE_PARENTS, FIELD_SEQUENCE_TYPE, FIELD_SEQUENCE_ID, FIELD_ITEM_COUNT,
	FIELD_NOTIFICATION_CREDIT, FIELD_NOTIFICATION_SEQUENCE, FIELD_NOTIFICATION_TIME,
	FIELD_NOTIFICATION_CHANGES, FIELD_CONFIRMED_BYTES, FIELD_MESSAGE,
	FIELD_QUALIFIER_PARENT, FIELD_QUALIFIER_COMPOSITION, FIELD_QUALIFIER_KEY,
	FIELD_CREATED, FIELD_CREATED_ID, FIELD_CREATED_OBJECT, FIELD_STREAM_LENGTH,
	FIELD_STREAM_SHA256, FIELD_INTEGRITY_ID, FIELD_INTEGRITY_DIGEST,

	FIELD_ITEMS, FIELD_ITEM_NUMBER, FIELD_ITEM_RESULT, FIELD_ITEM_RETURN,
	FIELD_ITEM_CODE, FIELD_ITEM_ERROR, FIELD_ITEM_CRC, FIELD_ITEM_AREA, FIELD_ITEM_DB,
	FIELD_ITEM_ADDRESS, FIELD_ITEM_VALUE, /* ROW_COUNT rows */

	FIELD_OBJECTS = FIELD_ITEM_VALUE + ROW_COUNT, FIELD_OBJECTS_LEVEL,
	FIELD_OBJECTS_ID, FIELD_OBJECTS_OBJECT, FIELD_OBJECTS_CLASS_ID,
	FIELD_OBJECTS_CLASS,
	FIELD_OBJECTS_FLAGS, FIELD_OBJECTS_ATTRIBUTE, FIELD_RELATIONS, FIELD_RELATION_ID,
	FIELD_RELATION_NAME, FIELD_RELATION_OBJECT, FIELD_VARIABLES, FIELD_VARIABLE_NAME,
	FIELD_VARIABLE_LID, FIELD_VARIABLE_CRC, FIELD_VARIABLE_TYPE, FIELD_ATTRIBUTES,
	FIELD_ATTRIBUTE_VALUE, /* ROW_COUNT rows */

	FIELD_UNDECODED = FIELD_ATTRIBUTE_VALUE + ROW_COUNT, FIELD_COTP,
	FIELD_COUNT = FIELD_COTP + COTP_FIELD_COUNT
};

enum event_id {
	EVENT_TRUNCATED, EVENT_VLQ_TOO_LONG, EVENT_TOO_DEEP, EVENT_INVALID_LENGTH,
	EVENT_INVALID_TRAILER, EVENT_INVALID_INTEGRITY, EVENT_INVALID_PROTOCOL,
	EVENT_UNKNOWN_VERSION, EVENT_UNKNOWN_OPCODE, EVENT_MALFORMED_COTP,
	EVENT_UNSOLICITED_RESPONSE, EVENT_COUNT
};

enum { PROTECTION_NONE, PROTECTION_INTEGRITY, PROTECTION_TLS };

/* ---- a flow, a message ---- */

enum { LENGTHS_MAX = 32, SIDES = 2 };

/* What one side sends. */
struct plus_side {
	uint32_t tsdu_len;      /* bytes so far of the COTP message under way */
	uint32_t total;         /* and of all fragments of the message */
	uint32_t tls_left;      /* bytes of a TLS record still to come */
	uint16_t fragments;     /* of the message under way, this one included */
	uint8_t head[HEADER];   /* of the fragment under way, as it comes */
	uint8_t head_len;
	uint8_t skip;           /* bytes of a later fragment that are left out */
	uint32_t gaps; /* in what this side sends, at its last packet */
	bool in_tsdu;           /* the last data TPDU was not the end */
	bool in_message;        /* the last fragment had no trailer */
	bool is_assembled;      /* parse gets what assemble put together, without COTP */
	uint8_t lengths[LENGTHS_MAX][2]; /* of the fragments' data, big-endian */
};

struct plus_flow {
	struct plus_side side[SIDES];
	bool is_connecting;    /* a COTP connection request waits for its answer */
	bool is_tls;
	bool has_response2;    /* this PLC answers what insists on no answer */
	uint8_t unanswered;    /* such requests in a row */
};

/* A message being read. What is wrong with it first is what it shows. */
struct plus {
	struct dissect *d;
	uint8_t version, opcode;
	uint16_t function;
	uint8_t depth;        /* of structures and objects */
	bool is_plain;        /* numbers have their full width, no VLQ */
	bool is_protected;    /* there is a digest */
	bool is_wrong;
	enum event_id wrong;
	struct bytes undecoded;
};

static inline struct plus_side *plus_side(const struct dissect *d)
{
	struct plus_flow *flow = d->state;

	return &flow->side[d->side == SIDE_SERVER];
}

/* The message is wrong, or (unknown) nobody has described its kind: reading ends here. */
void plus_fail(struct plus *p, struct cursor *c, enum event_id why);
void plus_unknown(struct plus *p, struct cursor *c);

/* s7commplus_assemble.c */
enum assembled plus_assemble(struct dissect *d, struct bytes frame, struct piece *piece);
bool plus_is_tls(struct bytes payload); /* begins with the header of a record */
void plus_tls(struct dissect *d, struct cursor *c);

/* s7commplus_function.c: the part that is the function's own. */
void plus_request(struct plus *p, struct cursor *c);
void plus_response(struct plus *p, struct cursor *c);
bool plus_is_function(uint16_t code);
void plus_return(struct plus *p, struct cursor *c);

/* s7commplus_variable.c: lists that other functions have too, then whole bodies. */
void plus_id_list(struct plus *p, struct cursor *c, uint32_t count);
void plus_value_list(struct plus *p, struct cursor *c);
void plus_single_value(struct plus *p, struct cursor *c);
const char *plus_error_name(uint64_t return_value);
void plus_get_multi_request(struct plus *p, struct cursor *c);
void plus_get_multi_response(struct plus *p, struct cursor *c);
void plus_set_multi_request(struct plus *p, struct cursor *c);
void plus_set_multi_response(struct plus *p, struct cursor *c);
void plus_set_request(struct plus *p, struct cursor *c);
void plus_get_request(struct plus *p, struct cursor *c);
void plus_get_response(struct plus *p, struct cursor *c);
void plus_streamed_request(struct plus *p, struct cursor *c);
void plus_get_streamed_response(struct plus *p, struct cursor *c);

/* s7commplus_notification.c */
void plus_notification(struct plus *p, struct cursor *c);
void plus_system_event(struct plus *p, struct cursor *c);

/* s7commplus_object.c */
void plus_objects(struct plus *p, struct cursor *c);

/* s7commplus_item.c: the fields of an address, and a list of those to subscribe. */
void plus_address(struct plus *p, struct cursor *c);
void plus_reference_list(struct plus *p, unsigned rows, struct cursor *c);

/* s7commplus_number.c */
uint32_t plus_vlq(struct plus *p, struct cursor *c);
uint64_t plus_vlq64(struct plus *p, struct cursor *c);
int64_t plus_signed32(struct plus *p, struct cursor *c);
int64_t plus_signed64(struct plus *p, struct cursor *c);
uint32_t plus_put_vlq(struct plus *p, unsigned field, struct cursor *c);
/* An identifier, as number and name. */
uint32_t plus_put_id(struct plus *p, unsigned id, unsigned name, struct cursor *c);
uint32_t plus_put_rid(struct plus *p, unsigned id, unsigned name, struct cursor *c);
/* The number in a VLQ that is known to be whole. */
uint32_t plus_number(struct bytes vlq, size_t *used);

/* s7commplus_value.c: a value; returns how many lists of members follow it. */
uint32_t plus_value(struct plus *p, unsigned rows, struct cursor *c, uint32_t id);
/* Those lists, an element of `group` each. */
void plus_members(struct plus *p, unsigned group, unsigned rows, struct cursor *c,
	uint32_t lists);
/* A whole element of `group`: identifier, value, members. */
void plus_member(struct plus *p, unsigned group, unsigned rows, struct cursor *c,
	uint32_t level, uint32_t id, struct bytes id_bytes);

/* s7commplus_text.c: formats of fields. */
size_t plus_rid_text(struct bytes rid, char *out);
size_t plus_id_text(struct bytes vlq, char *out);
size_t plus_address_text(struct bytes address, char *out);
size_t plus_reference_text(struct bytes address, char *out);
size_t plus_nanoseconds_text(struct bytes time, char *out);
size_t plus_microseconds_text(struct bytes time, char *out);
const char *plus_id_name(uint32_t id); /* NULL: none */

/* s7commplus_operate.c */
void plus_operate(struct dissect *d, const struct message *request,
	const struct message *response);
uint64_t plus_number_of(const struct message *m, unsigned field); /* 0: not there */
bool plus_is_own_session(const struct message *request);
struct bytes plus_keep_text(struct dissect *d, const char *text, size_t len);
struct operation plus_about_object(struct dissect *d, enum verb verb,
	const struct message *m);

/* s7commplus_operate_objects.c */
bool plus_is_block(uint64_t rid);
void plus_operate_create(struct dissect *d, const struct message *request,
	const struct message *response);
void plus_operate_delete(struct dissect *d, const struct message *request,
	const struct message *response);
void plus_operate_explore(struct dissect *d, const struct message *request,
	const struct message *response);

/* s7commplus_identity.c: from a session's version; from an identification record. */
void plus_identify(struct dissect *d, const struct message *response);
void plus_identify_record(struct dissect *d, struct bytes record);

/* s7commplus_fields.c */
extern const struct field plus_fields[];
extern const struct event plus_events[];

/* s7commplus_names.c, s7commplus_ids.c, s7commplus_errors.c */
extern const struct name plus_ids[];
extern const unsigned plus_id_count; /* sorted, for the search */
extern const struct name plus_errors[], plus_generic_errors[], plus_error_sources[];
extern const struct name plus_version_names[], plus_function_names[],
	plus_opcode_names[], plus_type_names[], plus_array_names[], plus_soft_types[];

#endif
