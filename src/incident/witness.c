#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/memory.h"
#include "incident/canonical.h"
#include "incident/disk.h"
#include "incident/witness.h"

struct request {
	uint64_t old;
	struct merkle_proof proof;
	struct checkpoint checkpoint;
	struct bytes note;
};

char *witness_request(const struct checkpoint *c, struct bytes note,
	const struct merkle_hash *leaves, uint64_t old)
{
	struct merkle_proof proof = { .count = 0 };
	struct text t = { 0 };

	if (old > 0)
		merkle_prove(&proof, leaves, c->size, old);
	text_printf(&t, "old %llu\n", (unsigned long long)old);
	for (unsigned i = 0; i < proof.count; i++) {
		text_base64(&t, (struct bytes){ proof.nodes[i].at, MERKLE_HASH });
		text_char(&t, '\n');
	}
	text_char(&t, '\n');
	text_put(&t, note.at, note.len);
	text_char(&t, '\0');
	return t.at;
}

/* ---- reading a request ---- */

static bool take_line(struct bytes *from, struct bytes *line)
{
	const uint8_t *end = from->len ? memchr(from->at, '\n', from->len) : NULL;

	if (!end)
		return false;
	*line = (struct bytes){ from->at, (size_t)(end - from->at) };
	*from = (struct bytes){ end + 1, from->len - line->len - 1 };
	return true;
}

static bool read_old(struct bytes line, uint64_t *old)
{
	char digits[24] = "";
	char *end;

	if (line.len < 5 || line.len > 4 + 19 || memcmp(line.at, "old ", 4) != 0)
		return false;
	memcpy(digits, line.at + 4, line.len - 4);
	*old = strtoull(digits, &end, 10);
	return *end == '\0' && digits[0] >= '0' && digits[0] <= '9' &&
		(digits[0] != '0' || line.len == 5);
}

static bool read_node(struct bytes line, struct merkle_hash *node)
{
	size_t len = 0;

	return sodium_base642bin(node->at, MERKLE_HASH, (const char *)line.at, line.len, NULL, &len,
		       NULL, sodium_base64_VARIANT_ORIGINAL) == 0 && len == MERKLE_HASH;
}

static bool read_request(struct request *r, struct bytes body)
{
	struct bytes line;

	*r = (struct request){ 0 };
	if (!take_line(&body, &line) || !read_old(line, &r->old))
		return false;
	while (take_line(&body, &line) && line.len > 0)
		if (r->proof.count == MERKLE_PROOF - 1 ||
			!read_node(line, &r->proof.nodes[r->proof.count++]))
			return false;
	r->note = body;
	return checkpoint_read(&r->checkpoint, body);
}

/* ---- what it holds ---- */

static char *held_path(const char *folder, const char *origin)
{
	char hex[SHA256_TEXT];

	sha256_hex((struct bytes){ (const uint8_t *)origin, strlen(origin) }, hex);
	return mem_printf("%s/%.32s.checkpoint", folder, hex);
}

/* The checkpoint held of this origin; one of size 0 if there is none. false: what is there is
 * none of ours. */
static bool read_held(struct checkpoint *held, struct text *t, const char *path, const char *origin)
{
	*held = (struct checkpoint){ 0 };
	if (!disk_read(t, path, CHECKPOINT_SIZE, true))
		return access(path, F_OK) != 0;
	return checkpoint_read(held, (struct bytes){ (const uint8_t *)t->at, t->len }) &&
		strcmp(held->origin, origin) == 0;
}

static const struct sign_key *signer(const struct sign_ring *logs, const struct checkpoint *c)
{
	for (unsigned i = 0; i < logs->count; i++)
		if (checkpoint_is_signed(c, &logs->keys[i]))
			return &logs->keys[i];
	return NULL;
}

/* NULL: it follows what is held. */
static const char *check(const struct request *r, const struct checkpoint *held)
{
	const struct checkpoint *c = &r->checkpoint;

	if (r->old > c->size)
		return "it asks for a proof from a larger tree";
	if (r->old != held->size)
		return "the proof does not begin with the tree that is held";
	if (!merkle_check(&r->proof, r->old, held->root, c->size, c->root))
		return "the log does not begin with the tree that is held: rewritten or forked";
	return NULL;
}

static char *cosign_locked(const struct request *r, const struct sign_key *witness,
	const char *path, uint64_t at_s, uint64_t *held_size, const char **why)
{
	struct text t = { 0 };
	struct checkpoint held;
	bool ok = read_held(&held, &t, path, r->checkpoint.origin);

	*held_size = held.size;
	*why = ok ? check(r, &held) : "the checkpoint that is held cannot be read";
	text_fini(&t);
	if (*why)
		return NULL;
	if (!disk_replace(path, r->note, 0640)) {
		*why = "the checkpoint cannot be kept";
		return NULL;
	}
	*held_size = r->checkpoint.size;
	return checkpoint_cosign(&r->checkpoint, witness, at_s);
}

/* Only one at a time compares with what is held and replaces it. */
static int lock(const char *folder)
{
	char *path = mem_printf("%s/lock", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);

	free(path);
	if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

char *witness_cosign(const struct sign_ring *logs, const struct sign_key *witness,
	const char *held, struct bytes request, uint64_t at_s, uint64_t *held_size,
	const char **why)
{
	struct request r;

	*held_size = 0;
	if (!read_request(&r, request)) {
		*why = "not a request with a proof and a checkpoint";
		return NULL;
	}
	if (!signer(logs, &r.checkpoint)) {
		*why = "the checkpoint is not signed by a log that is known here";
		return NULL;
	}
	int fd = disk_make_folder(held, 0750) ? lock(held) : -1;
	if (fd < 0) {
		*why = "the folder of checkpoints cannot be locked";
		return NULL;
	}
	char *path = held_path(held, r.checkpoint.origin);
	char *line = cosign_locked(&r, witness, path, at_s, held_size, why);
	free(path);
	close(fd);
	return line;
}
