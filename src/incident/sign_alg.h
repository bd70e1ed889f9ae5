/* The table of signature algorithms: what sign.c knows of each. */
#ifndef IRONSPAN_INCIDENT_SIGN_ALG_H
#define IRONSPAN_INCIDENT_SIGN_ALG_H

#include "incident/sign.h"

struct sign_alg {
	const char *name;     /* in documents */
	uint8_t type;         /* of note signatures */
	size_t public_len, seed_len, size;
	void (*from_seed)(struct sign_key *key, const uint8_t *seed);
	void (*to_seed)(const struct sign_key *key, uint8_t *seed);
	void (*sign)(const struct sign_key *key, struct bytes b, uint8_t *signature);
	bool (*verify)(const struct sign_key *key, struct bytes b, const uint8_t *signature);
};

/* NULL: not in the table. */
const struct sign_alg *sign_alg_of_type(uint8_t type);
/* What makes new keys. */
const struct sign_alg *sign_alg_default(void);

#endif
