/* An open incident in memory. Internal to src/incident. */
#ifndef IRONSPAN_INCIDENT_STATE_H
#define IRONSPAN_INCIDENT_STATE_H

#include "base/lru.h"
#include "incident/alert.h"
#include "incident/incident.h"

enum {
	RULES_MAX = 64, ENDS_MAX = 64, TECHNIQUES_MAX = 64, CHANGES_MAX = 32,
	EVIDENCE_MAX = 32,
	PROGRAMS_MAX = 16, LINKS_MAX = 64, HUBS_MAX = 8, WORDS_MAX = 64,
	USERS_MAX = 8, USER_TEXT = 128, SENSORS_MAX = 32,
	SENSOR_TEXT = 64,
	UIDS = 500, ID_TEXT = 104, UNLISTED = 0xff,
};

/* An array that doubles up to a bound. */
struct list {
	void *at;
	unsigned count, cap;
};

/* One more element, zeroed; NULL at the bound. */
void *list_add(struct list *l, size_t size, unsigned most);
#define list_item(l, type, i) (&((type *)(l)->at)[i])
#define list_each(l, type, v) \
	for (type *v = (l)->at; v && v < (type *)(l)->at + (l)->count; v++)

struct told_rule {
	uint32_t gid, sid, severity;
	char *signature;
	uint64_t alerts, accepted;
};

/* A source or a target. */
struct told_end {
	struct incident_end end;
	uint64_t alerts, accepted, first_ns, last_ns;
	uint64_t effects; /* targets: bits of incidents->effects */
	struct incident_loss loss; /* targets: what was hidden of their flows */
	struct list users; /* actors: char *, who was logged in; the latest is the last */
	/* Targets: without answers, before the last silence and in it; seconds told. */
	uint64_t silent_ns, silence_ns, silence_since_ns, told_silent_s;
};

struct told_technique {
	char id[16];
	uint64_t tactics; /* bits of incidents->tactics */
};

struct id {
	char text[ID_TEXT];
};

/* Uids of alerts: the first and the last UIDS of them. */
struct uids {
	struct list first, last; /* of 16 bytes each; `last` is a ring once it is full */
	unsigned next;           /* in the ring */
};

/* What was hidden from a sensor while the incident ran; until_ns 0: nothing was told yet. */
struct told_capture {
	char sensor[SENSOR_TEXT]; /* "": there is but one */
	uint64_t from_ns, until_ns;
	bool is_counted; /* an interval was */
	bool has_alerts; /* it gave some; not kept of the only one */
	struct incident_loss loss;
};

enum status { STATUS_OPEN, STATUS_QUIET, STATUS_LIFE, STATUS_MERGED, STATUS_SHED, STATUSES };
extern const char *const status_names[STATUSES];

enum { NEWS_NONE, NEWS_COUNT, NEWS_LATER, NEWS_NOW }; /* how much a revision is wanted */

struct incident {
	uint64_t serial;            /* the key of all tables; never used again */
	char id[ID_TEXT], uid[INCIDENT_UID_TEXT], parent[ID_TEXT], merged_into[ID_TEXT];
	char attack_version[16];
	unsigned revision, severity, news;
	uint64_t touched;           /* incidents->saves when it was altered last */
	enum status status;
	uint64_t first_ns, last_ns;
	uint64_t alerts, accepted, suppressed, expected;
	bool is_storm;
	struct list rules, actors, targets, techniques, programs;
	struct list changes;        /* json_t *: what was written or commanded, as in documents */
	struct list evidence;       /* json_t *: captures that alerts name */
	struct list windows;        /* struct id: maintenance that alerts fell in */
	struct list merged_from, related; /* struct id */
	struct list hubs;           /* struct address: hosts whose key does not join */
	struct uids uids;
	struct list captures;       /* struct told_capture, one a sensor */
	uint64_t captures_weight;   /* their losses, as the last revision told */
	unsigned captures_told;     /* how many had anything to tell */
	json_t *grade;              /* of the last revision: a proposal never falls */
};

/* Where an alert was counted, for the next one like it. */
struct place {
	uint8_t rule, actor, target; /* UNLISTED: the list is full */
};

struct incidents {
	struct incidents_config config;
	struct incidents_totals totals;
	uint64_t last;        /* serial of the incident that took the last alert; 0: none */
	uint64_t now_ns, serial, epoch; /* a new epoch forgets what alerts are known again */
	uint64_t saves;       /* incidents_save() calls, and one */
	struct lru *open;     /* serial: struct incident; the one silent longest first */
	struct lru *news;     /* serial: struct news, in the order they are due */
	struct lru *merged;   /* serial: serial that it went into */
	struct lru *views;    /* address: struct incident_loss, how a server's flows are seen */
	struct lru *hosts, *sessions, *programs, *rules, *known; /* correlate.c's */
	char *tactics[WORDS_MAX]; /* in the order of an attack, then as they were met */
	unsigned tactic_count, tactics_ordered;
	char *effects[WORDS_MAX]; /* in the order of their table */
	unsigned effect_count;
	bool is_ending;
};

static inline uint64_t gap_ns(const struct incidents *i)
{
	return i->config.gap_s * UINT64_C(1000000000);
}

static inline uint64_t life_ns(const struct incidents *i)
{
	return i->config.life_s * UINT64_C(1000000000);
}

/* ---- gather.c: what an incident remembers ---- */

struct place incident_gather(struct incidents *i, struct incident *n,
	const struct incident_alert *a);
/* Whether a device did what it was told, beyond answering a question. */
bool incident_is_obeyed(const struct incident_alert *a);
/* One more alert like one that was gathered there. */
struct tally {
	struct place place;
	bool accepted;
	uint64_t time_ns;
	const char *window; /* of maintenance; "": none */
	uint8_t uid[16];
};
void incident_count(const struct incidents *i, struct incident *n, const struct tally *t);
void incident_absorb(struct incident *n, const struct incident *other);
/* Found or made; NULL: the list is full (or the end unknown). */
struct told_rule *incident_rule(struct incident *n, uint32_t gid, uint32_t sid,
	uint32_t severity, const char *signature);
bool incident_is_end(const struct incident_end *a, const struct incident_end *b); /* the same */
struct told_end *incident_end_of(struct incident *n, struct list *ends,
	const struct incident_end *end, uint64_t first_ns);
void incident_add_user(struct incident *n, struct told_end *actor, const char *user);
void incident_add_technique(struct incident *n, const char *id, uint64_t tactics);
void incident_add_severity(struct incident *n, uint32_t severity);
void incident_add_program(struct incident *n, const char *program);
void incident_note_id(struct list *ids, const char *id); /* once */
void incident_note_hub(struct incident *n, const struct address *host);
void incident_add_uid(struct uids *u, const uint8_t uid[16]);
void incident_clear(struct incident *n);

/* ---- view.c ---- */

/* A silence of a device, where it is a target. */
void view_silence(struct incident *n, const struct address *device, uint64_t since_ns,
	uint64_t until_ns);
uint64_t view_lost_s(const struct told_end *e); /* 0: it answered, or nobody asked */
void view_told(struct incident *n);
void view_absorb(struct told_end *e, const struct told_end *other);
void view_resume(struct told_end *e, uint64_t lost_s);

/* ---- words.c, effect.c ---- */

void tactics_load(struct incidents *i, const char *attack_file);
void effects_load(struct incidents *i);
void words_fini(struct incidents *i);
uint64_t tactics_of(struct incidents *i, const char *names); /* "Execution, Evasion" */
uint64_t effect_of(struct incidents *i, const struct incident_alert *a);
uint64_t effect_bit(struct incidents *i, const char *word);
/* The gravest of these, as "PLC-021 was restarted" goes on behind the name. */
struct effect_words {
	const char *en, *zh;
	unsigned loss; /* 0: next to none */
	unsigned rank; /* higher is graver; 0: there is none */
};
struct effect_words effect_gravest(const struct incidents *i, uint64_t effects);

/* ---- enrich.c ---- */

void incident_enrich(const struct incidents *i, struct incident_alert *a);
bool incident_is_hub(const struct incident_end *e);
/* Id of the maintenance window the target was in; "": none. */
const char *incident_window(const struct incidents *i, const struct register_asset *target,
	uint64_t time_ns);

/* ---- describe.c, title.c ---- */

json_t *incident_document(const struct incidents *i, const struct incident *n);
void incident_titles(const struct incidents *i, const struct incident *n, json_t *doc);
struct end_text {
	char text[ID_TEXT];
};
/* "PLC-022", "10.10.1.22", a MAC, or "unknown". */
struct end_text incident_end_text(const struct incident_end *e);

#endif
