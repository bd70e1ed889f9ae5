/* A message's tape as a jansson value: a second reading of the tape, independent of the
 * encoder in src/output, for tests to compare with. */
#ifndef IRONSPAN_HALF_JSON_H
#define IRONSPAN_HALF_JSON_H

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "dissect/fields.h"

static json_t *flags_json(const struct name *names, uint64_t value)
{
	char text[256] = "";

	for (const struct name *n = names; n->text; n++)
		if (value ? n->value && (value & n->value) == n->value : !n->value) {
			strcat(text, *text ? " | " : "");
			strcat(text, n->text);
		}
	return json_string(text);
}

static json_t *flag_list_json(const struct name *names, uint64_t value)
{
	json_t *list = json_array();

	for (const struct name *n = names; n->text; n++)
		if (n->value && !(n->value & (n->value - 1)) && (value & n->value))
			json_array_append_new(list, json_string(n->text));
	return list;
}

static json_t *data_json(const struct item *item)
{
	char *text = malloc(item->len * 4 + 1), *at = text;

	for (uint32_t i = 0; i < item->len; i++)
		at += sprintf(at,
			item->at[i] >= 0x20 && item->at[i] < 0x7f ? "%c" : "\\x%02X",
			item->at[i]);
	*at = '\0';
	json_t *value = json_string(text);
	free(text);
	return value;
}

static json_t *bytes_json(const struct item *item)
{
	char *text = calloc(item->len + 1, 2);

	for (uint32_t i = 0; i < item->len; i++)
		sprintf(text + 2 * i, "%02x", item->at[i]);
	json_t *value = json_string(text);
	free(text);
	return value;
}

static json_t *array_json(enum field_type type, const struct item *item)
{
	json_t *list = json_array();
	uint32_t count = type == FIELD_BITS ? item_bit_count(item) : item->len / 2;

	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(
			list, json_integer(type == FIELD_BITS
						   ? item_bit(item, i)
						   : be16_at(item->at + 2 * (size_t)i)));
	return list;
}

static json_t *text_json_t(const struct field *f, const struct item *item)
{
	char room[FORMAT_MAX];
	struct bytes text = item_text(f, item, room);
	json_t *value = json_stringn(text.len ? (const char *)text.at : "", text.len);

	return value ? value : bytes_json(item); /* not UTF-8 */
}

static json_t *value_json(const struct field *f, const struct item *item)
{
	const char *name = name_of(f->names, item->u);

	switch (f->type) {
	case FIELD_UINT:
		return json_integer((json_int_t)item->u);
	case FIELD_INT:
		return json_integer((json_int_t)item->i);
	case FIELD_REAL:
		return json_real(item->real);
	case FIELD_BOOL:
		return json_boolean(item->u);
	case FIELD_ENUM:
		return json_string(name ? name : "unknown");
	case FIELD_FLAGS:
		return f->flags & FIELD_AS_LIST ? flag_list_json(f->names, item->u)
			: flags_json(f->names, item->u);
	case FIELD_TEXT:
		return text_json_t(f, item);
	case FIELD_DATA:
		return data_json(item);
	case FIELD_BYTES:
		return bytes_json(item);
	default:
		return array_json(f->type, item);
	}
}

/* Sets object[a][b][c] for "a.b.c"; of two values with one name the first stays. */
static void set_path(json_t *object, const char *path, json_t *value)
{
	char key[64];
	size_t len = strcspn(path, ".");

	snprintf(key, sizeof(key), "%.*s", (int)len, path);
	if (path[len]) {
		if (!json_object_get(object, key))
			json_object_set_new(object, key, json_object());
		set_path(json_object_get(object, key), path + len + 1, value);
	} else if (json_object_get(object, key)) {
		json_decref(value);
	} else {
		json_object_set_new(object, key, value);
	}
}

static json_t *get_path(json_t *object, const char *path)
{
	char key[64];
	size_t len = strcspn(path, ".");

	snprintf(key, sizeof(key), "%.*s", (int)len, path);
	object = json_object_get(object, key);
	return object && path[len] ? get_path(object, path + len + 1) : object;
}

/* A name inside the group that the object is an element of (NULL: none), which it may begin
 * with. */
static const char *name_in(const char *name, const struct field *group)
{
	size_t len = group ? strlen(group->name) : 0;

	return len && strncmp(name, group->name, len) == 0 && name[len] == '.' ?
		name + len + 1 : name;
}

/* From item *at on, up to the end of the group that the object is an element of. */
static json_t *object_json(const struct dissector *d, const struct message *m, uint32_t *at,
	const struct field *group)
{
	json_t *object = json_object();

	while (*at < m->count) {
		const struct item *item = &m->items[(*at)++];
		if (item->field == ITEM_END)
			break;
		const struct field *f = &d->fields[item->field];
		const char *path = name_in(f->name, group);
		if (f->type == FIELD_GROUP) {
			if (!get_path(object, path))
				set_path(object, path, json_array());
			json_array_append_new(get_path(object, path),
				object_json(d, m, at, f));
		} else if (!(f->flags & FIELD_HIDDEN)) {
			set_path(object, path, value_json(f, item));
		}
	}
	return object;
}

/* Items that rules look for on the tape as it is. */
static unsigned count_open(const struct dissector *d, const struct message *m)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < m->count; i++) {
		unsigned field = m->items[i].field;
		if (field < d->field_count && !(d->fields[field].flags & FIELD_IN_LAZY) &&
			d->fields[field].type != FIELD_GROUP &&
			d->fields[field].type != FIELD_LAZY)
			count++;
	}
	return count;
}

static json_t *half_json(const struct dissector *d, const struct message *m)
{
	struct message room = { 0 };
	uint32_t at = 0;
	const struct message *whole = message_expanded(d, m, &room);
	json_t *half = object_json(d, whole, &at, NULL);

	assert(whole->is_full || count_open(d, whole) == count_open(d, m));
	message_fini(&room);
	return half;
}

#endif
