/* What messages mean, in words that are the same for every protocol. Items, program
 * invocations, userdata and identification have files of their own. */
#include <stdio.h>

#include "s7comm_operate.h"

struct operation s7_operation(struct dissect *d, enum verb verb, const char *object)
{
	const struct s7 *s7 = s7_of(d);

	return (struct operation){ .verb = verb, .object = object,
		.outcome = s7->is_unsure ? OUTCOME_NOT_SEEN : OUTCOME_NONE,
		.unit_text = { s7->unit, s7->unit_len } };
}

struct operation s7_worded(
	struct dissect *d, enum verb verb, const char *object, const char *value)
{
	struct operation op = s7_operation(d, verb, object);

	if (value)
		op.value = (struct values){ VALUE_TEXT, 1,
			{ (const uint8_t *)value, strlen(value) } };
	return op;
}

void s7_add(struct dissect *d, enum verb verb, const char *object, const char *value)
{
	struct operation op = s7_worded(d, verb, object, value);

	operation_add(d, &op);
}

struct bytes s7_formatted(struct dissect *d, size_t (*format)(struct bytes, char *),
	struct bytes value)
{
	char text[FORMAT_MAX];
	size_t len = format(value, text);

	return keep(d, (struct bytes){ (const uint8_t *)text, len });
}

const struct item *s7_item(const struct message *m, unsigned field)
{
	return m ? message_item(m, field) : NULL;
}

const struct item *s7_next_group(const struct message *m, uint32_t *at, unsigned group)
{
	if (!m)
		return NULL;
	for (uint32_t i = *at; i < m->count; i++)
		if (m->items[i].field == group) {
			*at = i + 1;
			return &m->items[i + 1];
		}
	*at = m->count;
	return NULL;
}

const struct item *s7_in_group(const struct message *m, const struct item *item,
	unsigned field)
{
	const struct item *end = m->items + m->count;

	for (; item && item < end && item->field != ITEM_END; item++)
		if (item->field == field)
			return item;
	return NULL;
}

/* ---- blocks ---- */

void s7_add_blocks(struct dissect *d, const struct message *m, struct operation *op)
{
	const struct item *element;
	uint32_t at = 0;

	if (!s7_item(m, BLOCKS))
		operation_add(d, op);
	while ((element = s7_next_group(m, &at, BLOCKS))) {
		const struct item *name = s7_in_group(m, element, BLOCK_NAME);
		op->point_text = name ? s7_formatted(d, s7_block_text, item_bytes(name)) :
			(struct bytes){ 0 };
		operation_add(d, op);
	}
}

/* The hash of all pieces stands as the value where the transfer ends. */
static struct values hash_value(struct dissect *d, const struct message *m)
{
	const struct item *hash = s7_item(m, TRANSFER_SHA256);
	char text[72] = "sha256:";

	if (!hash)
		return (struct values){ 0 };
	for (uint32_t i = 0; i < hash->len && i < 32; i++)
		sprintf(text + 7 + 2 * (size_t)i, "%02x", hash->at[i]);
	return (struct values){ VALUE_TEXT, 1,
		keep(d, (struct bytes){ (const uint8_t *)text, strlen(text) }) };
}

/* The pieces in between say nothing new. */
static void operate_transfer(struct dissect *d, const struct s7_pair *p, uint8_t function)
{
	enum verb verb = function <= S7_DOWNLOAD_ENDED ? VERB_PROGRAM_DOWNLOAD :
		VERB_PROGRAM_UPLOAD;

	if (function == S7_DOWNLOAD_BLOCK || function == S7_UPLOAD)
		return;
	struct operation op = s7_operation(d, verb, "block");
	const struct item *error = s7_item(p->request, TRANSFER_ERROR);
	if (error) {
		op.outcome = OUTCOME_REJECTED;
		op.code = name_of(s7_error_names, error->u);
	}
	op.value = hash_value(d, p->request);
	s7_add_blocks(d, p->request, &op);
}

/* ---- all of it ---- */

static void operate_function(struct dissect *d, const struct s7_pair *p, uint8_t function)
{
	switch (function) {
	case S7_READ_VAR:
		s7_operate_items(d, p, VERB_READ);
		break;
	case S7_WRITE_VAR:
		s7_operate_items(d, p, VERB_WRITE);
		break;
	case S7_SETUP:
		s7_add(d, VERB_SESSION, "setup", NULL);
		break;
	case S7_PI_SERVICE:
		s7_operate_pi(d, p);
		break;
	case S7_PLC_STOP:
		s7_add(d, VERB_MODE_CHANGE, "plc", "stop");
		break;
	case S7_REQUEST_DOWNLOAD:
	case S7_DOWNLOAD_ENDED:
	case S7_START_UPLOAD:
	case S7_END_UPLOAD:
		operate_transfer(d, p, function);
	}
}

/* An answer that is cut before it says how it went. */
static bool is_unsure(const struct message *response)
{
	if (!response || !response->is_cut || response->code || !s7_key_rosctr(response->key))
		return false;
	uint8_t function = s7_key_function(response->key);
	if (s7_key_rosctr(response->key) == S7_USERDATA)
		return !s7_item(response, UD_ERROR_RAW);
	return !s7_item(response, function == S7_READ_VAR || function == S7_WRITE_VAR ?
		DATA_CODE_RAW : FUNCTION_RAW);
}

void s7_operate(struct dissect *d, const struct message *request,
	const struct message *response)
{
	struct s7_pair p = { request, response, request ? request : response };
	uint8_t function = s7_key_function(p.m->key);

	s7_of(d)->is_unsure = is_unsure(response);
	if (response && request && s7_key_rosctr(response->key) != S7_ACK &&
	    (request->key & 0xffff) != (response->key & 0xffff))
		p.response = NULL;
	if (s7_key_rosctr(p.m->key) == S7_USERDATA)
		s7_operate_userdata(d, &p);
	else if (s7_key_rosctr(p.m->key))
		operate_function(d, &p, function);
	else if (function == COTP_CR || function == COTP_CC || function == COTP_DR)
		s7_add(d, VERB_SESSION, "connection", function == COTP_DR && p.m->kind ==
			MESSAGE_ONEWAY ? "disconnect" : NULL);
}
