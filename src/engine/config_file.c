#include <errno.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/report.h"
#include "engine/config_file.h"
#include "engine/settings.h"

struct file {
	struct config *config;
	const char *path;
	FILE *in;
	yaml_document_t document;
	unsigned errors;
};

/* "ironspan.yaml:12"; valid until the next call. */
static const char *place(const struct file *f, const yaml_node_t *node)
{
	static char text[4096];
	snprintf(text, sizeof(text), "%s:%zu", f->path, node->start_mark.line + 1);
	return text;
}

static const char *scalar(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

/* `key:` with nothing behind it, `~` or `null`. */
static bool is_nothing(const yaml_node_t *node)
{
	static const char *const words[] = { "", "~", "null" };

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(scalar(node), words[i]) == 0)
			return true;
	return false;
}

static const char *kind_of(const yaml_node_t *node)
{
	return node->type == YAML_MAPPING_NODE ? "a section"
		: node->type == YAML_SEQUENCE_NODE ? "a list"
						   : "a value";
}

static void read_list(struct file *f, const yaml_node_t *list, const char *key)
{
	size_t count = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
	const char **items = mem_array(count, sizeof(*items));
	struct setting_value value = { items, (unsigned)count, true };
	bool ok = true;

	for (size_t i = 0; i < count && ok; i++) {
		const yaml_node_t *item = yaml_document_get_node(&f->document,
			list->data.sequence.items.start[i]);
		ok = item->type == YAML_SCALAR_NODE;
		if (ok)
			items[i] = scalar(item);
		else
			report_error("%s: an item of %s must be a value, not %s", place(f, item), key,
				kind_of(item));
	}
	if (!ok || !setting_give(f->config, place(f, list), key, &value))
		f->errors++;
	free(items);
}

static void read_value(struct file *f, const yaml_node_t *node, const char *key)
{
	if (node->type == YAML_SEQUENCE_NODE) {
		read_list(f, node, key);
	} else if (node->type == YAML_MAPPING_NODE) {
		report_error("%s: %s must be a value, not a section", place(f, node), key);
		f->errors++;
	} else {
		const char *text = is_nothing(node) ? "" : scalar(node);
		f->errors += !setting_give_text(f->config, place(f, node), key, text);
	}
}

static void read_section(struct file *f, const yaml_node_t *section, const char *prefix);

static void read_entry(struct file *f, const yaml_node_t *name, const yaml_node_t *node,
	const char *key)
{
	struct setting_name star;

	if (setting_is_section(key)) {
		read_section(f, node, key);
	} else if (setting_find(key, &star)) {
		read_value(f, node, key);
	} else {
		setting_unknown(place(f, name), key);
		f->errors++;
	}
}

/* Names are compared with those before them: sections are short. */
static bool is_repeated(struct file *f, const yaml_node_t *section, const yaml_node_pair_t *pair)
{
	const yaml_node_t *name = yaml_document_get_node(&f->document, pair->key);

	for (const yaml_node_pair_t *p = section->data.mapping.pairs.start; p < pair; p++) {
		const yaml_node_t *other = yaml_document_get_node(&f->document, p->key);
		if (other->type == YAML_SCALAR_NODE && strcmp(scalar(other), scalar(name)) == 0) {
			report_error("%s: \"%s\" stands here twice; first in line %zu",
				place(f, name), scalar(name), other->start_mark.line + 1);
			return true;
		}
	}
	return false;
}

static void read_pair(struct file *f, const yaml_node_t *section, const yaml_node_pair_t *pair,
	const char *prefix)
{
	const yaml_node_t *name = yaml_document_get_node(&f->document, pair->key);
	const yaml_node_t *node = yaml_document_get_node(&f->document, pair->value);

	if (name->type != YAML_SCALAR_NODE) {
		report_error("%s: a key must be a word, not %s", place(f, name), kind_of(name));
		f->errors++;
	} else if (is_repeated(f, section, pair)) {
		f->errors++;
	} else {
		char *key = mem_printf("%s%s%s", prefix, *prefix ? "." : "", scalar(name));
		read_entry(f, name, node, key);
		free(key);
	}
}

/* A list of sections: their keys have the item's number in them. */
static void read_items(struct file *f, const yaml_node_t *list, const char *prefix)
{
	const yaml_node_item_t *item = list->data.sequence.items.start;

	for (unsigned i = 1; item < list->data.sequence.items.top; item++, i++) {
		char *key = mem_printf("%s.%u", prefix, i);
		read_section(f, yaml_document_get_node(&f->document, *item), key);
		free(key);
	}
}

static void read_section(struct file *f, const yaml_node_t *section, const char *prefix)
{
	if (is_nothing(section))
		return;
	if (section->type == YAML_SEQUENCE_NODE && setting_is_numbered(prefix)) {
		read_items(f, section, prefix);
		return;
	}
	if (section->type != YAML_MAPPING_NODE) {
		report_error("%s: %s must be a section, not %s", place(f, section),
			*prefix ? prefix : "the file", kind_of(section));
		f->errors++;
		return;
	}
	const yaml_node_pair_t *pair = section->data.mapping.pairs.start;
	for (; pair < section->data.mapping.pairs.top; pair++)
		read_pair(f, section, pair, prefix);
}

static size_t line_of(FILE *in, size_t offset)
{
	size_t line = 1;

	rewind(in);
	for (int c; offset > 0 && (c = getc(in)) != EOF; offset--)
		line += c == '\n';
	return line;
}

/* Whether a tab stands among the white space that the line begins with. */
static bool tab_indents(FILE *in, size_t line)
{
	int c;

	rewind(in);
	while (line > 1 && (c = getc(in)) != EOF)
		line -= c == '\n';
	while ((c = getc(in)) == ' ')
		;
	return c == '\t';
}

static void syntax_error(struct file *f, const yaml_parser_t *parser)
{
	size_t line = parser->problem_mark.line + 1;

	if (parser->error == YAML_READER_ERROR)
		report_error("%s:%zu: %s", f->path, line_of(f->in, parser->problem_offset),
			parser->problem);
	else if (tab_indents(f->in, line))
		report_error("%s:%zu: a tab: YAML is indented with spaces", f->path, line);
	else
		report_error("%s:%zu: %s%s%s", f->path, line, parser->problem,
			parser->context ? ", " : "", parser->context ? parser->context : "");
	f->errors++;
}

/* One document; an empty file is one without keys. */
static void read_documents(struct file *f, yaml_parser_t *parser)
{
	for (unsigned count = 0;; count++) {
		if (!yaml_parser_load(parser, &f->document)) {
			syntax_error(f, parser);
			return;
		}
		const yaml_node_t *root = yaml_document_get_root_node(&f->document);
		if (root && count == 0) {
			read_section(f, root, "");
		} else if (root) {
			report_error("%s: a second document begins here; there must be one",
				place(f, root));
			f->errors++;
		}
		yaml_document_delete(&f->document);
		if (!root || count > 0)
			return;
	}
}

bool config_file_read(struct config *c, const char *path)
{
	struct file f = { .config = c, .path = path };
	yaml_parser_t parser;
	FILE *in = fopen(path, "rb");

	if (!in) {
		report_error("%s: %s", path, strerror(errno));
		return false;
	}
	if (!yaml_parser_initialize(&parser)) {
		report_error("%s: libyaml cannot start", path);
		fclose(in);
		return false;
	}
	f.in = in;
	yaml_parser_set_input_file(&parser, in);
	read_documents(&f, &parser);
	yaml_parser_delete(&parser);
	fclose(in);
	return f.errors == 0;
}
