/* Key files: made, read, checked. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "base/text.h"
#include "incident/canonical.h"
#include "incident/sign_alg.h"
#include "incident/sign_key.h"

static const char secret_mark[] = "PRIVATE+KEY+";

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= SIGN_NAME)
		return false;
	for (const char *c = name; *c; c++)
		if ((uint8_t)*c <= ' ' || (uint8_t)*c >= 0x7f || *c == '+')
			return false;
	return true;
}

static void name_key(struct sign_key *key)
{
	char hex[SHA256_TEXT];

	sha256_hex((struct bytes){ key->public_key, key->alg->public_len }, hex);
	memcpy(key->id, hex, SIGN_ID - 1);
	key->id[SIGN_ID - 1] = '\0';
}

/* name+id+base64(type, body) */
static char *line_of(const struct sign_key *key, const char *mark, const uint8_t *body, size_t len)
{
	struct text t = { 0 };
	uint8_t data[1 + SIGN_PUBLIC] = { key->alg->type };

	memcpy(data + 1, body, len);
	text_printf(&t, "%s%s+%08x+", mark, key->name, sign_note_id(key, key->alg->type));
	text_base64(&t, (struct bytes){ data, 1 + len });
	text_char(&t, '\0');
	sodium_memzero(data, sizeof(data));
	return t.at;
}

char *sign_key_line(const struct sign_key *key)
{
	return line_of(key, "", key->public_key, key->alg->public_len);
}

static bool write_line(const char *path, const char *line, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	bool ok = fd >= 0 && dprintf(fd, "%s\n", line) == (int)strlen(line) + 1 &&
		fsync(fd) == 0;
	int error = errno;

	if (fd >= 0)
		close(fd);
	if (!ok)
		report_error("%s: %s", path, strerror(error));
	if (!ok && fd >= 0)
		unlink(path);
	return ok;
}

static bool write_key(const struct sign_key *key, const char *path)
{
	uint8_t seed[SIGN_SECRET];

	key->alg->to_seed(key, seed);
	char *secret = line_of(key, secret_mark, seed, key->alg->seed_len);
	char *public_path = mem_printf("%s.pub", path), *public_line = sign_key_line(key);
	bool ok = write_line(path, secret, 0600);

	if (ok && !write_line(public_path, public_line, 0644)) {
		unlink(path);
		ok = false;
	}
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(secret, strlen(secret));
	free(secret);
	free(public_path);
	free(public_line);
	return ok;
}

bool sign_key_make(const char *path, const char *name)
{
	struct sign_key key = { .alg = sign_alg_default(), .has_secret = true };
	uint8_t seed[SIGN_SECRET];

	if (!is_name(name)) {
		report_error("a key's name is 1 to %d printable ASCII characters, without spaces "
			"and +", SIGN_NAME - 1);
		return false;
	}
	if (sodium_init() < 0) {
		report_error("libsodium cannot start");
		return false;
	}
	snprintf(key.name, sizeof(key.name), "%s", name);
	randombytes_buf(seed, key.alg->seed_len);
	key.alg->from_seed(&key, seed);
	sodium_memzero(seed, sizeof(seed));
	bool ok = write_key(&key, path);
	sign_key_wipe(&key);
	return ok;
}

void sign_key_wipe(struct sign_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

/* ---- reading ---- */

static bool set_body(struct sign_key *key, const uint8_t *data, size_t len, bool is_secret)
{
	key->alg = len > 0 ? sign_alg_of_type(data[0]) : NULL;
	if (!key->alg)
		return false;
	if (len - 1 != (is_secret ? key->alg->seed_len : key->alg->public_len))
		return false;
	if (is_secret)
		key->alg->from_seed(key, data + 1);
	else
		memcpy(key->public_key, data + 1, len - 1);
	key->has_secret = is_secret;
	return true;
}

/* The three parts of a line: name, note id, data. */
static bool read_parts(struct sign_key *key, const char *line, bool is_secret)
{
	const char *id = strchr(line, '+'), *data = id ? strchr(id + 1, '+') : NULL;
	uint8_t body[1 + SIGN_PUBLIC];
	char given[9] = "", want[9];
	size_t len = 0;

	if (!data || id - line >= SIGN_NAME || data - id != 9)
		return false;
	snprintf(key->name, sizeof(key->name), "%.*s", (int)(id - line), line);
	memcpy(given, id + 1, 8);
	bool ok = is_name(key->name) &&
		sodium_base642bin(body, sizeof(body), data + 1, strlen(data + 1), NULL, &len,
			NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
		set_body(key, body, len, is_secret);
	sodium_memzero(body, sizeof(body));
	if (!ok)
		return false;
	snprintf(want, sizeof(want), "%08x", sign_note_id(key, key->alg->type));
	name_key(key);
	return strcmp(given, want) == 0;
}

bool sign_key_read_line(struct sign_key *key, const char *line)
{
	size_t mark = strlen(secret_mark);
	bool is_secret = strncmp(line, secret_mark, mark) == 0;

	*key = (struct sign_key){ 0 };
	return sodium_init() >= 0 && read_parts(key, is_secret ? line + mark : line, is_secret);
}

static bool report_file(const char *path, const char *why)
{
	report_error("%s: %s", path, why);
	return false;
}

/* A secret that others can read is none. */
static bool is_private(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return report_file(path, strerror(errno));
	if (st.st_mode & 077) {
		report_error("%s: mode %04o lets others see the secret key; chmod 600 it", path,
			(unsigned)(st.st_mode & 07777));
		return false;
	}
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return report_file(path, "the secret key belongs to somebody else");
	return true;
}

static bool read_key(struct sign_key *key, const char *path, int fd, bool wants_secret)
{
	char line[512];
	ssize_t len = read(fd, line, sizeof(line) - 1);

	if (len < 0)
		return report_file(path, strerror(errno));
	line[len] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	bool ok = sign_key_read_line(key, line);
	sodium_memzero(line, sizeof(line));
	if (!ok)
		return report_file(path, "not a key file; `ironspan audit key make` makes one");
	if (wants_secret && !key->has_secret)
		return report_file(path, "a public key; the secret one is needed");
	return !key->has_secret || is_private(path, fd);
}

static bool load(struct sign_key *key, const char *path, bool wants_secret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*key = (struct sign_key){ 0 };
	if (fd < 0)
		return report_file(path, strerror(errno));
	bool ok = read_key(key, path, fd, wants_secret);
	close(fd);
	if (!ok)
		sign_key_wipe(key);
	return ok;
}

bool sign_key_load(struct sign_key *key, const char *path)
{
	return load(key, path, true);
}

bool sign_key_load_public(struct sign_key *key, const char *path)
{
	bool ok = load(key, path, false);

	sodium_memzero(key->secret, sizeof(key->secret));
	key->has_secret = false;
	return ok;
}
