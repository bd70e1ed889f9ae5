/* What Prometheus reads. Names end in their unit, and in _total where they only grow; what a
 * label can say, such as an interface's name, comes from the configuration, never from a packet,
 * so that no traffic makes series. */
#include <stddef.h>

#include "engine/view.h"

struct metric {
	const char *name, *type, *help;
	uint64_t value;
};

static void put_head(struct text *out, const char *name, const char *type, const char *help)
{
	text_printf(out, "# HELP ironspan_%s %s\n# TYPE ironspan_%s %s\n", name, help, name, type);
}

static void put_metric(struct text *out, const struct metric *m)
{
	put_head(out, m->name, m->type, m->help);
	text_printf(out, "ironspan_%s %llu\n", m->name, (unsigned long long)m->value);
}

static void put_metrics(struct text *out, const struct metric *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_metric(out, &rows[i]);
}

#define PUT(out, ...) do { \
	const struct metric rows[] = { __VA_ARGS__ }; \
	put_metrics(out, rows, sizeof(rows) / sizeof(*rows)); \
} while (0)
#define SUM(name, help, value) { name "_total", "counter", help, value }

/* In quotes: backslash, quote and line feed are escaped. */
static void put_label(struct text *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			text_char(out, '\\');
		if (*value == '\n')
			text_lit(out, "\\n");
		else
			text_char(out, *value);
	}
}

/* ---- of this moment ---- */

static void put_capture(const struct engine_view *v, struct text *out)
{
	const struct source_counters *s = &v->now.source;
	const struct decoder_counters *d = &v->now.decoder;

	PUT(out, SUM("packets", "Packets read.", s->packets),
		SUM("bytes", "Bytes of the packets read.", s->bytes),
		SUM("kernel_dropped_packets", "Packets the kernel dropped: the sensor was slow.",
			s->dropped),
		SUM("interface_dropped_packets", "Packets that interfaces dropped.", s->missed),
		SUM("blind_seconds", "Seconds without an interface, of all interfaces.",
			s->away_ns / 1000000000),
		SUM("unknown_link_packets", "Packets of link types that are not decoded.",
			s->unknown_link),
		SUM("decode_events", "Packets with something wrong in their headers.",
			d->events),
		SUM("tunnel_packets", "Packets that came in a tunnel.", d->tunnels));
	if (v->config->queues.count)
		PUT(out, SUM("unseen_packets", "Packets let through unseen.", s->unseen),
			SUM("refusals", "Resets and ICMP errors sent.", s->refusals));
}

static void put_output(const struct engine_view *v, struct text *out)
{
	const struct rules_report *report = ruleset_report(v->rules);

	PUT(out, SUM("alerts", "Alerts.", v->stage.alerts),
		SUM("suppressed_alerts", "Alerts that thresholds held back: their window had told.",
			v->stage.alerts_suppressed),
		SUM("forgotten_windows", "Thresholds and xbits forgotten: there were too many.",
			v->stage.forgotten),
		SUM("left_out_assets", "Devices seen and not noted: there were too many.",
			v->stage.assets_left_out),
		SUM("events", "Events written, alerts among them.", v->stage.events),
		SUM("lost_events", "Events that no output took.", v->stage.lines_lost),
		SUM("lost_alerts", "Alerts and incidents among them.", v->stage.alerts_lost),
		SUM("store_lost_rows", "Alerts, operations and incidents the store did not take.",
			v->stage.store_lost),
		SUM("lost_evidence", "Alerts whose packets could not be kept.",
			v->stage.evidence_lost),
		{ "spooled_events", "gauge", "Events on disk that wait for an output.",
			v->stage.lines_spooled },
		{ "rules", "gauge", "Rules loaded.", report->loaded + report->fell_back },
		{ "refused_rules", "gauge", "Rules that could not be loaded.",
			report->refused },
		SUM("rule_reloads", "Times the rules were reloaded.", v->now.reloads),
		{ "health_state", "gauge", "0: good, 1: degraded, 2: blind.", v->state },
		{ "uptime_seconds", "gauge", "Time since the first packet.",
			v->now.uptime_s });
}

/* ---- as of the last interval ---- */

static void put_traffic(const struct engine_view *v, struct text *out)
{
	const struct engine_totals *t = v->shards;
	const struct session_counters *a = &t->sessions;

	PUT(out, SUM("flows", "Flows begun.", t->flows.created),
		SUM("shed_flows", "Flows forgotten because there were too many.",
			t->flows.shed),
		SUM("overflowing_alerts", "Alerts left out: too many at once on the same thing.",
			t->losses.alerts),
		SUM("abandoned_searches", "Searches of rules for contents that were given up.",
			t->losses.searches),
		SUM("stream_events", "Streams with something wrong.", t->stream_events),
		SUM("duplicate_packets", "Copies of packets left out.", t->duplicates),
		SUM("messages", "Protocol messages.", a->messages),
		SUM("transactions", "Requests with their responses.", a->transactions),
		SUM("undecoded_bytes", "Bytes that are no messages.", a->undecoded_bytes),
		SUM("blind_bytes", "Bytes that were lost before they came here.",
			a->blind_bytes),
		SUM("unanswered_requests", "Requests without a response.", a->no_reply));
	if (v->config->queues.count)
		PUT(out, SUM("blocked_packets", "Packets that rules dropped.", t->blocked),
			SUM("would_block_packets", "Packets that dry-run let pass.",
				t->would_block));
}

/* ---- with labels ---- */

static void put_protocols(const struct engine_view *v, struct text *out)
{
	static const struct {
		const char *name, *help;
		size_t at;
	} rows[] = {
		{ "protocol_flows_total", "Flows of the protocol.",
			offsetof(struct protocol_counters, flows) },
		{ "protocol_messages_total", "Its messages.",
			offsetof(struct protocol_counters, messages) },
		{ "protocol_transactions_total", "Its requests with their responses.",
			offsetof(struct protocol_counters, transactions) },
		{ "protocol_unanswered_requests_total", "Its requests without a response.",
			offsetof(struct protocol_counters, no_reply) },
		{ "protocol_violations_total", "Its messages with something wrong.",
			offsetof(struct protocol_counters, violations) },
	};

	for (unsigned row = 0; row < sizeof(rows) / sizeof(*rows); row++) {
		put_head(out, rows[row].name, "counter", rows[row].help);
		for (unsigned i = 0; dissectors[i] && i < PROTOCOLS_MAX; i++) {
			uint64_t value;
			memcpy(&value, (const char *)&v->shards->sessions.protocols[i] +
				rows[row].at, sizeof(value));
			text_printf(out, "ironspan_%s{protocol=\"%s\"} %llu\n", rows[row].name,
				dissectors[i]->name, (unsigned long long)value);
		}
	}
}

static void put_links(const struct engine_view *v, struct text *out)
{
	const struct source *s = v->source;

	put_head(out, "interface_up", "gauge", "Whether packets can come from the interface.");
	for (unsigned i = 0; i < s->iface_count; i++) {
		text_lit(out, "ironspan_interface_up{interface=\"");
		put_label(out, s->ifaces[i].name);
		text_printf(out, "\"} %d\n", !s->ifaces[i].is_away);
	}
	put_head(out, "interface_packets_total", "counter", "Packets read from the interface.");
	for (unsigned i = 0; i < s->iface_count; i++) {
		text_lit(out, "ironspan_interface_packets_total{interface=\"");
		put_label(out, s->ifaces[i].name);
		text_printf(out, "\"} %llu\n", (unsigned long long)s->ifaces[i].packets);
	}
}

static uint64_t lost_by(const struct sink_counters *c)
{
	return c->lost[LINE_EVENT] + c->lost[LINE_ALERT];
}

static uint64_t resent_by(const struct sink_counters *c)
{
	return c->repeated;
}

/* The number keeps two outputs of one name apart. */
static void put_sink_counts(const struct engine_view *v, const char *name, const char *help,
	uint64_t (*count)(const struct sink_counters *c), struct text *out)
{
	struct sink_counters c;

	put_head(out, name, "counter", help);
	for (unsigned i = 0; sink_count(v->sink, i, &c); i++) {
		text_printf(out, "ironspan_%s{number=\"%u\",output=\"", name, i + 1);
		put_label(out, c.name);
		text_printf(out, "\"} %llu\n", (unsigned long long)count(&c));
	}
}

static void put_sinks(const struct engine_view *v, struct text *out)
{
	struct sink_counters c;

	put_head(out, "output_up", "gauge", "Whether the output takes events.");
	for (unsigned i = 0; sink_count(v->sink, i, &c); i++) {
		text_printf(out, "ironspan_output_up{number=\"%u\",output=\"", i + 1);
		put_label(out, c.name);
		text_printf(out, "\"} %d\n", !c.is_down);
	}
	put_sink_counts(v, "output_lost_events_total", "Events that the output lost.", lost_by,
		out);
	put_sink_counts(v, "output_resent_events_total",
		"Events sent once more because a connection broke behind them.", resent_by, out);
}

void view_metrics(const struct engine_view *v, struct text *out)
{
	put_head(out, "build_info", "gauge", "Version of the sensor; always 1.");
	text_lit(out, "ironspan_build_info{version=\"" IRONSPAN_VERSION "\"} 1\n");
	put_capture(v, out);
	put_traffic(v, out);
	put_output(v, out);
	put_links(v, out);
	put_protocols(v, out);
	put_sinks(v, out);
}
