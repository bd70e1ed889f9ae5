/* Names, fields and events of TLS, as people and rules see them. */
#include "dissect/certificate.h"
#include "tls_fields.h"

const struct name tls_content_names[] = {
	{ CHANGE_CIPHER_SPEC, "change_cipher_spec" }, { ALERT, "alert" },
	{ HANDSHAKE, "handshake" }, { APPLICATION_DATA, "application_data" },
	{ HEARTBEAT, "heartbeat" }, { 0, NULL },
};

/* Those shown, then those that Suricata's rules use. */
const struct name tls_version_names[] = {
	{ 0x0300, "SSLv3" }, { 0x0301, "TLS 1.0" }, { 0x0302, "TLS 1.1" },
	{ 0x0303, "TLS 1.2" }, { 0x0304, "TLS 1.3" }, { 0x0301, "1.0" },
	{ 0x0302, "1.1" }, { 0x0303, "1.2" }, { 0x0304, "1.3" }, { 0, NULL },
};

const struct name tls_service_names[] = {
	{ SERVICE_MODBUS, "modbus" }, { SERVICE_DNP3, "dnp3" },
	{ SERVICE_S7COMM, "s7comm" }, { SERVICE_OPCUA, "opcua" },
	{ SERVICE_IEC104, "iec104" }, { SERVICE_ENIP, "enip" },
	{ SERVICE_MMS, "mms" }, { 0, NULL },
};

const struct name tls_handshake_names[] = {
	{ HELLO_REQUEST, "hello_request" }, { CLIENT_HELLO, "client_hello" },
	{ SERVER_HELLO, "server_hello" }, { 4, "new_session_ticket" },
	{ 5, "end_of_early_data" }, { 8, "encrypted_extensions" },
	{ CERTIFICATE, "certificate" }, { 12, "server_key_exchange" },
	{ 13, "certificate_request" }, { 14, "server_hello_done" },
	{ 15, "certificate_verify" }, { 16, "client_key_exchange" }, { 20, "finished" },
	{ 21, "certificate_url" }, { 22, "certificate_status" },
	{ 23, "supplemental_data" }, { 24, "key_update" }, { 0, NULL },
};

/* Those that industrial profiles ask for, those that do not encrypt, and the usual
 * ones. */
const struct name tls_cipher_names[] = {
	{ 0x0000, "TLS_NULL_WITH_NULL_NULL" }, { 0x0001, "TLS_RSA_WITH_NULL_MD5" },
	{ 0x0002, "TLS_RSA_WITH_NULL_SHA" }, { 0x003b, "TLS_RSA_WITH_NULL_SHA256" },
	{ 0x002c, "TLS_PSK_WITH_NULL_SHA" },
	{ 0xc006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA" },
	{ 0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA" },
	{ 0x0005, "TLS_RSA_WITH_RC4_128_SHA" },
	{ 0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA" },
	{ 0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA" },
	{ 0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA" },
	{ 0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256" },
	{ 0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256" },
	{ 0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256" },
	{ 0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384" },
	{ 0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256" },
	{ 0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384" },
	{ 0x1301, "TLS_AES_128_GCM_SHA256" }, { 0x1302, "TLS_AES_256_GCM_SHA384" },
	{ 0x1303, "TLS_CHACHA20_POLY1305_SHA256" },
	{ 0x1304, "TLS_AES_128_CCM_SHA256" },
	{ 0xc0b4, "TLS_SHA256_SHA256" }, { 0xc0b5, "TLS_SHA384_SHA384" },
	{ 0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA" },
	{ 0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA" },
	{ 0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA" },
	{ 0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256" },
	{ 0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256" },
	{ 0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" },
	{ 0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" },
	{ 0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" },
	{ 0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" },
	{ 0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256" },
	{ 0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" }, { 0, NULL },
};

const struct name tls_level_names[] = { { 1, "warning" }, { 2, "fatal" }, { 0, NULL } };

const struct name tls_alert_names[] = {
	{ 0, "close_notify" }, { 10, "unexpected_message" }, { 20, "bad_record_mac" },
	{ 22, "record_overflow" }, { 40, "handshake_failure" },
	{ 42, "bad_certificate" },
	{ 43, "unsupported_certificate" }, { 44, "certificate_revoked" },
	{ 45, "certificate_expired" }, { 46, "certificate_unknown" },
	{ 47, "illegal_parameter" }, { 48, "unknown_ca" }, { 49, "access_denied" },
	{ 50, "decode_error" }, { 51, "decrypt_error" }, { 70, "protocol_version" },
	{ 71, "insufficient_security" }, { 80, "internal_error" },
	{ 86, "inappropriate_fallback" }, { 90, "user_canceled" },
	{ 100, "no_renegotiation" }, { 109, "missing_extension" },
	{ 110, "unsupported_extension" }, { 112, "unrecognized_name" },
	{ 113, "bad_certificate_status_response" }, { 115, "unknown_psk_identity" },
	{ 116, "certificate_required" }, { 120, "no_application_protocol" }, { 0,
	NULL },
};

const struct field tls_fields[FIELD_COUNT] = {
	[CONTENT] = { "content", FIELD_ENUM,
		"what the record carries; application_data once, in flows joined later",
		tls_content_names },
	[RECORD_VERSION] = { "record_version", FIELD_ENUM,
		"version in the record's header", tls_version_names },
	[SERVICE] = { "service", FIELD_ENUM,
		"industrial protocol that one of the ports is known for",
		tls_service_names },
	[HANDSHAKES] = { "handshakes", FIELD_GROUP, "handshake messages together" },
	[HANDSHAKES_TYPE] = { "handshakes.type", FIELD_ENUM, "kind of handshake message",
		tls_handshake_names },
	[HANDSHAKES_LENGTH] = { "handshakes.length", FIELD_UINT, "its bytes" },
	[VERSION] = { "version", FIELD_ENUM, "highest version offered, or the one chosen",
		tls_version_names },
	[SNI] = { "sni", FIELD_TEXT, "name of the server that is wanted",
		.aliases = "tls_sni" },
	[ALPN] = { "alpn", FIELD_GROUP, "protocols offered, or the one chosen" },
	[ALPN_PROTOCOL] = { "alpn.protocol", FIELD_TEXT, "its name" },
	[CIPHER_COUNT] = { "cipher_suites_count", FIELD_UINT, "cipher suites offered" },
	[CIPHERS] = { "cipher_suites", FIELD_U16S, "their numbers" },
	[CIPHER_RAW] = { "cipher_suite_raw", FIELD_UINT, "cipher suite chosen",
		tls_cipher_names, .keyword = "cipher_suite" },
	[CIPHER] = { "cipher_suite", FIELD_ENUM, "its name", tls_cipher_names,
		.keyword = "cipher_suite_name" },
	[CERTIFICATES] = { "certificates", FIELD_BYTES,
		"the first certificate as sent (DER)",
		.aliases = "tls.certs tls_certs", .flags = FIELD_HIDDEN },
	[CERTIFICATE_COUNT] = { "certificate_count", FIELD_UINT,
		"certificates sent; the fields show the first" },
	[SUBJECT] = { "subject", FIELD_TEXT, "whose certificate it is",
		.aliases = "tls.cert_subject", .format = certificate_subject },
	[ISSUER] = { "issuerdn", FIELD_TEXT, "who signed it",
		.aliases = "tls.cert_issuer", .format = certificate_issuer },
	[SERIAL] = { "serial", FIELD_TEXT, "its number", .aliases = "tls.cert_serial",
		.format = certificate_serial },
	[NOT_BEFORE] = { "notbefore", FIELD_TEXT, "valid from then on",
		.format = certificate_not_before },
	[NOT_AFTER] = { "notafter", FIELD_TEXT, "valid until then",
		.format = certificate_not_after },
	[FINGERPRINT] = { "fingerprint", FIELD_TEXT, "SHA-1 of the certificate",
		.aliases = "tls.cert_fingerprint", .format = certificate_thumbprint },
	[ALERT_LEVEL] = { "alert.level", FIELD_ENUM, "how bad it is", tls_level_names },
	[ALERT_RAW] = { "alert.raw", FIELD_UINT, "what is wrong", tls_alert_names,
		.keyword = "alert" },
	[ALERT_DESCRIPTION] = { "alert.description", FIELD_ENUM, "its name",
		tls_alert_names },
};

const struct event tls_events[EVENT_COUNT] = {
	[MALFORMED_HANDSHAKE] = { "malformed_handshake",
		"lengths inside a hello or a certificate list that do not fit" },
};
