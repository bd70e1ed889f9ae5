#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "command_ctl.h"

enum { COLUMNS_MAX = 8, TEXT_MAX = 64 };

/* A value as people read it, in a buffer of the caller's. */
struct shown {
	char text[TEXT_MAX];
};

/* Terminals obey the control characters of ASCII and of Latin-1, which UTF-8 spells c2 80 to
 * c2 9f. */
static void take_out_controls(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at; at++) {
		bool is_c1 = *at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f;
		if (is_c1)
			*at++ = '?';
		if (*at < 0x20 || *at == 0x7f || is_c1)
			*at = '?';
	}
}

static struct shown show(const json_t *value)
{
	struct shown s = { "" };

	if (json_is_string(value))
		snprintf(s.text, sizeof(s.text), "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(s.text, sizeof(s.text), "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		strcpy(s.text, json_is_true(value) ? "yes" : "no");
	take_out_controls(s.text);
	return s;
}

/* ---- rows ---- */

static const struct table {
	const char *list; /* of the answer */
	const char *columns[COLUMNS_MAX + 1];
} tables[] = {
	{ "interfaces", { "name", "state", "packets", "bytes", "dropped", "missed", "blind_s" } },
	{ "assets", { "ip", "role", "protocol", "port", "vendor", "model", "firmware",
		"first_seen" } },
	{ "sinks", { "name", "state", "lines", "lost", "lost_alerts", "queued_bytes", "spooled",
		"resent" } },
};

static void measure(const struct table *t, const json_t *rows, int *widths)
{
	size_t i;
	json_t *row;

	for (unsigned c = 0; t->columns[c]; c++)
		widths[c] = (int)strlen(t->columns[c]);
	json_array_foreach(rows, i, row)
		for (unsigned c = 0; t->columns[c]; c++) {
			struct shown s = show(json_object_get(row, t->columns[c]));
			if ((int)strlen(s.text) > widths[c])
				widths[c] = (int)strlen(s.text);
		}
}

static void print_cell(FILE *out, const struct table *t, unsigned column, int width,
	const char *text)
{
	fprintf(out, "%-*s%s", t->columns[column + 1] ? width : 0, text,
		t->columns[column + 1] ? "  " : "\n");
}

static void print_rows(FILE *out, const struct table *t, const json_t *rows)
{
	int widths[COLUMNS_MAX];
	size_t i;
	json_t *row;

	measure(t, rows, widths);
	for (unsigned c = 0; t->columns[c]; c++)
		print_cell(out, t, c, widths[c], t->columns[c]);
	json_array_foreach(rows, i, row)
		for (unsigned c = 0; t->columns[c]; c++)
			print_cell(out, t, c, widths[c],
				show(json_object_get(row, t->columns[c])).text);
}

/* ---- everything else ---- */

static bool print_table(FILE *out, const char *key, const json_t *value)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (strcmp(tables[i].list, key) == 0) {
			print_rows(out, &tables[i], value);
			return true;
		}
	return false;
}

static void print_list(FILE *out, const char *name, const json_t *list)
{
	size_t i;
	json_t *item;

	fprintf(out, "%-32s", name);
	json_array_foreach(list, i, item)
		fprintf(out, " %s", show(item).text);
	fputc('\n', out);
}

static void print_members(FILE *out, const char *before, const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) {
		char *name = mem_printf("%s%s%s", before, *before ? "." : "", key);
		if (json_is_object(value))
			print_members(out, name, value);
		else if (!json_is_array(value))
			fprintf(out, "%-32s %s\n", name, show(value).text);
		else if (!print_table(out, key, value))
			print_list(out, name, value);
		free(name);
	}
}

void ctl_print(FILE *out, const json_t *answer)
{
	print_members(out, "", answer);
}
