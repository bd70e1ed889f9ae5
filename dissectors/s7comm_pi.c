/* Program invocation services: start, insert, delete, compress, and those of an NC.
 *
 *   seven unknown bytes | length (2), arguments | length, name of the service
 * Stop is a function of its own, with five unknown bytes before the name. */
#include "s7comm_fields.h"

enum { BLOCK_NAME_LENGTH = 8, PI_UNKNOWN = 7, STOP_UNKNOWN = 5, PI_PASSWORD_AT = 1 };

static bool is_service(struct bytes service, const char *name)
{
	return bytes_equal(
		service, (struct bytes){ (const uint8_t *)name, strlen(name) });
}

static void put_block_list(struct dissect *d, struct cursor *c)
{
	unsigned count = cursor_u8(c);

	cursor_skip(c, 1);
	for (; count > 0 && cursor_ok(c); count--)
		s7_put_block_name(d, c, BLOCK_NAME_LENGTH);
}

/* Strings of an NC, even with their length byte. Passwords stay out. */
static void put_nc_arguments(struct dissect *d, struct bytes service, struct cursor *c)
{
	bool has_password =
		is_service(service, "_N_LOGIN_") || is_service(service, "_N_NEWPWD");

	for (unsigned i = 0; c->left > 0; i++) {
		uint8_t len = cursor_u8(c);
		struct bytes there = { c->at, len < c->left ? len : c->left };
		struct bytes value = cursor_bytes(c, len);
		put_begin(d, PI_ARGUMENTS);
		if (has_password && i == PI_PASSWORD_AT) {
			put_uint(d, PI_ARGUMENTS_PASSWORD, true);
			conceal(d, there);
		} else if (cursor_ok(c)) {
			put_bytes(d, PI_ARGUMENTS_VALUE, value);
		}
		put_end(d);
		if (len % 2 == 0 && c->left > 0)
			cursor_skip(c, 1);
	}
}

static void put_pi_block(struct dissect *d, struct bytes service, struct cursor *c)
{
	if (is_service(service, "_INSE") || is_service(service, "_INS2") ||
		is_service(service, "_DELE"))
		put_block_list(d, c);
	else if (service.len > 3 && memcmp(service.at, "_N_", 3) == 0)
		put_nc_arguments(d, service, c);
	else if (c->left > 0)
		put_rest(d, PI_ARGUMENT, c);
	if (!cursor_ok(c))
		s7_wrong(d, INVALID_PARAMETER);
}

/* The name stands behind the arguments, which only it explains. */
void s7_put_pi(struct dissect *d, struct cursor *param)
{
	cursor_skip(param, PI_UNKNOWN);
	uint16_t length = cursor_be16(param);
	struct cursor block = cursor_sub(param, length);
	struct bytes service = cursor_bytes(param, cursor_u8(param));

	if (!cursor_ok(param)) {
		s7_wrong(d, INVALID_PARAMETER);
		return;
	}
	put_bytes(d, PI_SERVICE, service);
	put_pi_block(d, service, &block);
}

void s7_put_stop(struct dissect *d, struct cursor *param)
{
	cursor_skip(param, STOP_UNKNOWN);
	uint8_t length = cursor_u8(param);
	put_run(d, PI_SERVICE, param, length);
	if (!cursor_ok(param))
		s7_wrong(d, INVALID_PARAMETER);
}
