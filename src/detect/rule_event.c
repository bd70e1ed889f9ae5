/* Rules on events: of a dissector, of the driver, of streams, of the packet decoder. */
#include "detect/rule_read.h"

static bool set_event(struct parse *p, int kind, unsigned event)
{
	if (p->rule.event.kind != EVENT_NONE)
		return refuse(p, "a rule is about one event: write a rule for each");
	p->rule.event.kind = kind;
	p->rule.event.event = event;
	return true;
}

/* The place of a name in a table of events; -1 after refuse(). */
static int find(struct parse *p, struct slice name,
	const struct decode_event_info *events, unsigned count)
{
	struct nearest_word near = { .word = name };

	for (unsigned i = 0; i < count; i++) {
		if (slice_is(name, events[i].name))
			return (int)i;
		nearest_try(&near, events[i].name);
	}
	if (near.best)
		refuse(p, "no such event; did you mean %s?", near.best);
	else
		refuse(p, "no such event here: disable the rule");
	return -1;
}

bool take_decode_event(struct parse *p, const struct option *o)
{
	int event = find(p, slice_unquote(o->value), decode_events, DECODE_EVENT_COUNT);

	return event >= 0 && set_event(p, EVENT_DECODE, (unsigned)event);
}

bool take_stream_event(struct parse *p, const struct option *o)
{
	int event = find(p, slice_unquote(o->value), stream_events, STREAM_EVENT_COUNT);

	return event >= 0 && set_event(p, EVENT_STREAM, (unsigned)event);
}

static bool take_dissector_event(
	struct parse *p, const struct dissector *d, struct slice name)
{
	struct nearest_word near = { .word = name };

	for (unsigned i = 0; i < d->event_count; i++) {
		if (slice_is(name, d->events[i].name)) {
			p->rule.event.dissector = d;
			return use_dissector(p, d) && set_event(p, EVENT_APP, i);
		}
		nearest_try(&near, d->events[i].name);
	}
	if (near.best)
		return refuse(
			p, "%s has no such event; did you mean %s?", d->name, near.best);
	return refuse(p, "%s has no such event: disable the rule", d->name);
}

/* "modbus.invalid_length", "applayer.undecoded" */
bool take_app_layer_event(struct parse *p, const struct option *o)
{
	struct slice name = slice_unquote(o->value);
	struct slice proto = slice_cut(&name, '.');
	const struct dissector *d = dissector_find(proto.at, proto.len);

	if (name.len && slice_is(proto, "applayer")) {
		int event = find(p, name, session_events, SESSION_EVENT_COUNT);
		return event >= 0 && set_event(p, EVENT_SESSION, (unsigned)event);
	}
	if (!name.len)
		return refuse(p,
			"no such event here: write PROTOCOL.EVENT, or disable the rule");
	if (!d)
		return refuse(p,
			"%s is not dissected, so it has no events: disable the rule",
			shown(p, proto));
	return take_dissector_event(p, d, name);
}

/* "modbus", "!modbus" */
bool take_app_layer_protocol(struct parse *p, const struct option *o)
{
	struct slice name = slice_unquote(o->value);
	bool negated = name.len && *name.at == '!';

	name.at += negated;
	name.len -= negated;
	const struct dissector *d = dissector_find(name.at, name.len);
	if (!d)
		return refuse(p, "%s is not dissected: name one of the dissectors",
			shown(p, name));
	if (!negated)
		return use_dissector(p, d);
	if (p->rule.header.not_dissector)
		return refuse(p, "one negated app-layer-protocol is all a rule can have");
	p->rule.header.not_dissector = d;
	return true;
}
