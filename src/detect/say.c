/* A rule's conditions in words. */
#include "detect/explain.h"
#include "detect/runtime.h"

static void say_flow(const struct rule *r, struct text *out)
{
	static const struct name words[] = {
		{ FLOW_ESTABLISHED, "the connection is established" },
		{ FLOW_NOT_ESTABLISHED, "the connection is not established" },
		{ FLOW_TO_SERVER, "to the server: it is about requests" },
		{ FLOW_TO_CLIENT, "to the client: it is about responses" },
		{ FLOW_ONLY_STREAM, "bytes of a stream" },
		{ FLOW_NO_STREAM, "a packet, not the stream" },
		{ 0, NULL },
	};

	for (const struct name *w = words; w->text; w++)
		if (r->flow & w->value)
			text_printf(out, "flow: %s\n", w->text);
}

static void say_place(const char *word, bool has, int32_t value, uint8_t extracted,
	struct text *out)
{
	if (has && extracted)
		text_printf(out, ", %s the extracted number %u", word, extracted);
	else if (has)
		text_printf(out, ", %s %d", word, value);
}

static void say_bytes(const struct content *c, struct text *out)
{
	text_str(out, c->negated ? "not content \"" : "content \"");
	pattern_put(out, c->pattern);
	text_char(out, '"');
	text_str(out, c->nocase ? ", in any case" : "");
	say_place("offset", c->has_offset, c->offset, c->extracted.offset, out);
	say_place("depth", c->has_depth, c->depth, c->extracted.depth, out);
	say_place("distance", c->has_distance, c->distance, c->extracted.distance, out);
	say_place("within", c->has_within, c->within, c->extracted.within, out);
	text_str(out, c->starts_with ? ", at the start" : "");
	text_str(out, c->ends_with ? ", at the end" : "");
}

static void say_number(const struct content *c, struct text *out)
{
	static const char *const uses[] = { [USE_TEST] = "byte_test", [USE_JUMP] = "byte_jump",
		[USE_EXTRACT] = "byte_extract", [USE_MATH] = "byte_math" };

	text_printf(out, "%s:", uses[c->number->use]);
	text_put(out, (const char *)c->pattern.at, c->pattern.len);
}

void content_say(const struct content *c, const struct dissector *d, struct text *out)
{
	if (c->kind == CONTENT_BYTES) {
		say_bytes(c, out);
	} else if (c->kind == CONTENT_NUMBER) {
		say_number(c, out);
	} else if (c->kind == CONTENT_BASE64) {
		text_put(out, (const char *)c->pattern.at, c->pattern.len);
	} else {
		text_str(out, c->kind == CONTENT_REGEX ? "expression " : "isdataat:");
		text_put(out, (const char *)c->pattern.at, c->pattern.len);
	}
	if (c->decoded)
		text_str(out, " in what base64_decode gives");
	if (c->field >= 0 && d)
		text_printf(out, " in %s.%s", d->name, field_keyword(&d->fields[c->field]));
}

static void say_contents(const struct rule *r, struct text *out)
{
	for (unsigned i = 0; i < r->content_count; i++) {
		content_say(&r->contents[i], r->header.dissector, out);
		text_char(out, '\n');
	}
}

static void say_access(const struct modbus_access *a, struct text *out)
{
	if (!a->used)
		return;
	text_printf(out, "modbus access: %s", a->is_write ? "write" : "read");
	if (a->has_address)
		text_printf(out, ", addresses %lld to %lld (from 0)", (long long)a->address.low,
			(long long)a->address.high);
	if (a->has_value)
		text_printf(out, ", a value from %lld to %lld", (long long)a->value.low,
			(long long)a->value.high);
	text_char(out, '\n');
}

void event_say(const struct rule_event *e, struct text *out)
{
	switch (e->kind) {
	case EVENT_NONE:
		return;
	case EVENT_APP:
		text_printf(out, "event %s.%s\n", e->dissector->name,
			e->dissector->events[e->event].name);
		break;
	case EVENT_SESSION:
		text_printf(out, "event applayer.%s\n", session_events[e->event].name);
		break;
	case EVENT_DECODE:
		text_printf(out, "packet event %s\n", decode_events[e->event].name);
		break;
	case EVENT_STREAM:
		text_printf(out, "stream event %s\n", stream_events[e->event].name);
		break;
	}
}

static void say_bits(const struct rule *r, struct text *out)
{
	static const char *const does[] = { "set", "unset", "toggle", "isset", "isnotset" };

	for (unsigned i = 0; i < r->flowbit_count; i++)
		text_printf(out, "flowbits: %s, a mark on the flow\n",
			does[r->flowbits[i].does]);
	for (unsigned i = 0; i < r->flowint_count; i++)
		text_printf(out, "%s, a number on the flow\n", r->flowints[i].spelled);
	for (unsigned i = 0; i < r->xbit_count; i++)
		text_printf(out, "%s; decided in the ordered stage\n", r->xbits[i].spelled);
}

static void say_packet(const struct rule *r, struct text *out)
{
	for (unsigned i = 0; i < r->packet_test_count; i++)
		text_printf(out, "%s\n", r->packet_tests[i].value.spelled);
	if (r->tcp_flags >= 0)
		text_printf(out, "TCP flags 0x%02x of 0x%02x%s\n", (unsigned)r->tcp_flags,
			(unsigned)r->tcp_flags_mask, r->tcp_flags_not ? " not" :
			r->tcp_flags_any ? ", any" : "");
	if (r->dsize.low <= r->dsize.high)
		text_printf(out, "dsize: %s%lld to %lld bytes\n", r->dsize_not ? "not " : "",
			(long long)r->dsize.low, (long long)r->dsize.high);
	if (r->stream_size.of != STREAM_OF_NONE)
		text_printf(out, "stream_size: %s%lld to %lld bytes so far\n",
			r->stream_size.negated ? "not " : "", (long long)r->stream_size.size.low,
			(long long)r->stream_size.size.high);
}

static void say_threshold(const struct threshold *t, struct text *out)
{
	static const char *const types[] = { "", "limit", "threshold", "both", "backoff",
		"detection_filter", "distinct" };
	static const char *const tracks[] = { "by_src", "by_dst", "by_both", "by_rule",
		"by_flow" };

	if (t->type == THRESHOLD_NONE)
		return;
	text_printf(out, "%s: count %u", types[t->type], t->count);
	if (t->seconds)
		text_printf(out, " in %u s", t->seconds);
	if (t->type == THRESHOLD_BACKOFF)
		text_printf(out, ", then each %u times as many", t->multiplier);
	text_printf(out, ", %s\n", tracks[t->track]);
}

void header_say(const struct rule *r, struct text *out)
{
	size_t len = strcspn(r->text, "(");

	while (len && r->text[len - 1] == ' ')
		len--;
	text_put(out, r->text, len);
}

void rule_say(const struct rule *r, struct text *out)
{
	header_say(r, out);
	text_char(out, '\n');
	if (r->header.once)
		text_str(out, "said once for each connection and direction\n");
	say_flow(r, out);
	event_say(&r->event, out);
	for (unsigned i = 0; i < r->predicate_count; i++)
		text_printf(out, "%s\n", r->predicates[i].spelled);
	say_access(&r->modbus, out);
	say_packet(r, out);
	say_contents(r, out);
	say_bits(r, out);
	say_threshold(&r->filter, out);
	say_threshold(&r->threshold, out);
	if (r->noalert)
		text_str(out, "noalert: it makes no alert\n");
}
