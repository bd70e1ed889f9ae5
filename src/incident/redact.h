/* Redaction: what must not leave the plant is taken out of a report before it is signed.
 *
 * A profile (signatures/incident/redaction/) says what becomes of each kind of thing and of
 * each pointer: removed, replaced by a pseudonym, kept. Things are found by the name of the
 * member they stand in, and wherever else in the report the same text occurs: a person's id in
 * a sentence goes as well as the one in its own field, and so does a device or a person that
 * only the registers know. Addresses and MACs are found by their form, in any text and rather
 * too often than not: with a port behind them, in host names, in other notations.
 *
 * For each value that went there is a commitment, SHA-256(JCS{"salt":…,"value":…}), by which
 * the plant can show later what stood there, and nobody can guess it. Salts and pseudonyms come
 * from a key that stays in the plant: the same key gives the same ones.
 *
 * One thread. */
#ifndef IRONSPAN_REDACT_H
#define IRONSPAN_REDACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct registers;

enum { REDACT_KEY = 32, REDACT_KEY_ID = 17, REDACT_SALT = 33, REDACT_HASH = 65 };

struct redact_request {
	const json_t *profile;
	const json_t *incident;  /* whose names and words must go; NULL: only the report's */
	const struct registers *registers; /* persons, devices, zones; may be NULL */
	const uint8_t *key;      /* REDACT_KEY bytes */
	json_t *openings;        /* gets {pointer, salt, value}: stays in the plant; may be NULL */
};

/* Changes the report and fills in its `redaction`. false after a reported error: then the
 * report must not leave. */
bool redact_apply(json_t *report, const struct redact_request *request);

/* The commitment to a value; false: it has no canonical form. */
bool redact_commitment(const char *salt, const json_t *value, char hash[REDACT_HASH]);

/* ---- addresses in text ---- */

enum redact_found { REDACT_NOTHING, REDACT_ADDRESS, REDACT_MAC };

/* The first address or MAC at or behind `from`; *len is its length. An address counts when it
 * is internal: private, link-local, loopback, shared (RFC 1918, 3927, 4193, 4291, 6598), or in a
 * zone of the registers. */
enum redact_found redact_find(const char *text, const char *from, const struct registers *registers,
	const char **at, size_t *len);

/* ---- the key ---- */

/* 64 hex digits in a file that nobody else may read; made if it is not there. false after a
 * reported error. */
bool redact_key_load(const char *path, uint8_t key[REDACT_KEY]);
void redact_key_id(const uint8_t key[REDACT_KEY], char id[REDACT_KEY_ID]);

#endif
