#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_incident.h"
#include "command_incident_parts.h"
#include "engine/config_file.h"
#include "engine/nearest.h"
#include "incident/register.h"
#include "incident/time.h"

static const char help_begin[] =
	"Works on the incidents that a sensor found: who looks at them, what they\n"
	"turned out to be, what was done, what was reported. Every change is checked,\n"
	"and is an entry of the trail with your name.\n"
	"\n"
	"  ironspan -r plant.pcap --store DIR         makes a store of incidents\n"
	"  ironspan incident list --store DIR         what waits, the most urgent first\n"
	"  ironspan incident show ID --store DIR      one of them, on a page\n"
	"  ironspan incident ack ID --store DIR       it is yours\n"
	"  ironspan incident confirm ID 3 'batch lost' --store DIR\n"
	"\n"
	"ID may be a few characters: the first of an id or of one of its parts, or\n"
	"the last, as long as they fit one incident only.\n"
	"\n"
	"Looking\n";

static const char help_end[] =
	"\n"
	"Each explains itself: ironspan incident confirm --help. All take\n"
	"  --store DIR    folder of the store; else incident.store of the configuration\n"
	"  --registers DIR  what is known of the plant; else incident.registers\n"
	"  --config FILE  the configuration\n"
	"  --json         for programs\n"
	"\n"
	"A life: detected, triaged (ack), confirmed, reported_first, follow_up\n"
	"(submit), resolved, reported_final, closed; or dismissed, or merged. Who may\n"
	"do what is in DIR/roles.json; without it the owner of DIR and root may do\n"
	"all, and its group may look.\n"
	"\n"
	"Exit code 0: done; 1: refused, and why; 2: could not run.\n";

static const struct part {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} parts[] = {
	{ "list", incident_list,
		"incidents that people still work on; --state all: every one" },
	{ "show", incident_show, "one incident on a page: what, who, when, what next" },
	{ "alerts", incident_alerts,
		"alerts of an incident, an address, a rule, a period" },
	{ "operations", incident_operations,
		"who changed what from which value to which" },
	{ "export", incident_export, "an incident or one of its reports as JSON" },
	{ "backup", incident_backup,
		"copy the store, while others write, to a new folder" },
	{ "retain", incident_retain, "delete old alerts and operations" },
	{ NULL },
};

/* Actions of the table in life.h that do more than it says. */
static const struct part reports[] = {
	{ "report", incident_report, NULL },
	{ "approve", incident_approve, NULL },
	{ "submit", incident_submit, NULL },
	{ "forward", incident_forward, NULL },
	{ NULL },
};

static void print_help(void)
{
	fputs(help_begin, stdout);
	for (const struct part *p = parts; p->name; p++)
		printf("  %-12s %s\n", p->name, p->help);
	puts("\nDoing");
	for (const struct life_action *a = life_actions; a->name; a++)
		printf("  %-12s %s\n", a->name, a->help);
	fputs(help_end, stdout);
}

static const struct part *find_part(const struct part *p, const char *name)
{
	for (; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static int say_unknown(const char *name)
{
	struct nearest n = { .word = name };
	for (const struct part *p = parts; p->name; p++)
		nearest_offer(&n, p->name);
	for (const struct life_action *a = life_actions; a->name; a++)
		nearest_offer(&n, a->name);
	if (n.best[0])
		report_error(
			"incident: unknown command %s; did you mean %s?", name, n.best);
	else
		report_error(
			"incident: unknown command %s; `ironspan incident --help` lists "
			"them",
			name);
	return EXIT_CANNOT_RUN;
}

int command_incident(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		print_help();
		return EXIT_FINE;
	}
	if (argc < 2) {
		report_error(
			"incident: which command? `ironspan incident --help` lists them");
		return EXIT_CANNOT_RUN;
	}
	const struct part *part = find_part(parts, name);
	if (!part)
		part = find_part(reports, name);
	if (part)
		return part->run(argc - 1, argv + 1);
	return life_action_find(name) ? incident_act(argc - 1, argv + 1) :
					say_unknown(name);
}

/* ---- what all share ---- */

static bool refuse(struct incident_call *c)
{
	c->words.exit_code = EXIT_CANNOT_RUN;
	return false;
}

/* What the command line does not say, the configuration may. */
static bool read_config(struct incident_call *c)
{
	bool ok = config_load(&c->config, c->config_path);
	if (!c->dir)
		c->dir = c->config.store;
	if (!c->plant)
		c->plant = c->config.registers;
	return ok;
}

static bool load_registers(struct incident_call *c)
{
	char *share = config_share_folder();
	char *shared =
		mem_printf("%s/incident", share ? share : IRONSPAN_DATADIR "/signatures");
	c->registers = registers_load(c->plant, shared);
	free(shared);
	free(share);
	return c->registers;
}

static bool open_store(struct incident_call *c, enum store_mode mode)
{
	struct store_config config = { .dir = c->dir, .mode = mode };
	if (!command_needs(&c->words, "--store", c->dir) ||
		!person_here(&config.person, c->dir) ||
		(mode != STORE_READ && !load_registers(c)))
		return false;
	config.registers = c->registers;
	c->store = store_open(&config);
	return c->store;
}

static void close_call(struct incident_call *c)
{
	store_close(c->store);
	registers_free(c->registers);
	config_free(&c->config);
}

bool incident_call_begin(struct incident_call *c, const struct command_word *rows,
	int argc, char **argv, enum store_mode mode)
{
	struct command_word all[INCIDENT_WORDS] = {
		{ "store", .value = &c->dir }, { "registers", .value = &c->plant },
		{ "config", .value = &c->config_path }, { "json", .flag = &c->json },
	};
	unsigned count = 4;
	while (rows && rows->name && count < INCIDENT_WORDS - 1)
		all[count++] = *rows++;
	c->now_ns = time_now_ns();
	if (!command_words_read(&c->words, all, argc, argv))
		return false;
	if (read_config(c) && open_store(c, mode))
		return true;
	close_call(c);
	return refuse(c);
}

bool incident_call_wants(struct incident_call *c, int least, int most, const char *words)
{
	if (c->words.count >= least && c->words.count <= most)
		return true;
	report_error("ironspan %s %s; see `ironspan %s --help`", c->words.command, words,
		c->words.command);
	close_call(c);
	return refuse(c);
}

char *incident_call_find(struct incident_call *c, const char *part)
{
	char *id = store_find(c->store, part);
	if (!id)
		report_error("%s", store_error(c->store));
	return id;
}

int incident_call_end(struct incident_call *c, bool ok)
{
	if (!ok)
		report_error("%s", store_error(c->store));
	close_call(c);
	return ok ? EXIT_FINE : EXIT_MISTAKE;
}

int incident_call_stop(struct incident_call *c, int code)
{
	close_call(c);
	return code;
}

/* ---- values of options ---- */

bool incident_time_read(const struct incident_call *c, const char *text, uint64_t *ns)
{
	*ns = 0;
	if (!text || time_read_written(text, c->now_ns, ns))
		return true;
	report_error("%s: %s is no time; write " TIME_WRITTEN, c->words.command, text);
	return false;
}

bool incident_number_read(const struct incident_call *c, const char *option,
	const char *text, unsigned *number)
{
	char *end;
	if (!text)
		return true;
	unsigned long value = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && value <= UINT32_MAX) {
		*number = (unsigned)value;
		return true;
	}
	report_error("%s: --%s is a number, not %s", c->words.command, option, text);
	return false;
}

void incident_print_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_COMPACT | JSON_SORT_KEYS);
	putchar('\n');
}
