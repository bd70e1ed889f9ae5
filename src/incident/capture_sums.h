/* What is counted of what was hidden. Internal to src/incident/capture*.c. */
#ifndef IRONSPAN_CAPTURE_SUMS_H
#define IRONSPAN_CAPTURE_SUMS_H

#include "incident/capture.h"

/* One sum, as documents call it. `is_loss`: it makes the capture incomplete; `of_host`: it is
 * also known of single hosts. */
struct capture_sum {
	const char *key;
	size_t at; /* in struct incident_loss */
	bool is_loss, of_host;
};
enum { CAPTURE_SUMS = 14 };
extern const struct capture_sum capture_sums[CAPTURE_SUMS];

uint64_t capture_get(const struct incident_loss *l, unsigned sum);
void capture_raise(struct incident_loss *l, unsigned sum, uint64_t value);
/* Bytes, packets, flows and seconds together: for "is there any" and "is it much more". */
uint64_t capture_weight(const struct incident_loss *l);

/* A sensor's part; made if it is not there, NULL: there is no room. */
struct told_capture *capture_of(struct incident *n, const char *sensor);
struct incident_loss capture_sum(const struct incident *n); /* of all sensors */
unsigned capture_counted(const struct incident *n); /* sensors that told anything */

#endif
