#include <string.h>

#include "incident/store_state.h"

static sqlite3_stmt *prepare(struct store *s, struct statement *st, const char *sql)
{
	if (sqlite3_prepare_v3(
		    s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->prepared, NULL)) {
		store_fail_sql(s);
		return NULL;
	}
	st->sql = sql;
	return st->prepared;
}

/* A few dozen statements: a walk is as good as a table. */
static sqlite3_stmt *find(struct store *s, const char *sql)
{
	unsigned i = 0;
	while (i < STATEMENTS && s->statements[i].prepared) {
		if (s->statements[i].sql == sql)
			return s->statements[i].prepared;
		i++;
	}
	if (i < STATEMENTS)
		return prepare(s, &s->statements[i], sql);
	store_fail(s, "too many statements");
	return NULL;
}

struct query query_begin(struct store *s, const char *sql)
{
	struct query q = { .store = s, .st = find(s, sql) };
	q.ok = q.st != NULL;
	return q;
}

static void check(struct query *q, int code)
{
	if (code != SQLITE_OK)
		q->ok = store_fail_sql(q->store);
}

void query_text(struct query *q, const char *text)
{
	q->put++;
	if (q->ok && text)
		check(q, sqlite3_bind_text(q->st, q->put, text, -1, SQLITE_STATIC));
}

void query_bytes(struct query *q, struct bytes b)
{
	q->put++;
	if (q->ok && b.len)
		check(q, sqlite3_bind_blob64(q->st, q->put, b.at, b.len, SQLITE_STATIC));
}

void query_int(struct query *q, uint64_t value)
{
	q->put++;
	if (q->ok)
		check(q, sqlite3_bind_int64(q->st, q->put, (sqlite3_int64)value));
}

bool query_row(struct query *q)
{
	if (!q->ok)
		return false;
	int code = sqlite3_step(q->st);
	q->taken = 0;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		q->ok = store_fail_sql(q->store);
	return code == SQLITE_ROW;
}

const char *query_take_text(struct query *q)
{
	return (const char *)sqlite3_column_text(q->st, q->taken++);
}

struct bytes query_take_bytes(struct query *q)
{
	int column = q->taken++;
	const void *at = sqlite3_column_blob(q->st, column);
	return (struct bytes){ at, (size_t)sqlite3_column_bytes(q->st, column) };
}

uint64_t query_take_int(struct query *q)
{
	return (uint64_t)sqlite3_column_int64(q->st, q->taken++);
}

bool query_end(struct query *q)
{
	if (q->st) {
		sqlite3_reset(q->st);
		sqlite3_clear_bindings(q->st);
	}
	return q->ok;
}

bool query_run(struct query *q)
{
	query_row(q);
	return query_end(q);
}
