/* Where incidents live on disk: a folder with
 *
 *	incidents.db         SQLite: incidents, their changes, alerts, control operations,
 *	                     reports, the trail; the truth
 *	audit.ndjson         the trail as lines, a copy (trail.h)
 *	incidents/ID.json    each incident as it is now, a copy
 *	roles.json           who may do what (role.h), the operator's
 *
 * Every change is one transaction: the document, its history, its audit entry and the
 * report that belongs to it. A call that returned true is on the disk, whatever happens
 * next; a crash before that leaves nothing. The copies are brought up to date after the
 * transaction, and at the next opening if a crash came between, so they may lag but never
 * lead.
 *
 * Several processes may have a store open: a sensor feeds it while people work. One
 * handle belongs to one thread. The person of the handle is asked for the right to do each
 * thing (role.h); that gate is here and nowhere else.
 *
 * Functions that return false or NULL leave the reason in store_error(). */
#ifndef IRONSPAN_STORE_H
#define IRONSPAN_STORE_H

#include <jansson.h>
#include <stdint.h>

#include "base/bytes.h"
#include "incident/life.h"
#include "incident/role.h"

struct registers;
struct store;

enum store_mode {
	STORE_READ,   /* it must exist, nothing is written */
	STORE_WRITE,  /* it must exist */
	STORE_CREATE, /* made if need be: folder 0750, files 0640 */
};

struct store_config {
	const char *dir;
	enum store_mode mode;
	struct person person;
	const char *log; /* name of a new store's trail; NULL: "audit-" and the host */
	const struct registers
		*registers; /* changes are evaluated with it; NULL: they are not */
};

/* NULL after a reported error. */
struct store *store_open(const struct store_config *config);
void store_close(struct store *s);
const char *store_error(const struct store *s);
const char *store_log(const struct store *s); /* name of the trail */
const struct person *store_person(const struct store *s);

/* What is put in between belongs to one transaction: fast, and all or nothing. */
bool store_begin(struct store *s);
bool store_commit(struct store *s); /* false: nothing of it was kept */
void store_cancel(struct store *s); /* nothing of it is kept */

/* ---- incidents ---- */

enum store_merged { STORE_FAILED, STORE_UNCHANGED, STORE_CHANGED };

/* A document of the correlator. What the machine owns in it takes the place of what was
 * there, what people own stays. One that is no newer than what was merged before, by its
 * revision, changes nothing: a capture may be replayed into the same store. */
enum store_merged store_merge(struct store *s, const json_t *machine, uint64_t now_ns);

struct store_change {
	const char *id;       /* the incident's, whole */
	const char *action;   /* of life.h */
	const json_t *args;
	const json_t
		*report; /* kept with it: report, approve, submit; else NULL. It must say
			  * of which revision of the incident it is, and its hash */
	uint64_t now_ns;
};

/* Something that a person does. */
bool store_change(struct store *s, const struct store_change *change);

json_t *store_get(struct store *s, const char *id); /* a new reference */
/* The incident whose id, or a part of it behind a dash, begins with these characters, or
 * ends with them, if there is just one; the caller frees it. */
char *store_find(struct store *s, const char *part);
json_t *store_report(struct store *s, const char *uid); /* a new reference */

struct store_filter {
	unsigned states;      /* bit a state; 0: all */
	int level;            /* this or graver; 0: any */
	const char *asset;    /* id or address of an affected device; NULL: any */
	const char *owner;    /* NULL: any */
	uint64_t since_ns;    /* active since then */
	unsigned limit;       /* 0: all */
};

struct store_row {
	const char *id, *state, *title, *owner; /* owner may be NULL */
	int level;            /* that counts; 0: none */
	bool is_confirmed;    /* by a person */
	int score;            /* -1: none */
	uint64_t first_ns, last_ns;
	uint64_t due_ns;      /* of the next report that is not met; 0: none */
	uint64_t alerts;
	unsigned revision;
};

/* The most urgent first: by score, then latest activity. Rows are borrowed for the call.
 */
bool store_list(struct store *s, const struct store_filter *filter,
	void (*row)(void *context, const struct store_row *r), void *context);

/* Documents of incidents that people still work on and that were active since then, the
 * oldest first; borrowed for the call. */
bool store_each_open(struct store *s, uint64_t since_ns,
	void (*document)(void *context, const json_t *doc), void *context);

struct store_revision {
	unsigned revision;
	uint64_t at_ns;
	const char *person, *action;
	const char *changes; /* JSON: {"/state": ["detected", "triaged"], …}: before and
				after */
};

/* What happened to an incident, oldest first. */
bool store_history(struct store *s, const char *id,
	void (*row)(void *context, const struct store_revision *r), void *context);

/* ---- alerts and operations ---- */

/* Texts may be NULL: not known. */
struct store_operation {
	uint64_t time_ns;
	const char *src, *dst, *user, *protocol;
	const char *verb, *unit, *object, *point, *value, *value_prev, *outcome, *code;
};

struct store_alert {
	const char *uid;      /* UUID; the same alert again changes nothing */
	uint32_t sid, severity;
	const char *msg, *incident; /* incident NULL: belongs to none */
	struct store_operation operation; /* of an alert on none: time and ends only */
	struct bytes line;    /* EVE; empty: not kept */
};

bool store_add_alert(struct store *s, const struct store_alert *a);
/* Every operation that changes something, whether a rule spoke of it or not. */
bool store_add_operation(struct store *s, const struct store_operation *o);

struct store_period {
	uint64_t since_ns, until_ns; /* until 0: open */
	const char *incident;        /* alerts only; NULL: any */
	const char *src, *dst;       /* NULL: any */
	uint32_t sid;                /* alerts only; 0: any */
	unsigned limit;              /* 0: all */
	bool newest;                 /* from the end */
};

/* In the order of time, or against it. */
bool store_alerts(struct store *s, const struct store_period *period,
	void (*row)(void *context, const struct store_alert *a), void *context);
bool store_operations(struct store *s, const struct store_period *period,
	void (*row)(void *context, const struct store_operation *o), void *context);

/* The same as an EVE event, for whoever reads those; new references. */
json_t *store_alert_event(const struct store_alert *a);
json_t *store_operation_event(const struct store_operation *o);

struct store_counts {
	uint64_t incidents, alerts, operations, entries, bytes;
};
bool store_count(struct store *s, struct store_counts *counts);

/* ---- for collectors (collect.h), within a batch ---- */

/* What an incident that takes alerts is at the moment, told or not: incidents_save(). */
struct store_gathering {
	const char *site, *sensor; /* whose alerts it takes; may be "" */
	const json_t *doc;
};
bool store_gathering_keep(struct store *s, const struct store_gathering *g);
bool store_gathering_end(struct store *s, const struct store_gathering *g);
/* All of them but those that people closed, dismissed or merged; by site and sensor. */
bool store_gatherings(struct store *s,
	void (*each)(void *context, const struct store_gathering *g), void *context);
/* From now on `who` gathers; `was_me`: nobody else did since the last call. */
bool store_gathering_by(struct store *s, const char *who, bool *was_me);
bool store_has_alert(struct store *s, uint64_t time_ns, const char *uid, bool *has);

/* ---- care ---- */

struct store_keep {
	unsigned days;        /* alerts and operations older than this go; 0: none does */
	uint64_t bytes; /* the oldest go until the database is no larger; 0: no bound */
};

/* Alerts of open incidents stay unless the bound on size asks for them. Incidents,
 * reports and the trail always stay. What went is an entry of the trail. */
bool store_retain(struct store *s, const struct store_keep *keep, uint64_t now_ns);
/* A store of its own in a new folder, as it is at one moment; others may go on writing.
 */
bool store_backup(struct store *s, const char *dir, uint64_t now_ns);

#endif
