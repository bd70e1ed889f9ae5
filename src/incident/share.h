/* An incident in the languages that others speak: STIX 2.1 (OASIS, 2021), OCSF 1.8 incident
 * finding (class 2005), IDMEFv2 (draft-lehmann-idmefv2), IODEF in JSON (RFC 8727).
 *
 * What is shared with strangers (STIX) holds no name, no internal address and no value of the
 * plant: indicators, how often they were seen, techniques. The others are for systems of the
 * operator's own and tell all that they have a place for. Documents are borrowed, results
 * belong to the caller. What is no live incident is marked as an exercise in each.
 * Deterministic. Any thread. */
#ifndef IRONSPAN_SHARE_H
#define IRONSPAN_SHARE_H

#include <jansson.h>
#include <stdint.h>

struct share_request {
	const json_t *alerts;    /* EVE alerts of the incident, an array; NULL: none at hand */
	const char *sector;      /* of STIX's industry-sector-ov, "chemical"; NULL: not told */
	const char *tlp;         /* white, green, amber, red */
	uint64_t now_ns;
};

/* The id of a TLP marking as STIX 2.1 (section 7.2.1.4) fixes it; NULL: no such colour. */
const char *share_tlp_id(const char *tlp);
const char *share_tlp_of(const char *marking_id); /* NULL: none of them */

json_t *share_stix(const json_t *incident, const struct share_request *request);
json_t *share_ocsf(const json_t *incident, const struct share_request *request);
json_t *share_idmef(const json_t *incident, const struct share_request *request);
json_t *share_iodef(const json_t *incident, const struct share_request *request);

#endif
