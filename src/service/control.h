/* The control socket: one JSON object a line in, one a line out.
 *
 *	{"command":"status"}         {"ok":true,"answer":{…}}
 *	{"command":"reload"}         {"ok":false,"error":"plant.rules:3: …"}
 *
 * Commands are status, stats, interfaces, assets (with "place": where to go on), reload, rotate
 * and shutdown; `ironspan ctl` is their user. */
#ifndef IRONSPAN_CONTROL_H
#define IRONSPAN_CONTROL_H

#include "service/client.h"
#include "service/service.h"

#define CONTROL_SOCKET "/run/ironspan/control" /* where the installed service has it */

/* Answers a request into c->out, or has c->reload wait. */
void control_answer(const struct service_of *of, struct client *c, const char *line, size_t len);
/* Whether the reload that c waits for is over; then its answer is in c->out. */
bool control_reloaded(const struct service_of *of, struct client *c);

#endif
