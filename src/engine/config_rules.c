/* Which rule files a run uses, and where the shipped ones lie. */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/report.h"
#include "engine/config_file.h"
#include "engine/outputs.h"
#include "engine/settings.h"

#ifndef IRONSPAN_SYSCONFDIR
#define IRONSPAN_SYSCONFDIR "/etc/ironspan"
#endif

/* A program that was built and not installed is used with what stands beside its source. */
static bool in_source_tree(void)
{
	char path[PATH_MAX];
	size_t tree = strlen(IRONSPAN_SOURCE_DIR);
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	return len > (ssize_t)tree && memcmp(path, IRONSPAN_SOURCE_DIR, tree) == 0 &&
		path[tree] == '/';
}

/* The first of the two that can be read, in the order that fits where the program runs. */
static char *find(const char *installed, const char *source)
{
	const char *order[] = { installed, source };
	unsigned first = in_source_tree() ? 1 : 0;

	for (unsigned i = 0; i < 2; i++)
		if (access(order[first ^ i], R_OK) == 0)
			return mem_string(order[first ^ i]);
	return NULL;
}

char *config_file_find(void)
{
	return find(IRONSPAN_SYSCONFDIR "/ironspan.yaml",
		IRONSPAN_SOURCE_DIR "/tools/ironspan.yaml");
}

char *config_share_folder(void)
{
	return find(IRONSPAN_DATADIR "/signatures", IRONSPAN_SOURCE_DIR "/signatures");
}

/* Full path of a file of the rules' folder. NULL folder: only absolute ones have one. */
static char *full_path(const char *folder, const char *name)
{
	if (*name == '/')
		return mem_string(name);
	return folder ? mem_printf("%s/%s", folder, name) : NULL;
}

static void add_rule_file(struct config *c, const char *path)
{
	config_append(c, &c->rule_files, &c->rule_file_count, path);
}

static bool expand(struct config *c, const char *folder, const char *pattern)
{
	glob_t found;
	char *path = full_path(folder, pattern);

	if (!path) {
		report_error("rule-files: no folder for %s; looked for %s and %s; "
			"set default-rule-path, or name rule files with -S", pattern,
			IRONSPAN_DATADIR "/signatures", IRONSPAN_SOURCE_DIR "/signatures");
		return false;
	}
	int result = glob(path, 0, NULL, &found);
	if (result == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			add_rule_file(c, found.gl_pathv[i]);
		globfree(&found);
	} else {
		report_error("rule-files: %s: %s", path, result == GLOB_NOMATCH
			? "no such file" : "cannot be searched");
	}
	free(path);
	return result == 0;
}

/* A table beside the rules. One that is only the default may be missing. */
static bool locate(struct config *c, const char *folder, const char *key, const char **file)
{
	struct setting_name star;
	const char *initial = setting_find(key, &star)->initial;
	char *path = *file ? full_path(folder, *file) : NULL;
	bool is_default = !*file || strcmp(*file, initial) == 0;
	bool found = path && access(path, R_OK) == 0;

	if (!found && !is_default)
		report_error("%s: %s: %s", key, path ? path : *file, strerror(errno));
	*file = found ? arena_copy(&c->memory, path, strlen(path) + 1) : NULL;
	free(path);
	return found || is_default;
}

static bool find_rules(struct config *c, const char *folder)
{
	bool ok = true;

	for (unsigned i = 0; i < c->only_count; i++)
		add_rule_file(c, c->only_rules[i]);
	for (unsigned i = 0; i < c->rule_pattern_count && c->only_count == 0; i++)
		ok = expand(c, folder, c->rule_patterns[i]) && ok;
	for (unsigned i = 0; i < c->also_count; i++)
		add_rule_file(c, c->also_rules[i]);
	ok = locate(c, folder, "classification-file", &c->classification) && ok;
	ok = locate(c, folder, "reference-config-file", &c->reference) && ok;
	return locate(c, folder, "attack-file", &c->attack) && ok;
}

static void name_sensor(struct config *c)
{
	char host[HOST_NAME_MAX + 1] = "";

	if (c->sensor_id)
		return;
	gethostname(host, sizeof(host) - 1);
	c->sensor_id = arena_copy(&c->memory, *host ? host : "sensor", *host ? strlen(host) + 1 : 7);
}

/* Where programs keep what can be made again; nowhere without a home. */
static char *user_cache(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && *cache == '/')
		return mem_printf("%s/ironspan", cache);
	return home && *home == '/' ? mem_printf("%s/.cache/ironspan", home) : NULL;
}

static void find_cache(struct config *c)
{
	char *path = NULL;

	if (c->cache_dir && strcmp(c->cache_dir, "none") == 0) {
		c->cache_dir = NULL;
	} else if (!c->cache_dir) {
		path = user_cache();
		c->cache_dir = path ? arena_copy(&c->memory, path, strlen(path) + 1) : NULL;
	}
	free(path);
}

/* Packets that come round again are known by their mark. */
static bool check_inline(const struct config *c)
{
	if (c->mark & ~c->mark_mask)
		report_error("inline.mark 0x%x has bits that inline.mark-mask 0x%x has not",
			c->mark, c->mark_mask);
	else if (c->inline_repeats && c->mark == 0)
		report_error("inline.mode repeat needs inline.mark and inline.mark-mask: the "
			     "firewall must know what came round already");
	else if (c->queues.count && c->interface_count && !c->input_count)
		report_error("inline.queues holds packets and capture.interfaces listens to "
			     "them; configure one of them");
	else
		return true;
	return false;
}

static bool check_variables(const struct config *c)
{
	struct rules_config variables = { .addresses = c->addresses, .ports = c->ports,
		.address_count = c->address_count, .port_count = c->port_count };

	return rule_variables_check(&variables);
}

bool config_finish(struct config *c)
{
	char *share = c->rule_path ? mem_string(c->rule_path) : config_share_folder();
	bool ok = check_variables(c) && find_rules(c, share) && check_inline(c);

	name_sensor(c);
	find_cache(c);
	free(share);
	return outputs_check(c) && ok;
}
