/* A sensor's health event as an interval that incidents count: for a collector, which hears of
 * what sensors could not see from their events alone. Whatever is missing or is no count is
 * taken as none. Any thread. */
#ifndef IRONSPAN_HEALTH_LINE_H
#define IRONSPAN_HEALTH_LINE_H

#include <jansson.h>

#include "incident/incident.h"

enum { HEALTH_LINE_HOSTS = 64 };

struct health_line {
	struct incident_capture capture; /* `sensor` is borrowed from the event, `hosts` are below */
	struct incident_host_loss hosts[HEALTH_LINE_HOSTS];
};

/* false: it is no whole interval of a live sensor that says its name. One that tells of a change
 * of state alone is none: the same is told again when the interval is over. */
bool health_line_read(struct health_line *h, const json_t *event);

#endif
