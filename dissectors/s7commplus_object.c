/* Objects: elements that a byte names, nested.
 *
 *   A1 object id, class id, class flags, attribute id     begins an object
 *   A3 id, value                                          an attribute of it
 *   A4 id, object id                                      a relation to another
 *   A7 … A8, AB …, AC …                                   its variables
 *   A2                                                    ends it
 *
 * Nested objects come out as a list with their level; where an object goes on behind one
 * that was in it, it is named again. */
#include "s7commplus_parts.h"

enum element {
	START_OBJECT = 0xa1, END_OBJECT = 0xa2, ATTRIBUTE = 0xa3, RELATION = 0xa4,
	START_TAG = 0xa7, END_TAG = 0xa8, TYPE_LIST = 0xab, NAME_LIST = 0xac,
};

enum { OBJECTS_DEPTH_MAX = 16 };

struct objects {
	uint32_t level;
	bool is_open; /* the group of the innermost object */
	struct bytes ids[OBJECTS_DEPTH_MAX];
};

static void close_group(struct plus *p, struct objects *o)
{
	if (o->is_open)
		put_end(p->d);
	o->is_open = false;
}

static void open_group(struct plus *p, struct objects *o)
{
	put_begin(p->d, FIELD_OBJECTS);
	if (o->level > 1)
		put_uint(p->d, FIELD_OBJECTS_LEVEL, o->level - 1);
	o->is_open = true;
}

static void reopen_group(struct plus *p, struct objects *o)
{
	if (o->is_open)
		return;
	struct bytes rid = o->ids[o->level - 1];
	open_group(p, o);
	put_uint(p->d, FIELD_OBJECTS_ID, be32_at(rid.at));
	put_bytes(p->d, FIELD_OBJECTS_OBJECT, rid);
}

static void start_object(struct plus *p, struct objects *o, struct cursor *c)
{
	if (o->level == OBJECTS_DEPTH_MAX) {
		plus_fail(p, c, EVENT_TOO_DEEP);
		return;
	}
	close_group(p, o);
	o->ids[o->level++] = (struct bytes){ c->at, 4 };
	open_group(p, o);
	plus_put_rid(p, FIELD_OBJECTS_ID, FIELD_OBJECTS_OBJECT, c);
	plus_put_id(p, FIELD_OBJECTS_CLASS_ID, FIELD_OBJECTS_CLASS, c);
	plus_put_vlq(p, FIELD_OBJECTS_FLAGS, c);
	uint32_t attribute = plus_vlq(p, c);
	if (attribute && cursor_ok(c)) {
		put_uint(p->d, FIELD_OBJECTS_ATTRIBUTE, attribute);
		plus_vlq(p, c);
	}
}

static void end_object(struct plus *p, struct objects *o)
{
	close_group(p, o);
	o->level--;
}

static void attribute(struct plus *p, struct cursor *c)
{
	struct bytes id_bytes = { c->at, 0 };
	uint32_t id = plus_vlq(p, c);

	id_bytes.len = (size_t)(c->at - id_bytes.at);
	if (cursor_ok(c))
		plus_member(p, FIELD_ATTRIBUTES, FIELD_ATTRIBUTE_VALUE, c, 0, id,
			id_bytes);
}

static void relation(struct plus *p, struct cursor *c)
{
	put_begin(p->d, FIELD_RELATIONS);
	plus_put_id(p, FIELD_RELATION_ID, FIELD_RELATION_NAME, c);
	put_be32(p->d, FIELD_RELATION_OBJECT, c);
	put_end(p->d);
}

/* ---- descriptions of variables ---- */

static void skip_numbers(struct plus *p, struct cursor *c, uint32_t count)
{
	for (uint32_t i = 0; i < count && cursor_ok(c); i++)
		plus_vlq(p, c);
}

/* Where the variable lies, by the low bits of its kind: an array has a lower bound, a
 * count and padding; one of several dimensions those of each. */
static void skip_offsets(struct plus *p, struct cursor *c, uint8_t kind)
{
	static const uint8_t more[] = { 0, 2, 4, 2 };

	skip_numbers(p, c, (kind & 0x0c ? 4 : 2) + more[kind & 3]);
	if ((kind & 3) == 3) {
		uint32_t dimensions = plus_vlq(p, c);
		skip_numbers(p, c, dimensions);
		skip_numbers(p, c, dimensions);
	}
	if (kind == 0x08)
		skip_numbers(p, c, 2);
}

/* A variable of an older S7-1200. */
static void tag(struct plus *p, struct cursor *c)
{
	uint8_t kind = cursor_u8(c);

	put_begin(p->d, FIELD_VARIABLES);
	put_run(p->d, FIELD_VARIABLE_NAME, c, plus_vlq(p, c));
	cursor_skip(c, 2); /* 0, datatype */
	plus_put_vlq(p, FIELD_VARIABLE_TYPE, c);
	cursor_skip(c, 4); /* attributes */
	plus_put_vlq(p, FIELD_VARIABLE_LID, c);
	plus_vlq(p, c); /* length of a string, type of a structure */
	skip_offsets(p, c, kind);
	put_end(p->d);
}

/* Bytes of one entry of a type list, behind the part they all have. */
static const uint8_t type_sizes[16] = {
	104, 4, 12, 20, 68, 32, 48, 96, 4, 12, 20, 68, 32, 48, 96, 40,
};

static void type_entry(struct plus *p, struct cursor *c)
{
	put_begin(p->d, FIELD_VARIABLES);
	put_le32(p->d, FIELD_VARIABLE_LID, c);
	put_le32(p->d, FIELD_VARIABLE_CRC, c);
	put_u8(p->d, FIELD_VARIABLE_TYPE, c);
	uint16_t attributes = cursor_be16(c);
	cursor_skip(c, 1); /* bit offsets */
	cursor_skip(c, type_sizes[attributes >> 12]);
	put_end(p->d);
}

static void name_entry(struct plus *p, struct cursor *c)
{
	put_begin(p->d, FIELD_VARIABLES);
	put_run(p->d, FIELD_VARIABLE_NAME, c, cursor_u8(c));
	cursor_skip(c, 1);
	put_end(p->d);
}

/* Blocks of entries, each with its length, until one of length 0. The first block of
 * types begins with four bytes of its own. */
static void list(struct plus *p, struct cursor *c, bool is_types)
{
	uint8_t begins_with = is_types ? 4 : 0;

	for (uint16_t len; (len = cursor_be16(c)) != 0; begins_with = 0) {
		struct cursor block = cursor_sub(c, len);
		cursor_skip(&block, begins_with);
		while (block.left > 0)
			(is_types ? type_entry : name_entry)(p, &block);
		cursor_join(c, &block);
	}
}

/* ---- elements ---- */

static void types(struct plus *p, struct cursor *c)
{
	list(p, c, true);
}

static void names(struct plus *p, struct cursor *c)
{
	list(p, c, false);
}

static void nothing(struct plus *p, struct cursor *c)
{
	(void)p;
	(void)c;
}

/* What stands in an object, behind the byte that names it. */
static void (*const elements[])(struct plus *p, struct cursor *c) = {
	[ATTRIBUTE - START_OBJECT] = attribute, [RELATION - START_OBJECT] = relation,
	[START_TAG - START_OBJECT] = tag, [END_TAG - START_OBJECT] = nothing,
	[TYPE_LIST - START_OBJECT] = types, [NAME_LIST - START_OBJECT] = names,
};

static bool is_element(const struct objects *o, uint8_t kind)
{
	return kind == START_OBJECT ||
		(o->level > 0 && kind > START_OBJECT && kind <= NAME_LIST);
}

static void element(struct plus *p, struct objects *o, struct cursor *c)
{
	uint8_t kind = cursor_u8(c);

	if (kind == START_OBJECT) {
		start_object(p, o, c);
	} else if (kind == END_OBJECT) {
		end_object(p, o);
	} else {
		reopen_group(p, o);
		if (elements[kind - START_OBJECT])
			elements[kind - START_OBJECT](p, c);
		else
			plus_unknown(p, c);
	}
}

void plus_objects(struct plus *p, struct cursor *c)
{
	struct objects o = { 0 };

	while (c->left > 0 && is_element(&o, c->at[0]))
		element(p, &o, c);
	close_group(p, &o);
}
