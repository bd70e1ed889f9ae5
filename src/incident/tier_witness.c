/* Checkpoints that came from below, and what the witness said of ours. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "incident/disk.h"
#include "incident/document_take.h"
#include "incident/tier_checkpoint.h"
#include "incident/tier_state.h"
#include "incident/trail_line.h"
#include "incident/witness.h"

enum { REQUESTS = 64, COSIGNATURE = 1024 };

/* ---- the witness ---- */

/* The sender's keys, under the name of this log: who signs for it. */
static struct sign_ring keys_of(const struct tier *t, const char *node, const char *log)
{
	struct sign_ring ring = { .keys = mem_array(t->trust.count, sizeof(*ring.keys)) };

	for (unsigned i = 0; i < t->trust.count; i++) {
		struct sign_key *key = &ring.keys[ring.count];
		if (strcmp(t->trust.keys[i].name, node) != 0)
			continue;
		*key = t->trust.keys[i];
		int len = snprintf(key->name, SIGN_NAME, "%.63s/%.128s", node, log);
		ring.count += len < SIGN_NAME;
	}
	return ring;
}

struct asking {
	const struct tier *t;
	const struct sign_ring *ring;
	const json_t *requests;
	char *held;
	uint64_t at_s, held_size;
};

static char *ask(struct asking *a, size_t number, const char **why)
{
	const json_t *request = json_array_get(a->requests, number);
	struct bytes b = { (const uint8_t *)json_string_value(request),
		json_string_length(request) };

	*why = "a request is no text";
	return b.at ? witness_cosign(a->ring, &a->t->key, a->held, b, a->at_s,
			      &a->held_size, why)
		    : NULL;
}

/* The first tells what is held; another may begin there. */
static char *ask_all(struct asking *a, const char **why)
{
	char *line = ask(a, 0, why);
	char begin[32];

	snprintf(begin, sizeof(begin), "old %llu\n", (unsigned long long)a->held_size);
	for (size_t i = 1; !line && i < json_array_size(a->requests) && i < REQUESTS;
		i++) {
		const char *request = json_string_value(json_array_get(a->requests, i));
		if (request && strncmp(request, begin, strlen(begin)) == 0)
			return ask(a, i, why);
	}
	return line;
}

const char *tier_witness(const struct tier *t, const struct envelope_head *h,
	const json_t *body, uint64_t now_ns, char **cosignature)
{
	char log[TRAIL_LOG];
	const char *why = NULL;

	if (!take_word(body, "schema", CHECKPOINT_SCHEMA) ||
		!take_text(log, sizeof(log), body, "log") ||
		!json_is_array(json_object_get(body, "requests")))
		return "not an " CHECKPOINT_SCHEMA;
	struct sign_ring ring = keys_of(t, h->from.node, log);
	struct asking a = { t, &ring, json_object_get(body, "requests"),
		tier_path(t, "witness", "", ""), now_ns / 1000000000, 0 };
	*cosignature = ask_all(&a, &why);
	free(a.held);
	free(ring.keys);
	return *cosignature ? NULL : why;
}

/* ---- its answer ---- */

static bool keep_witnessed(
	const struct tier *t, const char *log, const char *note, const char *line)
{
	char name[TRAIL_LOG];

	tier_log_name(name, log);
	char *path = tier_path(t, "checkpoints", name, ".checkpoint");
	char *whole = mem_printf("%s%s", note, line);
	bool ok = disk_replace(
		path, (struct bytes){ (const uint8_t *)whole, strlen(whole) }, 0644);

	free(whole);
	free(path);
	return ok;
}

bool tier_witnessed(const struct tier *t, const json_t *envelope, const json_t *receipt)
{
	const json_t *body = json_object_get(envelope, "body");
	const char *note = json_string_value(json_object_get(body, "note"));
	char log[TRAIL_LOG], line[COSIGNATURE];

	if (!take_word(envelope, "type", "checkpoint") || !note ||
		!take_text(log, sizeof(log), body, "log") ||
		!take_text(line, sizeof(line), receipt, "cosignature"))
		return true;
	return keep_witnessed(t, log, note, line);
}
