/* Built once a dissector: the tree of names, the keys as they will be written, and the text
 * of small values that have names. */
#include <stdlib.h>

#include "base/memory.h"
#include "output/tape_plan.h"

/* A node of the tree while it is built, in order of first mention. */
struct node {
	struct bytes name; /* one part of a dotted name */
	uint16_t parent;
	uint16_t place;    /* in plan->paths, when sorted */
};

static struct bytes name_bytes(const struct field *f)
{
	return (struct bytes){ (const uint8_t *)f->name, strlen(f->name) };
}

/* How much of field `f`'s name is the name of a group it lies in, with the dot. */
static size_t group_prefix(const struct dissector *d, const struct field *f)
{
	struct bytes name = name_bytes(f);
	size_t longest = 0;
	for (unsigned i = 0; i < d->field_count; i++) {
		struct bytes group = name_bytes(&d->fields[i]);
		if (d->fields[i].type == FIELD_GROUP && group.len < name.len &&
			name.at[group.len] == '.' &&
			memcmp(group.at, name.at, group.len) == 0 &&
			group.len + 1 > longest)
			longest = group.len + 1;
	}
	return longest;
}

static uint16_t node_find(struct node *nodes, unsigned *count, uint16_t parent,
	struct bytes name)
{
	for (unsigned i = 1; i < *count; i++)
		if (nodes[i].parent == parent && bytes_equal(nodes[i].name, name))
			return (uint16_t)i;
	nodes[*count] = (struct node){ name, parent, 0 };
	return (uint16_t)(*count)++;
}

/* The node of a dotted name; its parts come into being on the way. */
static uint16_t node_of(struct node *nodes, unsigned *count, struct bytes name)
{
	uint16_t node = 0;
	const uint8_t *end = name.at + name.len;
	for (const uint8_t *at = name.at; at < end;) {
		const uint8_t *dot = memchr(at, '.', (size_t)(end - at));
		const uint8_t *stop = dot ? dot : end;
		node = node_find(
			nodes, count, node, (struct bytes){ at, (size_t)(stop - at) });
		at = stop + 1;
	}
	return node;
}

/* The text's bytes, no more than are needed, and what the last piece needs behind it. */
static char *packed(struct text *t)
{
	text_room(t, 0);
	memset(t->at + t->len, 0, TEXT_SPARE);
	return mem_resize(t->at, t->len + TEXT_SPARE);
}

static void put_key(struct text *t, struct bytes name)
{
	text_char(t, ',');
	text_json(t, name);
	text_char(t, ':');
}

/* Put `node` and what lies in it into the plan, each object before its contents. Keys go one
 * behind the other into `keys`. */
static void place_node(struct tape_plan *p, struct node *nodes, unsigned count, unsigned node,
	struct text *keys)
{
	struct tape_path *path = &p->paths[p->path_count];
	nodes[node].place = (uint16_t)p->path_count++;
	if (node) {
		size_t begin = keys->len;
		put_key(keys, nodes[node].name);
		path->key.len = keys->len - begin;
		path->parent = nodes[nodes[node].parent].place;
		path->depth = p->paths[path->parent].depth + 1;
	}
	for (unsigned i = 1; i < count; i++)
		if (nodes[i].parent == node)
			place_node(p, nodes, count, i, keys);
}

static void place_nodes(struct tape_plan *p, struct node *nodes, unsigned count)
{
	struct text keys = { 0 };
	place_node(p, nodes, count, 0, &keys);
	p->keys = packed(&keys);
	const char *at = p->keys;
	for (unsigned i = 1; i < p->path_count; i++) {
		p->paths[i].key.at = at;
		at += p->paths[i].key.len;
	}
}

static void put_name(const struct field *f, uint64_t value, struct text *t)
{
	if (f->flags & FIELD_AS_LIST)
		tape_name_list(f->names, value, t);
	else
		tape_name_text(f->names, f->type == FIELD_FLAGS, value, t);
}

/* Values without a name stand side by side mostly, and share one text. */
static struct tape_names *names_new(const struct field *f)
{
	struct tape_names *names = mem_new(sizeof(*names));
	size_t begins[NAMES_KNOWN], last = 0;
	struct text t = { 0 };
	for (unsigned i = 0; i < NAMES_KNOWN; i++) {
		size_t begin = t.len;
		put_name(f, i, &t);
		size_t len = t.len - begin;
		if (begin - last == len && memcmp(t.at + last, t.at + begin, len) == 0)
			t.len = begin;
		else
			last = begin;
		begins[i] = last;
		names->of[i].len = len;
		if (len > names->longest)
			names->longest = len;
	}
	names->text = packed(&t);
	for (unsigned i = 0; i < NAMES_KNOWN; i++)
		names->of[i].at = names->text + begins[i];
	return names;
}

static void plan_field(struct tape_plan *p, unsigned i, uint16_t path)
{
	const struct field *f = &p->dissector->fields[i];
	p->fields[i] = (struct tape_field){
		.path = path, .parent = p->paths[path].parent, .type = (uint8_t)f->type,
		.is_hidden = f->flags & FIELD_HIDDEN || f->type == FIELD_LAZY, .all_names = f->names,
		.is_list = f->flags & FIELD_AS_LIST, .field = f,
	};
	if (f->type == FIELD_ENUM || f->type == FIELD_FLAGS)
		p->fields[i].names = names_new(f);
}

static unsigned count_parts(const struct dissector *d)
{
	unsigned count = 1;
	for (unsigned i = 0; i < d->field_count; i++) {
		count++;
		for (const char *c = d->fields[i].name; *c; c++)
			count += *c == '.';
	}
	return count;
}

struct tape_plan *tape_plan_new(const struct dissector *d)
{
	struct tape_plan *p = mem_new(sizeof(*p));
	unsigned most = count_parts(d), count = 1;
	struct node *nodes = mem_array(most, sizeof(*nodes));
	uint16_t *of_field = mem_array(d->field_count, sizeof(*of_field));
	nodes[0].parent = UINT16_MAX;
	for (unsigned i = 0; i < d->field_count; i++) {
		struct bytes name = name_bytes(&d->fields[i]);
		size_t prefix = group_prefix(d, &d->fields[i]);
		of_field[i] = node_of(nodes, &count,
			(struct bytes){ name.at + prefix, name.len - prefix });
	}
	p->dissector = d;
	p->field_count = d->field_count;
	p->fields = mem_array(d->field_count, sizeof(*p->fields));
	p->paths = mem_array(count, sizeof(*p->paths));
	place_nodes(p, nodes, count);
	for (unsigned i = 0; i < d->field_count; i++)
		plan_field(p, i, nodes[of_field[i]].place);
	for (unsigned i = 0; i <= TAPE_DEPTH_MAX; i++) {
		p->seen[i].generation = mem_array(count, sizeof(uint64_t));
		p->seen[i].item = mem_array(count, sizeof(uint32_t));
	}
	p->forms = mem_array(FORMS, sizeof(*p->forms));
	free(of_field);
	free(nodes);
	return p;
}

static void names_free(struct tape_names *names)
{
	if (names)
		free(names->text);
	free(names);
}

void tape_plan_free(struct tape_plan *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->field_count; i++)
		names_free(p->fields[i].names);
	free(p->keys);
	kept_texts_free(p);
	for (unsigned i = 0; i <= TAPE_DEPTH_MAX; i++) {
		free(p->seen[i].generation);
		free(p->seen[i].item);
	}
	for (unsigned i = 0; i < FORMS; i++)
		text_fini(&p->forms[i].text);
	free(p->forms);
	free(p->fields);
	free(p->paths);
	free(p);
}
