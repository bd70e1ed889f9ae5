#include <unistd.h>

#include "engine/assets.h"
#include "engine/view.h"

enum { ASSETS_AT_A_TIME = 256 };

static void member_string(struct text *out, const char *key, const char *value)
{
	if (out->at[out->len - 1] != '{')
		text_char(out, ',');
	text_json_str(out, key);
	text_char(out, ':');
	text_json_str(out, value);
}

static void member_uint(struct text *out, const char *key, uint64_t value)
{
	if (out->at[out->len - 1] != '{')
		text_char(out, ',');
	text_json_str(out, key);
	text_char(out, ':');
	text_uint(out, value);
}

void view_rules(const struct engine_view *v, struct text *out)
{
	const struct rules_report *report = ruleset_report(v->rules);

	text_char(out, '{');
	member_uint(out, "loaded", report->loaded + report->fell_back);
	member_uint(out, "refused", report->refused);
	member_uint(out, "reloads", v->now.reloads);
	member_string(out, "sha256", ruleset_sha256(v->rules));
	text_char(out, '}');
}

static void put_sink(const struct sink_counters *c, struct text *out)
{
	text_char(out, '{');
	member_string(out, "name", c->name);
	member_string(out, "state", c->is_down ? "down" : "up");
	member_uint(out, "lines", c->lines);
	member_uint(out, "lost", c->lost[LINE_EVENT] + c->lost[LINE_ALERT]);
	member_uint(out, "lost_alerts", c->lost[LINE_ALERT]);
	member_uint(out, "queued_bytes", c->queued);
	member_uint(out, "spooled", c->spooled);
	member_uint(out, "resent", c->repeated);
	text_char(out, '}');
}

static void put_sinks(const struct engine_view *v, struct text *out)
{
	struct sink_counters c;

	text_lit(out, ",\"sinks\":[");
	for (unsigned i = 0; sink_count(v->sink, i, &c); i++) {
		text_str(out, i ? "," : "");
		put_sink(&c, out);
	}
	text_char(out, ']');
}

void view_status(const struct engine_view *v, struct text *out)
{
	const struct config *c = v->config;

	text_char(out, '{');
	member_string(out, "version", IRONSPAN_VERSION);
	member_uint(out, "pid", (uint64_t)getpid());
	member_string(out, "sensor", c->sensor_id ? c->sensor_id : "");
	member_string(out, "mode", c->queues.count ? "inline" : "span");
	member_string(out, "configuration", c->path ? c->path : "");
	member_uint(out, "threads", c->threads);
	member_string(out, "state", health_states[v->state]);
	text_lit(out, ",\"reasons\":[");
	text_put(out, v->reasons.at, v->reasons.len);
	text_char(out, ']');
	member_uint(out, "uptime_s", v->now.uptime_s);
	member_uint(out, "packets", v->now.source.packets);
	member_uint(out, "dropped", v->now.source.dropped);
	member_uint(out, "alerts", v->stage.alerts);
	member_uint(out, "events", v->stage.events);
	text_lit(out, ",\"rules\":");
	view_rules(v, out);
	put_sinks(v, out);
	text_char(out, '}');
}

void view_stats(const struct engine_view *v, struct text *out)
{
	text_char(out, '{');
	stats_put(out, v->shards, &v->now, &v->stage);
	text_char(out, '}');
}

void view_interfaces(const struct engine_view *v, struct text *out)
{
	text_lit(out, "{\"interfaces\":");
	health_put_links(v->source, out);
	text_char(out, '}');
}

struct asset_rows {
	struct text *out;
	unsigned count;
};

static bool put_asset(void *context, const struct eve_asset *a)
{
	struct asset_rows *rows = context;

	text_str(rows->out, rows->count ? "," : "");
	eve_asset_row(a, rows->out);
	return ++rows->count < ASSETS_AT_A_TIME;
}

void view_assets(const struct engine_view *v, uint64_t *place, struct text *out)
{
	struct asset_rows rows = { out, 0 };

	text_lit(out, "{\"assets\":[");
	assets_each(v->assets, place, put_asset, &rows);
	text_lit(out, "],\"next\":");
	text_uint(out, *place);
	text_char(out, '}');
}
