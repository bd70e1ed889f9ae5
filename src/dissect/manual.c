/* The manual of fields: for people, and as JSON for tools that write or check rules. */
#include <jansson.h>

#include "dissect/fields.h"

static const char *const type_names[] = {
	[FIELD_UINT] = "number",
	[FIELD_INT] = "signed",
	[FIELD_REAL] = "real",
	[FIELD_BOOL] = "bool",
	[FIELD_ENUM] = "name",
	[FIELD_FLAGS] = "flags",
	[FIELD_TEXT] = "text",
	[FIELD_DATA] = "data",
	[FIELD_BYTES] = "bytes",
	[FIELD_BITS] = "bits",
	[FIELD_U16S] = "numbers",
	[FIELD_GROUP] = "group",
};

/* ---- for people ---- */

enum { LINE = 78, INDENT = 6 };

/* Words after `column`, which is where the line has got to. */
static unsigned print_word(FILE *out, const char *word, unsigned column)
{
	unsigned len = (unsigned)strlen(word) + 1;

	if (column + len > LINE) {
		fprintf(out, "\n%*s", INDENT + 2, "");
		column = INDENT + 2;
	}
	fprintf(out, " %s", word);
	return column + len;
}

static void print_names(FILE *out, const struct name *names)
{
	unsigned column = INDENT;

	fprintf(out, "%*s", INDENT, "");
	for (; names->text; names++) {
		char word[80];
		snprintf(word, sizeof(word), "%llu=%s", (unsigned long long)names->value,
			names->text);
		column = print_word(out, word, column);
	}
	fputc('\n', out);
}

static void print_field(FILE *out, const struct dissector *d, const struct field *f)
{
	int width = fprintf(out, "  %s.%s", d->name, field_keyword(f));

	fprintf(out, "%*s%-8s", width < 38 ? 38 - width : 1, "", type_names[f->type]);
	fprintf(out, " %s\n", f->flags & FIELD_HIDDEN ? "(rules only)" : f->name);
	fprintf(out, "%*s %s\n", INDENT, "", f->help);
	if (f->aliases)
		fprintf(out, "%*s also: %s\n", INDENT, "", f->aliases);
	if (f->names)
		print_names(out, f->names);
}

/* Specifications, a line each. */
static void print_source(FILE *out, const char *source)
{
	for (const char *end; (end = strstr(source, "; ")); source = end + 2)
		fprintf(out, "%.*s\n", (int)(end - source), source);
	fprintf(out, "%s\n\n", source);
}

static void print_text(FILE *out, const struct dissector *d)
{
	fprintf(out, "%s: %s\n", d->name, d->title);
	print_source(out, d->source);
	fprintf(out, "  %-36s%-8s %s\n", "KEYWORD", "TYPE", "JSON");
	for (unsigned i = 0; i < d->field_count; i++)
		if (d->fields[i].type != FIELD_LAZY)
			print_field(out, d, &d->fields[i]);
	if (d->event_count)
		fprintf(out, "\n  EVENTS\n");
	for (unsigned i = 0; i < d->event_count; i++)
		fprintf(out, "  app-layer-event:%s.%s\n%*s %s\n", d->name,
			d->events[i].name, INDENT, "", d->events[i].help);
	fputc('\n', out);
}

/* ---- for machines ---- */

static json_t *names_json(const struct name *names)
{
	json_t *list = json_array();

	for (; names && names->text; names++)
		json_array_append_new(
			list, json_pack("{s:I, s:s}", "value", (json_int_t)names->value,
				      "name", names->text));
	return list;
}

static json_t *words_json(const char *words)
{
	json_t *list = json_array();

	while (words && *words) {
		size_t len = strcspn(words, " ");
		json_array_append_new(list, json_stringn(words, len));
		words += len + (words[len] == ' ');
	}
	return list;
}

static json_t *field_json(const struct dissector *d, const struct field *f)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "type", type_names[f->type], "json",
		f->name, "help", f->help);

	json_object_set_new(
		o, "keyword", json_sprintf("%s.%s", d->name, field_keyword(f)));
	json_object_set_new(o, "in_json", json_boolean(!(f->flags & FIELD_HIDDEN)));
	if (f->aliases)
		json_object_set_new(o, "aliases", words_json(f->aliases));
	if (f->names)
		json_object_set_new(o, "names", names_json(f->names));
	return o;
}

static json_t *dissector_json(const struct dissector *d)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "protocol", d->name, "title", d->title,
		"source", d->source);
	json_t *fields = json_array(), *events = json_array();

	for (unsigned i = 0; i < d->field_count; i++)
		if (d->fields[i].type != FIELD_LAZY)
			json_array_append_new(fields, field_json(d, &d->fields[i]));
	for (unsigned i = 0; i < d->event_count; i++)
		json_array_append_new(
			events, json_pack("{s:s, s:s}", "name", d->events[i].name, "help",
					d->events[i].help));
	json_object_set_new(o, "fields", fields);
	json_object_set_new(o, "events", events);
	return o;
}

/* ---- both ---- */

void fields_print(FILE *out, const struct dissector *d, bool json)
{
	json_t *list = json_array();

	for (unsigned i = 0;; i++) {
		const struct dissector *each =
			dissectors[i] ? dissectors[i] : &ot_dissector;
		if ((!d || d == each) && json)
			json_array_append_new(list, dissector_json(each));
		else if (!d || d == each)
			print_text(out, each);
		if (!dissectors[i])
			break;
	}
	if (json) {
		json_dumpf(list, out, JSON_INDENT(1));
		fputc('\n', out);
	}
	json_decref(list);
}
