/* What incidents know of an alert, read from its EVE line.
 *
 * The line may come from our own sensor or, through a collector, from another: whatever is
 * missing or has the wrong type is taken as not known, and only a line without the alert's
 * time, rule and uid is refused. Any thread. */
#ifndef IRONSPAN_INCIDENT_ALERT_H
#define IRONSPAN_INCIDENT_ALERT_H

#include <jansson.h>

#include "output/eve.h"

enum {
	INCIDENT_LINE_MAX = 65536, /* longer lines are refused unread */
	INCIDENT_UID_TEXT = 37,    /* a UUID and its end */
};

/* One end: an address, a MAC where there is no IP, or neither. */
struct register_asset;
struct incident_end {
	const struct register_asset *asset; /* NULL: not registered, or not looked for */
	struct address ip;
	uint8_t mac[6];
	bool has_ip, has_mac;
};

/* Texts are never NULL: "" is not known. They and the json_t are borrowed from `json`. */
struct incident_alert {
	json_t *json;
	const char *uid, *signature, *category;
	uint64_t time_ns, flow_id;        /* flow 0: none */
	uint32_t gid, sid, severity;
	struct incident_end source, target; /* who acts on whom, as far as the rule knows */
	const char *protocol;             /* app_proto */
	const char *verb, *object, *outcome; /* of ot.operation, if it was done to the target */
	const char *sensor;               /* its id */
	const char *user;                 /* logged in where the source acts */
	const json_t *operation;          /* NULL: none */
	const json_t *techniques;         /* array of {id, name, tactic}; NULL: none */
	const char *attack_version;
	const json_t *evidence;           /* array of {type, ref, sha256, bytes}; NULL: none */
	const char *program;              /* "sha256:…" of what was transferred */
};

/* false: not an alert that can be used; then nothing is to be released. */
bool incident_alert_read(struct incident_alert *a, struct bytes line);
void incident_alert_fini(struct incident_alert *a);

/* 36 characters of hexadecimal and dashes, as bytes and back. */
bool incident_uid_read(const char *text, uint8_t uid[16]);
void incident_uid_text(const uint8_t uid[16], char text[INCIDENT_UID_TEXT]);

#endif
