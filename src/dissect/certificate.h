/* X.509 certificates as protocols carry them: DER, the sender's own first, those of its
 * issuers behind it.
 *
 * Each function looks at the first certificate and writes at most FORMAT_MAX bytes of
 * text to `out`; it says how many. Bytes that are no certificate, or more than
 * CERTIFICATE_MAX of them, give nothing. Pure functions of the bytes; any thread. They
 * are made for struct field's `format`, which is called when somebody looks. */
#ifndef IRONSPAN_CERTIFICATE_H
#define IRONSPAN_CERTIFICATE_H

#include "dissect/dissect.h"

enum { CERTIFICATE_MAX = 64 * 1024 };

size_t certificate_subject(struct bytes der, char *out); /* "CN=Pump,O=Plant" */
size_t certificate_issuer(struct bytes der, char *out);
size_t certificate_serial(struct bytes der, char *out);	    /* in hex */
size_t certificate_not_before(struct bytes der, char *out); /* "2026-01-31T12:00:00Z" */
size_t certificate_not_after(struct bytes der, char *out);
size_t certificate_thumbprint(struct bytes der, char *out); /* SHA-1, in hex */
size_t certificate_application_uri(
	struct bytes der, char *out); /* the first URI it is for */

/* How many there are, one behind the other: only their outer lengths are looked at. */
unsigned certificate_count(struct bytes der);

/* Whether the time lies between the two that it is valid from and until. */
bool certificate_is_valid(struct bytes der, uint64_t time_ns);

#endif
