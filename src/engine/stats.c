/* The stats event: Suricata's names where Suricata counts the same. */
#include <stddef.h>

#include "engine/health.h"

struct counter {
	const char *name;
	uint64_t value;
};

static void put_group(struct text *out, const char *name, const struct counter *rows,
	unsigned count)
{
	text_char(out, ',');
	text_json_str(out, name);
	for (unsigned i = 0; i < count; i++) {
		text_str(out, i ? "," : ":{");
		text_json_str(out, rows[i].name);
		text_char(out, ':');
		text_uint(out, rows[i].value);
	}
	text_char(out, '}');
}

#define PUT_GROUP(out, name, ...) do { \
	const struct counter rows[] = { __VA_ARGS__ }; \
	put_group(out, name, rows, sizeof(rows) / sizeof(*rows)); \
} while (0)

static void put_network(struct text *out, const struct engine_totals *n,
	const struct decoder_counters *d)
{
	PUT_GROUP(out, "decoder", { "pkts", d->packets }, { "bytes", d->bytes },
		{ "invalid", d->events }, { "ipv4", d->ipv4 }, { "ipv6", d->ipv6 },
		{ "tcp", d->tcp }, { "udp", d->udp }, { "icmp", d->icmp },
		{ "unknown_ethertype", d->not_ip }, { "tunnels", d->tunnels });
	PUT_GROUP(out, "defrag", { "fragments", d->fragments },
		{ "reassembled", d->reassembled }, { "max_frag_hits", d->shed });
	PUT_GROUP(out, "flow", { "total", n->flows.created }, { "timeout", n->flows.expired },
		{ "shed", n->flows.shed });
	PUT_GROUP(out, "tcp", { "events", n->stream_events },
		{ "segment_memcap_drop", n->streams.shed }, { "duplicates", n->duplicates });
}

/* One count of every protocol that was seen, under a key of its own if `key` is set. */
static void put_protocols(struct text *out, const char *name, const char *key,
	const struct session_counters *a, size_t offset)
{
	unsigned count = 0;
	text_char(out, ',');
	text_json_str(out, name);
	text_lit(out, ":{");
	for (unsigned i = 0; dissectors[i] && i < PROTOCOLS_MAX; i++) {
		uint64_t value;
		memcpy(&value, (const char *)&a->protocols[i] + offset, sizeof(value));
		if (!a->protocols[i].flows)
			continue;
		text_str(out, count++ ? "," : "");
		text_json_str(out, dissectors[i]->name);
		text_char(out, ':');
		if (key)
			text_printf(out, "{\"%s\":", key);
		text_uint(out, value);
		text_str(out, key ? "}" : "");
	}
	text_char(out, '}');
}

/* The sums of all protocols, then each. */
static void put_app_layer(struct text *out, const struct session_counters *a)
{
	PUT_GROUP(out, "app_layer", { "messages", a->messages },
		{ "transactions", a->transactions }, { "undecoded_bytes", a->undecoded_bytes },
		{ "blind_bytes", a->blind_bytes }, { "resyncs", a->resyncs },
		{ "no_reply", a->no_reply }, { "not_seen", a->not_seen }, { "late", a->late });
	out->len--; /* its brace */
	put_protocols(out, "flow", NULL, a, offsetof(struct protocol_counters, flows));
	put_protocols(out, "tx", NULL, a, offsetof(struct protocol_counters, transactions));
	put_protocols(out, "message", NULL, a, offsetof(struct protocol_counters, messages));
	put_protocols(out, "unanswered", NULL, a, offsetof(struct protocol_counters, no_reply));
	put_protocols(out, "error", "parser", a,
		offsetof(struct protocol_counters, violations));
	text_char(out, '}');
}

void stats_put(struct text *out, const struct engine_totals *n, const struct report *at,
	const struct engine_totals *stage)
{
	const struct source_counters *s = &at->source;
	text_lit(out, "\"stats\":{\"uptime\":");
	text_uint(out, at->uptime_s);
	PUT_GROUP(out, "capture", { "kernel_packets", s->packets + s->dropped },
		{ "kernel_drops", s->dropped }, { "kernel_ifdrops", s->missed });
	if (n->blocked || n->would_block || s->unseen)
		PUT_GROUP(out, "ips", { "blocked", n->blocked },
			{ "would_block", n->would_block }, { "refusals", s->refusals },
			{ "unseen", s->unseen });
	put_network(out, n, &at->decoder);
	put_app_layer(out, &n->sessions);
	PUT_GROUP(out, "detect", { "alert", stage->alerts },
		{ "alerts_suppressed", stage->alerts_suppressed },
		{ "alert_queue_overflow", n->losses.alerts },
		{ "searches_given_up", n->losses.searches },
		{ "windows_forgotten", stage->forgotten },
		{ "reloads", at->reloads });
	PUT_GROUP(out, "asset", { "left_out", stage->assets_left_out });
	PUT_GROUP(out, "output", { "events", stage->events }, { "lost", stage->lines_lost },
		{ "store_lost", stage->store_lost }, { "evidence_lost", stage->evidence_lost });
	text_char(out, '}');
}
