/* ironspan: from the command line to the exit code. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/report.h"
#include "capture/watchdog.h"
#include "commands.h"
#include "engine/config_file.h"
#include "engine/engine.h"
#include "engine/evidence.h"
#include "engine/outputs.h"
#include "engine/store_queue.h"
#include "help.h"
#include "incident/register.h"
#include "incident/tier.h"
#include "incident/time.h"
#include "progress.h"
#include "reload_rules.h"
#include "rule_costs.h"
#include "rule_notes.h"
#include "service/privileges.h"
#include "service/service.h"
#include "service/syscall_filter.h"
#include "subcommand.h"
#include "summary.h"

enum { STORE_ROOM = 32 << 20 }; /* bytes that wait for the store at most */

/* The running engine and what it writes to, for the signal handlers. */
static struct engine *running;
static struct sink *written;

static void on_signal(int number)
{
	(void)number;
	engine_stop(running);
}

static void on_reload(int number)
{
	(void)number;
	(void)engine_reload(running);
}

static void on_hangup(int number)
{
	(void)number;
	sink_reopen(written);
}

/* The first signal ends the run with what was found, the second ends the program. After log
 * rotation SIGHUP opens files anew; a replay on a terminal ends with the terminal. */
static void catch_signals(struct engine *e, struct sink *sink, bool is_live)
{
	struct sigaction stop = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };
	struct sigaction reload = { .sa_handler = on_reload, .sa_flags = SA_RESTART };
	struct sigaction hangup = { .sa_handler = on_hangup, .sa_flags = SA_RESTART };

	running = e;
	written = sink;
	if (is_live)
		sigaction(SIGHUP, &hangup, NULL);
	sigaction(SIGINT, &stop, NULL); /* without SA_RESTART: a read that waits returns */
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGUSR2, &reload, NULL);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of write() */
}

static void tell_costs(const struct config *c, const struct engine *e)
{
	const struct ruleset *rules = engine_rules(e);
	struct rule_cost *costs = engine_rule_costs(e, ruleset_count(rules));

	(c->profile_json ? rule_costs_json : rule_costs_print)(stderr, rules, costs);
	free(costs);
}

/* What a run works with beside the configuration. */
struct tables {
	struct ruleset *rules;       /* in the end the engine's */
	struct registers *registers; /* NULL: no incidents are wanted */
	struct store_queue *store;   /* NULL: they are not kept */
};

static int run(const struct options *o, const struct config *c, const struct tables *t,
	struct source *source, struct sink *plain, struct evidence *evidence)
{
	struct reload_rules again = { .options = o,
		.refused = ruleset_report(t->rules)->refused };
	struct engine_rules reloads = { reload_rules, reload_ready, &again };
	struct progress progress;
	bool is_live = c->input_count == 0;

	/* live, lines come from another thread and would be drawn over */
	progress_begin(&progress, c->quiet || (is_live && isatty(STDOUT_FILENO)));
	struct sink *sink = progress_sink(&progress, plain);
	struct engine *e = engine_new(&(struct engine_parts){ .config = c, .rules = t->rules,
		.source = source, .sink = sink, .reloads = &reloads, .registers = t->registers,
		.store = t->store, .evidence = evidence });
	struct service_of of = { c, e, plain };
	struct service *service = NULL;
	catch_signals(e, plain, is_live);
	bool ok = (!is_live || service_start(&of, &service)) &&
		engine_run(e, progress_show, &progress);
	service_stop(service);
	ok = sink_finish(sink) && ok;
	uint64_t run_ns = progress_elapsed_ns(&progress);
	progress_end(&progress);
	if (!c->quiet)
		summary_print(stderr, c, e, run_ns);
	if (c->profile)
		tell_costs(c, e);
	bool cut = engine_totals(e)->source.cut_files > 0;
	engine_free(e);
	return !ok ? EXIT_CANNOT_RUN : cut && c->strict ? EXIT_MISTAKE : EXIT_FINE;
}

static struct source *open_queues(const struct config *c, struct watchdog *watchdog)
{
	struct queue_config queues = { .first = c->queues.first, .count = c->queues.count,
		.memory = c->queue_memory, .is_open = c->fail_open,
		.repeats = c->inline_repeats, .mark = c->mark, .mask = c->mark_mask,
		.watchdog = watchdog };

	return source_open_queues(&queues);
}

static struct source *open_source(const struct config *c, struct watchdog *watchdog)
{
	struct live_config live = { .names = c->interfaces, .count = c->interface_count,
		.filter = c->filter, .snaplen = c->snaplen, .ring = c->ring_size,
		.promiscuous = c->promiscuous };

	if (c->input_count > 0)
		return source_open_files(c->inputs, c->input_count, c->filter);
	if (c->queues.count > 0)
		return open_queues(c, watchdog);
	return source_open_live(&live);
}

static int read_packets(const struct options *o, const struct config *c, const struct tables *t,
	struct watchdog *watchdog)
{
	int code = EXIT_CANNOT_RUN;
	struct source *source = open_source(c, watchdog);
	struct sink *sink = source ? outputs_open(c, c->input_count == 0) : NULL;
	bool ok = sink;
	struct evidence *evidence = sink ? evidence_new(c, &ok) : NULL;

	if (ok)
		code = run(o, c, t, source, sink, evidence);
	else
		ruleset_free(t->rules);
	if (sink)
		sink_close(sink);
	if (source)
		source_close(source);
	return code;
}

/* By what an approved report leaves the plant, which may be in a year. */
static bool test_forwarding(const struct config *c, const struct registers *r)
{
	char *name = mem_printf("redaction/%s", c->redaction);
	bool ok = !r || registers_data(r, name);

	free(name);
	if (!ok)
		report_error("incident.redaction: there is no profile %s", c->redaction);
	return (!c->tier || tier_check(c->tier)) && ok;
}

static int test_config(const struct config *c, const struct tables *t)
{
	const struct rules_report *report = ruleset_report(t->rules);
	bool ok = outputs_check_files(c);

	if (c->filter && c->input_count == 0 && !live_filter_check(c->filter))
		return EXIT_CANNOT_RUN;
	if (!test_forwarding(c, t->registers) || !ok)
		return EXIT_MISTAKE;
	if (report->refused > 0) {
		report_error("%u rules were refused", report->refused);
		return EXIT_MISTAKE;
	}
	fprintf(stderr, "ironspan: configuration and %u rules are fine\n",
		report->loaded + report->fell_back);
	return EXIT_FINE;
}

static bool can_be_read(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (access(path, R_OK) == 0)
		return true;
	report_error("%s: %s", path, strerror(errno));
	return false;
}

/* -S and -s are looked at before anything starts. */
static bool rule_files_exist(const char *const *files, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!can_be_read(files[i]))
			return false;
	return true;
}

/* Incidents are graded by tables that ship; the plant's registers are the operator's. */
static bool load_registers(const struct config *c, struct tables *t)
{
	char *share = config_share_folder();
	char *shared = mem_printf("%s/incident", share ? share : IRONSPAN_DATADIR "/signatures");
	bool wanted = c->events & EVENTS_INCIDENT || c->store;

	if (wanted)
		t->registers = registers_load(c->registers, shared);
	if (t->registers && c->registers)
		registers_warn(t->registers, time_now_ns());
	free(shared);
	free(share);
	return t->registers || !wanted;
}

static bool open_store(const struct config *c, struct tables *t)
{
	struct store_queue_config config = { .dir = c->store, .site = c->site,
		.sensor_id = c->sensor_id, .registers = t->registers,
		.keep = { c->keep_s / 86400, c->keep_size }, .is_live = c->input_count == 0,
		.room = STORE_ROOM };

	if (c->store)
		t->store = store_queue_new(&config);
	return t->store || !c->store;
}

/* A replay that the store did not take whole is to be run again; live nobody can. */
static bool close_store(const struct config *c, struct tables *t)
{
	if (!t->store)
		return true;
	store_queue_finish(t->store);
	uint64_t lost = store_queue_lost(t->store);
	if (lost)
		report_warning("%s: %" PRIu64 " alerts, operations or incidents found no place",
			c->store, lost);
	store_queue_free(t->store);
	return !lost || c->input_count == 0;
}

static int check_or_run(const struct options *o, const struct config *c, struct tables *t,
	struct watchdog *watchdog)
{
	const struct rules_report *report = ruleset_report(t->rules);
	bool ready = !c->test_only && open_store(c, t);
	int code = EXIT_CANNOT_RUN;

	rule_notes_tell(report, c->test_only || c->verbose);
	if (ready)
		code = read_packets(o, c, t, watchdog); /* which takes the rules over */
	else if (c->test_only)
		code = test_config(c, t);
	if (!ready)
		ruleset_free(t->rules);
	return close_store(c, t) ? code : EXIT_CANNOT_RUN;
}

static int load_and_run(const struct options *o, const struct config *c,
	struct watchdog *watchdog)
{
	if (!c->test_only && !syscall_filter_install(c->seccomp))
		return EXIT_CANNOT_RUN;
	struct rules_config rules_config = rules_config_of(c);
	struct tables t = { .rules = ruleset_load(&rules_config) };

	if (!t.rules)
		return EXIT_CANNOT_RUN;
	if (!load_registers(c, &t)) {
		ruleset_free(t.rules);
		return EXIT_MISTAKE;
	}
	int code = check_or_run(o, c, &t, watchdog);
	registers_free(t.registers);
	return code;
}

/* It starts first, while the program is small. */
static int watch_and_run(const struct options *o, const struct config *c)
{
	bool is_inline = c->queues.count > 0 && c->input_count == 0 && !c->test_only;
	struct watchdog *watchdog = NULL;

	if (is_inline && c->fail_open && !(watchdog = watchdog_start()))
		return EXIT_CANNOT_RUN;
	int code = load_and_run(o, c, watchdog);
	watchdog_stop(watchdog);
	return code;
}

static int with_rules(const struct options *o, const struct config *c)
{
	if (!rule_files_exist(c->only_rules, c->only_count) ||
		!rule_files_exist(c->also_rules, c->also_count))
		return EXIT_CANNOT_RUN;
	if (o->command == COMMAND_RULES_CHECK)
		return command_rules_check(o->json, c);
	if (o->command == COMMAND_RULES_SHOW)
		return command_rules_show(o->operands[0], c);
	if (o->command == COMMAND_RULES_TEST)
		return command_rules_test(o->operands[0], c);
	if (c->input_count > 0 || c->queues.count > 0 || c->interface_count > 0 || c->test_only)
		return watch_and_run(o, c);
	report_error("nothing to read: name a capture with -r, an interface with -i or in "
		     "capture.interfaces of the configuration, or a queue with -q");
	return EXIT_CANNOT_RUN;
}

static int with_config(const struct options *o)
{
	struct config config;

	if (o->config_path && !can_be_read(o->config_path))
		return EXIT_CANNOT_RUN;
	bool ok = config_load(&config, o->config_path);
	int code = EXIT_MISTAKE;

	ok = options_apply(o, &config) && ok;
	report_verbose(config.verbose);
	report_note("configuration: %s", config.path ? config.path : "defaults");
	if (ok && o->command == COMMAND_REPLAY && !privileges_drop(&config))
		code = EXIT_CANNOT_RUN;
	else if (ok && config_finish(&config) && service_check(&config))
		code = with_rules(o, &config);
	config_free(&config);
	return code;
}

static int run_command(const struct options *o)
{
	switch (o->command) {
	case COMMAND_HELP:
		help_print(stdout);
		return EXIT_FINE;
	case COMMAND_VERSION:
		help_version(stdout);
		return EXIT_FINE;
	case COMMAND_FIELDS:
		return command_fields(o);
	case COMMAND_SETTINGS:
		return command_settings();
	default:
		return with_config(o);
	}
}

static int parse_and_run(int argc, char **argv)
{
	struct options options;
	int code = EXIT_CANNOT_RUN;

	if (options_parse(&options, argc, argv))
		code = run_command(&options);
	options_free(&options);
	return code;
}

/* A full disk or a closed pipe shows when the last bytes are written. */
static bool is_output_written(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	report_error("standard output cannot be written");
	return false;
}

/* `ironspan help incident ack` is `ironspan incident ack --help`. */
static void turn_help(int argc, char **argv)
{
	static char option[] = "--help";

	if (argc < 3 || strcmp(argv[1], "help") != 0 || !subcommand_find(argv[2]))
		return;
	for (int i = 1; i < argc - 1; i++)
		argv[i] = argv[i + 1];
	argv[argc - 1] = option;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help_usage(stderr);
		return EXIT_CANNOT_RUN;
	}
	turn_help(argc, argv);
	const struct subcommand *own = subcommand_find(argv[1]);
	int code = own ? own->run(argc - 1, argv + 1) : parse_and_run(argc, argv);
	return is_output_written() ? code : EXIT_CANNOT_RUN;
}
