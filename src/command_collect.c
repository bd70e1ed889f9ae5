#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "collect.h"
#include "command_collect.h"
#include "command_words.h"
#include "engine/config.h"
#include "engine/config_file.h"
#include "incident/register.h"
#include "incident/time.h"
#include "options.h"

static const char help[] =
	"Makes incidents of many sensors' alerts, in one store. Several may run beside "
	"each\n"
	"other on one store: they take turns, and one may die.\n"
	"\n"
	"  ironspan collect --url URL --store DIR [options]\n"
	"                             what sensors publish to a NATS server (a sink of "
	"type nats)\n"
	"  ironspan collect --folder FOLDER --store DIR [options]\n"
	"                             files of EVE that a one-way gateway or a person "
	"puts there:\n"
	"                             *.json, *.ndjson, *.jsonl; afterwards they are in\n"
	"                             FOLDER/done\n"
	"      --store DIR            where incidents are kept; incident.store of the\n"
	"                             configuration if not said\n"
	"      --registers DIR        the plant's registers; incident.registers if not "
	"said\n"
	"      --config FILE          its group incident; sensor.id is the collector's "
	"name,\n"
	"                             sensor.site the site of alerts that do not say "
	"theirs\n"
	"      --once                 ends when nothing waits any more\n"
	"      --remove               files are deleted when they were read\n"
	"      --user NAME --password-file FILE\n"
	"                             the server's account; the file's mode must be "
	"0600\n"
	"      --ca FILE              who signs the server's certificate\n"
	"      --cert FILE --key FILE our own certificate\n"
	"\n"
	"Alerts of a replay or an exercise are left out. Until Ctrl-C.\n"
	"Exit code 0: done; 1: a mistake; 2: could not run.\n";

struct asked {
	const char *store, *registers, *config, *folder;
	bool once, remove;
	struct collect_server server;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void tell(const struct collect *c)
{
	report_news("alerts: %llu stored, %llu were there before; events of a replay or an "
		    "exercise, left out: %llu; operations: %llu; health: %llu; other events: "
		    "%llu; unusable: %llu",
		(unsigned long long)c->alerts, (unsigned long long)c->repeated,
		(unsigned long long)c->unreal, (unsigned long long)c->operations,
		(unsigned long long)c->healths, (unsigned long long)c->others, (unsigned long long)c->unusable);
}

static bool run(struct collect *c, const struct asked *a)
{
	bool ok = collect_begin(c);

	if (!ok)
		return false;
	catch_signals();
	ok = a->folder ? collect_folder_run(c, a->folder, a->remove)
		       : collect_server_run(c, &a->server);
	collect_end(c);
	return ok;
}

static struct incidents_config incidents_of(
	const struct config *config, const struct registers *registers)
{
	return (struct incidents_config){ .limit = config->incidents,
		.gap_s = config->incident_gap_s,
		.life_s = config->incident_life_s,
		.registers = registers,
		.attack_file = config->attack,
		.is_live = true,
		.has_sensors = true };
}

static int collect(const struct asked *a, const struct config *config,
	const struct registers *registers)
{
	struct store_config sc = { .dir = a->store,
		.mode = STORE_CREATE,
		.person = person_sensor(config->sensor_id),
		.registers = registers };
	struct store *store = store_open(&sc);

	if (!store)
		return EXIT_CANNOT_RUN;
	struct collect c = { .store = store,
		.dir = a->store,
		.incidents = incidents_of(config, registers),
		.site = config->site,
		.keep = { config->keep_s / 86400, config->keep_size },
		.stop = &stop,
		.once = a->once };
	bool ok = run(&c, a);
	tell(&c);
	store_close(store);
	return ok ? EXIT_FINE : EXIT_CANNOT_RUN;
}

static struct registers *load_registers(const struct asked *a)
{
	char *share = config_share_folder();
	char *shared =
		mem_printf("%s/incident", share ? share : IRONSPAN_DATADIR "/signatures");
	struct registers *r = registers_load(a->registers, shared);

	if (r && a->registers)
		registers_warn(r, time_now_ns());
	free(shared);
	free(share);
	return r;
}

static int with_config(struct asked *a, const struct config *config)
{
	a->store = a->store ? a->store : config->store;
	a->registers = a->registers ? a->registers : config->registers;
	a->server.name = config->sensor_id;
	if (!a->store) {
		report_error(
			"collect needs --store, or incident.store in the configuration");
		return EXIT_CANNOT_RUN;
	}
	struct registers *registers = load_registers(a);
	if (!registers)
		return EXIT_MISTAKE;
	int code = collect(a, config, registers);
	registers_free(registers);
	return code;
}

static bool is_sound(const struct asked *a, const struct command_words *w)
{
	if (w->count > 0)
		report_error("collect: %s is one word too many", w->operands[0]);
	else if (!a->server.url == !a->folder)
		report_error("collect needs --url or --folder, one of them");
	else if (a->remove && !a->folder)
		report_error("collect: --remove is for files of a --folder");
	else
		return true;
	return false;
}

int command_collect(int argc, char **argv)
{
	struct command_words w = { "collect", help };
	struct asked a = { 0 };
	const struct command_word rows[] = {
		{ "url", .value = &a.server.url },
		{ "folder", .value = &a.folder },
		{ "store", .value = &a.store },
		{ "registers", .value = &a.registers },
		{ "config", .value = &a.config },
		{ "user", .value = &a.server.user },
		{ "password-file", .value = &a.server.password_file },
		{ "ca", .value = &a.server.ca_file },
		{ "cert", .value = &a.server.cert_file },
		{ "key", .value = &a.server.key_file },
		{ "once", .flag = &a.once },
		{ "remove", .flag = &a.remove },
		{ NULL },
	};
	struct config config;
	int code = EXIT_MISTAKE;

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (!is_sound(&a, &w))
		return EXIT_CANNOT_RUN;
	if (config_load(&config, a.config) && config_finish(&config))
		code = with_config(&a, &config);
	config_free(&config);
	return code;
}
