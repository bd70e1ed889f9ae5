/* Internal to src/incident/control_log*.c. */
#ifndef IRONSPAN_CONTROL_LOG_STATE_H
#define IRONSPAN_CONTROL_LOG_STATE_H

#include "base/lru.h"
#include "base/text.h"
#include "incident/control_log.h"

/* Rows as JSON lines: a tenth of what they take as values. */
struct control_rows {
	struct text lines;
	uint64_t count, listed;
	json_t *sums; /* "[who, to, protocol, verb, outcome]": count; bounded */
	uint64_t unsummed;
};

struct control_log {
	struct control_log_config config;
	struct control_rows protocol, alerts;
	uint64_t protocol_events, unreadable, first_ns, last_ns;
	struct lru *users;   /* who logged in on a connection */
	struct lru *alerted; /* transactions whose alert was taken */
};

/* The rows that the report shows, and what it has to say about itself. */
const struct control_rows *control_log_rows(const struct control_log *l);
/* An object without the rows. */
json_t *control_log_head(const struct control_log *l);

#endif
