/* Between the files that write documents; nothing else includes it. */
#ifndef IRONSPAN_INCIDENT_DESCRIBE_H
#define IRONSPAN_INCIDENT_DESCRIBE_H

#include "incident/state.h"

json_t *describe_text(const char *s); /* null where there is none */
json_t *describe_time(uint64_t ns);
json_t *describe_actors(const struct incidents *i, const struct incident *n);
json_t *describe_affected(const struct incidents *i, const struct incident *n);

#endif
