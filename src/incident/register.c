#include <stdlib.h>

#include "base/memory.h"
#include "incident/register_state.h"
#include "incident/time_zone.h"

/* ---- rows and keys ---- */

const json_t *register_rows(const struct registers *r, const char *name, const char *list)
{
	return json_object_get(json_object_get(r->files, name), list);
}

const char *register_text(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

int64_t register_index_find(const struct registers *r, const char *key)
{
	const json_t *place = json_object_get(r->index, key);

	return json_is_integer(place) ? json_integer_value(place) : -1;
}

bool register_index_add(struct registers *r, const char *key, json_t *value)
{
	if (json_object_get(r->index, key)) {
		json_decref(value);
		return false;
	}
	json_object_set_new(r->index, key, value);
	return true;
}

/* ---- from start to end ---- */

static struct registers *make(void)
{
	struct registers *r = mem_new(sizeof(*r));

	r->files = json_object();
	r->index = json_object();
	r->effects = json_object();
	r->effect_rules = json_object();
	return r;
}

void registers_free(struct registers *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < r->site_count; i++)
		time_zone_free(r->sites[i].zone);
	spans_fini(&r->duties);
	spans_fini(&r->windows);
	free(r->sites);
	free(r->assets);
	json_decref(r->effect_rules);
	json_decref(r->effects);
	json_decref(r->index);
	json_decref(r->files);
	free(r);
}

/* What one file says about another. Stops at the first step that finds mistakes: the next
 * would only tell of their consequences. */
static void link_all(struct loader *l)
{
	static void (*const steps[])(struct loader *l) = { register_link_sites,
		register_link_zones, register_link_assets, register_link_persons,
		register_link_duties, register_link_windows, register_link_effects,
		register_link_rules };

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && l->errors == 0; i++)
		steps[i](l);
}

struct registers *registers_load(const char *plant_dir, const char *shared_dir)
{
	struct loader l = { make(), json_object(), json_object(), 0 };

	register_read_shared(&l, shared_dir);
	if (plant_dir)
		register_read_plant(&l, plant_dir);
	if (l.errors == 0)
		link_all(&l);
	json_decref(l.texts);
	json_decref(l.paths);
	if (l.errors == 0)
		return l.r;
	registers_free(l.r);
	return NULL;
}

const json_t *registers_data(const struct registers *r, const char *name)
{
	return json_object_get(r->files, name);
}

const json_t *registers_all(const struct registers *r)
{
	return r->files;
}
