#include <stdlib.h>

#include "base/memory.h"
#include "engine/health_state.h"
#include "incident/time.h"

const char *const health_states[HEALTH_STATES] = {
	[HEALTH_GOOD] = "good", [HEALTH_DEGRADED] = "degraded", [HEALTH_BLIND] = "blind",
};

struct health *health_new(const struct config *config, const struct source *source,
	health_emit *emit, void *context)
{
	struct health *h = mem_new(sizeof(*h));
	h->config = config;
	h->source = source;
	h->emit = emit;
	h->context = context;
	return h;
}

void health_free(struct health *h)
{
	text_fini(&h->body);
	free(h);
}

/* ---- what comes in ---- */

static void add(uint64_t *sums, const uint64_t *parts, size_t size)
{
	for (size_t i = 0; i < size / sizeof(*sums); i++)
		sums[i] += parts[i];
}

void health_add(struct health *h, const struct engine_totals *since)
{
	add((uint64_t *)&h->shards, (const uint64_t *)since, sizeof(*since));
}

static void hide(struct hidden *sum, const struct trouble *t)
{
	sum->blind_bytes += t->blind_bytes;
	sum->undecoded_bytes += t->undecoded_bytes;
	sum->gaps += t->gaps;
	sum->copies += t->copies;
	sum->one_sided += t->is_one_sided;
	sum->midstream += t->is_midstream;
	sum->encrypted += t->is_encrypted;
	sum->blind_ns += t->blind_ns;
}

static struct asset *asset_of(struct health *h, const struct address *a)
{
	for (unsigned i = 0; i < h->asset_count; i++)
		if (memcmp(&h->assets[i].address, a, sizeof(*a)) == 0)
			return &h->assets[i];
	if (h->asset_count == ASSETS_MAX)
		return NULL;
	struct asset *new = &h->assets[h->asset_count++];
	*new = (struct asset){ .address = *a };
	return new;
}

void health_trouble(struct health *h, const struct trouble *t)
{
	struct asset *asset = asset_of(h, &t->server);
	hide(&h->hidden, t);
	if (asset)
		hide(&asset->hidden, t);
	h->assets_left_out += !asset;
	if (h->flow_count < FLOWS_MAX)
		h->flows[h->flow_count++] = *t;
	else
		h->flows_left_out++;
}

/* ---- the state ---- */

static bool all_links_are_away(const struct source *s)
{
	bool any = false;
	for (unsigned i = 0; s->is_live && i < s->iface_count; i++) {
		if (!s->ifaces[i].is_away)
			return false;
		any = true;
	}
	return any;
}

static bool any_link_is_away(const struct source *s)
{
	for (unsigned i = 0; s->is_live && i < s->iface_count; i++)
		if (s->ifaces[i].is_away)
			return true;
	return false;
}

enum reason { LINK_AWAY, KERNEL_DROPS, INTERFACE_DROPS, PASSED_UNSEEN, CAPTURE_CUT, EVENTS_LOST,
	STORE_LOST, EVIDENCE_LOST, SHED, ASSETS_LEFT_OUT, WINDOWS_FORGOTTEN, ALERTS_LEFT_OUT,
	SEARCHES_GIVEN_UP, GAPS, UNDECODED, ONE_SIDED, REASONS };

static const char *const reason_names[REASONS] = {
	[LINK_AWAY] = "link_away", [KERNEL_DROPS] = "kernel_drops",
	[INTERFACE_DROPS] = "interface_drops", [PASSED_UNSEEN] = "passed_unseen",
	[CAPTURE_CUT] = "capture_cut", [EVENTS_LOST] = "events_lost",
	[STORE_LOST] = "store_lost", [EVIDENCE_LOST] = "evidence_lost", [SHED] = "shed",
	[ASSETS_LEFT_OUT] = "assets_left_out", [WINDOWS_FORGOTTEN] = "windows_forgotten",
	[ALERTS_LEFT_OUT] = "alerts_left_out", [SEARCHES_GIVEN_UP] = "searches_given_up",
	[GAPS] = "gaps", [UNDECODED] = "undecoded", [ONE_SIDED] = "one_sided",
};

/* Of the interval so far, a bit each. */
static unsigned reasons_so_far(const struct health *h, const struct report *at,
	const struct engine_totals *stage)
{
	const struct source_counters *now = &at->source, *then = &h->last.source;
	const bool is_so[REASONS] = {
		[LINK_AWAY] = any_link_is_away(h->source),
		[KERNEL_DROPS] = now->dropped > then->dropped,
		[INTERFACE_DROPS] = now->missed > then->missed,
		[PASSED_UNSEEN] = now->unseen > then->unseen,
		[CAPTURE_CUT] = now->cut_files > then->cut_files,
		[EVENTS_LOST] = stage->lines_lost > h->last_stage.lines_lost,
		[STORE_LOST] = stage->store_lost > h->last_stage.store_lost,
		[EVIDENCE_LOST] = stage->evidence_lost > h->last_stage.evidence_lost,
		[SHED] = health_shed(h, at) > h->last_shed,
		[ASSETS_LEFT_OUT] = stage->assets_left_out > h->last_stage.assets_left_out,
		[WINDOWS_FORGOTTEN] = stage->forgotten > h->last_stage.forgotten,
		[ALERTS_LEFT_OUT] = h->shards.losses.alerts > h->last_losses.alerts,
		[SEARCHES_GIVEN_UP] = h->shards.losses.searches > h->last_losses.searches,
		[GAPS] = h->hidden.gaps > 0,
		[UNDECODED] = h->hidden.undecoded_bytes > 0,
		[ONE_SIDED] = h->hidden.one_sided > 0,
	};
	unsigned reasons = 0;
	for (unsigned i = 0; i < REASONS; i++)
		reasons |= (unsigned)is_so[i] << i;
	return reasons;
}

static void put_reasons(unsigned reasons, struct text *out)
{
	const char *between = "";
	for (unsigned i = 0; i < REASONS; i++) {
		if (!(reasons >> i & 1))
			continue;
		text_str(out, between);
		text_json_str(out, reason_names[i]);
		between = ",";
	}
}

static enum health_state state_of(const struct health *h, unsigned reasons)
{
	return all_links_are_away(h->source) ? HEALTH_BLIND :
		reasons ? HEALTH_DEGRADED : HEALTH_GOOD;
}

enum health_state health_state(const struct health *h, const struct report *at,
	const struct engine_totals *stage, struct text *out)
{
	unsigned reasons = reasons_so_far(h, at, stage) | h->lost;
	put_reasons(reasons, out);
	return state_of(h, reasons);
}

const struct engine_totals *health_shards(const struct health *h)
{
	return &h->shards;
}

/* ---- what goes out ---- */

static void put_count(struct text *out, const char *key, uint64_t value)
{
	text_char(out, ',');
	text_json_str(out, key);
	text_char(out, ':');
	text_uint(out, value);
}

static void put_some(struct text *out, const char *key, uint64_t value)
{
	if (value)
		put_count(out, key, value);
}

static void put_hidden(struct text *out, const struct hidden *n)
{
	put_some(out, "gaps", n->gaps);
	put_some(out, "blind_bytes", n->blind_bytes);
	put_some(out, "blind_s", health_seconds(n->blind_ns));
	put_some(out, "undecoded_bytes", n->undecoded_bytes);
	put_some(out, "duplicates", n->copies);
	put_some(out, "one_sided", n->one_sided);
	put_some(out, "midstream", n->midstream);
	put_some(out, "encrypted", n->encrypted);
}

static void put_address(struct text *out, const char *key, const struct address *a)
{
	char text[ADDRESS_TEXT];
	text_json_str(out, key);
	address_text(a, text);
	text_char(out, ':');
	text_json_str(out, text);
}

void health_put_links(const struct source *source, struct text *out)
{
	text_char(out, '[');
	for (unsigned i = 0; i < source->iface_count; i++) {
		const struct source_iface *link = &source->ifaces[i];
		text_str(out, i ? ",{\"name\":" : "{\"name\":");
		text_json_str(out, link->name);
		text_str(out, link->is_away ? ",\"state\":\"away\"" : ",\"state\":\"up\"");
		put_count(out, "packets", link->packets);
		put_count(out, "bytes", link->bytes);
		put_count(out, "dropped", link->dropped);
		put_count(out, "missed", link->missed);
		put_count(out, "blind_s", link->away_ns / SECOND_NS);
		text_char(out, '}');
	}
	text_char(out, ']');
}

static void put_assets(const struct health *h, struct text *out)
{
	if (h->asset_count == 0)
		return;
	text_lit(out, ",\"assets\":[");
	for (unsigned i = 0; i < h->asset_count; i++) {
		text_str(out, i ? ",{" : "{");
		put_address(out, "ip", &h->assets[i].address);
		put_hidden(out, &h->assets[i].hidden);
		text_char(out, '}');
	}
	text_char(out, ']');
	put_some(out, "assets_left_out", h->assets_left_out);
}

static void put_flow(const struct trouble *t, struct text *out)
{
	struct hidden n = { 0 };
	hide(&n, t);
	text_lit(out, "{\"flow_id\":");
	text_uint(out, t->flow_id);
	text_char(out, ',');
	put_address(out, "client_ip", &t->client);
	put_count(out, "client_port", t->client_port);
	text_char(out, ',');
	put_address(out, "server_ip", &t->server);
	put_count(out, "server_port", t->server_port);
	if (t->protocol) {
		text_lit(out, ",\"app_proto\":");
		text_json_str(out, t->protocol);
	}
	put_hidden(out, &n);
	text_char(out, '}');
}

static void put_flows(const struct health *h, struct text *out)
{
	if (h->flow_count == 0)
		return;
	text_lit(out, ",\"flows\":[");
	for (unsigned i = 0; i < h->flow_count; i++) {
		text_str(out, i ? "," : "");
		put_flow(&h->flows[i], out);
	}
	text_char(out, ']');
	put_some(out, "flows_left_out", h->flows_left_out);
}

uint64_t health_shed(const struct health *h, const struct report *at)
{
	return h->shards.flows.shed + h->shards.streams.shed + h->shards.sessions.shed +
		h->shards.sessions.pending_shed + at->decoder.shed;
}

/* Sums of the run; the rest of the event is about the interval. */
static void put_sums(const struct health *h, const struct report *at,
	const struct engine_totals *stage, struct text *out)
{
	const struct source_counters *s = &at->source;
	text_lit(out, ",\"total\":{\"packets\":");
	text_uint(out, s->packets);
	put_count(out, "dropped", s->dropped);
	put_count(out, "missed", s->missed);
	put_some(out, "unseen", s->unseen);
	put_count(out, "blind_s", s->away_ns / SECOND_NS);
	put_count(out, "decode_events", at->decoder.events);
	put_count(out, "blind_bytes", h->shards.sessions.blind_bytes);
	put_count(out, "undecoded_bytes", h->shards.sessions.undecoded_bytes);
	put_count(out, "duplicates", h->shards.duplicates);
	put_count(out, "shed", health_shed(h, at));
	put_count(out, "events_lost", stage->lines_lost);
	text_char(out, '}');
}

/* For whoever adds up the intervals of many sensors (incident/health_line.h). */
static void put_interval(const struct health *h, const struct report *at, bool is_interim,
	struct text *out)
{
	const struct source_counters *now = &at->source, *then = &h->last.source;
	if (h->source->is_live) {
		char from[TIME_TEXT];
		time_rfc3339(health_begin_ns(h, at), from);
		text_lit(out, ",\"from\":");
		text_json_str(out, from);
		put_some(out, "away_s", now->away_ns / SECOND_NS - then->away_ns / SECOND_NS);
		put_some(out, "shed", health_shed(h, at) - h->last_shed);
	}
	if (is_interim)
		text_lit(out, ",\"interim\":true");
}

static void tell_health(struct health *h, const struct report *at,
	const struct engine_totals *stage, bool is_interim)
{
	struct text *out = &h->body;
	unsigned reasons = reasons_so_far(h, at, stage) | (is_interim ? h->lost : 0);
	text_clear(out);
	h->state = state_of(h, reasons);
	text_lit(out, "\"health\":{\"state\":");
	text_json_str(out, health_states[h->state]);
	text_lit(out, ",\"reasons\":[");
	put_reasons(reasons, out);
	text_char(out, ']');
	put_count(out, "sequence", h->sequence);
	put_count(out, "interval_s", h->last.time_ns && at->time_ns > h->last.time_ns
		? (at->time_ns - h->last.time_ns) / SECOND_NS : 0);
	put_interval(h, at, is_interim, out);
	put_count(out, "packets", at->source.packets - h->last.source.packets);
	put_some(out, "dropped", at->source.dropped - h->last.source.dropped);
	put_some(out, "missed", at->source.missed - h->last.source.missed);
	put_some(out, "unseen", at->source.unseen - h->last.source.unseen);
	put_hidden(out, &h->hidden);
	if (h->source->is_live) {
		text_lit(out, ",\"links\":");
		health_put_links(h->source, out);
	}
	put_assets(h, out);
	put_flows(h, out);
	put_sums(h, at, stage, out);
	text_char(out, '}');
	h->emit(h->context, "health", at, h->sequence++, out);
}

static void begin_interval(struct health *h, const struct report *at,
	const struct engine_totals *stage)
{
	h->lost = reasons_so_far(h, at, stage) & ~(1U << LINK_AWAY); /* which is seen at any time */
	h->last = *at;
	h->last_stage = *stage;
	h->last_shed = health_shed(h, at);
	h->last_losses = h->shards.losses;
	h->hidden = (struct hidden){ 0 };
	h->asset_count = h->assets_left_out = h->flow_count = h->flows_left_out = 0;
}

void health_report(struct health *h, const struct report *at, const struct engine_totals *stage)
{
	if (h->config->events & EVENTS_STATS) {
		text_clear(&h->body);
		stats_put(&h->body, &h->shards, at, stage);
		h->emit(h->context, "stats", at, h->sequence, &h->body);
	}
	if (h->config->events & EVENTS_HEALTH)
		tell_health(h, at, stage, false);
	begin_interval(h, at, stage);
}

void health_look(struct health *h, const struct report *at, const struct engine_totals *stage)
{
	bool is_new = state_of(h, reasons_so_far(h, at, stage) | h->lost) != h->state;
	if (is_new && h->config->events & EVENTS_HEALTH)
		tell_health(h, at, stage, true);
}
