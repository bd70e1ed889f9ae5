#include <jansson.h>
#include <string.h>

#include "engine/view.h"
#include "service/control.h"

enum { WAIT_MS = 1000, RELOAD_MS = 5 * 60 * 1000 };

struct request {
	const struct service_of *of;
	struct client *client;
	const json_t *json;
	void (*show)(const struct engine_view *v, struct text *out);
	uint64_t place;
};

static void refuse(struct client *c, const char *why)
{
	text_clear(&c->out);
	text_lit(&c->out, "{\"ok\":false,\"error\":");
	text_json_str(&c->out, why);
	text_lit(&c->out, "}\n");
}

static void agree(struct client *c)
{
	text_lit(&c->out, "{\"ok\":true}\n");
}

/* ---- what the engine is asked ---- */

static void show(void *context, const struct engine_view *v)
{
	struct request *r = context;
	struct text *out = &r->client->out;

	text_lit(out, "{\"ok\":true,\"answer\":");
	if (r->show)
		r->show(v, out);
	else
		view_assets(v, &r->place, out);
	text_lit(out, "}\n");
}

static void ask(struct request *r)
{
	if (!engine_ask(r->of->engine, show, r, WAIT_MS))
		refuse(r->client, "the sensor is busy, or about to end");
}

static void status(struct request *r)
{
	r->show = view_status;
	ask(r);
}

static void stats(struct request *r)
{
	r->show = view_stats;
	ask(r);
}

static void interfaces(struct request *r)
{
	r->show = view_interfaces;
	ask(r);
}

static void assets(struct request *r)
{
	json_int_t place = json_integer_value(json_object_get(r->json, "place"));

	r->place = place > 0 ? (uint64_t)place : 0;
	ask(r);
}

/* ---- what it is told ---- */

static void reload(struct request *r)
{
	r->client->reload = engine_reload(r->of->engine);
	if (r->client->reload)
		r->client->deadline_ms += RELOAD_MS;
	else
		refuse(r->client, "this sensor cannot reload its rules");
}

static void rotate(struct request *r)
{
	sink_reopen(r->of->sink);
	agree(r->client);
}

static void stop(struct request *r)
{
	r->client->ends = true;
	agree(r->client);
	engine_stop(r->of->engine);
}

static const struct {
	const char *name;
	void (*run)(struct request *r);
} commands[] = {
	{ "status", status },
	{ "stats", stats },
	{ "interfaces", interfaces },
	{ "assets", assets },
	{ "reload", reload },
	{ "rotate", rotate },
	{ "shutdown", stop },
};

static void run(struct request *r)
{
	const char *name = json_string_value(json_object_get(r->json, "command"));

	for (size_t i = 0; name && i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(commands[i].name, name) == 0) {
			commands[i].run(r);
			return;
		}
	refuse(r->client, name ? "there is no such command" : "the request names no command");
}

void control_answer(const struct service_of *of, struct client *c, const char *line, size_t len)
{
	json_error_t error;
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);

	if (json)
		run(&(struct request){ .of = of, .client = c, .json = json });
	else
		refuse(c, error.text);
	json_decref(json);
}

bool control_reloaded(const struct service_of *of, struct client *c)
{
	struct engine_reload what;
	struct request r = { .of = of, .client = c, .show = view_rules };

	if (!engine_reload_done(of->engine, c->reload, &what))
		return false;
	c->reload = 0;
	if (what.ok)
		ask(&r);
	else
		refuse(c, *what.reason ? what.reason : "the rules were not reloaded");
	return true;
}
