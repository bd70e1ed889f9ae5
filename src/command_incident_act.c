/* Commands that are actions of the life of an incident: their options come from its
 * table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_incident_parts.h"

/* ---- help ---- */

static void print_option_name(const char *name)
{
	printf("  --");
	for (; *name; name++)
		putchar(*name == '_' ? '-' : *name);
}

static void print_words(const struct life_argument *a)
{
	fputs(": ", stdout);
	for (unsigned i = 0; a->words[i]; i++)
		printf("%s%s", i ? ", " : "", a->words[i]);
}

static void print_argument(const struct life_argument *a)
{
	static const char *const kinds[] = { [LIFE_TEXT] = "TEXT", [LIFE_NAME] = "NAME",
		[LIFE_WORD] = "WORD", [LIFE_NUMBER] = "N", [LIFE_TIME] = "TIME",
		[LIFE_DATE] = "DATE" };
	print_option_name(a->name);
	printf(" %s%s\n        %s", kinds[a->kind],
		a->required ? "" : "  (may be left out)", a->help);
	if (a->words)
		print_words(a);
	putchar('\n');
}

static void print_keys(void)
{
	puts("\nKEYS");
	for (const struct life_key *k = life_keys; k->path; k++)
		printf("  %s\n        %s\n", k->path, k->help);
	puts("The last part of a key is enough.");
}

void incident_action_help(const struct life_action *action)
{
	printf("ironspan incident %s ID", action->name);
	for (const struct life_argument *a = action->arguments; a->name; a++)
		if (a->required)
			printf(" %s", a->name);
	printf(" --store DIR\n\nTo %s.\nNeeds the right to %s.\n\n", action->help,
		right_name(action->right));
	for (const struct life_argument *a = action->arguments; a->name; a++)
		print_argument(a);
	puts("  --json\n        the changed incident");
	puts("\nWhat must be there may follow the id in this order, without its name.");
	fputs("Possible while an incident is", stdout);
	for (enum life_state s = 0; s < LIFE_STATE_COUNT; s++)
		if (action->from >> s & 1)
			printf(" %s", life_state_name(s));
	puts(".");
	if (strcmp(action->name, "set") == 0)
		print_keys();
}

/* ---- words to arguments ---- */

struct given {
	const struct life_action *action;
	char names[LIFE_ARGUMENTS][32]; /* options: dashes for underlines */
	const char *values[LIFE_ARGUMENTS];
	struct command_word rows[LIFE_ARGUMENTS + 1];
};

static void make_rows(struct given *g)
{
	unsigned i = 0;
	for (const struct life_argument *a = g->action->arguments; a->name; a++, i++) {
		snprintf(g->names[i], sizeof(g->names[i]), "%s", a->name);
		for (char *c = g->names[i]; *c; c++)
			*c = *c == '_' ? '-' : *c;
		g->rows[i] = (struct command_word){ g->names[i], .value = &g->values[i] };
	}
}

static bool put_argument(json_t *args, const char *name, const char *value)
{
	json_t *text = json_string(value);
	if (!text) {
		report_error("%s is no UTF-8", name);
		return false;
	}
	json_object_set_new(args, name, text);
	return true;
}

/* Words behind the id stand for the arguments that must be there and were not given. */
static json_t *arguments_of(struct incident_call *c, const struct given *g)
{
	json_t *args = json_object();
	int next = 1;
	bool ok = true;
	for (unsigned i = 0; g->action->arguments[i].name; i++) {
		const struct life_argument *a = &g->action->arguments[i];
		const char *value = g->values[i];
		if (!value && a->required && next < c->words.count)
			value = c->words.operands[next++];
		ok = ok && (!value || put_argument(args, a->name, value));
	}
	if (ok && next < c->words.count) {
		report_error("%s: %s is one word too many; quote texts, and give by its name what "
			"may be left out: `ironspan %s --help`", c->words.command,
			c->words.operands[next], c->words.command);
		ok = false;
	}
	if (ok)
		return args;
	json_decref(args);
	return NULL;
}

/* The other incident of a merge may be named in short too. */
static bool complete_into(struct incident_call *c, json_t *args)
{
	const char *into = json_string_value(json_object_get(args, "into"));
	char *id = into ? incident_call_find(c, into) : NULL;
	if (into && !id)
		return false;
	if (id)
		json_object_set_new(args, "into", json_string(id));
	free(id);
	return true;
}

static void tell_change(struct incident_call *c, const char *id, enum life_state before,
	const json_t *doc)
{
	if (c->json)
		incident_print_json(doc);
	else if (life_state_of(doc) != before)
		printf("%s: %s, was %s (revision %d)\n", id,
			life_state_name(life_state_of(doc)), life_state_name(before),
			(int)json_integer_value(json_object_get(doc, "revision")));
	else
		printf("%s: noted (revision %d)\n", id,
			(int)json_integer_value(json_object_get(doc, "revision")));
}

/* In one transaction, so that what is told is this change and not another person's. */
static bool do_it(struct incident_call *c, const struct given *g, const char *id,
	const json_t *args)
{
	struct store_change change = { .id = id, .action = g->action->name, .args = args,
		.now_ns = c->now_ns };
	json_t *before = store_begin(c->store) ? store_get(c->store, id) : NULL;
	json_t *after = before && store_change(c->store, &change) ? store_get(c->store, id) : NULL;
	bool ok = after && store_commit(c->store);
	if (ok)
		tell_change(c, id, life_state_of(before), after);
	else
		store_cancel(c->store);
	json_decref(after);
	json_decref(before);
	return ok;
}

static int act(struct incident_call *c, const struct given *g)
{
	char *id = incident_call_find(c, c->words.operands[0]);
	json_t *args = id ? arguments_of(c, g) : NULL;
	int code = args && complete_into(c, args) ?
		incident_call_end(c, do_it(c, g, id, args)) :
		incident_call_stop(c, EXIT_MISTAKE);
	json_decref(args);
	free(id);
	return code;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

int incident_act(int argc, char **argv)
{
	struct given g = { .action = life_action_find(argv[0]) };
	if (asks_for_help(argc, argv)) {
		incident_action_help(g.action);
		return EXIT_FINE;
	}
	char *name = mem_printf("incident %s", argv[0]);
	struct incident_call c = { .words = { .command = name } };
	make_rows(&g);
	int code = incident_call_begin(&c, g.rows, argc, argv, STORE_WRITE) &&
		incident_call_wants(&c, 1, 1 + LIFE_ARGUMENTS, "ID …") ? act(&c, &g) :
		c.words.exit_code;
	free(name);
	return code;
}
