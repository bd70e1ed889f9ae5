/* The tables, and how a store of an older program becomes one of this. PRAGMA
 * user_version counts the scripts that were run; they are never edited, only followed by
 * others. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "incident/store_state.h"

/* Times are nanoseconds since 1970, UTC. What `list` shows has columns of its own; the
 * documents lie apart, so that a list need not walk through them. Alerts stand in order
 * of time: new ones come at the end, and the indexes get the time behind their column. An
 * alert may come before its incident's document does, so that is no foreign key. */
static const char *const scripts[] = {
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE incident (id TEXT PRIMARY KEY, revision INTEGER NOT NULL,"
	" machine_revision INTEGER NOT NULL, state TEXT NOT NULL, level INTEGER NOT NULL,"
	" confirmed INTEGER NOT NULL, score INTEGER NOT NULL, title TEXT NOT NULL,"
	" owner TEXT, first INTEGER NOT NULL, last INTEGER NOT NULL,"
	" due INTEGER NOT NULL, alerts INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX incident_urgent ON incident (state, score DESC, last DESC);"
	"CREATE TABLE document (incident TEXT PRIMARY KEY REFERENCES incident,"
	" json TEXT NOT NULL);"
	"CREATE TABLE asset (name TEXT NOT NULL,"
	" incident TEXT NOT NULL REFERENCES incident,"
	" PRIMARY KEY (name, incident)) WITHOUT ROWID;"
	"CREATE TABLE revision (incident TEXT NOT NULL REFERENCES incident,"
	" revision INTEGER NOT NULL, at INTEGER NOT NULL, person TEXT NOT NULL,"
	" action TEXT NOT NULL, sha256 TEXT NOT NULL, changes TEXT NOT NULL,"
	" PRIMARY KEY (incident, revision)) WITHOUT ROWID;"

	"CREATE TABLE alert (time INTEGER NOT NULL, uid BLOB NOT NULL, incident TEXT,"
	" sid INTEGER NOT NULL, severity INTEGER NOT NULL, msg TEXT, src TEXT, dst TEXT,"
	" user TEXT, protocol TEXT, verb TEXT, unit TEXT, object TEXT, point TEXT,"
	" value TEXT, value_prev TEXT, outcome TEXT, code TEXT, line BLOB,"
	" PRIMARY KEY (time, uid)) WITHOUT ROWID;"
	"CREATE INDEX alert_incident ON alert (incident);"
	"CREATE INDEX alert_src ON alert (src);"
	"CREATE INDEX alert_dst ON alert (dst);"
	"CREATE INDEX alert_sid ON alert (sid);"
	"CREATE TABLE operation (time INTEGER NOT NULL, uid BLOB NOT NULL, src TEXT,"
	" dst TEXT,"
	" user TEXT, protocol TEXT, verb TEXT, unit TEXT, object TEXT, point TEXT,"
	" value TEXT, value_prev TEXT, outcome TEXT, code TEXT,"
	" PRIMARY KEY (time, uid)) WITHOUT ROWID;"
	"CREATE INDEX operation_src ON operation (src);"
	"CREATE INDEX operation_dst ON operation (dst);"

	"CREATE TABLE report (uid TEXT PRIMARY KEY,"
	" incident TEXT NOT NULL REFERENCES incident,"
	" revision INTEGER NOT NULL, json TEXT NOT NULL, incident_json TEXT)"
	" WITHOUT ROWID;"
	"CREATE INDEX report_incident ON report (incident);"
	"CREATE TABLE approval (report TEXT NOT NULL REFERENCES report,"
	" step TEXT NOT NULL, person TEXT NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (report, step)) WITHOUT ROWID;"

	"CREATE TABLE audit (seq INTEGER PRIMARY KEY, incident TEXT, hash TEXT NOT NULL,"
	" json TEXT NOT NULL);",

	/* What collectors share. `sensor` is empty but for one that came late. */
	"CREATE TABLE gathering (site TEXT NOT NULL, sensor TEXT NOT NULL,"
	" incident TEXT NOT NULL, json TEXT NOT NULL,"
	" PRIMARY KEY (site, sensor, incident)) WITHOUT ROWID;",
};
enum { VERSION = sizeof(scripts) / sizeof(*scripts) };

static bool read_version(struct store *s, uint64_t *version)
{
	struct query q = query_begin(s, "PRAGMA user_version");
	*version = query_row(&q) ? query_take_int(&q) : 0;
	return query_end(&q);
}

static bool run_script(struct store *s, unsigned number)
{
	char set[48];
	snprintf(set, sizeof(set), "PRAGMA user_version = %u", number + 1);
	return store_execute(s, scripts[number]) && store_execute(s, set);
}

/* A trail is the work of a database that had tables. */
static bool check_new(struct store *s)
{
	char *path = mem_printf("%s/audit.ndjson", s->dir);
	struct stat trail;
	bool had_tables = stat(path, &trail) == 0 && trail.st_size > 0;
	free(path);
	return !had_tables || store_fail(s, "incidents.db is empty, but audit.ndjson is not: "
					    "its content was lost; restore a backup");
}

/* Two programs may open a new store at once: the version is read again inside. */
static bool run_scripts(struct store *s)
{
	uint64_t version;
	bool ok = store_execute(s, "BEGIN IMMEDIATE") && read_version(s, &version) &&
		(version > 0 || check_new(s));
	for (unsigned i = ok ? (unsigned)version : VERSION; ok && i < VERSION; i++)
		ok = run_script(s, i);
	if (ok)
		return store_execute(s, "COMMIT");
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool store_migrate(struct store *s)
{
	uint64_t version;
	if (!read_version(s, &version))
		return false;
	if (version > VERSION)
		return store_fail(s,
			"made by a newer ironspan (version %u, this one knows %u)",
			(unsigned)version, VERSION);
	if (version == VERSION)
		return true;
	if (s->mode == STORE_READ && version == 0)
		return check_new(s) &&
			store_fail(s, "incidents.db is empty: nothing was stored yet");
	if (s->mode == STORE_READ)
		return store_fail(s, "made by an older ironspan; whoever may write it "
				     "must open it once");
	return run_scripts(s);
}
