#include <stdlib.h>

#include "base/report.h"
#include "engine/config_file.h"
#include "engine/settings.h"

bool config_load(struct config *c, const char *path)
{
	memset(c, 0, sizeof(*c));
	settings_initialise(c);
	char *file = path ? mem_string(path) : config_file_find();
	if (!file)
		return true;
	c->path = arena_copy(&c->memory, file, strlen(file) + 1);
	free(file);
	return config_file_read(c, c->path);
}

bool config_give(struct config *c, const char *where, const char *key, const char *value)
{
	return setting_give_text(c, where, key, value);
}

bool config_set(struct config *c, const char *assignment)
{
	const char *equals = strchr(assignment, '=');

	if (!equals || equals == assignment) {
		report_error("--set %s: write it as key=value, such as engine.flows=65536",
			assignment);
		return false;
	}
	char *key = mem_printf("%.*s", (int)(equals - assignment), assignment);
	bool ok = setting_give_text(c, "--set", key, equals + 1);
	free(key);
	return ok;
}

void config_free(struct config *c)
{
	arena_fini(&c->memory);
}
