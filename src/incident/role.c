#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incident/role.h"
#include "incident/role_file.h"

enum { GROUPS_MAX = 1024 };

static const struct {
	const char *name;
	unsigned rights;
} roles[ROLE_COUNT] = {
	[ROLE_NONE] = { "none", 0 },
	[ROLE_VIEWER] = { "viewer", RIGHT_READ },
	[ROLE_ANALYST] = { "analyst", RIGHT_READ | RIGHT_WORK },
	[ROLE_APPROVER] = { "approver", RIGHT_READ | RIGHT_WORK | RIGHT_APPROVE },
	[ROLE_ADMINISTRATOR] = { "administrator", RIGHT_READ | RIGHT_FEED | RIGHT_WORK |
		RIGHT_APPROVE | RIGHT_ADMINISTER },
	[ROLE_SENSOR] = { "sensor", RIGHT_READ | RIGHT_FEED },
};

const char *role_name(enum role role)
{
	return roles[role].name;
}

const char *right_name(enum right right)
{
	switch (right) {
	case RIGHT_READ:
		return "read";
	case RIGHT_FEED:
		return "add what the program found";
	case RIGHT_WORK:
		return "change incidents";
	case RIGHT_APPROVE:
		return "approve";
	case RIGHT_ADMINISTER:
		return "administer the store";
	}
	return "do that";
}

bool role_may(enum role role, enum right right)
{
	return roles[role].rights & right;
}

struct person person_sensor(const char *sensor_id)
{
	struct person p = { .role = ROLE_SENSOR, .auth = "sensor" };
	snprintf(p.id, sizeof(p.id), "%s", sensor_id);
	return p;
}

/* ---- who runs us ---- */

struct account {
	uid_t uid;
	gid_t groups[GROUPS_MAX];
	int group_count;
	char name[64];
};

/* The user whom sudo ran us for; false if it was not sudo. */
static bool by_sudo(uid_t owner, uid_t *uid)
{
	const char *text = getenv("SUDO_UID");
	char *end;
	if (!text || !*text || (geteuid() != 0 && geteuid() != owner))
		return false;
	unsigned long value = strtoul(text, &end, 10);
	if (*end || value >= UINT32_MAX)
		return false;
	*uid = (uid_t)value;
	return true;
}

/* A user without a name (a container's, say) is known by number. */
static void look_up(struct account *a)
{
	struct passwd *user = getpwuid(a->uid);
	if (!user) {
		snprintf(a->name, sizeof(a->name), "%u", (unsigned)a->uid);
		a->group_count = 0;
		return;
	}
	snprintf(a->name, sizeof(a->name), "%s", user->pw_name);
	a->group_count = GROUPS_MAX;
	if (getgrouplist(user->pw_name, user->pw_gid, a->groups, &a->group_count) < 0)
		a->group_count = GROUPS_MAX;
}

static bool in_group(const struct account *a, gid_t group)
{
	for (int i = 0; i < a->group_count; i++)
		if (a->groups[i] == group)
			return true;
	return false;
}

/* ---- which role ---- */

static bool holds(const json_t *list, const char *name)
{
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item)
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	return false;
}

static bool holds_group(const json_t *list, const struct account *a)
{
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item) {
		struct group *group = getgrnam(json_string_value(item));
		if (group && in_group(a, group->gr_gid))
			return true;
	}
	return false;
}

static enum role role_in(const json_t *file, const struct account *a)
{
	const json_t *all = json_object_get(file, "roles");
	for (enum role r = ROLE_ADMINISTRATOR; r > ROLE_NONE; r--) {
		const json_t *members = json_object_get(all, roles[r].name);
		if (holds(json_object_get(members, "users"), a->name) ||
			holds_group(json_object_get(members, "groups"), a))
			return r;
	}
	return ROLE_NONE;
}

struct folder {
	uid_t owner;
	gid_t group;
};

static struct folder folder_of(const char *dir)
{
	struct stat st;
	if (stat(dir, &st) != 0)
		return (struct folder){ geteuid(), getegid() };
	return (struct folder){ st.st_uid, st.st_gid };
}

/* With the file, sudo makes nobody an administrator who is not named there. */
static enum role role_here(const json_t *file, const struct account *a, struct folder f,
	bool sudo)
{
	enum role named = role_in(file, a);
	bool owns = a->uid == f.owner || a->uid == 0;
	if (owns || (sudo && !file))
		return ROLE_ADMINISTRATOR;
	if (named == ROLE_NONE && in_group(a, f.group))
		return ROLE_VIEWER;
	return named;
}

bool person_here(struct person *p, const char *dir)
{
	struct folder f = folder_of(dir);
	struct account a = { .uid = getuid() };
	json_t *file;
	if (!role_file_read(dir, f.owner, &file))
		return false;
	bool sudo = by_sudo(f.owner, &a.uid);
	look_up(&a);
	const char *name = json_string_value(
		json_object_get(json_object_get(file, "persons"), a.name));
	snprintf(p->id, sizeof(p->id), "%s", name ? name : a.name);
	p->auth = sudo ? "sudo" : "local";
	p->role = role_here(file, &a, f, sudo);
	json_decref(file);
	return true;
}
