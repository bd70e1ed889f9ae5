/* One line of a key file; see sign.h. */
#ifndef IRONSPAN_INCIDENT_SIGN_KEY_H
#define IRONSPAN_INCIDENT_SIGN_KEY_H

#include "incident/sign.h"

/* false: it is no key, public or secret. */
bool sign_key_read_line(struct sign_key *key, const char *line);

#endif
