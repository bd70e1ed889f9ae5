/* Inside store_*.c: the handle, and statements that are prepared once. */
#ifndef IRONSPAN_STORE_STATE_H
#define IRONSPAN_STORE_STATE_H

#include <sqlite3.h>

#include "base/text.h"
#include "incident/store.h"
#include "incident/time.h"

enum { STATEMENTS = 64, STORE_ERROR = 512, STORE_ID_MAX = 128 };

struct statement {
	const char *sql; /* its place in memory is its name */
	sqlite3_stmt *prepared;
};

struct store {
	sqlite3 *db;
	char *dir, *log;
	enum store_mode mode;
	struct person person;
	const struct registers *registers;
	bool in_batch,
		is_broken; /* broken: something of the batch failed, all of it goes */
	uint64_t copied;          /* last entry that the file is known to have */
	struct statement statements[STATEMENTS];
	struct text scratch;
	char error[STORE_ERROR];
};

/* Always false. */
bool store_fail(struct store *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool store_fail_sql(struct store *s); /* with SQLite's own words */

/* One run of a statement: values are put in order, columns are taken in order. */
struct query {
	struct store *store;
	sqlite3_stmt *st;
	int put, taken;
	bool ok;
};

struct query query_begin(struct store *s, const char *sql);
void query_text(
	struct query *q, const char *text); /* NULL: NULL; borrowed until the end */
void query_bytes(struct query *q, struct bytes b);
void query_int(struct query *q, uint64_t value);
bool query_row(struct query *q); /* is there another row */
const char *query_take_text(struct query *q); /* valid until the next row; NULL: NULL */
struct bytes query_take_bytes(struct query *q);
uint64_t query_take_int(struct query *q);
bool query_end(struct query *q); /* false: it failed, and store_error() says why */
bool query_run(struct query *q); /* for statements without rows */

bool store_execute(
	struct store *s, const char *sql); /* statements that are not worth keeping */
bool store_migrate(struct store *s);

/* The gate. */
bool store_may(struct store *s, enum right right);
/* A transaction; within a batch an item of it, which fails alone. */
bool store_enter(struct store *s);
bool store_leave(struct store *s, bool ok);

/* ---- parts of a change ---- */

bool store_read_document(
	struct store *s, const char *id, json_t **doc); /* NULL: there is none */
/* Writes a changed document and all that goes with it: revision, history, columns, entry.
 * `details` is taken over and goes into the entry's object. */
struct store_write {
	const json_t *before; /* NULL: it is new */
	json_t *doc;
	const char *action;   /* "incident.ack" */
	json_t *details;
	uint64_t machine_revision, now_ns;
};
bool store_write(struct store *s, const struct store_write *w);
json_t *store_changes(const json_t *before, const json_t *after); /* by JSON pointer */
/* What the machine thinks of the document now; `before` is NULL for a new one. */
void store_evaluate(struct store *s, json_t *doc, const json_t *before, uint64_t now_ns);

/* The entry that comes next, and its number. `object` is taken over. */
bool store_next_entry(struct store *s, uint64_t *seq);
bool store_add_entry(struct store *s, const char *action, json_t *object,
	const char *incident, uint64_t now_ns);
bool store_copy_trail(struct store *s);
bool store_write_copy(struct store *s, const char *id);

#endif
