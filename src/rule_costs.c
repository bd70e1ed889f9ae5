#include <stdlib.h>

#include "base/memory.h"
#include "people.h"
#include "rule_costs.h"

enum { SHOWN_MAX = 25 };

/* A rule, or a file's rules together. */
struct row {
	const struct rule *rule; /* of a file: its first */
	unsigned rules;
	struct rule_cost cost;
};

static void add(struct rule_cost *sum, const struct rule_cost *cost)
{
	sum->ticks += cost->ticks;
	sum->checks += cost->checks;
	sum->matches += cost->matches;
}

/* Rules lie file by file. */
static struct row *rows_of_files(const struct ruleset *rules, const struct rule_cost *costs,
	unsigned *count)
{
	struct row *rows = mem_array(ruleset_count(rules) + 1, sizeof(*rows));
	struct row *row = NULL;

	*count = 0;
	for (unsigned i = 0; i < ruleset_count(rules); i++) {
		const struct rule *r = ruleset_rule(rules, i);
		if (!row || strcmp(row->rule->file, r->file) != 0) {
			row = &rows[(*count)++];
			row->rule = r;
		}
		row->rules++;
		add(&row->cost, &costs[i]);
	}
	return rows;
}

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	if (a->cost.ticks != b->cost.ticks)
		return a->cost.ticks > b->cost.ticks ? -1 : 1;
	return a->rule->index < b->rule->index ? -1 : a->rule->index > b->rule->index;
}

/* Those that were looked at, the dearest first. */
static struct row *rows_of_rules(const struct ruleset *rules, const struct rule_cost *costs,
	unsigned *count)
{
	struct row *rows = mem_array(ruleset_count(rules) + 1, sizeof(*rows));

	*count = 0;
	for (unsigned i = 0; i < ruleset_count(rules); i++)
		if (costs[i].checks)
			rows[(*count)++] = (struct row){ ruleset_rule(rules, i), 1, costs[i] };
	qsort(rows, *count, sizeof(*rows), compare_rows);
	return rows;
}

/* ---- for people ---- */

static void print_head(FILE *out, const char *last)
{
	fprintf(out, "%16s %6s %14s %12s %11s  %s\n", "ticks", "share", "checks", "matches",
		"ticks/check", last);
}

static void print_cost(FILE *out, const struct rule_cost *cost, uint64_t total)
{
	uint64_t per_check = cost->checks ? cost->ticks / cost->checks : 0;
	double share = total ? 100.0 * (double)cost->ticks / (double)total : 0;

	fprintf(out, "%16s %5.1f%% %14s %12s %11s  ", number_text(cost->ticks).text, share,
		number_text(cost->checks).text, number_text(cost->matches).text,
		number_text(per_check).text);
}

static uint64_t print_files(FILE *out, const struct row *rows, unsigned count)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < count; i++)
		total += rows[i].cost.ticks;
	print_head(out, "file");
	for (unsigned i = 0; i < count; i++) {
		print_cost(out, &rows[i].cost, total);
		fprintf(out, "%s (%s rules)\n", rows[i].rule->file,
			number_text(rows[i].rules).text);
	}
	return total;
}

static void print_rules(FILE *out, const struct row *rows, unsigned count, uint64_t total)
{
	fputc('\n', out);
	print_head(out, "rule");
	for (unsigned i = 0; i < count && i < SHOWN_MAX; i++) {
		const struct rule *r = rows[i].rule;
		print_cost(out, &rows[i].cost, total);
		fprintf(out, "%u:%u %s\n", r->gid, r->sid, r->msg ? r->msg : "(no msg)");
	}
	if (count > SHOWN_MAX)
		fprintf(out, "%s more rules were looked at; --json shows all\n",
			number_text(count - SHOWN_MAX).text);
}

void rule_costs_print(FILE *out, const struct ruleset *rules, const struct rule_cost *costs)
{
	unsigned file_count, rule_count;
	struct row *files = rows_of_files(rules, costs, &file_count);
	struct row *dearest = rows_of_rules(rules, costs, &rule_count);
	uint64_t total = print_files(out, files, file_count);

	print_rules(out, dearest, rule_count, total);
	free(files);
	free(dearest);
}

/* ---- for machines ---- */

static void put_cost(struct text *t, const struct rule_cost *cost)
{
	text_lit(t, ",\"ticks\":");
	text_json_uint(t, cost->ticks);
	text_lit(t, ",\"checks\":");
	text_json_uint(t, cost->checks);
	text_lit(t, ",\"matches\":");
	text_json_uint(t, cost->matches);
	text_char(t, '}');
}

static void put_file(struct text *t, const struct row *row)
{
	text_lit(t, "{\"file\":");
	text_json_str(t, row->rule->file);
	text_printf(t, ",\"rules\":%u", row->rules);
	put_cost(t, &row->cost);
}

static void put_rule(struct text *t, const struct row *row)
{
	const struct rule *r = row->rule;

	text_printf(t, "{\"gid\":%u,\"sid\":%u,\"rev\":%u,\"file\":", r->gid, r->sid, r->rev);
	text_json_str(t, r->file);
	text_printf(t, ",\"line\":%u", r->line);
	put_cost(t, &row->cost);
}

static void put_rows(struct text *t, const struct row *rows, unsigned count,
	void (*put)(struct text *t, const struct row *row))
{
	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			text_char(t, ',');
		put(t, &rows[i]);
	}
}

void rule_costs_json(FILE *out, const struct ruleset *rules, const struct rule_cost *costs)
{
	unsigned file_count, rule_count;
	struct row *files = rows_of_files(rules, costs, &file_count);
	struct row *dearest = rows_of_rules(rules, costs, &rule_count);
	struct text t = { 0 };

	text_lit(&t, "{\"files\":[");
	put_rows(&t, files, file_count, put_file);
	text_lit(&t, "],\"rules\":[");
	put_rows(&t, dearest, rule_count, put_rule);
	text_lit(&t, "]}\n");
	fwrite(t.at, t.len, 1, out);
	text_fini(&t);
	free(files);
	free(dearest);
}
