/* roles.json: read, and every mistake in it named. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/role_file.h"

static bool are_strings(const json_t *list)
{
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item)
		if (!json_is_string(item))
			return false;
	return json_is_array(list);
}

static bool check_members(const char *path, const char *role, json_t *members)
{
	const char *key;
	json_t *list;
	json_object_foreach(members, key, list) {
		if (strcmp(key, "users") != 0 && strcmp(key, "groups") != 0)
			report_error("%s: roles.%s.%s: only users and groups stand here",
				path, role, key);
		else if (!are_strings(list))
			report_error(
				"%s: roles.%s.%s: is no list of names", path, role, key);
		else
			continue;
		return false;
	}
	if (!json_is_object(members))
		report_error(
			"%s: roles.%s: is no object with users and groups", path, role);
	return json_is_object(members);
}

static bool is_role(const char *name)
{
	for (enum role r = ROLE_VIEWER; r <= ROLE_ADMINISTRATOR; r++)
		if (strcmp(name, role_name(r)) == 0)
			return true;
	return false;
}

static bool check_roles(const char *path, json_t *file)
{
	const char *key, *schema = json_string_value(json_object_get(file, "schema"));
	json_t *value;
	if (!schema || strcmp(schema, "ironspan.roles/1") != 0) {
		report_error("%s: schema is not ironspan.roles/1", path);
		return false;
	}
	if (!json_is_object(json_object_get(file, "roles"))) {
		report_error("%s: roles: is no object", path);
		return false;
	}
	json_object_foreach(json_object_get(file, "roles"), key, value) {
		if (!is_role(key)) {
			report_error(
				"%s: roles.%s: the roles are viewer, analyst, approver, "
				"and administrator",
				path, key);
			return false;
		}
		if (!check_members(path, key, value))
			return false;
	}
	json_object_foreach(json_object_get(file, "persons"), key, value)
		if (!json_is_string(value) || !*json_string_value(value)) {
			report_error("%s: persons.%s: is no name", path, key);
			return false;
		}
	return true;
}

/* Who can write the file can give roles: it must be the owner's or root's alone. */
static bool check_owner(const char *path, FILE *in, uid_t owner)
{
	struct stat st;
	if (fstat(fileno(in), &st) != 0) {
		report_error("%s: %s", path, strerror(errno));
		return false;
	}
	if ((st.st_uid == owner || st.st_uid == 0) && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return true;
	report_error(
		"%s: must belong to the store's owner or root, and nobody else may "
		"be able to write it",
		path);
	return false;
}

static json_t *read_checked(const char *path, FILE *in, uid_t owner)
{
	json_error_t error;
	if (!check_owner(path, in, owner))
		return NULL;
	json_t *file = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
	if (!file)
		report_error("%s:%d: %s", path, error.line, error.text);
	else if (check_roles(path, file))
		return file;
	json_decref(file);
	return NULL;
}

bool role_file_read(const char *dir, uid_t owner, json_t **file)
{
	char *path = mem_printf("%s/roles.json", dir);
	FILE *in = fopen(path, "re");
	bool ok = in || errno == ENOENT || errno == ENOTDIR;
	*file = NULL;
	if (!ok)
		report_error("%s: %s", path, strerror(errno));
	if (in) {
		*file = read_checked(path, in, owner);
		ok = *file != NULL;
		fclose(in);
	}
	free(path);
	return ok;
}
