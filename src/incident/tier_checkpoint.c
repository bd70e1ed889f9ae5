#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/disk.h"
#include "incident/document_take.h"
#include "incident/tier_checkpoint.h"
#include "incident/tier_state.h"
#include "incident/trail_verify.h"
#include "incident/witness.h"

#define NS UINT64_C(1000000000)

enum { EVERY_S = 3600, SIZES = 48, TRIES = 5, WAIT_MS = 50 };

/* One trail, as it is now. */
struct log {
	struct trail_verdict v;
	struct merkle_hash *leaves;
	struct sign_key key;  /* the node's, under the log's name */
	char name[TRAIL_LOG]; /* as part of a path */
	json_t *state;	      /* checkpoints/LOG.json; NULL: none yet */
};

static char *log_path(const struct tier *t, const char *name, const char *end)
{
	return tier_path(t, "checkpoints", name, end);
}

void tier_log_name(char name[TRAIL_LOG], const char *log)
{
	snprintf(name, TRAIL_LOG, "%s", log);
	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-')
			*c = '_';
}

/* ---- reading ---- */

/* Its writer may be in the middle of a line. */
static bool read_whole(struct log *l, const char *path)
{
	struct timespec pause = { .tv_nsec = WAIT_MS * 1000000l };

	for (unsigned i = 0; i < TRIES; i++) {
		if (!trail_verify(&l->v, path, NULL, 0))
			return false;
		if (l->v.result != TRAIL_TRUNCATED)
			break;
		nanosleep(&pause, NULL);
	}
	if (l->v.result != TRAIL_OK) {
		report_error("%s: %s; no checkpoint is signed", path, l->v.text);
		return false;
	}
	l->leaves = l->v.entries ? trail_leaves(path, l->v.entries) : NULL;
	return l->leaves || l->v.entries == 0;
}

static uint64_t last_size(const struct log *l)
{
	const json_t *sizes = json_object_get(l->state, "sizes");
	size_t count = json_array_size(sizes);
	json_int_t size =
		count ? json_integer_value(json_array_get(sizes, count - 1)) : 0;

	return size > 0 ? (uint64_t)size : 0;
}

/* A log never signs two trees of which the later does not begin with the earlier. */
static bool follows(const struct log *l, const char *path)
{
	const char *note = json_string_value(json_object_get(l->state, "note"));
	struct bytes b = { (const uint8_t *)note, note ? strlen(note) : 0 };
	struct checkpoint before;
	struct merkle tree = { 0 };

	if (!note)
		return true;
	bool ok = checkpoint_read(&before, b) && before.size <= l->v.entries;
	for (uint64_t i = 0; ok && i < before.size; i++)
		merkle_add(&tree, l->leaves[i]);
	ok = ok && (before.size == 0 || merkle_equal(merkle_root(&tree), before.root));
	if (!ok)
		report_error(
			"%s: it does not begin with what was signed before: rewritten or "
			"cut; no checkpoint is signed",
			path);
	return ok;
}

static bool open_log(struct log *l, const struct tier *t, const char *path)
{
	*l = (struct log){ .key = t->key };
	if (!read_whole(l, path))
		return false;
	tier_log_name(l->name, l->v.log);
	int len =
		snprintf(l->key.name, SIGN_NAME, "%.63s/%.128s", t->self.node, l->v.log);
	if (len >= SIGN_NAME) {
		report_error("%s: the name of the log is too long", path);
		return false;
	}
	char *state = log_path(t, l->name, ".json");
	l->state = tier_load(state);
	free(state);
	return follows(l, path);
}

static void close_log(struct log *l)
{
	sign_key_wipe(&l->key);
	json_decref(l->state);
	free(l->leaves);
}

/* ---- sending ---- */

static void add_request(
	json_t *requests, const struct log *l, const char *note, uint64_t old)
{
	struct bytes b = { (const uint8_t *)note, strlen(note) };
	struct checkpoint c;

	if (!checkpoint_read(&c, b) || old > c.size)
		return;
	char *request = witness_request(&c, b, l->leaves, old);
	json_array_append_new(requests, json_string(request));
	free(request);
}

static json_t *body_of(const struct log *l, const char *note)
{
	json_t *requests = json_array(), *size;
	size_t i;

	add_request(requests, l, note, l->v.entries); /* it may have come before */
	json_array_foreach(json_object_get(l->state, "sizes"), i, size)
		add_request(requests, l, note, (uint64_t)json_integer_value(size));
	add_request(requests, l, note, 0);
	return json_pack("{ss ss sI ss so}", "schema", CHECKPOINT_SCHEMA, "log", l->v.log,
		"size", (json_int_t)l->v.entries, "note", note, "requests", requests);
}

/* Before it is sent: one that was sent and is not known of could never be followed. */
static bool keep_state(
	const struct tier *t, const struct log *l, const char *note, uint64_t now_ns)
{
	char at[TIME_TEXT], *path = log_path(t, l->name, ".json");
	json_t *sizes = json_copy(json_object_get(l->state, "sizes"));

	time_rfc3339(now_ns, at);
	sizes = sizes ? sizes : json_array();
	json_array_append_new(sizes, json_integer((json_int_t)l->v.entries));
	while (json_array_size(sizes) > SIZES)
		json_array_remove(sizes, 0);
	json_t *state = json_pack("{ss so ss}", "at", at, "sizes", sizes, "note", note);
	bool ok = tier_keep(path, state);
	json_decref(state);
	free(path);
	return ok;
}

static bool keep_key(const struct tier *t, const struct log *l)
{
	char *path = log_path(t, l->name, ".pub"), *line = sign_key_line(&l->key);
	char *whole = mem_printf("%s\n", line);
	bool ok = disk_replace(
		path, (struct bytes){ (const uint8_t *)whole, strlen(whole) }, 0644);

	free(whole);
	free(line);
	free(path);
	return ok;
}

static bool send_log(struct tier *t, const struct log *l,
	const struct envelope_end *upper, uint64_t now_ns)
{
	char *note = checkpoint_make(l->v.entries, merkle_root(&l->v.tree), &l->key);
	json_t *body = body_of(l, note);
	struct tier_letter letter = {
		.type = "checkpoint", .to = upper->node, .body = body, .lane = -1
	};
	char uid[ENVELOPE_UID];
	const char *why = NULL;
	bool ok = keep_key(t, l) && keep_state(t, l, note, now_ns) &&
		  tier_send(t, &letter, now_ns, uid, &why);

	if (why)
		report_error("checkpoint of %s: %s", l->v.log, why);
	json_decref(body);
	free(note);
	return ok;
}

/* ---- when ---- */

static bool is_due(const struct tier *t, const struct log *l, uint64_t now_ns, bool now)
{
	json_int_t every = json_integer_value(json_object_get(t->config, "checkpoint_s"));
	uint64_t at_ns = 0;

	if (l->v.entries == last_size(l))
		return false;
	if (now || !take_time(&at_ns, l->state, "at"))
		return true;
	return at_ns + (uint64_t)(every > 0 ? every : EVERY_S) * NS <= now_ns;
}

/* 1: sent, 0: nothing to send, -1 after a reported error. */
static int look_at(struct tier *t, const char *path, const struct envelope_end *upper,
	uint64_t now_ns, bool now)
{
	struct log l;
	int result = -1;

	if (open_log(&l, t, path))
		result = !is_due(t, &l, now_ns, now)	  ? 0
			 : send_log(t, &l, upper, now_ns) ? 1
							  : -1;
	close_log(&l);
	return result;
}

static char *trail_path(const struct tier *t, const char *name)
{
	return name[0] == '/' ? mem_string(name) : tier_path(t, name, "", "");
}

/* Trails may be long: they are not read each time. */
static bool may_be_due(const struct tier *t, uint64_t now_ns)
{
	json_int_t every = json_integer_value(json_object_get(t->config, "checkpoint_s"));

	return now_ns >=
	       t->checked_ns + (uint64_t)(every > 0 && every < 60 ? every : 60) * NS;
}

static int look_at_all(
	struct tier *t, const struct envelope_end *upper, uint64_t now_ns, bool now)
{
	const json_t *trails = json_object_get(t->config, "trails"), *trail;
	int sent = 0, result = 0;
	json_t *own = json_pack("[s]", "audit.ndjson");
	size_t i;

	json_array_foreach(trails ? trails : own, i, *(json_t **)&trail)
	{
		const char *name = json_string_value(trail);
		char *path = trail_path(t, name ? name : "");
		int one = look_at(t, path, upper, now_ns, now);
		sent += one > 0;
		result = one < 0 ? -1 : result;
		free(path);
	}
	json_decref(own);
	return result < 0 ? -1 : sent;
}

/* Not a word each time of what has been so from the beginning. */
static bool has_upper(const struct tier *t)
{
	unsigned count;

	return json_object_get(t->config, "upper") || tier_find_upper(t, &count);
}

int tier_checkpoints(struct tier *t, uint64_t now_ns, bool now)
{
	char *folder = tier_path(t, "checkpoints", "", "");
	int result = -1;

	if (!now && (!has_upper(t) || !may_be_due(t, now_ns))) {
		free(folder);
		return 0;
	}
	t->checked_ns = now_ns;
	const struct envelope_end *upper = tier_upper(t);
	if (upper && disk_make_folder(folder, 0750))
		result = look_at_all(t, upper, now_ns, now);
	free(folder);
	return result;
}
