/* The interpreter of opcua_schema.c: one structure after its list of members. */
#include "opcua_body.h"
#include "opcua_fields.h"

/* Not the bytes: they are a password or a token. */
static void put_secret(struct body *b, unsigned field)
{
	struct bytes value;

	if (opcua_take_string(b, &value))
		put_uint(b->d, field, value.len);
}

static void put_single(struct body *b, const struct member *m)
{
	switch (m->type) {
	case T_STRUCTURE:
		opcua_put_structure(b, m->of);
		break;
	case T_ENUM:
		opcua_put_enum(b, m->field, m->of);
		break;
	case T_NODE_ID:
	case T_EXPANDED_NODE_ID:
		opcua_put_node_id(b, m->field, m->of, m->type == T_EXPANDED_NODE_ID);
		break;
	case T_STATUS_CODE:
		opcua_put_status(b, m->field, m->of);
		break;
	case T_CERTIFICATE:
		opcua_put_certificate(b, m->field);
		break;
	case T_SECRET:
		put_secret(b, m->field);
		break;
	default:
		opcua_put_builtin(b, m->type, m->field);
	}
}

static void put_array(struct body *b, const struct member *m)
{
	struct member element = { m->type & ~T_ARRAY, m->of, 0 };

	if (element.type == T_STRUCTURE)
		element.of = m->of;
	uint32_t count = opcua_take_count(b);
	if (b->level++ == 0 &&
		(b->counted ? m->field == b->counted : m->field != F_DIAGNOSTIC_INFOS))
		b->count = count;
	for (; count > 0 && cursor_ok(&b->c); count--) {
		put_begin(b->d, m->field);
		if (element.type == T_DIAGNOSTIC_INFO)
			opcua_put_diagnostic_info(b, 0);
		else
			put_single(b, &element);
		put_end(b->d);
	}
	b->level--;
}

void opcua_put_structure(struct body *b, enum opcua_structure structure)
{
	const struct structure *s = &opcua_structures[structure];

	for (unsigned i = 0; i < s->count && cursor_ok(&b->c); i++)
		if (s->members[i].type & T_ARRAY)
			put_array(b, &s->members[i]);
		else
			put_single(b, &s->members[i]);
}
