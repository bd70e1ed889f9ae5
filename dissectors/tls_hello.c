/* What TLS says in the clear: hellos and, up to TLS 1.2, certificates. */
#include "tls_fields.h"

enum {
	EXT_SERVER_NAME = 0,
	EXT_ALPN = 16,
	EXT_SUPPORTED_VERSIONS = 43,
};

/* The first name in the list; there is but one kind, 0: a host. */
static void put_server_name(struct dissect *d, struct cursor *c)
{
	struct cursor list = cursor_sub(c, cursor_be16(c));

	if (list.left == 0) /* the server says that it knew the name */
		return;
	uint8_t type = cursor_u8(&list);
	struct bytes name = cursor_bytes(&list, cursor_be16(&list));
	if (cursor_ok(&list) && type == 0)
		put_bytes(d, SNI, name);
	cursor_join(c, &list);
}

static void put_alpn(struct dissect *d, struct cursor *c)
{
	struct cursor list = cursor_sub(c, cursor_be16(c));

	while (list.left > 0) {
		put_begin(d, ALPN);
		put_run(d, ALPN_PROTOCOL, &list, cursor_u8(&list));
		put_end(d);
	}
	cursor_join(c, &list);
}

static bool is_version(uint16_t version)
{
	return name_of(tls_version_names, version) != NULL;
}

/* The highest of those offered that is one (others are there to keep servers
 * tolerant), or the one chosen. */
static uint16_t supported_version(struct cursor *c, bool is_client)
{
	struct cursor list = is_client ? cursor_sub(c, cursor_u8(c)) : cursor_sub(c, 2);
	uint16_t highest = 0;

	while (list.left > 0) {
		uint16_t version = cursor_be16(&list);
		if (is_version(version) && version > highest)
			highest = version;
	}
	cursor_join(c, &list);
	return highest;
}

static uint16_t put_extension(struct dissect *d, uint16_t type, struct cursor *c,
	bool is_client)
{
	if (type == EXT_SERVER_NAME && c->left > 0)
		put_server_name(d, c);
	else if (type == EXT_ALPN)
		put_alpn(d, c);
	else if (type == EXT_SUPPORTED_VERSIONS)
		return supported_version(c, is_client);
	return 0;
}

/* Returns the version that an extension tells, 0 if none does. */
static uint16_t put_extensions(struct dissect *d, struct cursor *c, bool is_client)
{
	uint16_t version = 0;

	if (c->left == 0)
		return 0;
	struct cursor list = cursor_sub(c, cursor_be16(c));
	while (list.left > 0) {
		uint16_t type = cursor_be16(&list);
		struct cursor extension = cursor_sub(&list, cursor_be16(&list));
		uint16_t told = put_extension(d, type, &extension, is_client);
		version = told ? told : version;
		cursor_join(&list, &extension);
	}
	cursor_join(c, &list);
	return version;
}

static void put_ciphers_offered(struct dissect *d, struct cursor *c)
{
	uint16_t len = cursor_be16(c);
	struct bytes suites = cursor_bytes(c, len);

	if (cursor_ok(c)) {
		put_uint(d, CIPHER_COUNT, len / 2u);
		put_bytes(d, CIPHERS, suites);
	}
	cursor_skip(c, cursor_u8(c)); /* compression methods */
}

static void put_cipher_chosen(struct dissect *d, struct cursor *c)
{
	uint16_t suite = put_be16(d, CIPHER_RAW, c);

	if (cursor_ok(c) && name_of(tls_cipher_names, suite))
		put_uint(d, CIPHER, suite);
	cursor_skip(c, 1); /* compression method */
}

void tls_put_hello(struct dissect *d, struct cursor *c, bool is_client)
{
	uint16_t version = cursor_be16(c);

	cursor_skip(c, TLS_RANDOM);
	cursor_skip(c, cursor_u8(c));
	if (is_client)
		put_ciphers_offered(d, c);
	else
		put_cipher_chosen(d, c);
	uint16_t told = put_extensions(d, c, is_client);
	version = told ? told : version;
	if (is_version(version))
		put_uint(d, VERSION, version);
}

/* ---- certificates, which TLS 1.3 encrypts ---- */

static void put_certificate(struct dissect *d, struct bytes first)
{
	static const uint8_t each[] = { SUBJECT, ISSUER, SERIAL, NOT_BEFORE, NOT_AFTER,
		FINGERPRINT };

	put_bytes(d, CERTIFICATES, first);
	for (unsigned i = 0; i < sizeof(each); i++)
		put_bytes(d, each[i], first);
}

void tls_put_certificates(struct dissect *d, struct cursor *c)
{
	struct cursor list = cursor_sub(c, (size_t)cursor_be(c, 3));
	unsigned count = 0;

	while (list.left > 0) {
		struct bytes der = cursor_bytes(&list, (size_t)cursor_be(&list, 3));
		if (cursor_ok(&list) && count++ == 0)
			put_certificate(d, der);
	}
	if (cursor_ok(&list))
		put_uint(d, CERTIFICATE_COUNT, count);
	cursor_join(c, &list);
}
