#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "detect/scan_cache.h"

enum { NAME_MAX_LEN = 2 * sizeof(struct scan_key) + sizeof(".hs.XXXXXX"),
	FILES_MAX = 256, BODY_MAX = 1 << 30 };

/* What stands before the database. Numbers are this machine's: so is the database. */
struct header {
	char magic[8];
	struct scan_key key;
	uint64_t len;
	uint8_t sha256[SHA256_DIGEST_LENGTH];
};
static_assert(sizeof(struct header) == 80, "nothing lies between the fields");

static const char magic[8] = "ispanhs1";

/* ---- what it is called ---- */

static void add(SHA2_CTX *hash, const void *at, size_t len)
{
	uint64_t length = len;
	SHA256Update(hash, (const uint8_t *)&length, sizeof(length));
	SHA256Update(hash, at, len);
}

struct scan_key scan_cache_key(const struct literals *l)
{
	hs_platform_info_t platform = { 0 };
	struct scan_key key;
	SHA2_CTX hash;

	hs_populate_platform(&platform);
	SHA256Init(&hash);
	add(&hash, hs_version(), strlen(hs_version()));
	add(&hash, &platform.tune, sizeof(platform.tune));
	add(&hash, &platform.cpu_features, sizeof(platform.cpu_features));
	add(&hash, &l->has_expressions, sizeof(l->has_expressions));
	add(&hash, l->flags, l->count * sizeof(*l->flags));
	add(&hash, l->lens, l->count * sizeof(*l->lens));
	for (unsigned i = 0; i < l->count; i++)
		add(&hash, l->at[i], l->lens[i] ? l->lens[i] : strlen(l->at[i]));
	SHA256Final(key.bytes, &hash);
	return key;
}

static void name_of(const struct scan_key *key, char name[NAME_MAX_LEN])
{
	for (size_t i = 0; i < sizeof(key->bytes); i++)
		snprintf(name + 2 * i, 3, "%02x", key->bytes[i]);
	strcat(name, ".hs");
}

/* ---- the folder ---- */

/* As mkdir -p does. What fails shows when the folder is opened. */
static void make_folder(const char *folder)
{
	char *path = mem_string(folder);

	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	mkdir(path, 0700);
	free(path);
}

/* Nobody but us, or the administrator, may put files there. */
static bool is_ours(int fd)
{
	struct stat about;

	return fstat(fd, &about) == 0 && (about.st_uid == geteuid() || about.st_uid == 0) &&
		!(about.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && !is_ours(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* ---- reading ---- */

static bool read_all(int fd, void *at, size_t len)
{
	for (char *to = at; len > 0;) {
		ssize_t got = read(fd, to, len);
		if (got <= 0)
			return false;
		to += got;
		len -= (size_t)got;
	}
	return true;
}

static void hash_body(const void *body, size_t len, uint8_t digest[SHA256_DIGEST_LENGTH])
{
	SHA2_CTX hash;

	SHA256Init(&hash);
	SHA256Update(&hash, body, len);
	SHA256Final(digest, &hash);
}

static bool header_fits(const struct header *h, const struct scan_key *key, int fd)
{
	struct stat about;

	return memcmp(h->magic, magic, sizeof(magic)) == 0 &&
		memcmp(&h->key, key, sizeof(*key)) == 0 && h->len <= BODY_MAX &&
		fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
		(uint64_t)about.st_size == sizeof(*h) + h->len;
}

/* Hyperscan trusts what it is given: it gets nothing whose hash is not the header's. */
static hs_database_t *read_body(int fd, const struct header *h)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	hs_database_t *db = NULL;
	char *body = malloc(h->len);

	if (body && read_all(fd, body, h->len)) {
		hash_body(body, h->len, digest);
		if (memcmp(digest, h->sha256, sizeof(digest)) != 0 ||
			hs_deserialize_database(body, h->len, &db) != HS_SUCCESS)
			db = NULL;
	}
	free(body);
	return db;
}

static hs_database_t *read_file(int fd, const struct scan_key *key)
{
	struct header h;
	hs_database_t *db = NULL;

	if (is_ours(fd) && read_all(fd, &h, sizeof(h)) && header_fits(&h, key, fd))
		db = read_body(fd, &h);
	if (db)
		futimens(fd, NULL); /* what was used lately is kept */
	return db;
}

hs_database_t *scan_cache_find(const char *folder, const struct scan_key *key)
{
	char name[NAME_MAX_LEN];
	hs_database_t *db = NULL;
	int in = open_folder(folder);

	if (in < 0)
		return NULL;
	name_of(key, name);
	int fd = openat(in, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		db = read_file(fd, key);
		close(fd);
	}
	close(in);
	return db;
}

/* ---- writing ---- */

static bool write_all(int fd, const void *at, size_t len)
{
	for (const char *from = at; len > 0;) {
		ssize_t put = write(fd, from, len);
		if (put <= 0)
			return false;
		from += put;
		len -= (size_t)put;
	}
	return true;
}

static bool write_file(int fd, const struct scan_key *key, const char *body, size_t len)
{
	struct header h = { .key = *key, .len = len };

	memcpy(h.magic, magic, sizeof(magic));
	hash_body(body, len, h.sha256);
	return write_all(fd, &h, sizeof(h)) && write_all(fd, body, len);
}

static bool is_database(const char *name)
{
	size_t len = strspn(name, "0123456789abcdef");
	return len == 2 * sizeof(struct scan_key) && strncmp(name + len, ".hs", 3) == 0;
}

/* Beyond FILES_MAX, the file that was used longest ago goes. */
static void prune(int in)
{
	char oldest[sizeof(((struct dirent *)0)->d_name)] = "";
	unsigned count = 0;
	time_t oldest_s = 0;
	int fd = openat(in, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
	struct stat about;

	for (struct dirent *e; entries && (e = readdir(entries));) {
		if (!is_database(e->d_name) ||
			fstatat(in, e->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (count++ == 0 || about.st_mtime < oldest_s) {
			snprintf(oldest, sizeof(oldest), "%s", e->d_name);
			oldest_s = about.st_mtime;
		}
	}
	if (count > FILES_MAX)
		unlinkat(in, oldest, 0);
	if (entries)
		closedir(entries);
	else if (fd >= 0)
		close(fd);
}

/* Under a name that no other program uses at the time. */
static void write_into(int in, const struct scan_key *key, const char *body, size_t len)
{
	char name[NAME_MAX_LEN], part[NAME_MAX_LEN + 16];

	name_of(key, name);
	snprintf(part, sizeof(part), "%s.%ld", name, (long)getpid());
	unlinkat(in, part, 0);
	int fd = openat(in, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	bool is_whole = write_file(fd, key, body, len);
	if ((close(fd) != 0 || !is_whole) || renameat(in, part, in, name) != 0)
		unlinkat(in, part, 0);
	prune(in);
}

void scan_cache_keep(const char *folder, const struct scan_key *key, const hs_database_t *db)
{
	char *body;
	size_t len;

	make_folder(folder);
	int in = open_folder(folder);
	if (in < 0)
		return;
	if (hs_serialize_database(db, &body, &len) == HS_SUCCESS) {
		write_into(in, key, body, len);
		free(body);
	}
	close(in);
}
