#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/store_state.h"

enum { BUSY_MS = 10000 };

bool store_fail(struct store *s, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(s->error, sizeof(s->error), format, args);
	va_end(args);
	return false;
}

bool store_fail_sql(struct store *s)
{
	s->is_broken = true;
	return store_fail(s, "%s", sqlite3_errmsg(s->db));
}

const char *store_error(const struct store *s)
{
	return s->error;
}

const char *store_log(const struct store *s)
{
	return s->log;
}

const struct person *store_person(const struct store *s)
{
	return &s->person;
}

bool store_may(struct store *s, enum right right)
{
	if (role_may(s->person.role, right))
		return true;
	return store_fail(s, "%s (%s) may not %s", s->person.id,
		role_name(s->person.role), right_name(right));
}

bool store_execute(struct store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
		store_fail_sql(s);
}

/* ---- opening ---- */

static bool report_store(struct store *s)
{
	report_error("%s: %s", s->dir, s->error);
	return false;
}

static bool make_folder(struct store *s, const char *path)
{
	if (mkdir(path, 0750) == 0 || errno == EEXIST)
		return true;
	return store_fail(s, "the folder cannot be made: %s", strerror(errno));
}

static bool make_folders(struct store *s)
{
	char *inner = mem_printf("%s/incidents", s->dir);
	bool ok = make_folder(s, s->dir) && make_folder(s, inner);
	free(inner);
	return ok;
}

static int flags_of(enum store_mode mode)
{
	static const int flags[] = {
		[STORE_READ] = SQLITE_OPEN_READONLY,
		[STORE_WRITE] = SQLITE_OPEN_READWRITE,
		[STORE_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	return flags[mode] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
}

/* The log beside the database stays when the last writer goes, so that the folder's group
 * can go on reading: it could not make one. */
static bool open_database(struct store *s)
{
	int persist = 1;
	char *path = mem_printf("%s/incidents.db", s->dir);
	if (s->mode != STORE_CREATE && access(path, F_OK) != 0) {
		store_fail(s, "here is no store of incidents: %s", strerror(errno));
		free(path);
		return false;
	}
	mode_t mask = umask(0027);
	int code = sqlite3_open_v2(path, &s->db, flags_of(s->mode), NULL);
	umask(mask);
	free(path);
	if (code != SQLITE_OK)
		return store_fail(s, "incidents.db: %s", sqlite3_errstr(code));
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	return true;
}

static bool prepare_database(struct store *s)
{
	static const char writing[] =
		"PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;";
	return store_execute(s, "PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768;"
				"PRAGMA temp_store = MEMORY;") &&
		(s->mode == STORE_READ || store_execute(s, writing)) && store_migrate(s);
}

static bool begin_log(struct store *s, const char *log)
{
	char host[64] = "sensor";
	gethostname(host, sizeof(host) - 1);
	char *name = log ? mem_string(log) : mem_printf("audit-%s", host);
	struct query q = query_begin(s, "INSERT OR IGNORE INTO meta VALUES ('log', ?)");
	query_text(&q, name);
	bool ok = query_run(&q);
	free(name);
	return ok;
}

static bool read_log(struct store *s)
{
	struct query q = query_begin(s, "SELECT value FROM meta WHERE key = 'log'");
	if (query_row(&q))
		s->log = mem_string(query_take_text(&q));
	bool ok = query_end(&q);
	return ok && (s->log || store_fail(s, "the trail has no name"));
}

static bool open_all(struct store *s, const struct store_config *c)
{
	return store_may(s, RIGHT_READ) && (s->mode != STORE_CREATE || make_folders(s)) &&
		open_database(s) && prepare_database(s) &&
		(s->mode == STORE_READ || begin_log(s, c->log)) && read_log(s) &&
		(s->mode == STORE_READ || store_copy_trail(s));
}

struct store *store_open(const struct store_config *config)
{
	struct store *s = mem_new(sizeof(*s));
	s->dir = mem_string(config->dir);
	s->mode = config->mode;
	s->person = config->person;
	s->registers = config->registers;
	if (open_all(s, config))
		return s;
	report_store(s);
	store_close(s);
	return NULL;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->statements[i].prepared);
	sqlite3_close(s->db);
	text_fini(&s->scratch);
	free(s->dir);
	free(s->log);
	free(s);
}

/* ---- transactions ---- */

bool store_begin(struct store *s)
{
	if (!store_execute(s, "BEGIN IMMEDIATE"))
		return false;
	s->in_batch = true;
	s->is_broken = false;
	return true;
}

static void roll_back(struct store *s)
{
	s->in_batch = s->is_broken = false;
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

void store_cancel(struct store *s)
{
	if (s->in_batch)
		roll_back(s);
}

/* The copy may fail (a full disk): the change is kept all the same, the next
 * copy has it. */
bool store_commit(struct store *s)
{
	bool ok = !s->is_broken && store_execute(s, "COMMIT");
	if (!ok) {
		roll_back(s);
		return false;
	}
	s->in_batch = false;
	if (!store_copy_trail(s))
		report_warning("%s: %s", s->dir, s->error);
	return true;
}

/* What one item of a batch did is undone, the others stay. */
static bool undo_item(struct store *s)
{
	return store_execute(s, "ROLLBACK TO item");
}

bool store_enter(struct store *s)
{
	return store_execute(s, s->in_batch ? "SAVEPOINT item" : "BEGIN IMMEDIATE");
}

bool store_leave(struct store *s, bool ok)
{
	if (s->in_batch)
		return (ok || undo_item(s)) && store_execute(s, "RELEASE item") && ok;
	if (ok)
		return store_commit(s);
	roll_back(s);
	return false;
}
