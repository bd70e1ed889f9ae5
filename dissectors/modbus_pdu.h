/* One Modbus message behind its framing: what the files of this dissector share.
 *
 * An application data unit (ADU), as all of them take it, begins with the unit and the
 * function code; MBAP's header before it and the checksum of serial framing behind it
 * are cut off. */
#ifndef IRONSPAN_MODBUS_PDU_H
#define IRONSPAN_MODBUS_PDU_H

#include "modbus_fields.h"

enum {
	ADU_FUNCTION = 1, /* where the function code is */
	ADU_DATA = 2,     /* where the function's data begin */
};

/* ---- the functions ---- */

/* A length that a message may have: `base`, plus a count of `least` or more that
 * stands `width` bytes wide at `count_at`. `is_open`: at least `base`. */
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

extern const struct function modbus_functions[128];

/* A function of the specification: with forms of its own. */
static inline bool is_assigned(uint8_t code)
{
	return modbus_functions[code & 0x7f].request && (code & 0x7f) != UMAS;
}

static inline bool is_bits(const struct function *f)
{
	return f->access & (COILS | DISCRETES);
}

static inline uint32_t byte_count_of(const struct function *f, uint32_t quantity)
{
	return is_bits(f) ? (quantity + 7) / 8 : quantity * 2;
}

static inline bool is_exception_code(uint8_t code)
{
	return code != UNKNOWN && name_of(modbus_exception_names, code);
}

/* Who defines the function; `body` is what follows its code. */
unsigned modbus_category(uint8_t raw, struct cursor body);

/* ---- what an ADU can be ---- */

enum { FITS_NONE, FITS_REQUEST, FITS_RESPONSE, FITS_BOTH };

/* Of this length: a request, a response, both, neither. At least two bytes are there. */
unsigned modbus_shape(struct bytes adu, uint32_t length);
/* Whether the numbers inside a whole ADU of this shape fit each other and its length,
 * which chance does not do. */
bool modbus_is_consistent(struct bytes adu, unsigned shape);

/* ---- the key of a message ---- */

/* Bits from the top: transaction 16, unit 8, function as sent 8, subfunction 16, fit
 * 16. `fit` is what request and answer have in common: an address, a size. */
static inline uint64_t key_of(uint16_t transaction, uint8_t unit, uint8_t raw)
{
	return (uint64_t)transaction << 48 | (uint64_t)unit << 40 | (uint64_t)raw << 32;
}

static inline void key_sub(struct dissect *d, uint16_t sub)
{
	d->message->key |= (uint64_t)sub << 16;
}

static inline void key_fit(struct dissect *d, uint32_t fit)
{
	d->message->key |= (uint16_t)fit;
}

static inline uint8_t function_of(const struct message *m)
{
	return m->key >> 32 & 0x7f;
}

static inline bool is_exception(const struct message *m)
{
	return m->key >> 32 & EXCEPTION_BIT;
}

static inline const struct function *function_in(const struct dissect *d)
{
	return &modbus_functions[function_of(d->message)];
}

/* ---- for parsers ---- */

static inline struct bytes up_to(struct cursor *c, size_t len)
{
	return cursor_bytes(c, len < c->left ? len : c->left);
}

/* ---- for what they mean ---- */

/* An operation on the unit that is addressed. Unit 0 is a broadcast on serial lines
 * only; over TCP it mostly means the device itself, which does answer. */
struct operation modbus_operation(const struct message *request,
	const struct message *response, enum verb verb);
/* The first of the two halves that has the field. */
const struct item *modbus_either(const struct message *a, const struct message *b,
	unsigned field);
void modbus_set_point(struct operation *op, const struct item *address,
	const struct item *quantity);
/* As many values as there are whole ones; the quantity may promise more. */
void modbus_set_value(struct operation *op, enum value_type type,
	const struct item *data);

/* ---- parsers and meanings, by topic ---- */

typedef void modbus_put(struct dissect *d, struct cursor *c);
typedef void modbus_meaning(struct dissect *d, const struct message *request,
	const struct message *response);

modbus_put modbus_put_read_request, modbus_put_read_response, modbus_put_write_coil,
	modbus_put_write_register, modbus_put_write_multiple,
	modbus_put_write_multiple_done, modbus_put_write_mask, modbus_put_read_write;
modbus_meaning modbus_operate_read, modbus_operate_write, modbus_operate_read_write;

modbus_put modbus_put_nothing, modbus_put_exception_status, modbus_put_diagnostic,
	modbus_put_comm_event_counter, modbus_put_comm_event_log, modbus_put_server_id,
	modbus_put_mei;
modbus_meaning modbus_operate_discover, modbus_operate_diagnose,
	modbus_operate_diagnostic, modbus_operate_mei;

modbus_put modbus_put_file_read, modbus_put_file_read_done, modbus_put_file_write,
	modbus_put_fifo, modbus_put_fifo_done;
modbus_meaning modbus_operate_file, modbus_operate_fifo;

/* ---- requests and their answers ---- */

unsigned modbus_join(const struct message *request, const struct message *response);
void modbus_check(struct dissect *d, const struct message *request);

#endif
