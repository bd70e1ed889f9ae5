#include <getopt.h>
#include <stdlib.h>

#include "base/report.h"
#include "engine/nearest.h"
#include "options.h"

/* Long options without a letter. */
enum {
	SET = 256, THREADS, EVENTS, REGISTERS, STORE, KEEP_DUPLICATES, STRICT, JSON,
	PROFILE_RULES, FAIL_CLOSED, DRY_RUN, USER,
};

struct option_given {
	int letter;
	const char *value;
};

static const struct option_row {
	int letter;
	const char *name;
	bool has_value;
	const char *key, *value; /* of the configuration; value: where the option has none */
} rows[] = {
	{ 'r', "read", true, NULL, NULL },
	{ 'i', "interface", true, NULL, NULL },
	{ 'q', "queue", true, "inline.queues", NULL },
	{ 'c', "config", true, NULL, NULL },
	{ 'S', "only-rules", true, NULL, NULL },
	{ 's', "also-rules", true, NULL, NULL },
	{ 'l', "log-dir", true, NULL, NULL },
	{ 'k', "checksums", true, "capture.checksum-validation", NULL },
	{ 'f', "filter", true, "capture.filter", NULL },
	{ SET, "set", true, NULL, NULL },
	{ THREADS, "threads", true, "engine.threads", NULL },
	{ EVENTS, "events", true, "outputs.events", NULL },
	{ REGISTERS, "registers", true, "incident.registers", NULL },
	{ STORE, "store", true, "incident.store", NULL },
	{ KEEP_DUPLICATES, "keep-duplicates", false, "capture.keep-duplicates", "yes" },
	{ STRICT, "strict", false, "capture.strict", "yes" },
	{ FAIL_CLOSED, "fail-closed", false, "inline.fail-open", "no" },
	{ DRY_RUN, "dry-run", false, "inline.dry-run", "yes" },
	{ USER, "user", true, "run-as", NULL },
	{ JSON, "json", false, NULL, NULL },
	{ PROFILE_RULES, "profile-rules", false, NULL, NULL },
	{ 'T', "test", false, NULL, NULL },
	{ 'v', "verbose", false, NULL, NULL },
	{ 'Q', "quiet", false, NULL, NULL },
	{ 'h', "help", false, NULL, NULL },
	{ 'V', "version", false, NULL, NULL },
};
enum { ROWS = sizeof(rows) / sizeof(*rows) };

static const struct option_row *find_row(int letter)
{
	for (unsigned i = 0; i < ROWS; i++)
		if (rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

/* getopt's own two forms of the table. */
static void fill(struct option options[ROWS + 1], char letters[2 * ROWS + 2])
{
	*letters++ = ':'; /* tell a missing value from an unknown option */
	for (unsigned i = 0; i < ROWS; i++) {
		options[i] = (struct option){ rows[i].name, rows[i].has_value, NULL,
			rows[i].letter };
		if (rows[i].letter > UINT8_MAX)
			continue;
		*letters++ = (char)rows[i].letter;
		if (rows[i].has_value)
			*letters++ = ':';
	}
	*letters = '\0';
	options[ROWS] = (struct option){ NULL, 0, NULL, 0 };
}

/* ---- mistakes ---- */

static bool unknown_long(const char *word)
{
	char name[64];
	struct nearest n = { .word = name };

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	for (unsigned i = 0; i < ROWS; i++)
		nearest_offer(&n, rows[i].name);
	if (n.best[0])
		report_error("unknown option --%s; did you mean --%s?", name, n.best);
	else
		report_error("unknown option --%s; `ironspan --help` lists all of them", name);
	return false;
}

/* `letter` is getopt's answer, `word` the argument it stopped at. optopt is the option at
 * fault, or 0 for a long one that does not exist. */
static bool wrong_option(int letter, const char *word)
{
	const struct option_row *row = optopt ? find_row(optopt) : NULL;

	if (!optopt)
		return unknown_long(word + 2);
	if (!row)
		report_error("unknown option -%c; `ironspan --help` lists all of them", optopt);
	else if (letter == '?')
		report_error("--%s takes no value", row->name);
	else if (row->letter < SET)
		report_error("-%c needs a value; see `ironspan --help`", row->letter);
	else
		report_error("--%s needs a value; see `ironspan --help`", row->name);
	return false;
}

/* ---- parsing ---- */

static void take(struct options *o, int letter)
{
	if (letter == 'c')
		o->config_path = optarg;
	else if (letter == JSON)
		o->json = true;
	else if (letter == PROFILE_RULES)
		o->profile = true;
	else if (letter == 'h')
		o->command = COMMAND_HELP;
	else if (letter == 'V')
		o->command = COMMAND_VERSION;
	else
		o->given[o->given_count++] = (struct option_given){ letter, optarg };
}

static bool was_given(const struct options *o, int letter)
{
	for (unsigned i = 0; i < o->given_count; i++)
		if (o->given[i].letter == letter)
			return true;
	return false;
}

static bool check_inputs(const struct options *o)
{
	bool listens = was_given(o, 'i'), holds = was_given(o, 'q');

	if (!listens && !holds)
		return true;
	if (o->command != COMMAND_REPLAY)
		report_error("-%c goes without a command; commands read captures, with -r",
			listens ? 'i' : 'q');
	else if (listens && was_given(o, 'r'))
		report_error("-i listens to interfaces and -r reads captures; give one of them");
	else if (listens && holds)
		report_error("-i listens to interfaces and -q holds packets; give one of them");
	else if (holds && was_given(o, 'r'))
		report_error("-q holds packets and -r reads captures; give one of them");
	else
		return true;
	return false;
}

bool options_parse(struct options *o, int argc, char **argv)
{
	struct option options[ROWS + 1];
	char letters[2 * ROWS + 2];
	int letter;

	*o = (struct options){ .command = COMMAND_REPLAY };
	/* `-kqv` is three options in one word. */
	size_t most = 0;
	for (int i = 1; i < argc; i++)
		most += strlen(argv[i]);
	o->given = mem_array(most, sizeof(*o->given));
	fill(options, letters);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (letter == '?' || letter == ':')
			return wrong_option(letter, argv[optind - 1]);
		take(o, letter);
	}
	o->operands = argv + optind;
	o->operand_count = argc - optind;
	return options_find_command(o) && check_inputs(o);
}

void options_free(struct options *o)
{
	free(o->given);
}

/* ---- into the configuration ---- */

static bool apply_key(const struct option_row *row, const char *value, struct config *c)
{
	char where[32];

	if (row->letter < SET)
		snprintf(where, sizeof(where), "-%c", row->letter);
	else
		snprintf(where, sizeof(where), "--%s", row->name);
	return config_give(c, where, row->key, row->has_value ? value : row->value);
}

static bool apply(const struct option_given *g, struct config *c)
{
	const struct option_row *row = find_row(g->letter);

	if (row->key)
		return apply_key(row, g->value, c);
	switch (g->letter) {
	case 'r':
		config_append(c, &c->inputs, &c->input_count, g->value);
		break;
	case 'i':
		config_append(c, &c->interfaces, &c->interface_count, g->value);
		break;
	case 'S':
		config_append(c, &c->only_rules, &c->only_count, g->value);
		break;
	case 's':
		config_append(c, &c->also_rules, &c->also_count, g->value);
		break;
	case 'l':
		c->log_dir = g->value;
		break;
	case 'T':
		c->test_only = true;
		break;
	case 'v':
		c->verbose = true;
		break;
	case 'Q':
		c->quiet = true;
		break;
	}
	return true;
}

/* Operands from here on are rule files. */
static int first_rule_file(const struct options *o)
{
	switch (o->command) {
	case COMMAND_RULES_CHECK:
		return 0;
	case COMMAND_RULES_SHOW:
	case COMMAND_RULES_TEST:
		return 1; /* behind the sid */
	default:
		return o->operand_count;
	}
}

bool options_apply(const struct options *o, struct config *c)
{
	bool ok = true;

	c->profile = o->profile;
	c->profile_json = o->json;
	for (int i = first_rule_file(o); i < o->operand_count; i++)
		config_append(c, &c->only_rules, &c->only_count, o->operands[i]);
	for (unsigned i = 0; i < o->given_count; i++)
		if (o->given[i].letter == SET)
			ok = config_set(c, o->given[i].value) && ok;
	if (was_given(o, 'i') || was_given(o, 'q')) { /* not the configured ones */
		c->interface_count = 0;
		c->queues.count = 0;
	}
	for (unsigned i = 0; i < o->given_count; i++)
		if (o->given[i].letter != SET)
			ok = apply(&o->given[i], c) && ok;
	return ok;
}
