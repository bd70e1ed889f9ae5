/* One rule: its text is understood, checked as a whole and kept, or refused with a reason. */
#include <stdio.h>
#include <stdlib.h>

#include "detect/regex.h"
#include "detect/rule_read.h"

static void *kept(struct parse *p, const void *items, size_t count, size_t size)
{
	return count ? arena_copy(&p->load->list->arena, items, count * size) : NULL;
}

static void keep_rule(struct parse *p)
{
	struct rule_list *l = p->load->list;
	struct rule *r = &p->rule;

	if (l->count == p->load->rule_cap) {
		p->load->rule_cap = l->count ? l->count * 2 : 256;
		l->rules = mem_resize(l->rules, p->load->rule_cap * sizeof(*l->rules));
	}
	r->index = l->count;
	r->contents = kept(p, p->contents, r->content_count, sizeof(*r->contents));
	r->predicates = kept(
		p, p->predicates, r->predicate_count, sizeof(*r->predicates));
	r->flowbits = kept(p, p->flowbits, r->flowbit_count, sizeof(*r->flowbits));
	r->flowints = kept(p, p->flowints, r->flowint_count, sizeof(*r->flowints));
	r->xbits = kept(p, p->xbits, r->xbit_count, sizeof(*r->xbits));
	r->packet_tests = kept(
		p, p->packet_tests, r->packet_test_count, sizeof(*r->packet_tests));
	r->references = kept(
		p, p->references, r->reference_count, sizeof(*r->references));
	r->metadata = kept(p, p->metadata, r->metadata_count, sizeof(*r->metadata));
	r->attack = kept(p, p->attack, r->attack_count, sizeof(*r->attack));
	l->rules[l->count++] = kept(p, r, 1, sizeof(*r));
}

static void note_repeated_sid(struct parse *p)
{
	uint32_t key[2] = { p->rule.gid, p->rule.sid };
	struct reading *r = p->load;
	void **slot = map_slot(&r->sids, &r->list->arena, key, sizeof(key));
	struct rule *added = r->list->rules[r->list->count - 1];
	const struct rule *last = *slot;
	char once[40];

	*slot = added;
	if (!last)
		return;
	added->twin = last->twin + 1;
	snprintf(once, sizeof(once), "sid %u:%u", key[0], key[1]);
	p->name = "sid";
	p->at = p->sid_at;
	warn_once(p, once,
		"sid %u stands at %s:%u already: both rules are kept and told apart by "
		"file and line",
		key[1], last->file, last->line);
}

static void begin(struct parse *p, struct reading *r)
{
	const char *text = r->statement.text.at;

	*p = (struct parse){ .load = r, .statement = &r->statement, .at = text,
		.first_note = r->list->report.note_count };
	while (*p->at == ' ' || *p->at == '\t')
		p->at++;
	p->rule.gid = 1;
	p->rule.priority = 3; /* as Suricata: neither priority nor a known classtype */
	p->rule.file = r->statement.file;
	statement_place(&r->statement, p->at, &p->rule.line, &(unsigned){ 0 });
	p->rule.dsize = (struct number_range){ 0, -1 };
	p->rule.tcp_flags = p->rule.tcp_flags_mask = -1;
}

/* Bits that it only sets lead to nothing. */
static bool asks_bits(const struct parse *p)
{
	bool asks = p->rule.flowint_count > 0;

	for (unsigned i = 0; i < p->rule.flowbit_count; i++)
		asks |= flowbit_asks(p->flowbits[i].does);
	for (unsigned i = 0; i < p->rule.xbit_count; i++)
		asks |= flowbit_asks(p->xbits[i].does);
	return asks;
}

static bool looks_for_something(const struct parse *p)
{
	const struct rule *r = &p->rule;

	return r->content_count || r->predicate_count || r->event.kind != EVENT_NONE ||
		asks_bits(p) || r->modbus.used || r->packet_test_count ||
		r->stream_size.of != STREAM_OF_NONE || r->tcp_flags >= 0 ||
		r->dsize.low <= r->dsize.high;
}

/* A message is no packet: what the rule asks of headers is not known of it. */
static void forget_packet_tests(struct parse *p)
{
	if (p->rule.packet_test_count == 0 || !p->rule.header.dissector)
		return;
	struct slice spelled = slice_of(p->packet_tests[0].value.spelled);
	p->name = slice_string(&p->load->list->arena, slice_cut(&spelled, ':'));
	fall_back(p, "the rule is about %s messages, which have no packet headers: it is looked "
		"at without it", p->rule.header.dissector->name);
	p->rule.packet_test_count = 0;
}

/* A message may lie in several packets, and several in one. */
static void forget_packets(struct parse *p)
{
	bool asks = p->rule.header.proto == RULE_TCP_PKT || p->rule.flow & FLOW_NO_STREAM;

	if (!asks || !p->rule.header.dissector)
		return;
	p->name = NULL;
	fall_back(p, "the rule is about %s messages, which are no packets: it is looked at as one "
		"about the stream", p->rule.header.dissector->name);
	p->rule.flow &= ~(unsigned)FLOW_NO_STREAM;
	if (p->rule.header.proto == RULE_TCP_PKT)
		p->rule.header.proto = RULE_TCP;
}

static bool is_sound(struct parse *p)
{
	p->name = NULL;
	if (!contents_check(p))
		return false;
	if (!p->sid_at)
		return refuse(p, "the rule has no sid: give it one, such as sid:1000001");
	if (p->fallback && p->rule.content_count == 0 && p->rule.event.kind == EVENT_NONE &&
		!p->rule.silent)
		return refuse(p,
			"%s is not dissected and the rule has no content to look for",
			p->fallback);
	if (p->left_out && !looks_for_something(p))
		return refuse(p, "nothing is left to look for: what the rule asks for cannot be "
			"looked at");
	if (p->rule.action == ACTION_PASS && p->rule.xbit_count)
		return refuse(p, "xbits are known after the packet has passed: a pass rule cannot "
			"have them; use flowbits");
	forget_packet_tests(p);
	forget_packets(p);
	p->rule.header.once = p->asks_protocol && !looks_for_something(p) &&
		!rule_is_about_packets(&p->rule);
	return true;
}

/* What drop does not do, though it stands there. Once the rule is kept. */
static void note_drop(struct parse *p)
{
	if (p->rule.action < ACTION_DROP || p->rule.action > ACTION_REJECTBOTH)
		return;
	if (rule_is_wider(&p->rule))
		fall_back(p, "thresholds and xbits are known after the packet has passed: the "
			"rule alerts and cannot drop");
	else if (rule_asks_operation(&p->rule, OT_OUTCOME))
		fall_back(p, "the outcome is known when the answer comes: the request passes, "
			"the answer and what follows are dropped");
}

static bool understand(struct parse *p)
{
	struct slice rest = slice_trim((struct slice){ p->at, p->statement->text.len -
		(size_t)(p->at - p->statement->text.at) });

	if (p->statement->too_long)
		return refuse(p, "the rule is longer than %d bytes", STATEMENT_MAX);
	if (memchr(rest.at, 0, rest.len))
		return refuse(p, "the line holds zero bytes: it is no text");
	return header_read(p, &rest) && options_read(p, rest) && is_sound(p);
}

/* The sid of a rule that was given up before it: the last "sid:N" of its text. */
static uint32_t sid_of(const char *text)
{
	uint32_t sid = 0;

	for (const char *at = text; (at = strstr(at, "sid:")); at += 4) {
		unsigned long long n = strtoull(at + 4, NULL, 10);
		if (n > 0 && n <= UINT32_MAX && (at == text || strchr(" ;,\t(", at[-1])))
			sid = (uint32_t)n;
	}
	return sid;
}

void contents_free(const struct content *contents, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (contents[i].regex)
			regex_free(contents[i].regex);
}

void rule_read(struct reading *r)
{
	struct parse *p = r->parse;

	arena_reset(&r->scratch);
	begin(p, r);
	p->rule.text = slice_string(&r->list->arena,
		slice_trim((struct slice){ p->at, strlen(p->at) }));
	if (understand(p)) {
		keep_rule(p);
		note_drop(p);
		note_repeated_sid(p);
	} else {
		contents_free(p->contents, p->rule.content_count);
		if (!p->sid_at)
			p->rule.sid = sid_of(p->rule.text);
	}
	notes_settle(p);
	r->file->refused += p->refused;
	r->file->fell_back += !p->refused && p->fell_back;
	r->file->loaded += !p->refused && !p->fell_back;
}
