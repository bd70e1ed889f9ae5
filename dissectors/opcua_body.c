/* The interpreter of opcua_schema.c: one structure after its list of members. */
#include "opcua_body.h"
#include "opcua_fields.h"
#include "opcua_method.h"
#include "opcua_plain.h"
#include "opcua_text.h"

static void put_element(struct body *b, const struct member *element)
{
	if (element->type == T_DIAGNOSTIC_INFO)
		opcua_put_diagnostic_info(b, 0);
	else
		opcua_readers[element->type](b, element);
}

/* It is read, to know where it ends, and taken back from the tape. */
static void put_hidden(struct body *b, const struct member *element)
{
	struct tape_place before = tape_place(b->d);
	struct cursor from = b->c;

	put_element(b, element);
	tape_return(b->d, &before);
	opcua_conceal(b, from);
	put_uint(b->d, F_INPUT_ARGUMENT_HIDDEN, true);
}

/* How many elements may be shown: of a call, by the method, which stands just before. */
static uint32_t count_shown(const struct body *b, const struct member *m)
{
	const struct message *tape = b->d->message;

	if (m->field != F_INPUT_ARGUMENTS)
		return UINT32_MAX;
	for (uint32_t i = tape->count; i > 0 && tape->items[i - 1].field != ITEM_END; i--)
		if (tape->items[i - 1].field == F_METHOD_ID)
			return opcua_method_shows(
				opcua_standard_id(item_bytes(&tape->items[i - 1])));
	return UINT32_MAX;
}

static void put_elements(struct body *b, const struct member *m, uint32_t count)
{
	unsigned type = m->type & ~T_ARRAY;
	struct member element = { (uint8_t)type, m->of, type == T_STRUCTURE ? m->of : 0 };
	uint32_t shown = count_shown(b, m);

	for (uint32_t i = 0; i < count && cursor_ok(&b->c); i++) {
		put_begin(b->d, m->field);
		(i < shown ? put_element : put_hidden)(b, &element);
		put_end(b->d);
	}
}

static void put_array(struct body *b, const struct member *m)
{
	uint32_t count = opcua_take_count(b);

	if (b->level++ == 0 &&
		(b->counted ? m->field == b->counted : m->field != F_DIAGNOSTIC_INFOS))
		b->count = count;
	if (count > 0 && !opcua_put_plain(b, m, count))
		put_elements(b, m, count);
	b->level--;
}

void opcua_put_element(struct body *b, const struct member *element)
{
	struct member m = { element->type, 0, element->of };

	put_begin(b->d, element->field);
	put_element(b, &m);
	put_end(b->d);
}

void opcua_put_structure(struct body *b, enum opcua_structure structure)
{
	const struct structure *s = &opcua_structures[structure];
	const struct member *m = s->members, *end = m + s->count;

	if (structure == S_RESPONSE_HEADER && opcua_put_plain_response(b))
		return;
	if (structure == S_REQUEST_HEADER) {
		opcua_readers[m->type](b, m);
		m++;
		if (opcua_put_plain_request(b))
			return;
	}
	for (; m < end && cursor_ok(&b->c); m++)
		if (m->type & T_ARRAY)
			put_array(b, m);
		else
			opcua_readers[m->type](b, m);
}
