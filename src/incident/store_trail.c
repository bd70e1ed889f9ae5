/* The trail in the database, and its copies beside it.
 *
 * Copies are made under a lock on the folder, from the entry that follows the last one in
 * audit.ndjson: first the incidents that these entries speak of, then the lines. So
 * whatever a crash interrupts, the next copy begins with again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/memory.h"
#include "incident/store_state.h"
#include "incident/trail.h"

/* ---- entries ---- */

/* *hash is "" before the first; it is the caller's room. */
static bool read_last(struct store *s, uint64_t *seq, char hash[SHA256_TEXT])
{
	struct query q =
		query_begin(s, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
	*seq = 0;
	hash[0] = '\0';
	if (query_row(&q)) {
		*seq = query_take_int(&q);
		snprintf(hash, SHA256_TEXT, "%s", query_take_text(&q));
	}
	return query_end(&q);
}

bool store_next_entry(struct store *s, uint64_t *seq)
{
	char hash[SHA256_TEXT];
	bool ok = read_last(s, seq, hash);
	++*seq;
	return ok;
}

static json_t *actor(const struct store *s)
{
	char host[64] = "";
	gethostname(host, sizeof(host) - 1);
	return json_pack("{s:s, s:s, s:s}", "id", s->person.id, "auth", s->person.auth,
		"from", host);
}

static bool insert_entry(
	struct store *s, uint64_t seq, const json_t *entry, const char *incident)
{
	char *json = canonical_json(entry, NULL);
	struct query q = query_begin(s, "INSERT INTO audit VALUES (?, ?, ?, ?)");
	query_int(&q, seq);
	query_text(&q, incident);
	query_text(&q, trail_hash(entry));
	query_text(&q, json);
	bool ok = query_run(&q);
	free(json);
	return ok;
}

bool store_add_entry(struct store *s, const char *action, json_t *object,
	const char *incident, uint64_t now_ns)
{
	char prev[SHA256_TEXT];
	uint64_t last;
	if (!read_last(s, &last, prev)) {
		json_decref(object);
		return false;
	}
	json_t *entry = trail_entry(
		s->log, last + 1, last ? prev : NULL, now_ns, actor(s), action, object);
	if (!entry)
		return store_fail(
			s, "%s: no entry of the trail can be made of this", action);
	bool ok = insert_entry(s, last + 1, entry, incident);
	json_decref(entry);
	return ok;
}

/* ---- incidents/ID.json ---- */

/* What is no plain character of a file name becomes %XX; so does a dot
 * at the beginning. */
static char *copy_path(const struct store *s, const char *id)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_";
	struct text path = { 0 };
	text_printf(&path, "%s/incidents/", s->dir);
	for (const char *c = id; *c; c++)
		if (strchr(plain, *c) || (*c == '.' && c > id))
			text_char(&path, *c);
		else
			text_printf(&path, "%%%02X", (unsigned char)*c);
	text_str(&path, ".json");
	text_char(&path, '\0');
	return path.at;
}

static bool write_file(const char *path, const char *json)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!out)
		return false;
	bool ok = fputs(json, out) >= 0 && fputc('\n', out) != EOF;
	return fclose(out) == 0 && ok;
}

static bool replace_file(struct store *s, const char *path, const char *json)
{
	char *draft = mem_printf("%s.tmp", path);
	bool ok = write_file(draft, json) && rename(draft, path) == 0;
	if (!ok)
		store_fail(s, "%s: %s", path, strerror(errno));
	free(draft);
	return ok;
}

bool store_write_copy(struct store *s, const char *id)
{
	struct query q = query_begin(s, "SELECT json FROM document WHERE incident = ?");
	query_text(&q, id);
	bool ok = true;
	if (query_row(&q)) {
		char *path = copy_path(s, id);
		ok = replace_file(s, path, query_take_text(&q));
		free(path);
	}
	return query_end(&q) && ok;
}

/* ---- audit.ndjson ---- */

static bool copy_incidents(struct store *s, uint64_t after)
{
	struct query q = query_begin(s,
		"SELECT DISTINCT incident FROM audit WHERE seq > ? "
		"AND incident IS NOT NULL");
	bool ok = true;
	query_int(&q, after);
	while (ok && query_row(&q))
		ok = store_write_copy(s, query_take_text(&q));
	return query_end(&q) && ok;
}

static bool append_one(struct store *s, struct trail *t, const char *json)
{
	json_t *entry = json_loads(json, 0, NULL);
	bool ok = entry && trail_append(t, entry);
	json_decref(entry);
	return ok || store_fail(s, "audit.ndjson cannot be continued");
}

static bool append_entries(struct store *s, struct trail *t)
{
	struct query q =
		query_begin(s, "SELECT json FROM audit WHERE seq > ? ORDER BY seq");
	bool ok = true;
	query_int(&q, trail_seq(t));
	while (ok && query_row(&q))
		ok = append_one(s, t, query_take_text(&q));
	s->copied = ok ? trail_seq(t) : s->copied;
	return query_end(&q) && ok && trail_sync(t);
}

/* Is the file's last entry the database's of the same number? If not, one of the two has
 * been replaced. */
static bool same_history(struct store *s, struct trail *t)
{
	if (trail_seq(t) == 0)
		return true;
	struct query q = query_begin(s, "SELECT hash FROM audit WHERE seq = ?");
	query_int(&q, trail_seq(t));
	bool same = query_row(&q) && strcmp(query_take_text(&q), trail_last_hash(t)) == 0;
	return query_end(&q) &&
		(same ||
			store_fail(s,
				"entry %u of audit.ndjson is not the database's: "
				"one of them has been replaced",
				(unsigned)trail_seq(t)));
}

static bool copy_to(struct store *s, const char *path)
{
	struct trail *t = trail_open(path, s->log);
	if (!t)
		return store_fail(s, "audit.ndjson cannot be continued");
	bool ok = same_history(s, t) && copy_incidents(s, trail_seq(t)) &&
		append_entries(s, t);
	trail_close(t);
	return ok;
}

static bool copy_locked(struct store *s)
{
	int lock = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0 || flock(lock, LOCK_EX) != 0) {
		store_fail(s, "%s", strerror(errno));
		if (lock >= 0)
			close(lock);
		return false;
	}
	char *path = mem_printf("%s/audit.ndjson", s->dir);
	bool ok = copy_to(s, path);
	free(path);
	close(lock);
	return ok;
}

bool store_copy_trail(struct store *s)
{
	char hash[SHA256_TEXT];
	uint64_t last;
	if (!read_last(s, &last, hash))
		return false;
	return (last == s->copied && last > 0) || copy_locked(s);
}
