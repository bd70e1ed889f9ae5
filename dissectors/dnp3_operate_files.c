/* What is done with files. */
#include "dnp3_state.h"
#include "dnp3_values.h"

static const char *const steps[] = {
	[OPEN_FILE - OPEN_FILE] = "open",
	[CLOSE_FILE - OPEN_FILE] = "close",
	[DELETE_FILE - OPEN_FILE] = "delete",
	[GET_FILE_INFO - OPEN_FILE] = "get_info",
	[AUTHENTICATE_FILE - OPEN_FILE] = "authenticate",
	[ABORT_FILE - OPEN_FILE] = "abort",
};

static const char *step_of(uint64_t function, const struct dnp3_walk *w)
{
	static const char *const modes[] = { "open", "open_read", "open_write",
		"open_append" };
	const struct item *mode = dnp3_point_item(w, OPERATIONAL_MODE);

	if (function == OPEN_FILE && mode && mode->u < sizeof(modes) / sizeof(*modes))
		return modes[mode->u];
	if (function == READ || function == WRITE)
		return function == READ ? "read" : "write";
	return function >= OPEN_FILE && function <= ABORT_FILE
		       ? steps[function - OPEN_FILE]
		       : NULL;
}

/* Its name, as it is in the message or as it was when the file was opened. */
static struct bytes name_of_file(
	struct dissect *d, const struct dnp3_walk *w, uint32_t unit)
{
	const struct item *name = dnp3_point_item(w, FILENAME);
	const struct item *handle = dnp3_point_item(w, FILE_HANDLE);
	struct dnp3_file *f = handle ? dnp3_file_of(d->state, unit, handle->u) : NULL;

	if (!name)
		name = dnp3_point_item(w, FILE_SPECIFICATION);
	if (name)
		return item_bytes(name);
	return f ? keep(d, (struct bytes){ f->name, f->name_len })
		 : (struct bytes){ NULL, 0 };
}

static uint64_t number(const struct message *m, unsigned field)
{
	const struct item *item = message_item(m, field);

	return item ? item->u : 0;
}

/* Sending a user's name and password is a login; its user is who, not which file. */
static void set_user(struct operation *op, const struct dnp3_walk *w)
{
	const struct item *user = dnp3_point_item(w, USERNAME);

	op->verb = VERB_LOGIN;
	if (user)
		op->point_text = item_bytes(user);
}

void dnp3_operate_files(struct dissect *d, const struct message *request)
{
	struct dnp3_walk w = { .m = request };
	uint64_t function = number(request, FUNCTION_CODE);

	while (dnp3_next_object(&w)) {
		struct operation op = { .verb = VERB_FILE,
			.object = "file",
			.has_unit = true,
			.unit = (uint32_t)number(request, LINK_DST) };
		const char *step;
		if (w.group != FILE_GROUP || !dnp3_next_point(&w) ||
			!(step = step_of(function, &w)))
			continue;
		op.value = (struct values){ VALUE_TEXT, 1,
			{ (const uint8_t *)step, strlen(step) } };
		if (function == AUTHENTICATE_FILE)
			set_user(&op, &w);
		else
			op.point_text = name_of_file(d, &w, op.unit);
		operation_add(d, &op);
	}
}
