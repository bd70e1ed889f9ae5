/* What messages mean, in the words that all protocols share. */
#include "dnp3_application.h"
#include "dnp3_measures.h"
#include "dnp3_values.h"

/* ---- whose ---- */

/* The outstation's address: who a master's message is for, or who sent the other kind. */
struct operation dnp3_operation_of(
	const struct message *m, enum verb verb, const char *object)
{
	uint64_t dir = 0, src = 0, dst = 0;

	message_uint(m, LINK_DIR, &dir);
	message_uint(m, LINK_SRC, &src);
	message_uint(m, LINK_DST, &dst);
	return (struct operation){ .verb = verb,
		.object = object,
		.has_unit = true,
		.unit = (uint32_t)(dir ? dst : src) };
}

void dnp3_set_text(struct operation *op, const char *text)
{
	if (text)
		op->value = (struct values){ VALUE_TEXT, 1,
			{ (const uint8_t *)text, strlen(text) } };
}

/* ---- functions that say all by themselves ---- */

struct simple {
	uint8_t verb;
	const char *object, *value;
};

static const struct simple simple[] = {
	[COLD_RESTART] = { VERB_RESTART, "device", "cold" },
	[WARM_RESTART] = { VERB_RESTART, "device", "warm" },
	[INITIALIZE_DATA] = { VERB_MODE_CHANGE, "data", "initialize" },
	[16] = { VERB_MODE_CHANGE, "application", "initialize" },
	[17] = { VERB_MODE_CHANGE, "application", "start" },
	[STOP_APPLICATION] = { VERB_MODE_CHANGE, "application", "stop" },
	[SAVE_CONFIG] = { VERB_CONFIG, "configuration", "save" },
	[DELAY_MEASURE] = { VERB_DIAGNOSE, "delay", NULL },
	[RECORD_TIME] = { VERB_TIME_SYNC, "clock", "record_current_time" },
	[ACTIVATE_CONFIG] = { VERB_CONFIG, "configuration", "activate" },
};

static void operate_simple(
	struct dissect *d, const struct message *m, const struct simple *s)
{
	struct operation op = dnp3_operation_of(m, s->verb, s->object);

	dnp3_set_text(&op, s->value);
	operation_add(d, &op);
}

/* ---- reading and writing ---- */

static void operate_classes(struct dissect *d, const struct message *request)
{
	struct operation op = dnp3_operation_of(request, VERB_READ, "class_data");

	dnp3_add_classes(d, request, &op);
}

static enum verb read_verb(unsigned group)
{
	return group == ATTRIBUTE_GROUP ? VERB_DISCOVER
	       : group == FILE_GROUP    ? VERB_FILE
					: VERB_READ;
}

/* What was asked for, where no answer says more. */
static void operate_asked(struct dissect *d, const struct message *request)
{
	struct dnp3_walk w = { .m = request };

	while (dnp3_next_object(&w)) {
		const char *object = dnp3_object(w.group);
		struct operation op =
			dnp3_operation_of(request, read_verb(w.group), object);
		if (!object || w.group == CLASS_GROUP || w.group == FILE_GROUP)
			continue;
		if (w.group != ATTRIBUTE_GROUP) {
			dnp3_add_range(d, &w, &op);
			continue;
		}
		dnp3_set_range(&op, &w);
		op.address = w.variation;
		op.count = 1;
		operation_add(d, &op);
	}
}

static void operate_values(struct dissect *d, const struct message *m)
{
	struct operation op = dnp3_operation_of(m, VERB_READ, NULL);
	struct dnp3_walk w = { .m = m };

	while (dnp3_next_object(&w)) {
		if (w.group == COMMAND_GROUP || w.group == ANALOG_COMMAND_GROUP)
			continue; /* the echo of a command: no value was read */
		op.verb = read_verb(w.group);
		op.object = dnp3_object(w.group);
		op.is_measured = dnp3_is_read_only(w.group);
		if (w.group == ATTRIBUTE_GROUP)
			dnp3_identify(d, w);
		if (op.object && w.group != FILE_GROUP)
			dnp3_values(d, &w, &op);
	}
}

static bool has_points(const struct message *m)
{
	return m && (m->is_lazy || message_item(m, POINTS));
}

static void operate_read(
	struct dissect *d, const struct message *request, const struct message *response)
{
	operate_classes(d, request);
	if (has_points(response))
		operate_values(d, response);
	else
		operate_asked(d, request);
	dnp3_operate_files(d, request);
}

static void operate_write(struct dissect *d, const struct message *request)
{
	struct dnp3_walk w = { .m = request };

	while (dnp3_next_object(&w)) {
		bool is_time = w.group == TIME_GROUP || w.group == TIME_GROUP + 1;
		bool is_config = w.group == IIN_GROUP || w.group == DEADBAND_GROUP ||
				 w.group == ATTRIBUTE_GROUP;
		struct operation op = dnp3_operation_of(request,
			is_time     ? VERB_TIME_SYNC
			: is_config ? VERB_CONFIG
				    : VERB_WRITE,
			dnp3_object(w.group));
		if (op.object && w.group != FILE_GROUP)
			dnp3_values(d, &w, &op);
	}
	dnp3_operate_files(d, request);
}

/* ---- authentication ---- */

static void operate_login(struct dissect *d, const struct message *m)
{
	static const char *const steps[] = { [1] = "challenge",
		[2] = "reply",
		[4] = "session_key_status_request",
		[5] = "session_key_status",
		[6] = "session_key_change",
		[7] = "error",
		[8] = "certificate",
		[10] = "user_status_change",
		[11] = "update_key_change_request",
		[12] = "update_key_change_reply",
		[13] = "update_key_change",
		[14] = "update_key_signature",
		[15] = "update_key_confirmation" };
	struct dnp3_walk w = { .m = m };

	while (dnp3_next_object(&w)) {
		struct operation op = dnp3_operation_of(m, VERB_LOGIN, "authentication");
		const struct item *user = NULL;
		if (w.group != AUTHENTICATION_GROUP ||
			w.variation >= sizeof(steps) / sizeof(*steps))
			continue;
		if (dnp3_next_point(&w) && !(user = dnp3_point_item(&w, USR)))
			user = dnp3_point_item(&w, USER_NUMBER);
		op.has_point = user != NULL;
		op.address = user ? user->u : 0;
		op.count = 1;
		dnp3_set_text(&op, steps[w.variation]);
		operation_add(d, &op);
	}
}

/* ---- link layer ---- */

static void operate_link(struct dissect *d, const struct message *request)
{
	static const struct simple functions[] = {
		[RESET_LINK] = { VERB_SESSION, "link", "reset" },
		[RESET_USER] = { VERB_RESTART, "user_process", "reset" },
		[TEST_LINK] = { VERB_DIAGNOSE, "link", "test" },
		[REQUEST_STATUS] = { VERB_DIAGNOSE, "link", "status" },
	};
	uint64_t code = 0;
	const struct item *receiver = message_item(request, LINK_DST);

	if (!message_uint(request, LINK_CODE, &code) ||
		request->kind != MESSAGE_REQUEST ||
		code >= sizeof(functions) / sizeof(*functions) || !functions[code].object)
		return;
	struct operation op =
		dnp3_operation_of(request, functions[code].verb, functions[code].object);
	op.unit = receiver ? (uint32_t)receiver->u : op.unit;
	dnp3_set_text(&op, functions[code].value);
	operation_add(d, &op);
}

/* ---- which is it? ---- */

static void operate_request(struct dissect *d, const struct message *request,
	const struct message *response, uint64_t function)
{
	if (function == READ)
		operate_read(d, request, response);
	else if (function == WRITE)
		operate_write(d, request);
	else if (function <= DIRECT_OPERATE_NR)
		dnp3_operate_command(d, request, response,
			function == SELECT ? VERB_SELECT : VERB_CONTROL);
	else if (function <= FREEZE_AT_TIME_NR)
		dnp3_operate_freeze(d, request, function);
	else if (function == ENABLE_UNSOLICITED || function == DISABLE_UNSOLICITED)
		dnp3_operate_unsolicited(d, request, function);
	else if (function == ASSIGN_CLASS)
		dnp3_operate_assign(d, request);
	else if (function >= OPEN_FILE && function <= ABORT_FILE)
		dnp3_operate_files(d, request);
	else if (function == AUTHENTICATE || function == AUTHENTICATE_NR)
		operate_login(d, request);
	else if (function < sizeof(simple) / sizeof(*simple) && simple[function].object)
		operate_simple(d, request, &simple[function]);
}

/* An answer alone shows values, but not what a command was: selected or operated. */
void dnp3_operate(
	struct dissect *d, const struct message *request, const struct message *response)
{
	const struct message *m = request ? request : response;
	uint64_t function = 0;

	if (dnp3_class_of(m) == CLASS_NONE)
		return;
	if (!message_uint(m, FUNCTION_CODE, &function)) {
		if (request)
			operate_link(d, request);
		return;
	}
	if (function == UNSOLICITED || function == RESPONSE)
		operate_values(d, m);
	else if (function != CONFIRM && request)
		operate_request(d, request, response, function);
}
