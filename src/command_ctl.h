/* `ironspan ctl`: asks a running sensor, through its control socket (service/control.h). */
#ifndef IRONSPAN_COMMAND_CTL_H
#define IRONSPAN_COMMAND_CTL_H

#include <jansson.h>
#include <stdio.h>

int command_ctl(int argc, char **argv);
/* An answer for people: rows of interfaces or devices, else a line a number. What came from
 * packets is shown without control characters. */
void ctl_print(FILE *out, const json_t *answer);

#endif
