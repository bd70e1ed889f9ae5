/* The key of pseudonyms and salts, and what is made of it. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/report.h"
#include "incident/canonical.h"
#include "incident/disk.h"
#include "incident/redact_state.h"

enum { KEY_DIGITS = 2 * REDACT_KEY };

/* HMAC-SHA-256 over parts that a zero keeps apart, as lower-case hex. */
void redact_mac(const uint8_t *key, const char *a, const char *b, const char *c, char *hex,
	size_t digits)
{
	crypto_auth_hmacsha256_state state;
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char all[2 * sizeof(mac) + 1];

	crypto_auth_hmacsha256_init(&state, key, REDACT_KEY);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)a, strlen(a) + 1);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)b, strlen(b) + 1);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)c, strlen(c) + 1);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_bin2hex(all, sizeof(all), mac, sizeof(mac));
	snprintf(hex, digits + 1, "%s", all);
}

bool redact_commitment(const char *salt, const json_t *value, char hash[REDACT_HASH])
{
	json_t *both = json_pack("{s:s,s:O}", "salt", salt, "value", value);
	bool ok = both && canonical_sha256(both, hash);

	json_decref(both);
	return ok;
}

void redact_key_id(const uint8_t key[REDACT_KEY], char id[REDACT_KEY_ID])
{
	redact_mac(key, "key", "", "", id, REDACT_KEY_ID - 1);
}

static bool make_key(const char *path)
{
	uint8_t key[REDACT_KEY];
	char text[KEY_DIGITS + 2];

	randombytes_buf(key, sizeof(key));
	sodium_bin2hex(text, sizeof(text), key, sizeof(key));
	text[KEY_DIGITS] = '\n';
	return disk_replace(path, (struct bytes){ (const uint8_t *)text, KEY_DIGITS + 1 }, 0600);
}

static bool others_may_read(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0) {
		report_error("%s: %s", path, strerror(errno));
		return true;
	}
	if ((status.st_mode & 077) == 0)
		return false;
	report_error("%s: mode %04o lets others see the key; chmod 600 it", path,
		(unsigned)(status.st_mode & 07777));
	return true;
}

bool redact_key_load(const char *path, uint8_t key[REDACT_KEY])
{
	struct text t = { 0 };
	size_t len = 0;

	if (sodium_init() < 0 || (access(path, F_OK) != 0 && errno == ENOENT && !make_key(path)))
		return false;
	if (others_may_read(path) || !disk_read(&t, path, KEY_DIGITS + 2, false)) {
		text_fini(&t);
		return false;
	}
	bool ok = t.len >= KEY_DIGITS && sodium_hex2bin(key, REDACT_KEY, t.at, KEY_DIGITS, NULL,
		&len, NULL) == 0 && len == REDACT_KEY;
	if (!ok)
		report_error("%s: not a key: %d hex digits", path, KEY_DIGITS);
	text_fini(&t);
	return ok;
}
