/* What is read of a certificate: one made with `openssl req -x509` for CN=Pump
 * station,O=Plant with the alternative names URI:urn:plant:client and DNS:hmi. */
#include "dissect/certificate.h"
#include "hex.h"
#include "test.h"

static const char made[] =
	"308201c53082016ba00302010202143824358a51c21f2eb6506c272ba229e48bab189330"
	"0a06082a8648ce3d04030230273115301306035504030c0c50756d702073746174696f6e"
	"310e300c060355040a0c05506c616e74301e170d3236313132323132353035345a170d33"
	"36313131393132353035345a30273115301306035504030c0c50756d702073746174696f"
	"6e310e300c060355040a0c05506c616e743059301306072a8648ce3d020106082a8648ce"
	"3d0301070342000428470fe6f728a5f1c72dd86dd3dcb5ec46f63ab7b92a2edc9359c5d2"
	"746b5eeaf2776911560d77594deab66eaec472e8603805ffeca3de226484bfff3522d101"
	"a3753073301d0603551d0e0416041425eeeec989c7b79fca687fbb6e89dc62c08c3cfe30"
	"1f0603551d2304183016801425eeeec989c7b79fca687fbb6e89dc62c08c3cfe300f0603"
	"551d130101ff040530030101ff30200603551d1104193017861075726e3a706c616e743a"
	"636c69656e748203686d69300a06082a8648ce3d0403020348003045022100f6cd38b23d"
	"8fea38b10586725c492bb9b0a6d32aab159cdc4ee6a4a70bd550ce02205af86eacfba3cd"
	"fd75c724050da4b6e6540c080511079e1707dbed5bbef2e6e1";

typedef size_t (*format)(struct bytes, char *);

static const struct {
	const char *what;
	format format;
	const char *want;
} parts[] = {
	{ "subject", certificate_subject, "CN=Pump station,O=Plant" },
	{ "issuer", certificate_issuer, "CN=Pump station,O=Plant" },
	{ "serial number", certificate_serial,
		"3824358a51c21f2eb6506c272ba229e48bab1893" },
	{ "not before", certificate_not_before, "2026-11-22T12:50:54Z" },
	{ "not after", certificate_not_after, "2036-11-19T12:50:54Z" },
	{ "thumbprint", certificate_thumbprint,
		"f0db183a05aa4c0690e4f4320b7bffb7d150ab31" },
	{ "application URI", certificate_application_uri, "urn:plant:client" },
};

enum { PARTS = sizeof(parts) / sizeof(*parts), ROOM = 4096 };

static void check_part(unsigned i, struct bytes der, const char *want)
{
	char text[FORMAT_MAX];
	size_t len = parts[i].format(der, text);

	CHECK(len == strlen(want) && memcmp(text, want, len) == 0, "%s: %.*s",
		parts[i].what, (int)len, text);
}

static void test_parts(struct bytes der)
{
	for (unsigned i = 0; i < PARTS; i++)
		check_part(i, der, parts[i].want);
}

/* Its issuer's behind it changes nothing but the count. */
static void test_chain(struct bytes der)
{
	static uint8_t chain[2 * ROOM];

	memcpy(chain, der.at, der.len);
	memcpy(chain + der.len, der.at, der.len);
	struct bytes two = { chain, 2 * der.len };
	CHECK(certificate_count(der) == 1, "one");
	CHECK(certificate_count(two) == 2, "two");
	CHECK(certificate_count((struct bytes){ chain, 2 * der.len - 1 }) == 1,
		"one and a half");
	CHECK(certificate_count((struct bytes){ NULL, 0 }) == 0, "none");
	test_parts(two);
}

static void test_validity(struct bytes der)
{
	uint64_t second = 1000000000;
	uint64_t from = 1795351854, until = 2110711854;

	CHECK(!certificate_is_valid(der, (from - 1) * second), "too early");
	CHECK(certificate_is_valid(der, from * second), "just in time");
	CHECK(certificate_is_valid(der, until * second), "still");
	CHECK(!certificate_is_valid(der, (until + 1) * second), "too late");
}

/* Whatever is missing or altered, no text is longer than it may be. */
static void test_broken(struct bytes der)
{
	static uint8_t bytes[ROOM];
	char text[FORMAT_MAX];

	for (size_t len = 0; len < der.len; len++)
		for (unsigned i = 0; i < PARTS; i++)
			check_part(i, (struct bytes){ der.at, len }, "");
	memcpy(bytes, der.at, der.len);
	for (size_t at = 0; at < der.len; at++)
		for (unsigned value = 0; value < 256; value += 15) {
			bytes[at] = (uint8_t)value;
			for (unsigned i = 0; i < PARTS; i++)
				CHECK(parts[i].format((struct bytes){ bytes, der.len },
					      text) <= FORMAT_MAX,
					"%s", parts[i].what);
			bytes[at] = der.at[at];
		}
}

static void test_nothing(void)
{
	static const uint8_t zeros[CERTIFICATE_MAX + 1];
	static const uint8_t empty[] = { 0x30, 0x00 };

	for (unsigned i = 0; i < PARTS; i++) {
		check_part(i, (struct bytes){ NULL, 0 }, "");
		check_part(i, (struct bytes){ zeros, sizeof(zeros) }, "");
		if (parts[i].format != certificate_thumbprint)
			check_part(i, (struct bytes){ empty, sizeof(empty) }, "");
	}
	CHECK(!certificate_is_valid((struct bytes){ NULL, 0 }, 0), "nothing is valid");
}

int main(void)
{
	static uint8_t bytes[ROOM];
	struct bytes der = { bytes, hex_read(made, bytes, sizeof(bytes)) };

	test_parts(der);
	test_chain(der);
	test_validity(der);
	test_broken(der);
	test_nothing();
	return test_end();
}
