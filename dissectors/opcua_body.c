/* The interpreter of opcua_schema.c: one structure after its list of members. */
#include "opcua_body.h"
#include "opcua_fields.h"

static void put_array(struct body *b, const struct member *m)
{
	unsigned type = m->type & ~T_ARRAY;
	struct member element = { (uint8_t)type, m->of, type == T_STRUCTURE ? m->of : 0 };
	uint32_t count = opcua_take_count(b);
	if (b->level++ == 0 &&
		(b->counted ? m->field == b->counted : m->field != F_DIAGNOSTIC_INFOS))
		b->count = count;
	for (; count > 0 && cursor_ok(&b->c); count--) {
		put_begin(b->d, m->field);
		if (type == T_DIAGNOSTIC_INFO)
			opcua_put_diagnostic_info(b, 0);
		else
			opcua_readers[type](b, &element);
		put_end(b->d);
	}
	b->level--;
}

void opcua_put_structure(struct body *b, enum opcua_structure structure)
{
	const struct structure *s = &opcua_structures[structure];
	const struct member *end = s->members + s->count;

	for (const struct member *m = s->members; m < end && cursor_ok(&b->c); m++)
		if (m->type & T_ARRAY)
			put_array(b, m);
		else
			opcua_readers[m->type](b, m);
}
