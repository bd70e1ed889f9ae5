/* The load as a whole: files in, a list of rules and a report out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sha2.h>

#include "base/report.h"
#include "detect/rule_read.h"

enum { FILE_LIMIT = 256 * 1024 * 1024 };

static bool read_all(FILE *in, struct text *out)
{
	size_t got;

	do {
		text_grow(out, 64 * 1024);
		got = fread(out->at + out->len, 1, out->cap - out->len, in);
		out->len += got;
	} while (got > 0 && out->len <= FILE_LIMIT);
	if (out->len > FILE_LIMIT)
		errno = EFBIG;
	return !ferror(in) && out->len <= FILE_LIMIT;
}

bool rule_file_read(const char *path, struct text *out)
{
	FILE *in = fopen(path, "re");
	bool ok = in && read_all(in, out);

	if (!ok)
		report_error("%s: %s", path, strerror(errno));
	if (in)
		fclose(in);
	return ok;
}

static void rules_of(struct reading *r, const char *path, struct bytes text)
{
	struct statement_reader reader = { .rest = text };

	r->file->path = path;
	r->statement.file = path;
	while (statement_next(&reader, &r->statement))
		rule_read(r);
	r->file->commented = reader.commented;
}

static void count_up(struct rules_report *report, const struct rule_file *f)
{
	report->files++;
	report->loaded += f->loaded;
	report->fell_back += f->fell_back;
	report->refused += f->refused;
	report->commented += f->commented;
}

static bool tables_read(struct reading *r)
{
	const struct rules_config *c = r->config;

	if (c->attack) {
		r->list->attack = attack_read(c->attack, &r->list->arena);
		if (!r->list->attack)
			return false;
	}
	return (!c->classification || classes_read(r, c->classification)) &&
		(!c->reference || references_read(r, c->reference));
}

static bool files_read(struct reading *r, SHA2_CTX *sum)
{
	struct text text = { 0 };
	bool ok = true;

	for (unsigned i = 0; ok && i < r->config->file_count; i++) {
		const char *path = slice_string(
			&r->list->arena, slice_of(r->config->files[i]));
		text_clear(&text);
		ok = rule_file_read(path, &text);
		if (!ok)
			break;
		SHA256Update(sum, (const uint8_t *)text.at, text.len);
		r->file = &r->list->files[i];
		rules_of(r, path, (struct bytes){ (const uint8_t *)text.at, text.len });
		count_up(&r->list->report, r->file);
	}
	text_fini(&text);
	return ok;
}

static int compare_names(const void *a, const void *b)
{
	const struct mark_name *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static void sort_names(struct mark_names *names)
{
	if (names->count)
		qsort(names->at, names->count, sizeof(*names->at), compare_names);
}

void reading_fini(struct reading *r)
{
	arena_fini(&r->scratch);
	map_fini(&r->classes);
	map_fini(&r->references);
	map_fini(&r->sids);
	map_fini(&r->sets);
	map_fini(&r->variables);
	map_fini(&r->flowbits);
	map_fini(&r->flowints);
	map_fini(&r->warned);
	statement_fini(&r->statement);
	free(r->parse);
}

struct rule_list *rules_read(const struct rules_config *config)
{
	struct rule_list *l = mem_new(sizeof(*l));
	struct reading r = {
		.config = config, .list = l, .parse = mem_new(sizeof(*r.parse))
	};
	SHA2_CTX sum;

	SHA256Init(&sum);
	l->files = mem_array(config->file_count, sizeof(*l->files));
	bool ok = tables_read(&r) && files_read(&r, &sum);
	SHA256End(&sum, l->sha256);
	sort_names(&l->flowbits);
	sort_names(&l->flowints);
	reading_fini(&r);
	if (ok)
		return l;
	rules_release(l);
	return NULL;
}

void rules_release(struct rule_list *l)
{
	if (!l)
		return;
	for (unsigned i = 0; i < l->count; i++)
		contents_free(l->rules[i]->contents, l->rules[i]->content_count);
	free(l->rules);
	free(l->files);
	free(l->flowbits.at);
	free(l->flowints.at);
	free(l->report.notes);
	arena_fini(&l->arena);
	free(l);
}
