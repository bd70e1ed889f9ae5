/* As much of HTTP/1.1 as Prometheus needs: GET /metrics, one request a connection. A library
 * would bring its own threads or its own loop, both of which cost more than these lines; what
 * is read of a request is its first line. */
#ifndef IRONSPAN_HTTP_H
#define IRONSPAN_HTTP_H

#include "service/client.h"
#include "service/service.h"

/* Answers a whole request into c->out; the connection ends with it. */
void http_answer(const struct service_of *of, struct client *c, const char *request, size_t len);

#endif
