/* `ironspan audit verify` */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_audit.h"
#include "command_audit_parts.h"
#include "command_words.h"
#include "incident/disk.h"
#include "incident/time.h"
#include "incident/trail_verify.h"
#include "options.h"

struct asked {
	const char *log, *pub, *witness;
	struct command_list checkpoints;
	bool json;
};

static const struct sign_key *signer(const struct checkpoint *c, const struct sign_ring *ring)
{
	for (unsigned i = 0; i < ring->count; i++)
		if (checkpoint_is_signed(c, &ring->keys[i]))
			return &ring->keys[i];
	return NULL;
}

static const struct sign_key *cosigner(const struct checkpoint *c, const struct sign_ring *ring)
{
	uint64_t at_s;

	for (unsigned i = 0; i < ring->count; i++)
		if (checkpoint_is_cosigned(c, &ring->keys[i], &at_s))
			return &ring->keys[i];
	return NULL;
}

bool checkpoint_file_read(struct checkpoint *c, struct text *note, const char *path)
{
	if (!disk_read(note, path, CHECKPOINT_SIZE, false))
		return false;
	if (checkpoint_read(c, (struct bytes){ (const uint8_t *)note->at, note->len }))
		return true;
	report_error("%s: not a checkpoint", path);
	return false;
}

/* Reads checkpoint `i` and checks who signed it. */
static bool take_checkpoint(struct checkpoint *c, struct text *note, const char *path,
	const struct sign_ring *pub, const struct sign_ring *witnesses)
{
	if (!checkpoint_file_read(c, note, path))
		return false;
	if (!signer(c, pub)) {
		report_error("%s: no key of --pub signed this checkpoint of %s", path, c->origin);
		return false;
	}
	if (witnesses->count > 0 && !cosigner(c, witnesses)) {
		report_error("%s: no key of --witness cosigned this checkpoint", path);
		return false;
	}
	return true;
}

static int tell(const struct trail_verdict *v, const struct asked *a)
{
	if (v->result != TRAIL_OK) {
		printf("%s: %s\n", a->log, v->text);
		return EXIT_MISTAKE;
	}
	if (v->entries == 0) {
		printf("OK: %s is empty\n", a->log);
		return EXIT_FINE;
	}
	printf("OK: %s, %" PRIu64 " entries of %s, %" PRIu64 " to %" PRIu64 ", last hash %s\n",
		a->log, v->entries, v->log, v->first_seq, v->last_seq, v->last_hash);
	if (a->checkpoints.count > 0)
		printf("OK: it begins with what %u checkpoint%s stand%s for\n",
			a->checkpoints.count, a->checkpoints.count == 1 ? "" : "s",
			a->checkpoints.count == 1 ? "s" : "");
	else
		puts("not checked: whether the whole log was rewritten; that takes a checkpoint "
		     "kept elsewhere");
	return EXIT_FINE;
}

static int tell_json(const struct trail_verdict *v, const struct asked *a)
{
	json_t *j = json_pack("{ss ss sI ss? ss? sI}", "result", trail_result_name(v->result),
		"log", a->log, "entries", (json_int_t)v->entries, "name", v->log[0] ? v->log : NULL,
		"last_hash", v->last_hash[0] ? v->last_hash : NULL, "checkpoints",
		(json_int_t)a->checkpoints.count);

	if (v->result != TRAIL_OK) {
		json_object_set_new(j, "line", json_integer((json_int_t)v->line));
		json_object_set_new(j, "seq", json_integer((json_int_t)v->seq));
		json_object_set_new(j, "text", json_string(v->text));
	}
	json_dumpf(j, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(j);
	return v->result == TRAIL_OK ? EXIT_FINE : EXIT_MISTAKE;
}

static int verify(const struct asked *a, const struct sign_ring *pub,
	const struct sign_ring *witnesses)
{
	struct checkpoint *checkpoints = mem_array(a->checkpoints.count, sizeof(*checkpoints));
	struct text *notes = mem_array(a->checkpoints.count, sizeof(*notes));
	struct trail_verdict v;
	bool ok = true;
	int code = EXIT_MISTAKE;

	for (unsigned i = 0; i < a->checkpoints.count; i++)
		ok = take_checkpoint(&checkpoints[i], &notes[i], a->checkpoints.at[i], pub,
			witnesses) && ok;
	if (ok && !trail_verify(&v, a->log, checkpoints, a->checkpoints.count))
		code = EXIT_CANNOT_RUN;
	else if (ok)
		code = (a->json ? tell_json : tell)(&v, a);
	for (unsigned i = 0; i < a->checkpoints.count; i++)
		text_fini(&notes[i]);
	free(checkpoints);
	free(notes);
	return code;
}

static int with_keys(const struct asked *a)
{
	struct sign_ring pub = { 0 }, witnesses = { 0 };
	int code = EXIT_MISTAKE;

	if ((!a->pub || sign_ring_load(&pub, a->pub)) &&
		(!a->witness || sign_ring_load(&witnesses, a->witness)))
		code = verify(a, &pub, &witnesses);
	sign_ring_free(&pub);
	sign_ring_free(&witnesses);
	return code;
}

int command_audit_verify(int argc, char **argv)
{
	struct command_words w = { "audit", command_audit_help() };
	struct asked a = { 0 };
	const struct command_word rows[] = {
		{ "log", .value = &a.log },
		{ "checkpoint", .list = &a.checkpoints },
		{ "pub", .value = &a.pub },
		{ "witness", .value = &a.witness },
		{ "json", .flag = &a.json },
		{ NULL },
	};

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (!command_needs(&w, "--log", a.log) ||
		(a.checkpoints.count > 0 && !command_needs(&w, "--pub", a.pub)))
		return EXIT_CANNOT_RUN;
	return with_keys(&a);
}
