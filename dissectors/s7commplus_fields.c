/* The table of fields, and that of events. */
#include "s7commplus_parts.h"

static const struct name protection_names[] = {
	{ PROTECTION_NONE, "none" }, { PROTECTION_INTEGRITY, "integrity" },
	{ PROTECTION_TLS, "tls" }, { 0, NULL },
};

static const struct name tls_names[] = {
	{ 0x14, "change_cipher_spec" }, { 0x15, "alert" }, { 0x16, "handshake" },
	{ 0x17, "application_data" }, { 0, NULL },
};

static const struct name result_names[] = {
	{ 0x03, "AddressError" }, { 0x13, "AddressError" }, { 0x83, "Value" },
	{ 0x92, "Success" }, { 0x9b, "NumberedValue" }, { 0x9c, "Status" }, { 0, NULL },
};

/* The rows of a value, the same in every list that has values. */
#define VALUE_ROWS(at, list) \
	[(at) + ROW_LEVEL] = { list ".level", FIELD_UINT, \
		"how deep this member of a structure lies; not said: on top" }, \
	[(at) + ROW_ID] = { list ".id", FIELD_UINT, "attribute, as number" }, \
	[(at) + ROW_NAME] = { list ".name", FIELD_TEXT, "its name", \
		.format = plus_id_text }, \
	[(at) + ROW_TYPE] = { list ".type", FIELD_ENUM, "datatype", plus_type_names }, \
	[(at) + ROW_ARRAY] = { list ".array", FIELD_ENUM, "kind of array", \
		plus_array_names }, \
	[(at) + ROW_SIZE] = { list ".size", FIELD_UINT, \
		"elements of the array, bytes of the blob" }, \
	[(at) + ROW_U16S] = { list ".value", FIELD_U16S, "the values" }, \
	[(at) + ROW_BOOL] = { list ".value", FIELD_BOOL, "the value" }, \
	[(at) + ROW_UINT] = { list ".value", FIELD_UINT, \
		"the value; of a structure its type's id" }, \
	[(at) + ROW_INT] = { list ".value", FIELD_INT, "the value" }, \
	[(at) + ROW_REAL] = { list ".value", FIELD_REAL, "the value" }, \
	[(at) + ROW_TEXT] = { list ".value", FIELD_TEXT, "the value, where it is text", \
		.keyword = list ".text" }, \
	[(at) + ROW_TIME] = { list ".value", FIELD_TEXT, "the value, where it is a time", \
		.keyword = list ".text", .format = plus_nanoseconds_text }, \
	[(at) + ROW_BYTES] = { list ".value", FIELD_BYTES, "the value's bytes", \
		.keyword = list ".bytes" }, \
	[(at) + ROW_SHA256] = { list ".sha256", FIELD_BYTES, \
		"hash of a long blob or array" }, \
	[(at) + ROW_SECRET] = { list ".hidden", FIELD_BOOL, \
		"the value is a password or made of one, and is not shown" }, \
	[(at) + ROW_ELEMENTS] = { list ".elements", FIELD_GROUP, \
		"elements of an array" }, \
	[(at) + ROW_KEY] = { list ".elements.key", FIELD_UINT, \
		"index in a sparse array" }, \
	[(at) + ROW_E_UINT] = { list ".elements.value", FIELD_UINT, "the element" }, \
	[(at) + ROW_E_INT] = { list ".elements.value", FIELD_INT, "the element" }, \
	[(at) + ROW_E_REAL] = { list ".elements.value", FIELD_REAL, "the element" }, \
	[(at) + ROW_E_TEXT] = { list ".elements.value", FIELD_TEXT, \
		"the element, where it is text", .keyword = list ".elements.text" }, \
	[(at) + ROW_E_TIME] = { list ".elements.value", FIELD_TEXT, \
		"the element, where it is a time", .keyword = list ".elements.text", \
		.format = plus_nanoseconds_text }, \
	[(at) + ROW_E_BYTES] = { list ".elements.value", FIELD_BYTES, \
		"the element's bytes", .keyword = list ".elements.bytes" }, \
	[(at) + ROW_REFERENCES] = { list ".references", FIELD_GROUP, \
		"what is subscribed; only a number: no longer" }, \
	[(at) + ROW_REFERENCE] = { list ".references.number", FIELD_UINT, \
		"what notifications call it" }, \
	[(at) + ROW_REFERENCE_CRC] = { list ".references.symbol_crc", FIELD_UINT, \
		"checksum of the variable's name and type" }, \
	[(at) + ROW_REFERENCE_AREA] = { list ".references.area", FIELD_UINT, \
		"object the variable lies in" }, \
	[(at) + ROW_REFERENCE_DB] = { list ".references.db", FIELD_UINT, \
		"data block's number" }, \
	[(at) + ROW_REFERENCE_ADDRESS] = { list ".references.address", FIELD_TEXT, \
		"area and the LIDs that lead to the variable, in hex", \
		.format = plus_reference_text }

const struct field plus_fields[FIELD_COUNT] = {
	[FIELD_VERSION] = { "version", FIELD_UINT,
		"version: 1 sets up sessions, 254: system event, 255: keep-alive",
		plus_version_names },
	[FIELD_LENGTH] = { "length", FIELD_UINT,
		"bytes of the message, headers and trailer included" },
	[FIELD_DATA_LENGTH] = { "data_length", FIELD_UINT,
		"length in the (first) header: bytes between header and trailer" },
	[FIELD_FRAGMENTS] = { "fragments", FIELD_UINT,
		"how many the message came in, where it is more than one" },
	[FIELD_FRAGMENT_LENGTHS] = { "fragment_lengths", FIELD_U16S,
		"the lengths in their headers" },
	[FIELD_PROTECTION] = { "protection", FIELD_ENUM,
		"none, a digest over the data (integrity), or encryption (tls)",
		protection_names },
	[FIELD_PROTOCOL_ID] = { "protocol_id", FIELD_UINT,
		"first byte, where it is not 114: another protocol's message" },
	[FIELD_TLS_RECORDS] = { "tls.records", FIELD_GROUP,
		"TLS records that begin in this message" },
	[FIELD_TLS_RECORD_TYPE] = { "tls.records.type", FIELD_ENUM, "kind of record",
		tls_names },
	[FIELD_TLS_RECORD_VERSION] = { "tls.records.version", FIELD_UINT,
		"its version: 771 is TLS 1.2, and what TLS 1.3 says" },
	[FIELD_TLS_RECORD_LENGTH] = { "tls.records.length", FIELD_UINT, "its bytes" },
	[FIELD_KEEPALIVE] = { "keep_alive", FIELD_UINT, "number of a keep-alive" },
	[FIELD_OPCODE] = { "opcode", FIELD_ENUM, "direction", plus_opcode_names },
	[FIELD_OPCODE_RAW] = { "opcode_raw", FIELD_UINT, "its number",
		plus_opcode_names },
	[FIELD_FUNCTION] = { "function", FIELD_ENUM, "the function's name",
		plus_function_names, .keyword = "function_name" },
	[FIELD_FUNCTION_RAW] = { "function_raw", FIELD_UINT, "the function",
		plus_function_names, .keyword = "function", .flags = FIELD_SELECTS },
	[FIELD_SEQUENCE] = { "sequence_number", FIELD_UINT,
		"chosen by the client, repeated in the answer" },
	[FIELD_SESSION] = { "session_id", FIELD_UINT,
		"object id of the session; 288 before there is one" },
	[FIELD_TRANSPORT_FLAGS] = { "transport_flags", FIELD_UINT,
		"bit 6: no answer is insisted on (inferred)" },
	[FIELD_RETURN] = { "return_value.raw", FIELD_UINT, "return value as sent" },
	[FIELD_RETURN_CODE] = { "return_value.code", FIELD_INT,
		"its low 16 bits: negative refuses, positive informs" },
	[FIELD_RETURN_NAME] = { "return_value.name", FIELD_TEXT, "the code's name" },
	[FIELD_RETURN_SOURCE] = { "return_value.source", FIELD_ENUM,
		"which subsystem says so (inferred)", plus_error_sources },
	[FIELD_RETURN_GENERIC] = { "return_value.generic", FIELD_ENUM,
		"the generic code in it", plus_generic_errors },
	[FIELD_OBJECT_ID] = { "object_id", FIELD_UINT,
		"object asked, created in or deleted; a notification's subscription",
		plus_ids },
	[FIELD_OBJECT] = { "object", FIELD_TEXT, "its name", .format = plus_rid_text },
	[FIELD_METHOD] = { "method", FIELD_UINT, "method invoked (inferred)" },
	[FIELD_EXPLORE_ID] = { "explore.id", FIELD_UINT,
		"attribute or composition to explore" },
	[FIELD_EXPLORE_NAME] = { "explore.name", FIELD_TEXT, "its name",
		.format = plus_id_text },
	[FIELD_EXPLORE_RECURSIVE] = { "explore.recursive", FIELD_UINT,
		"1: children too" },
	[FIELD_EXPLORE_PARENTS] = { "explore.parents", FIELD_UINT, "1: parents too" },
	[FIELD_SEQUENCE_TYPE] = { "sequence.type", FIELD_UINT,
		"kind of the sequence that begins or ends (inferred)" },
	[FIELD_SEQUENCE_ID] = { "sequence.id", FIELD_UINT,
		"object of the sequence (inferred)" },
	[FIELD_ITEM_COUNT] = { "item_count", FIELD_UINT, "items as announced" },
	[FIELD_NOTIFICATION_CREDIT] = { "notification.credit_tick", FIELD_UINT,
		"counts up to the credit limit of the subscription" },
	[FIELD_NOTIFICATION_SEQUENCE] = { "notification.sequence", FIELD_UINT,
		"number of the notification" },
	[FIELD_NOTIFICATION_TIME] = { "notification.timestamp", FIELD_TEXT,
		"when it was made", .format = plus_microseconds_text },
	[FIELD_NOTIFICATION_CHANGES] = { "notification.change_counter", FIELD_UINT,
		"counts changes of the subscription" },
	[FIELD_CONFIRMED_BYTES] = { "confirmed_bytes", FIELD_UINT,
		"system event: bytes received so far (inferred)" },
	[FIELD_MESSAGE] = { "message", FIELD_TEXT, "system event: words" },
	[FIELD_QUALIFIER_PARENT] = { "qualifier.parent", FIELD_UINT,
		"object qualifier: parent, where not 0" },
	[FIELD_QUALIFIER_COMPOSITION] = { "qualifier.composition", FIELD_UINT,
		"object qualifier: composition, where not 0" },
	[FIELD_QUALIFIER_KEY] = { "qualifier.key", FIELD_UINT,
		"object qualifier: key, where not 0" },
	[FIELD_CREATED] = { "created", FIELD_GROUP, "objects or links that now exist" },
	[FIELD_CREATED_ID] = { "created.id", FIELD_UINT, "object id" },
	[FIELD_CREATED_OBJECT] = { "created.object", FIELD_TEXT, "its name",
		.format = plus_id_text },
	[FIELD_STREAM_LENGTH] = { "stream.length", FIELD_UINT,
		"bytes that further fragments carry (SetVarSubStreamed)" },
	[FIELD_STREAM_SHA256] = { "stream.sha256", FIELD_BYTES, "their hash" },
	[FIELD_INTEGRITY_ID] = { "integrity_id", FIELD_UINT,
		"counts messages; an answer has the request's plus its sequence number" },
	[FIELD_INTEGRITY_DIGEST] = { "integrity_digest", FIELD_BYTES,
		"HMAC-SHA-256 over the data (inferred)" },

	[FIELD_ITEMS] = { "items", FIELD_GROUP,
		"variables, attributes or values; members of a structure follow it" },
	[FIELD_ITEM_NUMBER] = { "items.number", FIELD_UINT,
		"number in the request, reference in a notification" },
	[FIELD_ITEM_RESULT] = { "items.result", FIELD_ENUM,
		"notification: what stands there (inferred)", result_names },
	[FIELD_ITEM_RETURN] = { "items.return_value", FIELD_UINT,
		"why this item failed, as sent" },
	[FIELD_ITEM_CODE] = { "items.code", FIELD_INT, "its low 16 bits" },
	[FIELD_ITEM_ERROR] = { "items.error", FIELD_TEXT, "the code's name" },
	[FIELD_ITEM_CRC] = { "items.symbol_crc", FIELD_UINT,
		"checksum of the variable's name and type; 0: not checked" },
	[FIELD_ITEM_AREA] = { "items.area", FIELD_UINT, "object the variable lies in" },
	[FIELD_ITEM_DB] = { "items.db", FIELD_UINT, "data block's number" },
	[FIELD_ITEM_ADDRESS] = { "items.address", FIELD_TEXT,
		"area and the LIDs that lead to the variable, in hex; O, C and B: byte "
		"offset, bytes, bit", .format = plus_address_text },
	VALUE_ROWS(FIELD_ITEM_VALUE, "items"),

	[FIELD_OBJECTS] = { "objects", FIELD_GROUP, "objects with their attributes" },
	[FIELD_OBJECTS_LEVEL] = { "objects.level", FIELD_UINT,
		"how deep it lies in the one before; not said: on top" },
	[FIELD_OBJECTS_ID] = { "objects.id", FIELD_UINT,
		"object id; 211: the PLC shall choose one" },
	[FIELD_OBJECTS_OBJECT] = { "objects.object", FIELD_TEXT, "its name",
		.format = plus_rid_text },
	[FIELD_OBJECTS_CLASS_ID] = { "objects.class_id", FIELD_UINT, "its class" },
	[FIELD_OBJECTS_CLASS] = { "objects.class", FIELD_TEXT, "the class's name",
		.format = plus_id_text },
	[FIELD_OBJECTS_FLAGS] = { "objects.class_flags", FIELD_UINT,
		"flags of the class" },
	[FIELD_OBJECTS_ATTRIBUTE] = { "objects.attribute_id", FIELD_UINT,
		"attribute of its parent that holds it (inferred)" },
	[FIELD_RELATIONS] = { "objects.relations", FIELD_GROUP, "relations to others" },
	[FIELD_RELATION_ID] = { "objects.relations.id", FIELD_UINT, "which relation" },
	[FIELD_RELATION_NAME] = { "objects.relations.name", FIELD_TEXT, "its name",
		.format = plus_id_text },
	[FIELD_RELATION_OBJECT] = { "objects.relations.object_id", FIELD_UINT,
		"the other object" },
	[FIELD_VARIABLES] = { "objects.variables", FIELD_GROUP,
		"variables of the object; types and names may come as two lists" },
	[FIELD_VARIABLE_NAME] = { "objects.variables.name", FIELD_TEXT, "name" },
	[FIELD_VARIABLE_LID] = { "objects.variables.lid", FIELD_UINT,
		"number by which addresses lead to it" },
	[FIELD_VARIABLE_CRC] = { "objects.variables.symbol_crc", FIELD_UINT,
		"checksum of name and type" },
	[FIELD_VARIABLE_TYPE] = { "objects.variables.type", FIELD_ENUM,
		"datatype in the program", plus_soft_types },
	[FIELD_ATTRIBUTES] = { "objects.attributes", FIELD_GROUP,
		"attributes; members of a structure follow it" },
	VALUE_ROWS(FIELD_ATTRIBUTE_VALUE, "objects.attributes"),

	[FIELD_UNDECODED] = { "undecoded", FIELD_BYTES,
		"the rest, which nobody has described" },
	COTP_FIELDS(FIELD_COTP),
};

/* ---- events ---- */

const struct event plus_events[EVENT_COUNT] = {
	[EVENT_TRUNCATED] = { "truncated", "the data end in the middle of a value" },
	[EVENT_VLQ_TOO_LONG] = { "vlq_too_long",
		"a number goes on beyond its last byte" },
	[EVENT_TOO_DEEP] = { "too_deep",
		"structures or objects nested more than sixteen deep" },
	[EVENT_INVALID_LENGTH] = { "invalid_length",
		"the header's length is not what follows" },
	[EVENT_INVALID_TRAILER] = { "invalid_trailer",
		"the trailer does not repeat the header" },
	[EVENT_INVALID_INTEGRITY] = { "invalid_integrity", "a digest not of 32 bytes" },
	[EVENT_INVALID_PROTOCOL] = { "invalid_protocol_id",
		"a message of another protocol among those of this one" },
	[EVENT_UNKNOWN_VERSION] = { "unknown_version", "no version that there is" },
	[EVENT_UNKNOWN_OPCODE] = { "unknown_opcode",
		"neither request, response nor notification" },
	[EVENT_MALFORMED_COTP] = { "malformed_cotp", "a broken TPKT or COTP header" },
	[EVENT_UNSOLICITED_RESPONSE] = { "unsolicited_response",
		"an answer to nothing that was asked, or a second one" },
};
