/* Functions that are about the points they name, or carry commands for. */
#include "dnp3_values.h"

/* ---- points that are named ---- */

void dnp3_set_range(struct operation *op, const struct dnp3_walk *w)
{
	op->has_point = w->count > 0;
	op->address = w->start;
	op->count = w->count < UINT32_MAX ? (uint32_t)w->count : UINT32_MAX;
}

/* Points that are named one by one: an operation a run of them. Others: the range. */
void dnp3_add_range(struct dissect *d, struct dnp3_walk *w, struct operation *op)
{
	enum { LAST_INDEX = 3 };

	dnp3_set_range(op, w);
	if (w->prefix == 0 || w->prefix > LAST_INDEX || !dnp3_next_point(w)) {
		operation_add(d, op);
		return;
	}
	op->address = w->index;
	op->count = 1;
	while (dnp3_next_point(w)) {
		if (w->index == op->address + op->count) {
			op->count++;
			continue;
		}
		operation_add(d, op);
		op->address = w->index;
		op->count = 1;
	}
	operation_add(d, op);
}

void dnp3_operate_freeze(struct dissect *d, const struct message *m, uint64_t function)
{
	struct dnp3_walk w = { .m = m };

	while (dnp3_next_object(&w)) {
		struct operation op =
			dnp3_operation_of(m, VERB_CONTROL, dnp3_object(w.group));
		if (!op.object || w.group == TIME_GROUP)
			continue;
		dnp3_set_text(&op, function < FREEZE_CLEAR     ? "freeze"
				   : function < FREEZE_AT_TIME ? "freeze_clear"
							       : "freeze_at_time");
		dnp3_add_range(d, &w, &op);
	}
}

/* Classes, as they are named one after the other: those in a row are one operation. */
void dnp3_add_classes(struct dissect *d, const struct message *m, struct operation *op)
{
	struct dnp3_walk w = { .m = m };

	op->has_point = true;
	op->count = 0;
	while (dnp3_next_object(&w)) {
		uint64_t class = w.variation - 1u;
		if (w.group != CLASS_GROUP)
			continue;
		if (op->count && class != op->address + op->count) {
			operation_add(d, op);
			op->count = 0;
		}
		if (!op->count)
			op->address = class;
		op->count++;
	}
	if (op->count)
		operation_add(d, op);
}

/* Classes of events that are to be reported at once, or no longer. */
void dnp3_operate_unsolicited(
	struct dissect *d, const struct message *m, uint64_t function)
{
	struct operation op = dnp3_operation_of(m, VERB_CONFIG, "unsolicited");

	dnp3_set_text(&op, function == ENABLE_UNSOLICITED ? "enable" : "disable");
	dnp3_add_classes(d, m, &op);
}

/* A class, then the points that shall belong to it; another class, and so on. */
void dnp3_operate_assign(struct dissect *d, const struct message *m)
{
	static const char *const classes[] = { "class_0", "class_1", "class_2",
		"class_3" };
	struct dnp3_walk w = { .m = m };
	const char *class = NULL;

	while (dnp3_next_object(&w)) {
		if (w.group == CLASS_GROUP) {
			class = w.variation >= 1 && w.variation <= 4
					? classes[w.variation - 1]
					: NULL;
			continue;
		}
		struct operation op =
			dnp3_operation_of(m, VERB_CONFIG, dnp3_object(w.group));
		dnp3_set_text(&op, class);
		dnp3_add_range(d, &w, &op);
	}
}

/* ---- commands ---- */

static void set_command(struct operation *op, const struct dnp3_walk *w,
	const char **pattern, int64_t *integer)
{
	const struct item *item;

	op->has_point = true;
	op->address = dnp3_point_address(w);
	op->count = 1;
	if ((item = dnp3_point_item(w, COMMAND))) {
		const char *name = name_of(dnp3_commands, item->u);
		*pattern = name ? name : "unknown";
		dnp3_set_text(op, *pattern);
	} else if (dnp3_point_item(w, MASK_POINT)) {
		dnp3_set_text(op, *pattern);
	} else if ((item = dnp3_point_item(w, VALUE)) ||
		   (item = dnp3_point_item(w, VALUE_FLOAT))) {
		*integer = item->i;
		op->value =
			(struct values){ item->field == VALUE ? VALUE_INT : VALUE_REAL, 1,
				{ (const uint8_t *)integer, sizeof(*integer) } };
	}
}

/* Each point has a status of its own in the answer. */
static void set_outcome(struct operation *op, const struct dnp3_walk *answer,
	const struct message *response)
{
	const struct item *status = dnp3_point_item(answer, STATUS);

	if (!status || (!status->u && !response->code))
		return;
	op->outcome = status->u ? OUTCOME_REJECTED : OUTCOME_ACCEPTED;
	op->code = status->u ? name_of(dnp3_statuses, status->u) : NULL;
}

/* In a pattern, the points whose bit is set; its command is none. */
static bool is_meant(const struct dnp3_walk *w)
{
	enum { PATTERN = 2 };
	const struct item *mask = dnp3_point_item(w, MASK_POINT);

	if (w->group == COMMAND_GROUP && w->variation == PATTERN)
		return false;
	return !mask || mask->u;
}

void dnp3_operate_command(struct dissect *d, const struct message *request,
	const struct message *response, enum verb verb)
{
	struct dnp3_walk w = { .m = request }, answer = { .m = response };
	const char *pattern = NULL;

	while (dnp3_next_command(&w)) {
		bool has_answer = response && dnp3_next_command(&answer);
		struct operation op =
			dnp3_operation_of(request, verb, dnp3_object(w.group));
		int64_t integer;
		set_command(&op, &w, &pattern, &integer);
		if (!is_meant(&w))
			continue;
		if (op.value.type == VALUE_INT || op.value.type == VALUE_REAL)
			op.value.bytes = keep(d, op.value.bytes);
		if (has_answer)
			set_outcome(&op, &answer, response);
		else if (response && !response->code)
			op.outcome = OUTCOME_NOT_SEEN; /* nothing is said of this point */
		operation_add(d, &op);
	}
}
