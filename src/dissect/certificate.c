/* Certificates, RFC 5280; see certificate.h. The parts are found by their tags here and
 * read by OpenSSL's libcrypto: to decode the whole, its public key too, would take a
 * hundred times as long. */
#include <openssl/bio.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "dissect/certificate.h"

/* ---- DER ---- */

enum {
	INTEGER = 0x02,
	SEQUENCE = 0x30,
	VERSION = 0xa0,
	EXTENSIONS = 0xa3,
	LONG_FORM = 0x80,
	LENGTH_MAX = 4, /* bytes of a length */
};

/* A value with its head, and without. */
struct part {
	uint8_t tag;
	struct bytes whole, inside;
};

/* The next value; all empty if there is none. */
static struct part take(struct cursor *c)
{
	const uint8_t *from = c->at;
	struct part p = { .tag = cursor_u8(c) };
	size_t len = cursor_u8(c);

	if (len > LONG_FORM && len <= LONG_FORM + LENGTH_MAX)
		len = (size_t)cursor_be(c, len - LONG_FORM);
	else if (len >= LONG_FORM)
		len = SIZE_MAX;
	p.inside = cursor_bytes(c, len);
	if (!cursor_ok(c))
		return (struct part){ 0 };
	p.whole = (struct bytes){ from, (size_t)(c->at - from) };
	return p;
}

static struct part take_tagged(struct cursor *c, uint8_t tag)
{
	struct part p = take(c);

	c->failed |= p.tag != tag;
	return p;
}

unsigned certificate_count(struct bytes der)
{
	struct cursor c = cursor_of(der);
	unsigned count = 0;

	while (c.left > 0 && take(&c).tag == SEQUENCE)
		count++;
	return count;
}

struct certificate {
	struct part serial, issuer, validity, subject, extensions;
};

static bool parse(struct bytes der, struct certificate *certificate)
{
	struct cursor c = cursor_of(der);

	if (der.len > CERTIFICATE_MAX)
		return false;
	c = cursor_of(take_tagged(&c, SEQUENCE).inside); /* the certificate */
	c = cursor_of(take_tagged(&c, SEQUENCE).inside); /* what is signed */
	struct part first = take(&c);
	certificate->serial = first.tag == VERSION ? take(&c) : first;
	c.failed |= certificate->serial.tag != INTEGER;
	(void)take_tagged(&c, SEQUENCE); /* how it is signed */
	certificate->issuer = take_tagged(&c, SEQUENCE);
	certificate->validity = take_tagged(&c, SEQUENCE);
	certificate->subject = take_tagged(&c, SEQUENCE);
	(void)take_tagged(&c, SEQUENCE); /* its public key */
	bool is_fine = cursor_ok(&c);
	do
		certificate->extensions = take(&c);
	while (cursor_ok(&c) && certificate->extensions.tag != EXTENSIONS);
	return is_fine;
}

/* ---- text ---- */

/* What was written to `text`, as far as it fits; frees it. */
static size_t finish(BIO *text, char *out)
{
	char *at;
	long len = BIO_get_mem_data(text, &at);
	size_t fits = len < FORMAT_MAX ? (size_t)len : FORMAT_MAX;

	if (fits)
		memcpy(out, at, fits);
	BIO_free(text);
	return fits;
}

/* RFC 2253's form, but in the certificate's order and as UTF-8. */
static size_t format_name(struct part part, char *out)
{
	const uint8_t *at = part.whole.at;
	X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)part.whole.len);
	BIO *text = name ? BIO_new(BIO_s_mem()) : NULL;
	size_t len = 0;

	if (text) {
		X509_NAME_print_ex(text, name, 0,
			XN_FLAG_RFC2253 & ~(XN_FLAG_DN_REV | ASN1_STRFLGS_ESC_MSB));
		len = finish(text, out);
	}
	X509_NAME_free(name);
	return len;
}

size_t certificate_subject(struct bytes der, char *out)
{
	struct certificate c;

	return parse(der, &c) ? format_name(c.subject, out) : 0;
}

size_t certificate_issuer(struct bytes der, char *out)
{
	struct certificate c;

	return parse(der, &c) ? format_name(c.issuer, out) : 0;
}

static size_t format_hex(struct bytes b, char *out)
{
	size_t len = b.len < FORMAT_MAX / 2 ? b.len : FORMAT_MAX / 2;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = "0123456789abcdef"[b.at[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[b.at[i] & 15];
	}
	return 2 * len;
}

size_t certificate_serial(struct bytes der, char *out)
{
	struct certificate c;

	if (!parse(der, &c))
		return 0;
	struct bytes number = c.serial.inside;
	if (number.len > 1 && number.at[0] == 0) { /* so that it is not negative */
		number.at++;
		number.len--;
	}
	return format_hex(number, out);
}

size_t certificate_thumbprint(struct bytes der, char *out)
{
	struct cursor c = cursor_of(der);
	struct bytes first = take_tagged(&c, SEQUENCE).whole;
	uint8_t digest[SHA_DIGEST_LENGTH];

	if (!cursor_ok(&c) || der.len > CERTIFICATE_MAX)
		return 0;
	SHA1(first.at, first.len, digest);
	return format_hex((struct bytes){ digest, sizeof(digest) }, out);
}

/* ---- validity ---- */

enum { NOT_BEFORE, NOT_AFTER };

static bool time_of(struct bytes der, unsigned which, struct tm *tm)
{
	struct certificate certificate;

	if (!parse(der, &certificate))
		return false;
	struct cursor c = cursor_of(certificate.validity.inside);
	struct part part = take(&c);
	if (which == NOT_AFTER)
		part = take(&c);
	const uint8_t *at = part.whole.at;
	ASN1_TIME *time =
		part.whole.len ? d2i_ASN1_TIME(NULL, &at, (long)part.whole.len) : NULL;
	bool is_fine = time && ASN1_TIME_to_tm(time, tm);
	ASN1_TIME_free(time);
	return is_fine;
}

static size_t format_time(struct bytes der, unsigned which, char *out)
{
	struct tm tm;

	return time_of(der, which, &tm)
		       ? strftime(out, FORMAT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm)
		       : 0;
}

size_t certificate_not_before(struct bytes der, char *out)
{
	return format_time(der, NOT_BEFORE, out);
}

size_t certificate_not_after(struct bytes der, char *out)
{
	return format_time(der, NOT_AFTER, out);
}

bool certificate_is_valid(struct bytes der, uint64_t time_ns)
{
	time_t now = (time_t)(time_ns / 1000000000);
	struct tm from, until;

	return time_of(der, NOT_BEFORE, &from) && time_of(der, NOT_AFTER, &until) &&
	       timegm(&from) <= now && now <= timegm(&until);
}

/* ---- who may use it ---- */

static const uint8_t subject_alt_name[] = { 0x06, 0x03, 0x55, 0x1d, 0x11 };

/* The value of the extension that names alternatives; empty if there is none. */
static struct bytes alternative_names(const struct certificate *certificate)
{
	struct cursor c = cursor_of(certificate->extensions.inside);

	c = cursor_of(take_tagged(&c, SEQUENCE).inside);
	while (c.left > 0) {
		struct cursor extension = cursor_of(take_tagged(&c, SEQUENCE).inside);
		struct bytes type = take(&extension).whole;
		struct part value = take(&extension);
		if (value.tag == 0x01) /* whether it is critical */
			value = take(&extension);
		if (bytes_equal(type,
			    (struct bytes){ subject_alt_name, sizeof(subject_alt_name) }))
			return value.inside;
	}
	return (struct bytes){ NULL, 0 };
}

/* Of the alternative names the first that is a URI. */
size_t certificate_application_uri(struct bytes der, char *out)
{
	enum { URI = 0x86 };
	struct certificate certificate;

	if (!parse(der, &certificate))
		return 0;
	struct cursor c = cursor_of(alternative_names(&certificate));
	c = cursor_of(take_tagged(&c, SEQUENCE).inside);
	while (c.left > 0) {
		struct part name = take(&c);
		if (name.tag != URI)
			continue;
		size_t len = name.inside.len < FORMAT_MAX ? name.inside.len : FORMAT_MAX;
		memcpy(out, name.inside.at, len);
		return len;
	}
	return 0;
}
