#include "people.h"
#include "summary.h"

#define SECOND UINT64_C(1000000000)
enum { ALERTS = 8, OUTCOME = 9 }; /* columns of the rules' part */

struct part {
	uint64_t count;
	const char *name;
};

/* "packets: 4 TCP, 2 UDP": the counts that are not 0. */
static void print_sum(struct table *t, uint64_t sum, const char *head, const struct part *parts,
	size_t count)
{
	struct text words = { 0 };
	const char *between = ": ";

	text_str(&words, head);
	for (size_t i = 0; i < count; i++) {
		if (parts[i].count == 0)
			continue;
		text_printf(&words, "%s%s %s", between, number_text(parts[i].count).text,
			parts[i].name);
		between = ", ";
	}
	text_char(&words, '\0');
	table_count(t, sum, "", words.at);
	text_fini(&words);
}

/* ---- what was seen ---- */

static void print_packets(struct table *t, const struct engine_totals *n)
{
	const struct decoder_counters *d = &n->decoder;
	const struct part parts[] = {
		{ d->tcp, "TCP" }, { d->udp, "UDP" }, { d->icmp, "ICMP" }, { d->other, "other IP" },
		{ d->not_ip, "not IP" }, { d->fragments, "fragments" },
	};
	print_sum(t, n->source.packets, "packets", parts, sizeof(parts) / sizeof(*parts));
}

static void print_messages(struct table *t, const struct session_counters *s)
{
	const struct part parts[] = {
		{ s->no_reply, "without reply" }, { s->not_seen, "whose answer was not seen" },
		{ s->late, "answered late" },
	};
	table_count(t, s->messages, "", "messages");
	print_sum(t, s->transactions, "transactions", parts, sizeof(parts) / sizeof(*parts));
}

static void print_time(struct table *t, const struct engine_totals *n)
{
	char words[128];

	if (n->source.packets == 0)
		return;
	snprintf(words, sizeof(words), "from %s to %s UTC", time_text(n->first_ns).text,
		time_text(n->last_ns).text);
	table_line(t, duration_text((n->last_ns - n->first_ns) / 1000000000).text, "", words);
}

static void print_speed(struct table *t, const struct engine_totals *n, uint64_t run_ns,
	bool is_live)
{
	char words[128];
	double seconds = (double)(run_ns ? run_ns : 1) / 1e9;

	snprintf(words, sizeof(words), "%s %.2f s: %s packets/s, %s/s",
		is_live ? "heard in" : "read in", seconds,
		number_text((uint64_t)((double)n->source.packets / seconds)).text,
		size_text((uint64_t)((double)n->source.bytes / seconds)).text);
	table_line(t, size_text(n->source.bytes).text, "", words);
}

static void print_seen(struct table *t, const struct engine_totals *n, uint64_t run_ns,
	bool is_live)
{
	t->label = "Seen";
	print_packets(t, n);
	print_time(t, n);
	print_speed(t, n, run_ns, is_live);
	table_count(t, n->flows.created, "", "flows");
	print_messages(t, &n->sessions);
}

/* ---- what was not ---- */

static void print_parts(struct table *t, const char *label, const char *mark,
	const struct part *parts, size_t count)
{
	t->label = label;
	for (size_t i = 0; i < count; i++)
		if (parts[i].count > 0)
			table_count(t, parts[i].count, mark, parts[i].name);
}

static void print_left_out(struct table *t, const struct engine_totals *n)
{
	const struct part parts[] = {
		{ n->duplicates, "packets that the mirror sent twice" },
		{ n->source.filtered, "packets refused by the filter" },
	};
	print_parts(t, "Left out", "", parts, sizeof(parts) / sizeof(*parts));
}

static void print_blind(struct table *t, const struct engine_totals *n)
{
	const struct part parts[] = {
		{ n->source.cut_files, "captures cut short" },
		{ n->source.dropped, "packets dropped by the kernel: we were too slow" },
		{ n->source.unseen, "packets that passed unseen: we were too slow" },
		{ n->source.missed, "packets dropped by the interface" },
		{ (n->source.away_ns + SECOND / 2) / SECOND,
			"seconds in which an interface was missing or down" },
		{ n->source.unknown_link, "packets of an unknown link type" },
		{ n->decoder.events, "decode events: broken headers and the like" },
		{ n->decoder.shed, "fragments given up" },
		{ n->sessions.blind_bytes, "bytes of messages that were not captured" },
		{ n->sessions.undecoded_bytes, "bytes of known protocols that are no message" },
		{ n->sessions.resyncs, "times a message had to be looked for again" },
		{ n->sessions.shed + n->sessions.pending_shed, "messages given up for lack of room" },
		{ n->losses.searches, "searches of rules given up: too many places to try" },
		{ n->losses.alerts, "alerts left out: too many at once on the same thing" },
		{ n->flows.shed, "flows forgotten for lack of room" },
		{ n->forgotten, "thresholds and xbits of rules forgotten for lack of room" },
		{ n->assets_left_out, "sightings of devices not noted: there were too many" },
		{ n->alerts_lost, "alerts and incidents that could not be written" },
		{ n->lines_lost - n->alerts_lost, "other events that could not be written" },
		{ n->store_lost, "alerts, operations, incidents that were not stored" },
		{ n->evidence_lost, "alerts whose packets could not be kept" },
		{ n->lines_spooled, "events that wait on disk until a sink takes them" },
	};
	print_parts(t, "Blind spots", YELLOW, parts, sizeof(parts) / sizeof(*parts));
	if (*t->label)
		table_line(t, "none", "", "");
}

static void print_dropped(struct table *t, const struct engine_totals *n)
{
	const struct part parts[] = {
		{ n->blocked, "packets that rules dropped" },
		{ n->would_block, "packets that rules would have dropped" },
		{ n->source.refusals, "resets and ICMP errors sent" },
	};
	print_parts(t, "Dropped", RED, parts, sizeof(parts) / sizeof(*parts));
}

/* ---- what alerted ---- */

struct column {
	const char *name;
	size_t at;     /* in struct engine_rule_total */
	bool is_shown; /* it is not 0 everywhere */
};

static uint64_t count_at(const struct engine_rule_total *r, const struct column *c)
{
	uint64_t count;
	memcpy(&count, (const char *)r + c->at, sizeof(count));
	return count;
}

static void print_rule(const struct table *t, const struct engine_rule_total *r,
	const struct column *columns, unsigned indent)
{
	char words[512];

	fprintf(t->out, "%*s", ALERTS, number_text(r->alerts).text);
	for (const struct column *c = columns; c->name; c++) {
		uint64_t count = count_at(r, c);
		if (c->is_shown)
			fprintf(t->out, "%*s", OUTCOME, count ? number_text(count).text : "-");
	}
	fputs("  ", t->out);
	snprintf(words, sizeof(words), "%u %s", r->sid, r->msg ? r->msg : "");
	table_words(t, words, indent);
}

/* Which columns there are; where the rule's words begin. */
static unsigned choose_columns(struct column *columns, const struct engine_rule_total *rules,
	unsigned count)
{
	unsigned indent = ALERTS + 2;

	for (struct column *c = columns; c->name; c++) {
		for (unsigned i = 0; i < count; i++)
			c->is_shown |= count_at(&rules[i], c) > 0;
		indent += c->is_shown ? OUTCOME : 0;
	}
	return indent;
}

static void print_by_rule(const struct table *t, const struct engine_rule_total *rules,
	unsigned count)
{
	struct column columns[] = {
		{ "accepted", offsetof(struct engine_rule_total, accepted), false },
		{ "rejected", offsetof(struct engine_rule_total, rejected), false },
		{ "no reply", offsetof(struct engine_rule_total, no_reply), false },
		{ "not seen", offsetof(struct engine_rule_total, not_seen), false },
		{ "blocked", offsetof(struct engine_rule_total, blocked), false },
		{ NULL, 0, false },
	};
	unsigned indent = choose_columns(columns, rules, count);

	fprintf(t->out, "\n%s%*s", table_colour(t, BOLD), ALERTS, "alerts");
	for (const struct column *c = columns; c->name; c++)
		if (c->is_shown)
			fprintf(t->out, "%*s", OUTCOME, c->name);
	fprintf(t->out, "  rule%s\n", table_colour(t, PLAIN));
	for (unsigned i = 0; i < count; i++)
		print_rule(t, &rules[i], columns, indent);
}

static void print_alerts(struct table *t, const struct engine_totals *n,
	const struct engine_rule_total *rules, unsigned count)
{
	char words[96];

	snprintf(words, sizeof(words), "of %u rule%s%s%s%s", count, count == 1 ? "" : "s",
		n->alerts_suppressed ? "; " : "",
		n->alerts_suppressed ? number_text(n->alerts_suppressed).text : "",
		n->alerts_suppressed ? " more held back by thresholds" : "");
	t->label = "Alerts";
	table_count(t, n->alerts, n->alerts ? RED : "", n->alerts ? words : "");
	if (count > 0)
		print_by_rule(t, rules, count);
}

/* ---- what the alerts amount to ---- */

enum { INCIDENTS = 10, LEVEL = 7 };

static void print_incident(const struct table *t, const struct engine_incident *i, bool graded)
{
	char level[16] = "-";

	if (i->level)
		snprintf(level, sizeof(level), "%u", i->level);
	fprintf(t->out, "%*s%*s", ALERTS, number_text(i->alerts).text, OUTCOME,
		i->accepted ? number_text(i->accepted).text : "-");
	if (graded)
		fprintf(t->out, "%*s", LEVEL, level);
	fprintf(t->out, "  %s\n", i->id);
	unsigned indent = ALERTS + OUTCOME + (graded ? LEVEL : 0) + 2;
	fprintf(t->out, "%*s", (int)indent, "");
	table_words(t, i->title, indent);
}

static void print_incident_list(const struct table *t, const struct engine_incident *rows,
	unsigned count, uint64_t total)
{
	bool graded = rows[0].level > 0;

	fprintf(t->out, "\n%s%*s%*s", table_colour(t, BOLD), ALERTS, "alerts", OUTCOME, "obeyed");
	if (graded)
		fprintf(t->out, "%*s", LEVEL, "grade");
	fprintf(t->out, "  incident%s\n", table_colour(t, PLAIN));
	for (unsigned i = 0; i < count && i < INCIDENTS; i++)
		print_incident(t, &rows[i], graded);
	if (total > INCIDENTS)
		fprintf(t->out, "%*s  and %s more\n", ALERTS, "",
			number_text(total - INCIDENTS).text);
}

static void print_incidents(struct table *t, struct engine *e)
{
	unsigned count;
	uint64_t total;
	const struct engine_incident *rows = engine_incidents(e, &count, &total);

	if (count == 0)
		return;
	fputc('\n', t->out);
	t->label = "Incidents";
	table_count(t, total, RED, "");
	print_incident_list(t, rows, count, total);
}

static void print_rules(struct table *t, const struct rules_report *r, uint64_t reloads)
{
	char words[160];

	snprintf(words, sizeof(words), "loaded%s%s%s%s%s%s", r->refused ? "; " : "",
		r->refused ? number_text(r->refused).text : "", r->refused ? " refused" : "",
		reloads ? "; reloaded " : "", reloads ? number_text(reloads).text : "",
		reloads ? reloads == 1 ? " time" : " times" : "");
	t->label = "Rules";
	table_count(t, r->loaded + r->fell_back, r->refused ? YELLOW : "", words);
}

void summary_print(FILE *out, const struct config *config, struct engine *e, uint64_t run_ns)
{
	struct table t = { out, people_see_colours(out), people_columns(out), "" };
	const struct engine_totals *totals = engine_totals(e);
	unsigned count;
	const struct engine_rule_total *by_rule = engine_rule_totals(e, &count);

	fputc('\n', out);
	print_seen(&t, totals, run_ns, config->input_count == 0);
	print_left_out(&t, totals);
	print_blind(&t, totals);
	print_dropped(&t, totals);
	print_rules(&t, ruleset_report(engine_rules(e)), totals->reloads);
	print_alerts(&t, totals, by_rule, count);
	print_incidents(&t, e);
	if (config->log_dir)
		fprintf(out, "\nEvents are in %s/eve.json\n", config->log_dir);
	fflush(out);
}
