/* Finding OPC UA and its messages. */
#ifndef IRONSPAN_OPCUA_PROBE_H
#define IRONSPAN_OPCUA_PROBE_H

#include "opcua.h"

enum probe opcua_probe(struct bytes head);
struct frame opcua_frame(const struct dissect *d, struct bytes head);

/* Where the body of an OPN begins if it can be read, behind the asymmetric security
 * header and the sequence header; 0: not known from these bytes. */
size_t opcua_opening_body(struct bytes head);

#endif
