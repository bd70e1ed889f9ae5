/* Internal to src/incident/redact*.c. */
#ifndef IRONSPAN_REDACT_STATE_H
#define IRONSPAN_REDACT_STATE_H

#include "base/text.h"
#include "incident/redact.h"

/* Kinds of things, as profiles name them. */
enum redact_kind { REDACT_INTERNAL_ADDRESS, REDACT_MAC_KIND, REDACT_PERSON, REDACT_PAYLOAD,
	REDACT_HOSTNAME, REDACT_ASSET_ID, REDACT_PROCESS_VALUE, REDACT_FILE_REFERENCE,
	REDACT_FREE_TEXT, REDACT_KINDS };

enum redact_action { REDACT_KEEP, REDACT_PSEUDONYM, REDACT_REMOVE };

struct redact_rule {
	enum redact_action action;
	const char *why;
};

/* A text that must not be seen, wherever it occurs. */
struct redact_name {
	char *secret;
	size_t len;
	char *instead;
	const char *why;
};

struct redaction {
	const struct redact_request *request;
	struct redact_rule kinds[REDACT_KINDS];
	struct redact_name *names; /* by their first byte, longest first */
	unsigned name_count, name_room;
	unsigned names_from[UINT8_MAX + 2]; /* where those of a first byte begin */
	json_t *known;             /* their set */
	const char *uid;           /* the report's */
	json_t *removed;           /* [{pointer, why, commitment}] */
	bool failed;               /* something could not be taken out */
};

void redact_mac(const uint8_t *key, const char *a, const char *b, const char *c, char *hex,
	size_t digits);

/* The kind of what stands at a pointer, by its last word; REDACT_KINDS: none that matters. */
enum redact_kind redact_kind_of(const char *pointer);
/* What kinds and pointers the profile speaks of. false after a reported error. */
bool redact_rules(struct redaction *r);
/* The rule of a pointer into a document, "/affected/0/asset"; NULL: none. */
const struct redact_rule *redact_pointer_rule(const struct redaction *r, const char *pointer,
	struct redact_rule *room);
/* Every secret text of a document. */
void redact_learn(struct redaction *r, const json_t *doc);
/* Persons and devices of the registers. */
void redact_learn_registers(struct redaction *r);
void redact_names_sort(struct redaction *r);
void redact_names_fini(struct redaction *r);
/* "host-3f2a91bc04", to be freed. */
char *redact_pseudonym(const struct redaction *r, enum redact_kind kind, const char *secret);

/* The text without what must not be seen, to be freed; NULL: there is nothing in it. *why is
 * of the first thing. */
char *redact_text(const struct redaction *r, const char *text, const char **why);

#endif
