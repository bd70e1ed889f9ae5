#include <stdlib.h>

#include "base/memory.h"
#include "detect/threshold.h"
#include "detect/xbits.h"
#include "engine/assets.h"
#include "engine/incident_feed.h"
#include "engine/stage.h"
#include "engine/store_queue.h"
#include "engine/tally.h"

struct stage {
	const struct config *config;
	struct eve *eve;
	struct sink *sink;
	struct thresholds *thresholds;
	struct xbits *xbits;
	struct assets *assets;
	struct incident_feed *incidents; /* NULL: none are wanted */
	struct store_queue *store; /* NULL: there is none */
	struct detector *detector; /* for ot.why */
	struct text line, alert, with_evidence;
	struct bytes run; /* lines that follow one another, still to be written */
	struct tally *tally;
	struct health *health;
	struct evidence *evidence; /* NULL: none is kept */
	uint64_t alerts, suppressed, events;
	uint64_t packets_ns; /* evidence: the last packet's */
	bool ok;
};

static void end_run(struct stage *s)
{
	if (s->run.len && s->ok)
		s->ok = sink_write(s->sink, s->run, LINE_EVENT);
	s->run.len = 0;
}

static void write_line(struct stage *s, struct bytes line, enum line_value value)
{
	end_run(s);
	s->events++;
	if (s->ok)
		s->ok = sink_write(s->sink, line, value);
}

/* A line that stays where it is until the run ends. */
static void write_in_run(struct stage *s, struct bytes line)
{
	if (s->run.len == 0 || s->run.at + s->run.len != line.at) {
		end_run(s);
		s->run.at = line.at;
	}
	s->run.len += line.len;
	s->events++;
}

static void on_asset(void *context, const struct eve_asset *a)
{
	struct stage *s = context;
	if (!(s->config->events & EVENTS_ASSET))
		return;
	text_clear(&s->line);
	eve_asset(s->eve, a, &s->line);
	write_line(s, (struct bytes){ (uint8_t *)s->line.at, s->line.len }, LINE_EVENT);
}

static void on_incident(void *context, struct bytes line)
{
	struct stage *s = context;
	if (s->config->events & EVENTS_INCIDENT)
		write_line(s, line, LINE_ALERT);
}

static void on_health(void *context, const char *type, const struct report *at,
	uint64_t sequence, struct text *body)
{
	struct stage *s = context;
	struct bytes members = { (uint8_t *)body->at, body->len }, none = { NULL, 0 };
	bool is_health = strcmp(type, "health") == 0;
	uint64_t number = at->number == UINT64_MAX ? 0 : at->number;
	text_clear(&s->line);
	if (is_health)
		eve_plain(s->eve, type, "ironspan.health/1", at->time_ns, number, sequence, none,
			members, &s->line);
	else
		eve_plain(s->eve, type, "ironspan.stats/1", at->time_ns, number, sequence,
			members, none, &s->line);
	write_line(s, (struct bytes){ (uint8_t *)s->line.at, s->line.len }, LINE_EVENT);
}

struct stage *stage_new(const struct engine_parts *parts, struct eve *eve)
{
	struct stage *s = mem_new(sizeof(*s));
	const struct config *config = parts->config;
	s->config = config;
	s->eve = eve;
	s->sink = parts->sink;
	s->evidence = parts->evidence;
	s->ok = true;
	s->detector = detector_new(parts->rules);
	s->thresholds = thresholds_new(config->thresholds);
	s->xbits = xbits_new(config->thresholds);
	s->assets = assets_new(config->assets, on_asset, s);
	s->store = parts->store;
	if (config->events & EVENTS_INCIDENT || s->store)
		s->incidents = incident_feed_new(config, parts->registers, s->store, eve,
			on_incident, s);
	s->tally = tally_new(parts->rules);
	s->health = health_new(config, parts->source, on_health, s);
	return s;
}

void stage_swap(struct stage *s, const struct ruleset *rules)
{
	detector_swap(s->detector, rules);
	eve_swap(s->eve, rules);
	tally_swap(s->tally, rules);
	if (s->incidents)
		incident_feed_swap(s->incidents);
}

void stage_free(struct stage *s)
{
	if (s->incidents)
		incident_feed_free(s->incidents);
	thresholds_free(s->thresholds);
	xbits_free(s->xbits);
	assets_free(s->assets);
	detector_free(s->detector);
	text_fini(&s->line);
	text_fini(&s->alert);
	text_fini(&s->with_evidence);
	tally_free(s->tally);
	health_free(s->health);
	evidence_free(s->evidence);
	free(s);
}

/* ---- records ---- */

static struct bytes line_of(const struct out *o, const struct record *r)
{
	return (struct bytes){ (const uint8_t *)o->text.at + r->text_at, r->text_len };
}

/* An alert that a worker left to us. */
static struct bytes write_alert(struct stage *s, const struct match *m)
{
	text_clear(&s->alert);
	eve_alert(s->eve, s->detector, m->rule, m->snapshot, &s->alert);
	if (m->snapshot->transaction)
		eve_flow_release(m->snapshot->transaction->flow);
	return (struct bytes){ (uint8_t *)s->alert.at, s->alert.len };
}

void stage_packets(struct stage *s, const struct batch *b)
{
	if (!s->evidence)
		return;
	evidence_packets(s->evidence, b);
	s->packets_ns = b->now_ns;
}

/* The alert's line with the capture of its flow, which goes before its last two braces. */
static struct bytes with_evidence(struct stage *s, const struct match *m, struct bytes line)
{
	static const char end[] = "}}\n";
	enum { END = sizeof(end) - 1 };
	struct evidence_mark mark;
	if (!s->evidence || !m->flow_hash || line.len < END ||
		!evidence_alert(s->evidence, m->flow_hash, m->flow_id, m->number, m->time_ns, &mark))
		return line;
	struct text *out = &s->with_evidence;
	text_clear(out);
	text_put(out, line.at, line.len - END);
	text_printf(out, ",\"evidence\":[{\"type\":\"pcap\",\"ref\":\"%s\",\"sha256\":\"%s\","
		"\"bytes\":%llu}]},\"capture_file\":\"%s\"}\n", mark.name, mark.sha256,
		(unsigned long long)mark.bytes, mark.name);
	return (struct bytes){ (uint8_t *)out->at, out->len };
}

/* Incidents come after the alert: it may be what opens one. */
static void take_alert(struct stage *s, const struct out *o, const struct record *r,
	const struct match *m)
{
	if (!s->incidents && !(s->config->events & EVENTS_ALERT))
		return;
	struct bytes line = m->snapshot ? write_alert(s, m) : line_of(o, r);
	line = with_evidence(s, m, line);
	if (s->config->events & EVENTS_ALERT)
		write_line(s, line, LINE_ALERT);
	if (s->incidents)
		incident_feed_alert(s->incidents, m, line);
}

/* The ends as the rule sees them. */
static const struct address *source_of(const struct match *m)
{
	return m->is_back ? &m->dst : &m->src;
}

static const struct address *target_of(const struct match *m)
{
	return m->is_back ? &m->src : &m->dst;
}

static void take_match(struct stage *s, const struct out *o, const struct record *r)
{
	const struct match *m = &o->matches[r->detail];
	const struct address *src = source_of(m), *dst = target_of(m);
	if (m->rule->xbit_count && !xbits_pass(s->xbits, m->rule, src, dst, m->time_ns))
		return;
	if (m->rule->noalert)
		return;
	enum threshold_answer answer = !rule_has_threshold(m->rule) ? THRESHOLD_ALERTS
		: threshold_pass(s->thresholds, m->rule, src, dst, m->flow_id, m->time_ns, m->value,
			m->order);
	if (answer != THRESHOLD_ALERTS) {
		s->suppressed += answer == THRESHOLD_HOLDS_BACK;
		if (s->incidents)
			incident_feed_held_back(s->incidents, m);
		return;
	}
	s->alerts++;
	tally_alert(s->tally, m->rule, m->outcome);
	take_alert(s, o, r, m);
}

static void take_asset(struct stage *s, const struct out *o, const struct record *r)
{
	struct eve_asset a = o->sightings[r->detail].asset;
	for (unsigned i = 0; i < IDENTITY_COUNT; i++)
		if (a.identity[i].len)
			a.identity[i].at = (const uint8_t *)o->values.at +
				o->sightings[r->detail].identity_at[i];
	assets_see(s->assets, &a);
}

static void take_counts(struct stage *s, const struct out *o, const struct record *r)
{
	struct engine_totals since;
	memcpy(&since, o->values.at + r->detail, sizeof(since));
	health_add(s->health, &since);
}

static void take_trouble(struct stage *s, const struct out *o, const struct record *r)
{
	struct trouble t;
	memcpy(&t, o->values.at + r->detail, sizeof(t));
	health_trouble(s->health, &t);
}

static void take_silence(struct stage *s, const struct out *o, const struct record *r)
{
	struct silence silence;
	memcpy(&silence, o->values.at + r->detail, sizeof(silence));
	if (s->incidents)
		incident_feed_silence(s->incidents, &silence);
}

static void take_record(struct stage *s, const struct out *o, const struct record *r)
{
	switch (r->kind) {
	case RECORD_LINE:
		write_in_run(s, line_of(o, r));
		break;
	case RECORD_MATCH:
		take_match(s, o, r);
		break;
	case RECORD_ASSET:
		take_asset(s, o, r);
		break;
	case RECORD_COUNTS:
		take_counts(s, o, r);
		break;
	case RECORD_TROUBLE:
		take_trouble(s, o, r);
		break;
	case RECORD_SILENCE:
		take_silence(s, o, r);
		break;
	case RECORD_OPERATIONS:
		if (s->store)
			store_queue_operations(s->store, line_of(o, r));
		break;
	}
}

static bool is_before(const struct record *a, const struct record *b)
{
	return a->number != b->number ? a->number < b->number : a->order < b->order;
}

/* The out whose next record comes first; NULL when all are taken. */
static struct out *first_of(struct out *const *outs, unsigned count)
{
	struct out *first = NULL;
	for (unsigned i = 0; i < count; i++) {
		struct out *o = outs[i];
		if (o->next < o->record_count && (!first ||
				is_before(&o->records[o->next], &first->records[first->next])))
			first = o;
	}
	return first;
}

static void report(struct stage *s, const struct report *at)
{
	struct engine_totals own = { 0 };
	stage_count(s, &own);
	if (s->incidents) {
		struct incident_capture c = health_capture(s->health, at);
		incident_feed_capture(s->incidents, &c);
		incident_feed_advance(s->incidents, at->time_ns);
	}
	health_report(s->health, at, &own);
}

/* Shards report before the packet that their time has come to. */
static bool is_over(const struct report *at, const struct out *next)
{
	const struct record *r = next ? &next->records[next->next] : NULL;
	return !r || r->number > at->number || (r->number == at->number && r->order >> 16);
}

/* How many records before its turn a record's threshold is fetched: its set, then the entry. */
static const unsigned ahead[] = { 12, 6 };

enum { AHEAD_STEPS = sizeof ahead / sizeof *ahead };

static void look_at(const struct stage *s, const struct out *o, unsigned index, unsigned step)
{
	if (index >= o->record_count || o->records[index].kind != RECORD_MATCH)
		return;
	const struct match *m = &o->matches[o->records[index].detail];
	if (rule_has_threshold(m->rule))
		threshold_prefetch(s->thresholds, m->rule, source_of(m), target_of(m), m->flow_id,
			step);
}

/* What the first records of a batch will touch is fetched before any is taken. */
static void look_at_first(const struct stage *s, struct out *const *outs, unsigned count)
{
	for (unsigned step = 0; step < AHEAD_STEPS; step++)
		for (unsigned i = 0; i < count; i++)
			for (unsigned at = outs[i]->next; at < outs[i]->next + ahead[step]; at++)
				look_at(s, outs[i], at, step);
}

/* What records to come will touch is fetched while others are taken. */
static void look_ahead(const struct stage *s, const struct out *o)
{
	for (unsigned step = 0; step < AHEAD_STEPS; step++)
		look_at(s, o, o->next + ahead[step], step);
}

bool stage_take(struct stage *s, struct out *const *outs, unsigned count,
	const struct report *reports, unsigned report_count)
{
	look_at_first(s, outs, count);
	for (;;) {
		struct out *o = first_of(outs, count);
		for (; report_count && is_over(reports, o); reports++, report_count--)
			report(s, reports);
		if (!o)
			break;
		look_ahead(s, o);
		take_record(s, o, &o->records[o->next]);
		o->next++;
	}
	end_run(s);
	if (s->evidence)
		evidence_advance(s->evidence, s->packets_ns);
	return s->ok;
}

bool stage_settle(struct stage *s, const struct report *now)
{
	struct engine_totals own = { 0 };
	stage_count(s, &own);
	if (s->incidents)
		incident_feed_advance(s->incidents, now->time_ns);
	health_look(s->health, now, &own);
	s->ok &= sink_flush(s->sink);
	return s->ok;
}

bool stage_finish(struct stage *s)
{
	if (s->incidents)
		incident_feed_finish(s->incidents);
	return sink_flush(s->sink) && s->ok;
}

static void count_lost(struct sink *sink, struct engine_totals *t)
{
	struct sink_counters c;

	t->lines_lost = t->alerts_lost = t->lines_spooled = 0;
	for (unsigned i = 0; sink_count(sink, i, &c); i++) {
		t->lines_lost += c.lost[LINE_EVENT] + c.lost[LINE_ALERT];
		t->alerts_lost += c.lost[LINE_ALERT];
		t->lines_spooled += c.spooled;
	}
}

void stage_count(const struct stage *s, struct engine_totals *t)
{
	t->alerts = s->alerts;
	t->alerts_suppressed = s->suppressed;
	t->events = s->events;
	t->assets_left_out = assets_left_out(s->assets);
	t->forgotten = thresholds_forgotten(s->thresholds) + xbits_forgotten(s->xbits);
	if (s->evidence)
		t->evidence_lost = evidence_lost(s->evidence);
	if (s->store && s->config->input_count == 0)
		t->store_lost = store_queue_lost(s->store);
	count_lost(s->sink, t);
}

const struct engine_incident *stage_incidents(struct stage *s, unsigned *count,
	uint64_t *total)
{
	*count = 0;
	*total = 0;
	return s->incidents ? incident_feed_rows(s->incidents, count, total) : NULL;
}

void stage_view(struct stage *s, struct engine_view *view, struct text *reasons)
{
	stage_count(s, &view->stage);
	view->sink = s->sink;
	view->assets = s->assets;
	view->shards = health_shards(s->health);
	view->state = health_state(s->health, &view->now, &view->stage, reasons);
	view->reasons = (struct bytes){ (uint8_t *)reasons->at, reasons->len };
}

const struct engine_rule_total *stage_rule_totals(struct stage *s, unsigned *count)
{
	return tally_rows(s->tally, count);
}
