/* `ironspan audit checkpoint`, request and cosign */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/report.h"
#include "command_audit.h"
#include "command_audit_parts.h"
#include "command_words.h"
#include "incident/disk.h"
#include "incident/time.h"
#include "incident/trail_verify.h"
#include "incident/witness.h"
#include "options.h"

static struct bytes bytes_of(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* The log must be whole, and begin with `older` if there is one. */
static int verify(struct trail_verdict *v, const char *log, const struct checkpoint *older)
{
	if (!trail_verify(v, log, older, older ? 1 : 0))
		return EXIT_CANNOT_RUN;
	if (v->result == TRAIL_OK)
		return EXIT_FINE;
	report_error("%s: %s", log, v->text);
	return EXIT_MISTAKE;
}

/* A log never signs two trees of which the later does not begin with the earlier. */
static int check_against(struct trail_verdict *v, const char *log, const char *out,
	const struct sign_key *key)
{
	struct text note = { 0 };
	struct checkpoint older;
	struct stat status;
	int code = EXIT_MISTAKE;

	if (!out || stat(out, &status) != 0 || !S_ISREG(status.st_mode))
		return verify(v, log, NULL);
	if (checkpoint_file_read(&older, &note, out)) {
		if (checkpoint_is_signed(&older, key))
			code = verify(v, log, &older);
		else
			report_error("%s: signed with another key; choose another --out", out);
	}
	text_fini(&note);
	return code;
}

static int sign_log(const char *log, const char *out, const struct sign_key *key)
{
	struct trail_verdict v;
	int code = check_against(&v, log, out, key);

	if (code != EXIT_FINE)
		return code;
	char *note = checkpoint_make(v.entries, merkle_root(&v.tree), key);
	if (!out)
		fputs(note, stdout);
	else if (!disk_write_out(out, bytes_of(note), 0644))
		code = EXIT_CANNOT_RUN;
	free(note);
	return code;
}

int command_audit_checkpoint(int argc, char **argv)
{
	struct command_words w = { "audit", command_audit_help() };
	const char *log = NULL, *key_path = NULL, *out = NULL;
	const struct command_word rows[] = {
		{ "log", .value = &log },
		{ "key", .value = &key_path },
		{ "out", .value = &out },
		{ NULL },
	};
	struct sign_key key;

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (!command_needs(&w, "--log", log) || !command_needs(&w, "--key", key_path))
		return EXIT_CANNOT_RUN;
	if (!sign_key_load(&key, key_path))
		return EXIT_MISTAKE;
	int code = sign_log(log, out, &key);
	sign_key_wipe(&key);
	return code;
}

/* ---- witnesses ---- */

static int print_request(const char *log, const struct checkpoint *c, const struct text *note,
	uint64_t old)
{
	struct trail_verdict v;
	int code = verify(&v, log, c);
	struct merkle_hash *leaves = code == EXIT_FINE ? trail_leaves(log, c->size) : NULL;

	if (!leaves)
		return code != EXIT_FINE ? code : EXIT_CANNOT_RUN;
	char *request = witness_request(
		c, (struct bytes){ (const uint8_t *)note->at, note->len }, leaves, old);
	fputs(request, stdout);
	free(request);
	free(leaves);
	return EXIT_FINE;
}

static bool read_old(const char *text, uint64_t *old)
{
	char *end = NULL;

	errno = 0;
	*old = text ? strtoull(text, &end, 10) : 0;
	if (!text || (end != text && !*end && errno == 0 && *text != '-'))
		return true;
	report_error("--old %s: not a number of entries", text);
	return false;
}

int command_audit_request(int argc, char **argv)
{
	struct command_words w = { "audit", command_audit_help() };
	const char *log = NULL, *path = NULL, *old_text = NULL;
	const struct command_word rows[] = {
		{ "log", .value = &log },
		{ "checkpoint", .value = &path },
		{ "old", .value = &old_text },
		{ NULL },
	};
	struct text note = { 0 };
	struct checkpoint c;
	uint64_t old;
	int code = EXIT_MISTAKE;

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (!command_needs(&w, "--log", log) || !command_needs(&w, "--checkpoint", path) ||
		!read_old(old_text, &old))
		return EXIT_CANNOT_RUN;
	if (checkpoint_file_read(&c, &note, path)) {
		if (old > c.size)
			report_error("--old %s: the checkpoint has %" PRIu64 " entries", old_text,
				c.size);
		else
			code = print_request(log, &c, &note, old);
	}
	text_fini(&note);
	return code;
}

static int cosign(const char *request, const struct sign_ring *pub, const struct sign_key *key,
	const char *held)
{
	struct text body = { 0 };
	const char *why = NULL;
	uint64_t held_size = 0;

	if (!disk_read(&body, request, CHECKPOINT_SIZE, false)) {
		text_fini(&body);
		return EXIT_CANNOT_RUN;
	}
	char *line = witness_cosign(pub, key, held,
		(struct bytes){ (const uint8_t *)body.at, body.len }, time_now_ns() / 1000000000,
		&held_size, &why);
	if (line)
		fputs(line, stdout);
	else
		report_error("%s: %s; %" PRIu64 " entries are held", request, why, held_size);
	text_fini(&body);
	int code = line ? EXIT_FINE : EXIT_MISTAKE;
	free(line);
	return code;
}

int command_audit_cosign(int argc, char **argv)
{
	struct command_words w = { "audit", command_audit_help() };
	const char *pub = NULL, *key_path = NULL, *held = NULL;
	const struct command_word rows[] = {
		{ "pub", .value = &pub },
		{ "key", .value = &key_path },
		{ "held", .value = &held },
		{ NULL },
	};
	struct sign_ring ring;
	struct sign_key key;
	int code = EXIT_MISTAKE;

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (!command_needs(&w, "a REQUEST", w.count == 1 ? w.operands[0] : NULL) ||
		!command_needs(&w, "--pub", pub) || !command_needs(&w, "--key", key_path) ||
		!command_needs(&w, "--held", held))
		return EXIT_CANNOT_RUN;
	if (!sign_key_load(&key, key_path))
		return code;
	if (sign_ring_load(&ring, pub))
		code = cosign(w.operands[0], &ring, &key, held);
	sign_ring_free(&ring);
	sign_key_wipe(&key);
	return code;
}
