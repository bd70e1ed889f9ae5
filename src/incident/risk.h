/* Risk before and after networking: which devices there are and what stands open, seen twice
 * on the wire, and what became of it.
 *
 * An inventory is built from EVE events: assets, and exposures, each of a kind: a control
 * service; one without encryption, or that anybody may use without a name; who may write; a
 * master that no register knows; traffic with addresses outside; what the rules of exposure
 * found. What was never on the wire is in neither, and the report says so. Bounded; one
 * thread. */
#ifndef IRONSPAN_RISK_H
#define IRONSPAN_RISK_H

#include <jansson.h>
#include <stdint.h>

#include "incident/sheet.h"

struct registers;
struct risk;

enum { RISK_ROWS = 65536 }; /* assets, and exposures, that an inventory holds */

/* `registers` may be NULL: then no master is known or unknown. */
struct risk *risk_new(const struct registers *registers);
void risk_free(struct risk *r);
void risk_event(struct risk *r, const json_t *event);

/* `ironspan.risk/1`; the names are what the inputs were called. */
json_t *risk_compare(const struct risk *before, const char *before_name,
	const struct risk *after, const char *after_name, const char *language);
/* For people; labels may be NULL. To be freed. */
char *risk_sheet(const json_t *doc, const json_t *labels, enum sheet_format format);

#endif
