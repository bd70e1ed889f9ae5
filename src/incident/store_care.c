/* What a store needs now and then: rows that grew old go, and a copy is put by. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "incident/store_state.h"

#define DAY_NS (UINT64_C(86400) * 1000000000)

enum { AT_ONCE = 20000 }; /* rows that go before the size is looked at again */

struct gone {
	uint64_t alerts, operations;
};

static bool delete_rows(struct store *s, const char *sql, uint64_t value, uint64_t *gone)
{
	struct query q = query_begin(s, sql);
	query_int(&q, value);
	bool ok = query_run(&q);
	if (ok)
		*gone += (uint64_t)sqlite3_changes64(s->db);
	return ok;
}

/* ---- by age ---- */

static bool retain_age(struct store *s, unsigned days, uint64_t now_ns, struct gone *gone)
{
	if (days == 0 || now_ns < days * DAY_NS)
		return true;
	return delete_rows(s, "DELETE FROM operation WHERE time < ?",
		       now_ns - days * DAY_NS, &gone->operations) &&
		delete_rows(s,
			"DELETE FROM alert WHERE time < ? AND (incident IS NULL OR"
			" incident NOT IN (SELECT id FROM incident WHERE state NOT IN"
			" ('closed', 'dismissed', 'merged')))",
			now_ns - days * DAY_NS, &gone->alerts);
}

/* ---- by size ---- */

static bool size_of(struct store *s, uint64_t *bytes)
{
	struct query q = query_begin(s, "SELECT (page_count - freelist_count) * page_size"
		" FROM pragma_page_count, pragma_freelist_count, pragma_page_size");
	*bytes = query_row(&q) ? query_take_int(&q) : 0;
	return query_end(&q);
}

/* The oldest of both kinds, in turn, until it is small enough or none is left. */
static bool retain_size(struct store *s, uint64_t most, struct gone *gone)
{
	uint64_t bytes, before;
	bool ok = size_of(s, &bytes);
	while (ok && most && bytes > most) {
		before = gone->alerts + gone->operations;
		ok = delete_rows(s,
			     "DELETE FROM alert WHERE (time, uid) IN (SELECT time, uid"
			     " FROM alert ORDER BY time, uid LIMIT ?)",
			     AT_ONCE, &gone->alerts) &&
			delete_rows(s,
				"DELETE FROM operation WHERE (time, uid) IN (SELECT time,"
				" uid FROM operation ORDER BY time, uid LIMIT ?)",
				AT_ONCE, &gone->operations) &&
			size_of(s, &bytes);
		if (gone->alerts + gone->operations == before)
			break;
	}
	return ok;
}

static bool note_gone(struct store *s, const struct store_keep *keep,
	const struct gone *gone, uint64_t now_ns)
{
	if (gone->alerts + gone->operations == 0)
		return true;
	json_t *object = json_pack("{s:I, s:I, s:i, s:I}", "alerts",
		(json_int_t)gone->alerts, "operations", (json_int_t)gone->operations,
		"keep_days", (int)keep->days, "keep_bytes", (json_int_t)keep->bytes);
	return store_add_entry(s, "store.retain", object, NULL, now_ns);
}

bool store_retain(struct store *s, const struct store_keep *keep, uint64_t now_ns)
{
	struct gone gone = { 0 };
	if (!store_may(s, RIGHT_FEED) || !store_enter(s))
		return false;
	bool ok = retain_age(s, keep->days, now_ns, &gone) &&
		retain_size(s, keep->bytes, &gone) && note_gone(s, keep, &gone, now_ns);
	ok = store_leave(s, ok);
	if (ok && gone.alerts + gone.operations > 0 && !s->in_batch)
		ok = store_execute(s, "PRAGMA incremental_vacuum");
	return ok;
}

/* ---- backup ---- */

static bool copy_pages(struct store *s, sqlite3 *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", s->db, "main");
	if (!b)
		return store_fail(s, "backup: %s", sqlite3_errmsg(to));
	sqlite3_backup_step(b, -1);
	int code = sqlite3_backup_finish(b);
	return code == SQLITE_OK || store_fail(s, "backup: %s", sqlite3_errstr(code));
}

static bool copy_database(struct store *s, const char *dir)
{
	sqlite3 *to = NULL;
	char *path = mem_printf("%s/incidents.db", dir);
	mode_t mask = umask(0027);
	bool ok = sqlite3_open(path, &to) == SQLITE_OK ||
		store_fail(s, "%s: %s", path, sqlite3_errmsg(to));
	ok = ok && copy_pages(s, to);
	umask(mask);
	sqlite3_close(to);
	free(path);
	return ok;
}

static bool copy_text(FILE *in, FILE *out)
{
	char block[4096];
	size_t len;
	bool ok = true;
	while ((len = fread(block, 1, sizeof(block), in)) > 0)
		ok = fwrite(block, 1, len, out) == len && ok;
	return ok;
}

static bool copy_roles(struct store *s, const char *dir)
{
	char *from = mem_printf("%s/roles.json", s->dir),
	     *to = mem_printf("%s/roles.json", dir);
	FILE *in = fopen(from, "re"), *out = in ? fopen(to, "we") : NULL;
	bool ok = !in || (out && copy_text(in, out));
	if (in)
		fclose(in);
	if (out)
		ok = fclose(out) == 0 && ok;
	free(from);
	free(to);
	return ok || store_fail(s, "roles.json cannot be copied");
}

/* Opened as a store it writes its own audit.ndjson and incidents. */
static bool complete_copy(struct store *s, const char *dir)
{
	struct store_config config = {
		.dir = dir, .mode = STORE_CREATE, .person = s->person
	};
	struct store *copy = store_open(&config);
	store_close(copy);
	return copy || store_fail(s, "the copy in %s cannot be opened", dir);
}

bool store_backup(struct store *s, const char *dir, uint64_t now_ns)
{
	if (!store_may(s, RIGHT_ADMINISTER))
		return false;
	if (mkdir(dir, 0750) != 0)
		return store_fail(s, "%s: %s", dir, strerror(errno));
	json_t *object = json_pack("{s:s}", "folder", dir);
	return store_enter(s) &&
		store_leave(
			s, store_add_entry(s, "store.backup", object, NULL, now_ns)) &&
		copy_database(s, dir) && copy_roles(s, dir) && complete_copy(s, dir);
}
