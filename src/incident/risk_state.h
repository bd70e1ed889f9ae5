/* Internal to src/incident/risk*.c. */
#ifndef IRONSPAN_RISK_STATE_H
#define IRONSPAN_RISK_STATE_H

#include "base/lru.h"
#include "incident/risk.h"

struct risk {
	const struct registers *registers;
	json_t *assets, *exposures; /* rows by key */
	struct lru *bare_channels;  /* flows with an OPC UA channel without security */
	uint64_t events, left_out, first_ns, last_ns;
};

#endif
