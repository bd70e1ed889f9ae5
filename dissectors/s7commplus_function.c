/* What each function carries, as a request and as its response. */
#include <sha2.h>

#include "s7commplus_parts.h"

/* ---- return values ---- */

enum { DELEGITIMATED = 22 }; /* positive, and yet a refusal: the password was wrong */

/* From the lowest bits: code 16, line 16, source 8, generic code 7. */
static void put_return_parts(struct plus *p, uint64_t value)
{
	int16_t code = (int16_t)value;

	put_int(p->d, FIELD_RETURN_CODE, code);
	put_text(p->d, FIELD_RETURN_NAME, plus_error_name(value));
	if (value >> 32) {
		put_uint(p->d, FIELD_RETURN_SOURCE, value >> 32 & 0xff);
		put_uint(p->d, FIELD_RETURN_GENERIC, value >> 40 & 0x7f);
	}
	if (code < 0 || code == DELEGITIMATED)
		p->d->message->code = plus_error_name(value);
}

void plus_return(struct plus *p, struct cursor *c)
{
	uint64_t value = plus_vlq64(p, c);

	if (!cursor_ok(c))
		return;
	put_uint(p->d, FIELD_RETURN, value);
	put_return_parts(p, value);
}

/* ---- objects ---- */

static void create_request(struct plus *p, struct cursor *c)
{
	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	plus_single_value(p, c);
	cursor_skip(c, 4);
	if (p->version != VERSION_CONNECT && c->left && c->at[0] != 0xa1)
		plus_put_vlq(p, FIELD_INTEGRITY_ID, c);
	plus_objects(p, c);
}

static void create_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	uint8_t count = cursor_u8(c);

	for (unsigned i = 0; i < count && cursor_ok(c); i++) {
		put_begin(p->d, FIELD_CREATED);
		plus_put_id(p, FIELD_CREATED_ID, FIELD_CREATED_OBJECT, c);
		put_end(p->d);
	}
	plus_objects(p, c);
}

static void object_request(struct plus *p, struct cursor *c)
{
	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	cursor_skip(c, 1);
}

static void delete_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	plus_objects(p, c);
}

/* ---- others ---- */

/* One filter: a structure that tells which objects, then ids of attributes to show. */
static bool explore_filter(struct plus *p, struct cursor *c)
{
	uint8_t objects = cursor_u8(c), ids = cursor_u8(c);

	if (objects && cursor_u8(c) == TYPE_STRUCT) {
		cursor_skip(c, 4);
		plus_members(p, FIELD_ITEMS, FIELD_ITEM_VALUE, c, 1);
	}
	plus_id_list(p, c, ids);
	return objects && cursor_ok(c);
}

static void explore_request(struct plus *p, struct cursor *c)
{
	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	plus_put_id(p, FIELD_EXPLORE_ID, FIELD_EXPLORE_NAME, c);
	put_u8(p->d, FIELD_EXPLORE_RECURSIVE, c);
	cursor_skip(c, 1);
	put_u8(p->d, FIELD_EXPLORE_PARENTS, c);
	while (explore_filter(p, c))
		;
}

/* Between the id and the objects newer PLCs put the integrity id. */
static void explore_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	bool has_id = c->left && c->at[0] != 0xa1 && c->at[0] != 0;
	if (p->version == VERSION_3 || (p->version == VERSION_2 && has_id))
		plus_put_vlq(p, FIELD_INTEGRITY_ID, c);
	plus_objects(p, c);
}

static void get_link_request(struct plus *p, struct cursor *c)
{
	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	plus_id_list(p, c, 1);
	cursor_skip(c, 2);
}

static void get_link_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	uint8_t count = cursor_u8(c);

	for (unsigned i = 0; i < count && cursor_ok(c); i++) {
		put_begin(p->d, FIELD_CREATED);
		put_be32(p->d, FIELD_CREATED_ID, c);
		put_end(p->d);
	}
}

enum { SEQUENCE_OBJECT = 1 };

static void begin_request(struct plus *p, struct cursor *c)
{
	put_u8(p->d, FIELD_SEQUENCE_TYPE, c);
	if (p->version == VERSION_CONNECT)
		return;
	if (cursor_be16(c) != SEQUENCE_OBJECT) {
		put_be32(p->d, FIELD_SEQUENCE_ID, c);
		return;
	}
	while (c->left && c->at[0] == 0) /* one or two */
		cursor_skip(c, 1);
	plus_objects(p, c);
}

static void begin_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	if (p->version == VERSION_CONNECT)
		return;
	cursor_skip(c, 2);
	put_be32(p->d, FIELD_SEQUENCE_ID, c);
}

static void end_request(struct plus *p, struct cursor *c)
{
	put_u8(p->d, FIELD_SEQUENCE_TYPE, c);
	cursor_skip(c, 1);
}

static void invoke_request(struct plus *p, struct cursor *c)
{
	plus_put_rid(p, FIELD_OBJECT_ID, FIELD_OBJECT, c);
	put_be32(p->d, FIELD_METHOD, c);
	plus_value_list(p, c);
	cursor_skip(c, 1);
}

/* Three return values, a fourth where no list begins. */
static void invoke_response(struct plus *p, struct cursor *c)
{
	plus_return(p, c);
	plus_vlq64(p, c);
	plus_vlq64(p, c);
	if (c->left && c->at[0] != 1)
		plus_vlq64(p, c);
	plus_value_list(p, c);
	cursor_skip(c, 1);
}

static void nothing(struct plus *p, struct cursor *c)
{
	(void)p;
	(void)c;
}

/* ---- what may follow ---- */

static uint32_t scalar_of(struct plus *p, struct cursor *c)
{
	uint8_t flags = cursor_u8(c), type = cursor_u8(c);

	if (flags == 0 && type == TYPE_RID)
		return cursor_be32(c);
	if (flags == 0 && (type == TYPE_AID || type == TYPE_UDINT))
		return plus_vlq(p, c);
	plus_unknown(p, c);
	return 0;
}

/* Which of several like objects is meant; zeros, the usual case, are not shown. */
static void qualifier(struct plus *p, struct cursor *c)
{
	uint32_t id;

	cursor_skip(c, 4);
	while (cursor_ok(c) && (id = plus_vlq(p, c)) != 0 && cursor_ok(c)) {
		uint32_t value = scalar_of(p, c);
		if (value && cursor_ok(c) && id - ID_PARENT < 3)
			put_uint(p->d, FIELD_QUALIFIER_PARENT + id - ID_PARENT, value);
	}
}

static bool has_qualifier(const struct cursor *c)
{
	return c->left > 4 && be32_at(c->at) == ID_QUALIFIER;
}

/* A stream follows: a value, then a length and as many bytes in each further fragment. */
static void stream(struct plus *p, struct cursor *c)
{
	const struct plus_side *s = plus_side(p->d);
	unsigned later = s->is_assembled ? s->fragments - 1u : 0;
	uint8_t digest[SHA256_DIGEST_LENGTH];
	uint64_t len = 0;
	SHA2_CTX sha;

	plus_single_value(p, c);
	SHA256Init(&sha);
	for (unsigned i = 0; i < later && cursor_ok(c); i++) {
		struct bytes part = cursor_bytes(c, plus_vlq(p, c));
		SHA256Update(&sha, part.at, part.len);
		len += part.len;
	}
	if (len == 0)
		return;
	SHA256Final(digest, &sha);
	put_uint(p->d, FIELD_STREAM_LENGTH, len);
	put_bytes(p->d, FIELD_STREAM_SHA256,
		keep(p->d, (struct bytes){ digest, sizeof(digest) }));
}

/* ---- the table ---- */

struct body {
	uint16_t code;
	bool has_qualifier;
	uint8_t spare; /* bytes behind the qualifier */
	void (*request)(struct plus *p, struct cursor *c);
	void (*response)(struct plus *p, struct cursor *c);
};

static const struct body bodies[] = {
	{ ERROR, false, 0, NULL, plus_return },
	{ EXPLORE, false, 0, explore_request, explore_response },
	{ CREATE_OBJECT, false, 0, create_request, create_response },
	{ DELETE_OBJECT, true, 0, object_request, delete_response },
	{ SET_VARIABLE, true, 1, plus_set_request, plus_return },
	{ GET_VARIABLE, true, 0, plus_get_request, plus_get_response },
	{ ADD_LINK, false, 0, NULL, NULL },
	{ REMOVE_LINK, false, 0, NULL, NULL },
	{ GET_LINK, false, 0, get_link_request, get_link_response },
	{ SET_MULTI_VARIABLES, true, 0, plus_set_multi_request, plus_set_multi_response },
	{ GET_MULTI_VARIABLES, true, 0, plus_get_multi_request, plus_get_multi_response },
	{ BEGIN_SEQUENCE, false, 0, begin_request, begin_response },
	{ END_SEQUENCE, false, 0, end_request, plus_return },
	{ INVOKE, false, 0, invoke_request, invoke_response },
	{ SET_VAR_SUBSTREAMED, true, 2, plus_streamed_request, plus_return },
	{ GET_VAR_SUBSTREAMED, true, 2, plus_streamed_request,
		plus_get_streamed_response },
	{ GET_VARIABLES_ADDRESS, false, 0, NULL, NULL },
	{ ABORT, false, 0, NULL, NULL },
	{ ERROR_2, false, 0, NULL, plus_return },
	{ INIT_SSL, false, 0, nothing, plus_return },
};

static const struct body *body_of(uint16_t code)
{
	for (unsigned i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		if (bodies[i].code == code)
			return &bodies[i];
	return NULL;
}

bool plus_is_function(uint16_t code)
{
	return body_of(code) != NULL;
}

void plus_request(struct plus *p, struct cursor *c)
{
	const struct body *body = body_of(p->function);

	if (!body || !body->request) {
		plus_unknown(p, c);
		return;
	}
	body->request(p, c);
	if (body->has_qualifier && cursor_ok(c) && has_qualifier(c))
		qualifier(p, c);
	cursor_skip(c, body->spare < c->left ? body->spare : c->left);
	if (p->function == SET_VAR_SUBSTREAMED && cursor_ok(c))
		stream(p, c);
}

void plus_response(struct plus *p, struct cursor *c)
{
	const struct body *body = body_of(p->function);

	if (body && body->response)
		body->response(p, c);
	else
		plus_unknown(p, c);
}
