/* Names for OPC UA's numbers: status codes (OPC 10000-6, annex A.2), builtin types, and
 * those nodes of namespace 0 (OPC 10000-5) that messages are about. */
#ifndef IRONSPAN_OPCUA_NAMES_H
#define IRONSPAN_OPCUA_NAMES_H

#include "dissect/dissect.h"

extern const struct name opcua_status_names[]; /* by value */
extern const struct name opcua_builtin_names[];

/* Of the upper half, which says what happened; NULL if it has none. */
const char *opcua_status_name(uint32_t code);
const char *opcua_node_name(uint32_t id); /* in namespace 0; NULL: it has none here */

/* Severity "bad": the two top bits are 10 (or the reserved 11). */
static inline bool opcua_is_bad(uint32_t code)
{
	return code >> 31;
}

#endif
