/* What the files of the S7comm dissector share: field numbers, events, the flow's state,
 * and what each file does for the others. Begin with s7comm.c. */
#ifndef IRONSPAN_S7COMM_FIELDS_H
#define IRONSPAN_S7COMM_FIELDS_H

#include <sha2.h>

#include "dissect/cotp.h"
#include "dissect/dissect.h"

enum {
	S7_PROTOCOL_ID = 0x32,
	S7_JOB = 1, S7_ACK = 2, S7_ACK_DATA = 3, S7_USERDATA = 7, /* ROSCTR */
};

enum {
	S7_CPU_SERVICES = 0x00, S7_READ_VAR = 0x04, S7_WRITE_VAR = 0x05,
	S7_REQUEST_DOWNLOAD = 0x1a, S7_DOWNLOAD_BLOCK = 0x1b, S7_DOWNLOAD_ENDED = 0x1c,
	S7_START_UPLOAD = 0x1d, S7_UPLOAD = 0x1e, S7_END_UPLOAD = 0x1f,
	S7_PI_SERVICE = 0x28, S7_PLC_STOP = 0x29, S7_SETUP = 0xf0,
};

/* Kind and group of userdata, as its bits name them. */
enum {
	S7_PUSH = 0, S7_NC_PUSH = 3, S7_ASK = 4, S7_NC_ASK = 7, S7_ANSWER = 8,
	S7_NC_ANSWER = 11,
};
enum {
	S7_MODE_TRANSITION = 0, S7_PROGRAMMER = 1, S7_CYCLIC = 2, S7_BLOCK = 3,
	S7_CPU = 4, S7_SECURITY = 5, S7_PBC = 6, S7_TIME = 7, S7_NC = 15,
	S7_RECORD_ROUTING = 32,
};

enum { S7_SUCCESS = 0xff, S7_NO_OBJECT = 0x0a, S7_VARIABLE_SPECIFICATION = 0x12 };

enum { /* syntax of an address */
	S7_SYNTAX_ANY = 0x10, S7_SYNTAX_PBC = 0x13, S7_SYNTAX_ALARM_LOCK = 0x15,
	S7_SYNTAX_ALARM_IND = 0x16, S7_SYNTAX_ALARM_ACK = 0x19,
	S7_SYNTAX_ALARM_QUERY = 0x1a, S7_SYNTAX_NOTIFY_IND = 0x1c, S7_SYNTAX_NCK = 0x82,
	S7_SYNTAX_NCK_METRIC = 0x83, S7_SYNTAX_NCK_INCH = 0x84, S7_SYNTAX_DRIVE = 0xa2,
	S7_SYNTAX_DB_LIST = 0xb0, S7_SYNTAX_SYMBOL = 0xb2,
};

enum { /* transport size of an address: the type of the variable */
	S7_BIT = 1, S7_BYTE = 2, S7_CHAR = 3, S7_WORD = 4, S7_INT = 5, S7_DWORD = 6,
	S7_DINT = 7, S7_REAL = 8, S7_TOD = 10, S7_TIME_TYPE = 11, S7_S5TIME = 12,
	S7_DATE_AND_TIME = 15, S7_COUNTER_TYPE = 28, S7_TIMER_TYPE = 29,
};

enum { /* transport size of data: what its length counts */
	S7_DATA_BIT = 3, S7_DATA_WORD = 4, S7_DATA_INT = 5, S7_DATA_DINT = 6,
	S7_DATA_REAL = 7, S7_DATA_OCTETS = 9, S7_DATA_NCK1 = 0x11, S7_DATA_NCK2 = 0x12,
};

enum {
	S7_AREA_P = 0x80, S7_AREA_I = 0x81, S7_AREA_Q = 0x82, S7_AREA_M = 0x83,
	S7_AREA_DB = 0x84, S7_AREA_DI = 0x85, S7_AREA_L = 0x86, S7_AREA_V = 0x87,
	S7_AREA_C = 0x1c, S7_AREA_T = 0x1d, S7_AREA_IEC_C = 0x1e, S7_AREA_IEC_T = 0x1f,
};

/* ---- fields ---- */

enum {
	PROTOCOL_ID, ROSCTR, ROSCTR_RAW, PDU_REF, REDUNDANCY_ID, ERROR_CLASS,
	ERROR_CLASS_RAW, ERROR_CODE, ERROR_NAME, FUNCTION, FUNCTION_RAW, PARAMETER,
	PDU_DATA, COTP_AT, MAX_AMQ_CALLING = COTP_AT + COTP_FIELD_COUNT, MAX_AMQ_CALLED,
	SETUP_PDU_LENGTH, ITEM_COUNT, ITEMS, ITEM_SYNTAX, ITEM_SYNTAX_RAW, ITEM_TYPE,
	ITEM_TYPE_RAW, ITEM_LENGTH, ITEM_DB, ITEM_AREA, ITEM_AREA_RAW, ITEM_ADDRESS,
	ITEM_BYTE, ITEM_BIT, ITEM_NUMBER, ITEM_POINT, ITEM_SYMBOL_AREA, ITEM_CRC,
	ITEM_LIDS, ITEM_LIDS_FLAG, ITEM_LIDS_VALUE, ITEM_AREAS, ITEM_AREAS_DB,
	ITEM_AREAS_BYTE, ITEM_AREAS_LENGTH, ITEM_AREAS_POINT, ITEM_NCK_AREA,
	ITEM_NCK_UNIT, ITEM_NCK_COLUMN, ITEM_NCK_LINE, ITEM_NCK_MODULE, ITEM_NCK_LINES,
	ITEM_DRIVE_NUMBER, ITEM_DRIVE_INDEX, ITEM_R_ID, ITEM_SPECIFICATION, DATA,
	DATA_CODE, DATA_CODE_RAW, DATA_TYPE, DATA_TYPE_RAW, DATA_LENGTH, DATA_BYTES,
	DATA_VALUE, DATA_VALUE_INT, DATA_VALUE_REAL, UD_TYPE, UD_TYPE_RAW, UD_GROUP,
	UD_GROUP_RAW, UD_SUB, UD_SUB_RAW, UD_SEQUENCE, UD_DATA_UNIT_REF,
	UD_LAST_DATA_UNIT, UD_ERROR, UD_ERROR_RAW, UD_DATA, PI_SERVICE, PI_ARGUMENT,
	PI_ARGUMENTS, PI_ARGUMENTS_VALUE, PI_ARGUMENTS_PASSWORD, BLOCKS,
	BLOCK_FILE_NAME, BLOCK_NAME, BLOCK_TYPE, BLOCK_TYPE_RAW, BLOCK_NUMBER,
	BLOCK_FILESYSTEM, BLOCK_COUNT, BLOCK_ATTRIBUTES, BLOCK_FLAGS, BLOCK_LANGUAGE,
	BLOCK_LANGUAGE_RAW, BLOCK_LOAD_MEMORY, BLOCK_SECURITY, BLOCK_CODE_TIME,
	BLOCK_INTERFACE_TIME, BLOCK_SSB, BLOCK_ADD, BLOCK_LOCAL_DATA, BLOCK_MC7,
	BLOCK_AUTHOR, BLOCK_FAMILY, BLOCK_HEADER, BLOCK_VERSION, BLOCK_CHECKSUM,
	TRANSFER_STATUS, TRANSFER_ID, TRANSFER_ERROR, TRANSFER_LOAD_MEMORY,
	TRANSFER_MC7, TRANSFER_LENGTH, TRANSFER_DATA, TRANSFER_DATA_LENGTH,
	TRANSFER_SIZE, TRANSFER_SHA256, SZL_ID, SZL_INDEX, SZL_LIST, SZL_MODULE_CLASS,
	SZL_RECORD_LENGTH, SZL_RECORD_COUNT, SZL, SZL_R_INDEX, SZL_R_ORDER, SZL_R_TYPE,
	SZL_R_AUSBG, SZL_R_AUSBE, SZL_R_VERSION, SZL_R_TEXT, SZL_R_MODE, SZL_R_MODE_RAW,
	SZL_R_PREVIOUS, SZL_R_EVENT_ID, SZL_R_TIME, SZL_R_LED, SZL_R_LED_RAW, SZL_R_ON,
	SZL_R_BLINK, SZL_R_PDU, SZL_R_CONNECTIONS, SZL_R_MPI_BPS, SZL_R_KBUS_BPS,
	SZL_R_PG, SZL_R_OS, SZL_R_USED_PG, SZL_R_USED_OS, SZL_R_FREE, SZL_R_KEY,
	SZL_R_PARAM, SZL_R_REAL, SZL_R_SELECTOR, SZL_R_CRST_WRST, SZL_R_HW_CHECK1,
	SZL_R_HW_CHECK2, SZL_R_AWP_CHECK1, SZL_R_AWP_CHECK2, SZL_R_IP, SZL_R_SUBNET,
	SZL_R_ROUTER, SZL_R_MAC, SZL_R_ID, SZL_R_PRIORITY, SZL_R_OB, SZL_R_DATA_ID,
	SZL_R_INFO1, SZL_R_INFO2, SZL_R_MANUFACTURER, SZL_R_PROFILE, SZL_R_DATA, CLOCK,
	PASSWORD_PRESENT, CYCLIC_BASE, CYCLIC_FACTOR, CYCLIC_FUNCTION, CYCLIC_JOB,
	TEST_PARAMETER_SIZE, TEST_DATA_SIZE, TEST_TRIGGER, TEST_FREQUENCY, TEST_EVENT,
	TEST_BLOCK_TYPE, TEST_BLOCK_NUMBER, TEST_ADDRESS, TEST_JOBS, TEST_JOB_FUNCTION,
	TEST_JOB_FUNCTION_RAW, TEST_JOB_SEQUENCE, TEST_JOB_STATUS, TEST_DATA, VARIABLES,
	VARIABLE_AREA, VARIABLE_AREA_RAW, VARIABLE_DB, VARIABLE_BYTE, VARIABLE_BIT,
	VARIABLE_COUNT, VARIABLE_POINT, EVENTS, USERNAME, ALARM_TYPE, SERVICE_RESULT,
	ALARM_TIME, ALARM_FUNCTION, ALARM_COUNT, ALARMS, ALARM_SYNTAX, ALARM_SYNTAX_RAW,
	ALARM_EVENT_ID, ALARM_SIGNAL, ALARM_STATE, ALARM_ACK_GOING, ALARM_ACK_COMING,
	ALARM_EVENT_GOING, ALARM_EVENT_COMING, ALARM_LAST_CHANGED, ALARM_KIND,
	ALARM_QUERY, ALARM_CODE, ALARM_CODE_RAW, ALARM_COMING_TIME, ALARM_GOING_TIME,
	R_ID, FILE_NAME, FIELD_COUNT,
};

extern const struct field s7_fields[];

/* ---- events ---- */

enum {
	BAD_TPKT_LENGTH, BAD_COTP_HEADER, UNKNOWN_PROTOCOL_ID, UNKNOWN_ROSCTR,
	INVALID_LENGTH, PDU_TOO_LONG, INVALID_PARAMETER, INVALID_ITEM,
	INVALID_ITEM_COUNT, INVALID_DATA_LENGTH, UNSOLICITED_RESPONSE,
	FUNCTION_MISMATCH, ITEM_COUNT_MISMATCH, S7_EVENT_COUNT,
};

extern const struct event s7_events[];

/* A wrong message shows its first mistake; a cut one none. */
void s7_wrong(struct dissect *d, unsigned event);

/* ---- a flow's state ---- */

enum { BLOCK_NAME_MAX = 9, UNIT_MAX = 64, RECORD_MAX = 64, LISTS_MAX = 4 };

/* A block on its way: what came so far. */
struct s7_transfer {
	bool is_open;
	uint8_t name_len;
	uint8_t name[BLOCK_NAME_MAX];
	uint32_t id;        /* upload id */
	uint32_t gaps;      /* in what the client sends, when it began */
	uint32_t announced; /* bytes; 0: not said */
	uint32_t size;
	SHA2_CTX hash;
};

/* A list that comes in several data units: what is left of a record. */
struct s7_records {
	bool is_open;
	uint8_t type, ref, group, sub;
	uint16_t id, index, record_len;
	bool is_broken;     /* bytes were lost: where its next record begins, nobody knows */
	uint32_t gaps;      /* in what this side sends, up to the last data unit */
	uint8_t part_len;
	uint8_t part[RECORD_MAX];
};

struct s7 {
	struct cotp_flow cotp;
	bool is_connecting;  /* a CR was not answered yet */
	bool is_unsure;      /* what is told now: its answer is cut before the verdict */
	uint16_t pdu_length; /* as negotiated; 0: not seen */
	uint8_t unit_len;
	uint8_t unit[UNIT_MAX]; /* "rack 0 slot 2" */
	struct s7_transfer download, upload;
	bool is_part;  /* the message being read is a data unit that others follow */
	uint8_t more;  /* a bit each: more of an answer was asked for, with these PDU references */
	uint8_t next_more;
	uint16_t more_refs[LISTS_MAX];
	uint8_t list;  /* which one the message being read is about; 0: it stands alone */
	uint8_t oldest;
	struct s7_records lists[LISTS_MAX];
};

static inline struct s7 *s7_of(const struct dissect *d)
{
	return d->state;
}

/* ---- s7comm_probe.c ---- */

enum { S7_HEADER = 10, S7_ANSWER_HEADER = 12 };

static inline struct s7_records *s7_list(const struct dissect *d)
{
	struct s7 *s7 = s7_of(d);

	return &s7->lists[s7->list];
}

static inline bool s7_is_answer(uint8_t rosctr)
{
	return rosctr == S7_ACK || rosctr == S7_ACK_DATA;
}

static inline bool s7_is_rosctr(uint8_t rosctr)
{
	return (rosctr >= S7_JOB && rosctr <= S7_ACK_DATA) || rosctr == S7_USERDATA;
}

enum probe s7_probe(struct bytes head);
struct frame s7_frame(const struct dissect *d, struct bytes head);

/* ---- s7comm_address.c: addresses ---- */

/* An S7ANY address. */
struct s7_address {
	uint8_t type, area;
	uint16_t length, db;
	uint32_t address; /* bits; timers and counters: the number */
};
struct s7_address s7_address_read(struct bytes specification);
bool s7_area_is_numbered(uint8_t area); /* timers and counters: no bytes and bits */
size_t s7_type_size(uint8_t type);      /* bytes of one value; 0: unknown */

/* Appends one address; returns its type where that says how to read its data, else 0. */
uint8_t s7_put_address(struct dissect *d, struct cursor *c);
/* Up to `count` addresses; their types go to `types`, at most 255 of them, where not
 * NULL. */
void s7_put_addresses(
	struct dissect *d, struct cursor *c, unsigned count, uint8_t *types);

/* ---- s7comm_data.c: data with return codes ---- */

/* Up to `count` data items; types tell what untyped bytes are, where not NULL. */
void s7_put_data(
	struct dissect *d, struct cursor *c, unsigned count, const uint8_t *types);
/* The same in programmer commands, where the last one is filled up too. */
void s7_put_values(struct dissect *d, struct cursor *c, unsigned count);
/* Up to `count` return codes alone. */
void s7_put_codes(struct dissect *d, struct cursor *c, unsigned count);
/* The head of userdata's data: its length in bytes, and the return code. */
uint32_t s7_put_data_head(struct dissect *d, struct cursor *c, uint8_t *code);

/* ---- s7comm_block.c: blocks on their way ---- */

void s7_put_block_name(struct dissect *d, struct cursor *c, size_t len);
void s7_put_transfer(struct dissect *d, uint8_t function, bool is_job,
	struct cursor *param, struct cursor *data);

/* ---- s7comm_pi.c: program invocations ---- */

void s7_put_pi(struct dissect *d, struct cursor *param);
void s7_put_stop(struct dissect *d, struct cursor *param);

/* ---- s7comm_userdata.c and its topics ---- */

struct s7_userdata {
	uint8_t type, group, sub, ref, code, sequence;
	uint32_t length; /* of its data */
	bool is_last, is_later; /* of several data units */
};
void s7_put_userdata(struct dissect *d, struct cursor *param, struct cursor *data);
void s7_put_szl(struct dissect *d, const struct s7_userdata *u, struct cursor *c);
/* From here on records of this length come. */
void s7_begin_records(struct dissect *d, uint8_t group, uint8_t sub, uint16_t length);
void s7_put_records(struct dissect *d, const struct s7_userdata *u, struct cursor *c);
void s7_put_block_function(
	struct dissect *d, const struct s7_userdata *u, struct cursor *c);
void s7_put_szl_record(
	struct dissect *d, const struct s7_records *r, struct cursor *record);
void s7_put_test(struct dissect *d, const struct s7_userdata *u, struct cursor *c);
void s7_put_alarm(struct dissect *d, const struct s7_userdata *u, struct cursor *c);
void s7_put_message_service(
	struct dissect *d, const struct s7_userdata *u, struct cursor *c);

/* ---- s7comm_text.c: formats ---- */

size_t s7_point_text(struct bytes specification, char *out);
size_t s7_area_text(struct bytes area, char *out);

/* A place as operations name it: only what its text tells, so that it is the same for all who
 * read or write there. */
enum { S7_PLACE = 8 };
void s7_place(const struct s7_address *a, uint8_t place[S7_PLACE]);
size_t s7_place_text(struct bytes place, char *out);
size_t s7_variable_text(struct bytes variable, char *out);
size_t s7_block_text(struct bytes name, char *out);
size_t s7_clock_text(struct bytes bcd, char *out);
size_t s7_date_text(struct bytes time, char *out);
size_t s7_version_text(struct bytes version, char *out);
size_t s7_header_version_text(struct bytes version, char *out);
size_t s7_ip_text(struct bytes ip, char *out);
size_t s7_mac_text(struct bytes mac, char *out);
size_t s7_trimmed_text(struct bytes text, char *out);

/* ---- s7comm_operate.c ---- */

void s7_operate(struct dissect *d, const struct message *request,
	const struct message *response);

/* The key of a message: PDU reference, ROSCTR, function or group and subfunction of
 * userdata. */
static inline uint64_t s7_key(uint16_t ref, uint8_t rosctr, uint8_t function, uint8_t sub)
{
	return (uint64_t)ref << 32 | (uint64_t)rosctr << 16 | (uint64_t)function << 8 |
	       sub;
}

static inline uint8_t s7_key_rosctr(uint64_t key)
{
	return key >> 16 & 0xff;
}

static inline uint8_t s7_key_function(uint64_t key)
{
	return key >> 8 & 0xff;
}

static inline uint8_t s7_key_sub(uint64_t key)
{
	return key & 0xff;
}

/* As many of the next bytes as there are. */
static inline struct bytes s7_up_to(struct cursor *c, size_t len)
{
	return cursor_bytes(c, len < c->left ? len : c->left);
}

#endif
