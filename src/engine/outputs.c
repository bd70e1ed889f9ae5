#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/report.h"
#include "engine/outputs.h"
#include "output/outlet.h"

enum { PATIENCE_MS = 5000 }; /* for a thread that hangs in a call to the kernel */

struct output {
	struct sink_config config;
	struct outlet *outlet;
	pthread_t thread;
	bool is_started, is_lost;
};

struct outputs {
	struct sink sink;
	char *path;         /* of -l */
	bool is_live;
	struct output *all;
	unsigned count;
};

static struct outputs *outputs_of(struct sink *s)
{
	return (struct outputs *)s; /* its first member */
}

/* ---- what all sinks do ---- */

/* In replay one that fails ends the run; live only the last one does. */
static bool sum(const struct outputs *o, unsigned ok)
{
	return o->is_live ? ok > 0 : ok == o->count;
}

static bool outputs_write(struct sink *s, struct bytes lines, enum line_value value)
{
	struct outputs *o = outputs_of(s);
	unsigned ok = 0;

	for (unsigned i = 0; i < o->count; i++)
		ok += outlet_write(o->all[i].outlet, lines, value);
	return sum(o, ok);
}

static bool outputs_flush(struct sink *s)
{
	struct outputs *o = outputs_of(s);
	unsigned ok = 0;

	for (unsigned i = 0; i < o->count; i++)
		ok += outlet_flush(o->all[i].outlet);
	return sum(o, ok);
}

static void outputs_reopen(struct sink *s)
{
	struct outputs *o = outputs_of(s);

	for (unsigned i = 0; i < o->count; i++)
		outlet_reopen(o->all[i].outlet);
}

static void join(struct outputs *o, struct output *one)
{
	if (!one->is_started)
		return;
	one->is_lost = !outlet_wait(one->outlet, o->is_live ? PATIENCE_MS : 60 * 1000);
	if (one->is_lost)
		pthread_detach(one->thread);
	else
		pthread_join(one->thread, NULL);
	one->is_started = false;
}

static bool outputs_finish(struct sink *s)
{
	struct outputs *o = outputs_of(s);
	unsigned ok = 0;

	for (unsigned i = 0; i < o->count; i++)
		outlet_finish(o->all[i].outlet);
	for (unsigned i = 0; i < o->count; i++) {
		join(o, &o->all[i]);
		ok += outlet_is_whole(o->all[i].outlet);
	}
	return sum(o, ok);
}

static bool outputs_count(struct sink *s, unsigned index, struct sink_counters *c)
{
	struct outputs *o = outputs_of(s);

	if (index >= o->count)
		return false;
	outlet_count(o->all[index].outlet, c);
	return true;
}

/* The memory of an outlet whose thread hangs stays with that thread. */
static void outputs_close(struct sink *s)
{
	struct outputs *o = outputs_of(s);
	bool is_lost = false;

	outputs_finish(s);
	for (unsigned i = 0; i < o->count; i++) {
		is_lost |= o->all[i].is_lost;
		if (!o->all[i].is_lost)
			outlet_free(o->all[i].outlet);
	}
	if (is_lost)
		return;
	free(o->all);
	free(o->path);
	free(o);
}

static const struct sink_ops ops = {
	.write = outputs_write,
	.flush = outputs_flush,
	.reopen = outputs_reopen,
	.finish = outputs_finish,
	.count = outputs_count,
	.close = outputs_close,
};

/* ---- opening ---- */

static void add(struct outputs *o, const struct sink_config *c)
{
	o->all[o->count++].config = *c;
}

static bool has_path(const struct outputs *o, const char *path)
{
	for (unsigned i = 0; i < o->count; i++)
		if (o->all[i].config.type == SINK_FILE && !strcmp(o->all[i].config.path, path))
			return true;
	return false;
}

static bool add_log_dir(struct outputs *o, const char *folder)
{
	struct sink_config c = { .type = SINK_FILE, .queue = SINK_QUEUE };

	if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
		report_error("%s: %s", folder, strerror(errno));
		return false;
	}
	c.path = o->path = mem_printf("%s/eve.json", folder);
	if (!has_path(o, c.path))
		add(o, &c);
	return true;
}

static bool choose(struct outputs *o, const struct config *c)
{
	struct sink_config plain = { .type = SINK_STDOUT, .queue = SINK_QUEUE };

	for (unsigned i = 0; i < c->sink_count && (o->is_live || c->sinks_on_replay); i++)
		add(o, &c->sinks[i]);
	if (c->log_dir && !add_log_dir(o, c->log_dir))
		return false;
	if (o->count == 0)
		add(o, &plain);
	return true;
}

static void *run(void *outlet)
{
	outlet_run(outlet);
	return NULL;
}

/* Signals are the main thread's: they end its waits. */
static bool start(struct output *one)
{
	sigset_t all, before;

	one->is_started = outlet_has_thread(one->outlet);
	if (!one->is_started)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	one->is_started = pthread_create(&one->thread, NULL, run, one->outlet) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!one->is_started)
		report_error("cannot start a thread for an output");
	return one->is_started;
}

static bool open_all(struct outputs *o, const char *host)
{
	for (unsigned i = 0; i < o->count; i++) {
		o->all[i].outlet = outlet_new(&o->all[i].config, host, o->is_live);
		if (!o->all[i].outlet || !start(&o->all[i])) {
			o->count = i + (o->all[i].outlet != NULL);
			return false;
		}
	}
	return true;
}

struct sink *outputs_open(const struct config *c, bool is_live)
{
	struct outputs *o = mem_new(sizeof(*o));
	bool ok;

	signal(SIGPIPE, SIG_IGN); /* a closed pipe is write()'s EPIPE */
	signal(SIGXFSZ, SIG_IGN); /* and a file at its limit EFBIG */
	o->sink.ops = &ops;
	o->is_live = is_live;
	o->all = mem_array(c->sink_count + 2, sizeof(*o->all));
	ok = choose(o, c);
	if (!ok)
		o->count = 0;
	if (ok && open_all(o, c->sensor_id))
		return &o->sink;
	outputs_close(&o->sink);
	return NULL;
}
