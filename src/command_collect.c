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
#include "incident/store.h"
#include "incident/time.h"
#include "options.h"

static const char help[] =
	"Makes incidents of the alerts that sensors publish to a NATS server (a sink of type\n"
	"nats, see outputs.sinks), in one store. Several may run beside each other on one store:\n"
	"they share the work, and one may die.\n"
	"\n"
	"  ironspan collect --url URL --store DIR [--registers DIR] [--config FILE]\n"
	"      --url URL              nats://HOST:4222 or tls://HOST:4222\n"
	"      --store DIR            where incidents are kept; incident.store of the\n"
	"                             configuration if not said\n"
	"      --registers DIR        the plant's registers; incident.registers if not said\n"
	"      --config FILE          its group incident, and sensor.id as the collector's name\n"
	"      --user NAME --password-file FILE\n"
	"                             the server's account; the file's mode must be 0600\n"
	"      --ca FILE              who signs the server's certificate\n"
	"      --cert FILE --key FILE our own certificate\n"
	"\n"
	"Until Ctrl-C. Exit code 0: done; 1: a mistake; 2: could not run.\n";

struct asked {
	const char *url, *store, *registers, *config;
	struct collect_source source;
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
	report_news("%llu alerts stored, %llu were there before, %llu of a replay or exercise and "
		"%llu unusable ones left out", (unsigned long long)c->alerts,
		(unsigned long long)c->repeated, (unsigned long long)c->unreal,
		(unsigned long long)c->unusable);
}

static int collect(const struct asked *a, const struct config *config,
	const struct registers *registers)
{
	struct store_config sc = { .dir = a->store ? a->store : config->store,
		.mode = STORE_CREATE, .person = person_sensor(config->sensor_id),
		.registers = registers };
	struct store *store = store_open(&sc);

	if (!store)
		return EXIT_CANNOT_RUN;
	struct collect c = { .store = store, .registers = registers, .limit = config->incidents,
		.gap_s = config->incident_gap_s, .life_s = config->incident_life_s,
		.attack_file = config->attack };
	catch_signals();
	bool ok = collect_run(&c, &a->source, &stop);
	if (ok)
		tell(&c);
	store_close(store);
	return ok ? EXIT_FINE : EXIT_CANNOT_RUN;
}

static struct registers *load_registers(const struct asked *a, const struct config *config)
{
	char *share = config_share_folder();
	char *shared = mem_printf("%s/incident", share ? share : IRONSPAN_DATADIR "/signatures");
	const char *plant = a->registers ? a->registers : config->registers;
	struct registers *r = registers_load(plant, shared);

	if (r && plant)
		registers_warn(r, time_now_ns());
	free(shared);
	free(share);
	return r;
}

static int with_config(struct asked *a, const struct config *config)
{
	if (!a->store && !config->store) {
		report_error("collect needs --store, or incident.store in the configuration");
		return EXIT_CANNOT_RUN;
	}
	struct registers *registers = load_registers(a, config);
	if (!registers)
		return EXIT_MISTAKE;
	a->source.url = a->url;
	a->source.name = config->sensor_id;
	int code = collect(a, config, registers);
	registers_free(registers);
	return code;
}

int command_collect(int argc, char **argv)
{
	struct command_words w = { "collect", help };
	struct asked a = { 0 };
	const struct command_word rows[] = {
		{ "url", .value = &a.url },
		{ "store", .value = &a.store },
		{ "registers", .value = &a.registers },
		{ "config", .value = &a.config },
		{ "user", .value = &a.source.user },
		{ "password-file", .value = &a.source.password_file },
		{ "ca", .value = &a.source.ca_file },
		{ "cert", .value = &a.source.cert_file },
		{ "key", .value = &a.source.key_file },
		{ NULL },
	};
	struct config config;
	int code = EXIT_MISTAKE;

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (!command_needs(&w, "--url", a.url))
		return EXIT_CANNOT_RUN;
	if (config_load(&config, a.config) && config_finish(&config))
		code = with_config(&a, &config);
	config_free(&config);
	return code;
}
