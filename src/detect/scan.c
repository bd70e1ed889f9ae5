/* Hyperscan: the rarest content of each rule, all of them at once.
 *
 * One database an index, and one each buffer of it; lists of the same rules share one. Literals,
 * and the expressions of rules that have no literal; block mode, each pattern reported once.
 * What is found only names candidates: the whole rule is checked afterwards. */
#include <stdlib.h>

#include "base/report.h"
#include "detect/regex.h"
#include "detect/runtime.h"
#include "detect/scan_cache.h"

/* ---- building ---- */

struct pattern {
	const struct content *content;
	const struct check *check;
	unsigned place; /* in the list, which is in the rules' order */
};

static int compare_patterns(const void *left, const void *right)
{
	const struct pattern *a = left, *b = right;
	struct bytes x = a->content->pattern, y = b->content->pattern;
	if (a->content->kind != b->content->kind)
		return a->content->kind < b->content->kind ? -1 : 1;
	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	int order = memcmp(x.at, y.at, x.len);
	if (order)
		return order;
	if (a->content->nocase != b->content->nocase)
		return a->content->nocase ? 1 : -1;
	return a->place < b->place ? -1 : 1;
}

static bool same_pattern(const struct content *a, const struct content *b)
{
	return a->kind == b->kind && a->nocase == b->nocase && bytes_equal(a->pattern, b->pattern);
}

static struct pattern *sorted_patterns(const struct check_list *l, bool of_field)
{
	struct pattern *patterns = mem_array(l->count, sizeof(*patterns));
	for (unsigned i = 0; i < l->count; i++)
		patterns[i] = (struct pattern){ of_field ? l->at[i]->fast_in_field
			: l->at[i]->fast, l->at[i], i };
	qsort(patterns, l->count, sizeof(*patterns), compare_patterns);
	return patterns;
}

static void literals_init(struct literals *l, unsigned max)
{
	*l = (struct literals){ mem_array(max, sizeof(*l->at)), mem_array(max, sizeof(*l->flags)),
		mem_array(max, sizeof(*l->ids)), mem_array(max, sizeof(*l->lens)), 0, false };
}

static void literals_fini(struct literals *l)
{
	free(l->at);
	free(l->flags);
	free(l->ids);
	free(l->lens);
}

static void literals_add(struct literals *l, const struct content *c)
{
	l->at[l->count] = (const char *)c->pattern.at;
	l->lens[l->count] = c->pattern.len;
	l->ids[l->count] = l->count;
	l->flags[l->count] = HS_FLAG_SINGLEMATCH | (c->nocase ? HS_FLAG_CASELESS : 0);
	if (c->kind == CONTENT_REGEX) {
		l->at[l->count] = regex_scannable(c->regex, c->relative, &l->flags[l->count]);
		l->has_expressions = true;
		l->lens[l->count] = 0;
	}
	l->count++;
}

/* A literal as an expression: each byte as \xHH. */
static const char *as_expression(struct arena *a, const char *at, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_take(a, 4 * len + 1);
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)at[i];
		memcpy(text + 4 * i, (char[]){ '\\', 'x', digits[byte >> 4], digits[byte & 15] }, 4);
	}
	text[4 * len] = 0;
	return text;
}

static hs_error_t compile_literals(struct ruleset *set, const struct literals *l,
	hs_database_t **db, hs_compile_error_t **error)
{
	if (!l->has_expressions)
		return hs_compile_lit_multi(l->at, l->flags, l->ids, l->lens, l->count,
			HS_MODE_BLOCK, NULL, db, error);
	for (unsigned i = 0; i < l->count; i++)
		if (l->lens[i])
			l->at[i] = as_expression(&set->arena, l->at[i], l->lens[i]);
	return hs_compile_multi(l->at, l->flags, l->ids, l->count, HS_MODE_BLOCK, NULL, db, error);
}

static unsigned reach_of(const struct literals *l, unsigned i)
{
	return l->lens[i] ? (unsigned)l->lens[i] : regex_reach(l->at[i], l->flags[i]);
}

static void collect(struct ruleset *set, struct scanner *s, struct literals *l,
	const struct pattern *patterns, unsigned count)
{
	s->by_pattern = arena_take(&set->arena, count * sizeof(*s->by_pattern));
	for (unsigned i = 0; i < count; i++) {
		if (i == 0 || !same_pattern(patterns[i - 1].content, patterns[i].content)) {
			literals_add(l, patterns[i].content);
			unsigned reach = reach_of(l, l->count - 1);
			s->reach = reach > s->reach ? reach : s->reach;
			s->by_pattern[s->pattern_count++] = (struct check_list){ 0 };
		}
		check_list_add(&set->arena, &s->by_pattern[s->pattern_count - 1],
			patterns[i].check);
	}
}

static hs_database_t *compile_anew(struct ruleset *set, const struct literals *l)
{
	hs_compile_error_t *error = NULL;
	hs_database_t *db = NULL;
	if (compile_literals(set, l, &db, &error) != HS_SUCCESS) {
		report_error("cannot build a pattern database: %s",
			error ? error->message : "unknown reason");
		hs_free_compile_error(error);
		return NULL;
	}
	return db;
}

static hs_database_t *compile_cached(struct ruleset *set, const struct literals *l)
{
	struct scan_key key = scan_cache_key(l);
	hs_database_t *db = scan_cache_find(set->cache, &key);
	if (db)
		return db;
	db = compile_anew(set, l);
	if (db)
		scan_cache_keep(set->cache, &key, db);
	return db;
}

static bool compile(struct ruleset *set, struct scanner *s, const struct literals *l)
{
	s->db = set->cache ? compile_cached(set, l) : compile_anew(set, l);
	if (!s->db)
		return false;
	if (hs_alloc_scratch(s->db, &set->scratch) != HS_SUCCESS) {
		report_error("cannot allocate Hyperscan scratch memory");
		return false;
	}
	return true;
}

static struct scanner *scanner_like(const struct ruleset *set, const struct check_list *l,
	bool of_field)
{
	for (unsigned i = 0; i < set->scanner_count; i++) {
		const struct check_list *of = set->scanners[i]->of;
		if (of->count == l->count && set->scanners[i]->is_of_field == of_field &&
			memcmp(of->at, l->at, l->count * sizeof(*l->at)) == 0)
			return set->scanners[i];
	}
	return NULL;
}

static bool build(struct ruleset *set, const struct check_list *waiting, bool of_field,
	struct scanner **scanner)
{
	if (waiting->count == 0)
		return true;
	*scanner = scanner_like(set, waiting, of_field);
	if (*scanner)
		return true;
	struct scanner *s = arena_take(&set->arena, sizeof(*s));
	*s = (struct scanner){ .of = waiting, .is_of_field = of_field };
	*scanner = set->scanners[set->scanner_count++] = s;
	struct pattern *patterns = sorted_patterns(waiting, of_field);
	struct literals literals;
	literals_init(&literals, waiting->count);
	collect(set, s, &literals, patterns, waiting->count);
	s->has_expressions = literals.has_expressions;
	bool fine = compile(set, s, &literals);
	literals_fini(&literals);
	free(patterns);
	return fine;
}

bool index_scanner(struct ruleset *set, struct check_index *index)
{
	bool fine = build(set, &index->waiting, false, &index->scanner);
	for (unsigned i = 0; fine && i < index->buffer_count; i++)
		fine = build(set, &index->buffers[i].waiting, true, &index->buffers[i].scanner);
	return fine;
}

void scanners_free(struct ruleset *set)
{
	for (unsigned i = 0; i < set->scanner_count; i++)
		hs_free_database(set->scanners[i]->db);
	hs_free_scratch(set->scratch);
}

/* ---- running ---- */

struct scan {
	struct detector *d;
	const struct scanner *scanner;
};

static int found(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
	void *context)
{
	struct scan *scan = context;
	struct detector *d = scan->d;
	const struct check_list *l = &scan->scanner->by_pattern[id];
	(void)from;
	(void)to;
	(void)flags;
	for (unsigned i = 0; i < l->count; i++)
		d->candidates[d->candidate_count++] = l->at[i];
	return 0;
}

void scanner_run(struct detector *d, const struct scanner *s, struct bytes data)
{
	struct scan scan = { d, s };
	d->candidate_count = 0;
	d->counters.scans++;
	if (data.len == 0)
		return;
	hs_scan(s->db, (const char *)data.at, (unsigned)data.len, 0, d->scratch, found, &scan);
	d->counters.candidates += d->candidate_count;
}
