/* What creating, deleting and exploring objects means. */
#include "s7commplus_parts.h"

/* Classes of the user program. */
static const struct {
	uint16_t first, last;
} program_classes[] = {
	{ 2520, 2520 }, { 2538, 2538 }, { 2554, 2554 }, { 2574, 2592 }, { 2610, 2610 },
	{ 2637, 2658 }, { 3002, 3002 }, { 3932, 3935 }, { 4272, 4273 }, { 4600, 4600 },
	{ 4637, 4639 }, { 8336, 8337 },
};

static bool is_program_class(uint64_t class)
{
	for (unsigned i = 0; i < sizeof(program_classes) / sizeof(*program_classes); i++)
		if (class >= program_classes[i].first && class <= program_classes[i].last)
			return true;
	return false;
}

/* By its number: blocks, types and what the system has of them. */
bool plus_is_block(uint64_t rid)
{
	uint64_t high = rid >> 16;

	return high == 0x89fd || high == ID_DB >> 16 || high == 0x8a32 ||
		(high >= 0x8a11 && high <= 0x8a24);
}

static enum verb verb_of_class(uint64_t class, uint64_t rid)
{
	if (class == ID_SESSION)
		return VERB_SESSION;
	if (class == ID_SUBSCRIPTION)
		return VERB_SUBSCRIBE;
	if (is_program_class(class) || plus_is_block(rid))
		return VERB_PROGRAM_DOWNLOAD;
	return VERB_CONFIG;
}

static const char *object_of_verb(enum verb verb)
{
	if (verb == VERB_SESSION)
		return "session";
	if (verb == VERB_SUBSCRIBE)
		return "subscription";
	return verb == VERB_PROGRAM_DOWNLOAD ? "block" : "object";
}

/* A created object: where its group begins, behind it up to its attributes. */
struct created {
	uint64_t rid, class;
	struct bytes object, name;
	bool is_child, has_class;
};

static struct created read_created(const struct message *m, uint32_t *at)
{
	struct created o = { 0 };
	bool is_name = false;

	for (; *at < m->count && m->items[*at].field != FIELD_OBJECTS; ++*at) {
		const struct item *item = &m->items[*at];
		o.is_child |= item->field == FIELD_OBJECTS_LEVEL;
		if (item->field == FIELD_OBJECTS_ID)
			o.rid = item->u;
		if (item->field == FIELD_OBJECTS_OBJECT)
			o.object = item_bytes(item);
		if (item->field == FIELD_OBJECTS_CLASS_ID) {
			o.class = item->u;
			o.has_class = true;
		}
		if (item->field == FIELD_ATTRIBUTE_VALUE + ROW_ID)
			is_name = item->u == ID_NAME && !o.name.at;
		if (item->field == FIELD_ATTRIBUTE_VALUE + ROW_TEXT && is_name)
			o.name = item_bytes(item);
	}
	return o;
}

/* Blocks are told by their numbers, others by the name they are given. */
static void add_created(struct dissect *d, const struct created *o)
{
	struct operation op = { .verb = verb_of_class(o->class, o->rid) };
	char text[FORMAT_MAX];

	op.object = object_of_verb(op.verb);
	op.point_text = o->name;
	if (plus_is_block(o->rid) && o->object.len)
		op.point_text = plus_keep_text(d, text, plus_rid_text(o->object, text));
	operation_add(d, &op);
}

void plus_operate_create(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;

	for (uint32_t at = 0; at < m->count;) {
		if (m->items[at++].field != FIELD_OBJECTS)
			continue;
		struct created o = read_created(m, &at);
		if (!o.is_child && o.has_class)
			add_created(d, &o);
	}
	plus_identify(d, response);
}

/* What was made in a session ends with it: its number tells (inferred). */
static bool is_dynamic(uint64_t rid)
{
	return rid >> 28 == 1 || rid >> 28 == 7;
}

void plus_operate_delete(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	uint64_t rid = plus_number_of(m, FIELD_OBJECT_ID);
	struct operation op = plus_about_object(d, VERB_CONFIG, m);

	if (plus_is_block(rid))
		op.verb = VERB_PROGRAM_DELETE;
	else if (is_dynamic(rid) || (request && plus_is_own_session(request)))
		op.verb = VERB_SESSION;
	op.object = op.verb == VERB_PROGRAM_DELETE ? "block" :
		request && plus_is_own_session(request) ? "session" : "object";
	operation_add(d, &op);
}

/* Looking at a block's code is an upload. */
void plus_operate_explore(struct dissect *d, const struct message *request,
	const struct message *response)
{
	const struct message *m = request ? request : response;
	uint64_t rid = plus_number_of(m, FIELD_OBJECT_ID);
	bool is_code = plus_is_block(rid) && rid >> 16 != ID_DB >> 16;
	struct operation op = plus_about_object(d,
		is_code ? VERB_PROGRAM_UPLOAD : VERB_DISCOVER, m);

	operation_add(d, &op);
}
