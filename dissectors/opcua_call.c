/* Calls of methods. */
#include <stdio.h>

#include "opcua_element.h"
#include "opcua_fields.h"
#include "opcua_method.h"
#include "opcua_operate.h"
#include "opcua_text.h"

enum { ARGUMENTS_MAX = 512 };

static void put_number(struct opcua_text *t, const struct values *v, uint32_t i)
{
	char digits[40];
	uint64_t u;
	double real;

	memcpy(&u, v->bytes.at + i * sizeof(u), sizeof(u));
	memcpy(&real, &u, sizeof(real));
	int len =
		v->type == VALUE_REAL ? snprintf(digits, sizeof(digits), "%.15g", real)
		: v->type == VALUE_INT
			? snprintf(digits, sizeof(digits), "%lld", (long long)u)
			: snprintf(digits, sizeof(digits), "%llu", (unsigned long long)u);
	opcua_text_put(t, digits, (size_t)len);
}

static void put_argument(struct opcua_text *t, const struct values *v)
{
	if (v->type == VALUE_TEXT)
		opcua_text_put(t, v->bytes.at, v->bytes.len);
	for (uint32_t i = 0; v->type != VALUE_TEXT && i < v->count; i++) {
		if (i)
			opcua_text_put(t, " ", 1);
		put_number(t, v, i);
	}
}

/* All arguments that may be shown, with commas between. */
static struct bytes arguments_of(struct dissect *d, struct stretch in)
{
	char text[ARGUMENTS_MAX];
	struct opcua_text t = { text, 0, sizeof(text) };
	struct stretch argument;

	for (bool is_first = true; t.len < t.room && opcua_next(&in, F_INPUT_ARGUMENTS, &argument);
		is_first = false) {
		if (opcua_item_in(argument, F_INPUT_ARGUMENT_HIDDEN))
			break;
		struct values v = opcua_values_in(d, argument);
		if (!is_first)
			opcua_text_str(&t, ", ");
		put_argument(&t, &v);
	}
	return keep(d, (struct bytes){ (const uint8_t *)text, t.len });
}

static struct bytes object_and_method(
	struct dissect *d, const struct item *object, const struct item *method)
{
	char text[2 * FORMAT_MAX + 1];
	struct opcua_text t = { text, 0, sizeof(text) };

	if (object)
		opcua_text_format(&t, opcua_format_node_id, item_bytes(object));
	opcua_text_put(&t, ".", 1);
	if (method)
		opcua_text_format(&t, opcua_format_node_id, item_bytes(method));
	return keep(d, (struct bytes){ (const uint8_t *)text, t.len });
}

/* The last argument of RequestServerStateChange asks for a restart. */
static bool asks_for_restart(struct stretch in)
{
	const struct item *last = NULL;
	struct stretch argument;

	while (opcua_next(&in, F_INPUT_ARGUMENTS, &argument))
		last = opcua_item_in(argument, F_VALUE_BOOL);
	return last && last->u;
}

void opcua_operate_call(struct dissect *d, const struct meaning *m, struct pair p)
{
	struct stretch asked = opcua_whole(p.request), answered = opcua_whole(p.response);
	struct stretch element;
	struct picked result;

	while (opcua_next(&asked, F_METHODS_TO_CALL, &element)) {
		struct operation op = opcua_begin(d, m);
		const struct item *method = opcua_item_in(element, F_METHOD_ID);
		uint32_t id = method ? opcua_standard_id(item_bytes(method)) : 0;
		opcua_method_means(id, &op.verb, &op.object);
		if (op.verb == VERB_MODE_CHANGE && asks_for_restart(element))
			op.verb = VERB_RESTART;
		op.point_text =
			object_and_method(d, opcua_item_in(element, F_OBJECT_ID), method);
		opcua_set_text(&op, arguments_of(d, element));
		opcua_pick(&answered, F_RESULTS, &result);
		opcua_set_outcome(&op, result.item[PICK_STATUS]);
		operation_add(d, &op);
	}
}
