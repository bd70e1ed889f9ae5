/* The life of an incident: which states there are, what people may do in each, and what
 * that changes in the document. One table of actions says all of it: who may, from which
 * states, with which arguments; the command line and its help come from the same rows.
 *
 *	detected ─ack─► triaged ─confirm─► confirmed ─submit first─► reported_first
 *	    └──────────────────confirm────────┘│                        │ submit progress
 *	  dismiss, merge: from these three     │                        ▼
 *	                                       ├──────resolve───────  follow_up
 *	                                       ▼                        │ resolve
 *	              closed ◄─close─ resolved ◄────────────────────────┘
 *	                 ▲               │ submit final
 *	                 └──────close─ reported_final  closed, dismissed ─reopen─► triaged
 *
 * A machine opens incidents and proposes; only people move them. What is not known is
 * null, never false or 0. Works on documents only: whoever keeps them (store.h)
 * evaluates, counts revisions and writes the trail. Any thread. */
#ifndef IRONSPAN_LIFE_H
#define IRONSPAN_LIFE_H

#include <jansson.h>

#include "base/text.h"
#include "incident/role.h"

/* name, is it open: do people still work on it */
#define LIFE_STATES(X)                                                          \
	X(DETECTED, "detected", true)                                           \
	X(TRIAGED, "triaged", true)                                             \
	X(CONFIRMED, "confirmed", true)                                         \
	X(REPORTED_FIRST, "reported_first", true)                               \
	X(FOLLOW_UP, "follow_up", true)                                         \
	X(RESOLVED, "resolved", true)                                           \
	X(REPORTED_FINAL, "reported_final", true)                               \
	X(CLOSED, "closed", false)                                              \
	X(DISMISSED, "dismissed", false)                                        \
	X(MERGED, "merged", false)

enum life_state {
#define X(id, name, open) LIFE_##id,
	LIFE_STATES(X)
#undef X
	LIFE_STATE_COUNT
};

enum life_kind {
	LIFE_TEXT,   /* words for people */
	LIFE_NAME,   /* a person, a unit, an id: short, one line */
	LIFE_WORD,   /* one of `words` */
	LIFE_NUMBER, /* from `low` to `high` */
	LIFE_TIME,   /* RFC 3339, not in the future */
	LIFE_DATE,   /* 2026-12-31 */
};

struct life_argument {
	const char *name; /* NULL ends the list */
	enum life_kind kind;
	bool required;
	const char *help;
	const char *const *words; /* LIFE_WORD: ends with NULL */
	int64_t low, high;        /* LIFE_NUMBER */
};

enum {
	LIFE_ARGUMENTS = 7,
	LIFE_TEXT_MAX = 4096, /* bytes */
	LIFE_NAME_MAX = 200,
	LIFE_LIST_MAX = 1000, /* notes, measures, reports … of an incident */
};

struct life_change;
struct life_action {
	const char *name; /* NULL ends the table */
	enum right right;
	unsigned from;    /* bit a state: where it is possible */
	unsigned moves;   /* those of them that it leaves for `to` */
	enum life_state to;
	bool (*apply)(struct life_change *c);
	const char *help; /* one line */
	struct life_argument arguments[LIFE_ARGUMENTS];
};

extern const struct life_action life_actions[];

const struct life_action *life_action_find(const char *name); /* NULL: there is none */
const char *life_state_name(enum life_state state);
bool life_state_find(const char *name, enum life_state *state);
bool life_state_is_open(enum life_state state);
enum life_state life_state_of(const json_t *doc); /* detected if it has none */

/* What people own and the document does not have yet: state detected, unknown times and
 * inputs, empty lists. */
void life_begin(json_t *doc);
/* Does the action to the document. `args` is an object of strings (numbers and booleans
 * are fine too); `person` stands in it afterwards. false: `error` says why, and for a
 * wrong state what is possible now; the document is as it was. Rights are not checked
 * here. */
bool life_apply(json_t *doc, const char *action, const json_t *args, const char *person,
	uint64_t now_ns, char *error, size_t error_size);
/* The names of the actions possible now, with commas. */
void life_possible(const json_t *doc, struct text *out);

/* What `set` can set. */
struct life_key {
	const char *path; /* "human_input.people_affected"; NULL ends the list */
	enum { LIFE_KEY_NUMBER, LIFE_KEY_SWITCH, LIFE_KEY_TEXT } kind;
	const char *help;
};
extern const struct life_key life_keys[];

#endif
