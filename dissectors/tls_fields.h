/* What TLS messages are made of: field numbers and the numbers that have names. Their
 * texts are in tls_fields.c. Names are the specification's; JSON names are Suricata's,
 * where it has the field. */
#ifndef IRONSPAN_TLS_FIELDS_H
#define IRONSPAN_TLS_FIELDS_H

#include "dissect/dissect.h"

enum tls_content {
	CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23,
	HEARTBEAT = 24,
};

enum tls_handshake {
	HELLO_REQUEST = 0, CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11,
};

/* What a port is known for, when the content cannot be read. */
enum tls_service {
	SERVICE_MODBUS = 1, SERVICE_DNP3, SERVICE_S7COMM, SERVICE_OPCUA, SERVICE_IEC104,
	SERVICE_ENIP, SERVICE_MMS,
};

enum {
	CONTENT, RECORD_VERSION, SERVICE, HANDSHAKES, HANDSHAKES_TYPE,
	HANDSHAKES_LENGTH, VERSION, SNI, ALPN, ALPN_PROTOCOL, CIPHER_COUNT, CIPHERS,
	CIPHER_RAW, CIPHER, CERTIFICATES,
	CERTIFICATE_COUNT, SUBJECT, ISSUER, SERIAL, NOT_BEFORE, NOT_AFTER, FINGERPRINT,
	ALERT_LEVEL, ALERT_RAW, ALERT_DESCRIPTION, FIELD_COUNT
};

enum { MALFORMED_HANDSHAKE, EVENT_COUNT };

enum { TLS_RANDOM = 32 }; /* bytes, in every hello */

extern const struct name tls_content_names[], tls_version_names[], tls_service_names[],
	tls_handshake_names[], tls_cipher_names[], tls_level_names[], tls_alert_names[];
extern const struct field tls_fields[FIELD_COUNT];
extern const struct event tls_events[EVENT_COUNT];

/* Append what stands in one handshake message; `c` fails where its lengths do not fit. */
void tls_put_hello(struct dissect *d, struct cursor *c, bool is_client);
void tls_put_certificates(struct dissect *d, struct cursor *c);

#endif
