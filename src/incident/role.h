/* Who may do what with a store of incidents: the gate in front of it.
 *
 * A role is a set of rights. Who has which role is said by DIR/roles.json:
 *
 *	{ "schema": "ironspan.roles/1",
 *	  "roles": { "analyst":  { "users": ["li.wei"], "groups": ["plant-soc"] },
 *	             "approver": { "users": ["chen.fang"] } },
 *	  "persons": { "li.wei": "P-0042" } }
 *
 * Users and groups are the machine's own; who is named for several roles has the highest.
 * `persons` gives the name under which a user stands in documents and in the trail;
 * without one it is the user's name. root and the owner of the folder are administrators.
 * Without the file nobody else is more than a viewer, and viewers are the folder's group;
 * but whom sudo lets in is an administrator, for then sudo alone says who may.
 *
 * The file system is the outer gate: the store is readable by its group and writable by
 * its owner only, so analysts run the program as the owner, through sudo. sudo tells who
 * they are (SUDO_UID, believed only when the program runs as root or as the owner), and
 * with the file rights are that person's, not the owner's.
 *
 * The start-up thread only. */
#ifndef IRONSPAN_ROLE_H
#define IRONSPAN_ROLE_H

#include <stdbool.h>
#include <stddef.h>

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_ANALYST, ROLE_APPROVER, ROLE_ADMINISTRATOR,
	ROLE_SENSOR, ROLE_COUNT };

enum right {
	RIGHT_READ = 1 << 0,       /* see incidents, alerts, the trail */
	RIGHT_FEED = 1 << 1,       /* put in what the program itself found */
	RIGHT_WORK = 1 << 2,       /* change incidents, draft reports */
	RIGHT_APPROVE = 1 << 3,    /* let a report leave the plant, undo an ending */
	RIGHT_ADMINISTER = 1 << 4, /* backup, retention */
};

struct person {
	char id[64];     /* in documents and in the trail */
	enum role role;
	const char *auth; /* how we know: "local", "sudo", "sensor" */
};

const char *role_name(enum role role);
const char *right_name(enum right right); /* "approve": completes "you may not …" */
bool role_may(enum role role, enum right right);

/* The person who runs this program, for the store in `dir`, which need not exist yet
 * (then whoever makes it will own it). false after a reported error: roles.json is not
 * right. */
bool person_here(struct person *p, const char *dir);
struct person person_sensor(const char *sensor_id);

#endif
