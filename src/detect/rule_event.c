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

/* Whose events they are, of those that no dissector reports. */
struct event_table {
	int kind;
	const struct decode_event_info *events;
	unsigned count;
};

/* Suricata has hundreds of events, of headers that are not decoded here: rules on those do not
 * match. */
static bool take_event(struct parse *p, const struct event_table *table, struct slice name)
{
	struct nearest_word near = { .word = name };

	for (unsigned i = 0; i < table->count; i++) {
		if (slice_is(name, table->events[i].name))
			return set_event(p, table->kind, i);
		nearest_try(&near, table->events[i].name);
	}
	if (near.best)
		return stay_silent(p, "there is no such event here (did you mean %s?)", near.best);
	return stay_silent(p, "there is no such event here");
}

bool take_decode_event(struct parse *p, const struct option *o)
{
	static const struct event_table table = { EVENT_DECODE, decode_events,
		DECODE_EVENT_COUNT };

	return take_event(p, &table, slice_unquote(o->value));
}

bool take_stream_event(struct parse *p, const struct option *o)
{
	static const struct event_table table = { EVENT_STREAM, stream_events,
		STREAM_EVENT_COUNT };

	return take_event(p, &table, slice_unquote(o->value));
}

/* "tcpv4-csum:invalid": a packet with such a sum goes no further, so none has another. */
bool take_checksum(struct parse *p, const struct option *o)
{
	static const struct event_table table = { EVENT_DECODE, decode_events,
		DECODE_EVENT_COUNT };
	struct slice word = slice_unquote(o->value);

	if (slice_is(word, "valid")) {
		p->left_out = true;
		fall_back(p, "packets with a wrong checksum are not looked at: the rule is looked "
			"at without it");
		return true;
	}
	if (!slice_is(word, "invalid"))
		return refuse(p, "%s is valid or invalid", p->name);
	if (!o->row->what)
		return stay_silent(p, "the checksum of ICMP is not looked at");
	fall_back(p, "checksums are looked at with -k all only, of IPv4 and IPv6 alike");
	return take_event(p, &table, slice_of(o->row->what));
}

static bool has_event(const struct dissector *d, struct slice name)
{
	for (unsigned i = 0; i < d->event_count; i++)
		if (slice_is(name, d->events[i].name))
			return true;
	return false;
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

/* Suricata's events that the driver reports for every protocol, under another name; and those
 * of bounds that only Suricata's decoders have. */
static const struct name common[] = {
	{ SESSION_TOO_MANY_PENDING, "flooded" },
	{ SESSION_TOO_MANY_PENDING, "too_many_transactions" },
	{ SESSION_MESSAGE_TOO_LONG, "too_long_reassembly" },
	{ SESSION_EVENT_COUNT, "too_many_points" }, { SESSION_EVENT_COUNT, "too_many_objects" },
	{ 0, NULL },
};

static bool take_common_event(struct parse *p, const struct dissector *d, uint64_t event)
{
	if (event == SESSION_EVENT_COUNT)
		return stay_silent(p, "%s messages are read whole, however much they hold",
			d->name);
	fall_back(p, "applayer.%s stands for it", session_events[event].name);
	return use_dissector(p, d) && set_event(p, EVENT_SESSION, (unsigned)event);
}

/* Events and flows of a protocol that nobody finds: there are none. */
static bool take_no_dissector(struct parse *p, struct slice protocol)
{
	const char *name = shown(p, protocol);

	if (is_ours(protocol))
		return stay_silent(p, "%s is not in this build", name);
	if (carrier_of(protocol))
		return stay_silent(p, "%s is not dissected", name);
	return refuse(p, "no protocol is called '%s'", name);
}

/* "modbus.invalid_length", "applayer.undecoded" */
bool take_app_layer_event(struct parse *p, const struct option *o)
{
	static const struct event_table table = { EVENT_SESSION, session_events,
		SESSION_EVENT_COUNT };
	struct slice name = slice_unquote(o->value);
	struct slice proto = slice_cut(&name, '.');
	const struct dissector *d = dissector_find(proto.at, proto.len);
	uint64_t other;

	if (name.len && slice_is(proto, "applayer"))
		return take_event(p, &table, name);
	if (proto.len > 9 && strncasecmp(proto.at, "applayer_", 9) == 0)
		return stay_silent(p, "there is no such event here");
	if (!name.len)
		return refuse(p,
			"no such event here: write PROTOCOL.EVENT, or disable the rule");
	if (!d)
		return take_no_dissector(p, proto);
	if (!has_event(d, name) && name_value(common, name.at, name.len, &other))
		return take_common_event(p, d, other);
	return take_dissector_event(p, d, name);
}

static bool is_nobodys(struct slice name)
{
	return slice_is(name, "unknown") || slice_is(name, "failed");
}

/* "modbus", "!modbus"; "unknown" and "failed": nobody's. What follows a comma says which of
 * several directions of a detection is meant: there is one only. */
bool take_app_layer_protocol(struct parse *p, const struct option *o)
{
	struct slice rest = slice_unquote(o->value), name = slice_cut(&rest, ',');
	bool negated = name.len && *name.at == '!';

	name.at += negated;
	name.len -= negated;
	p->asks_protocol = true;
	if (is_nobodys(name) && !negated) {
		p->rule.header.only_unclaimed = true;
		return true;
	}
	const struct dissector *d = dissector_find(name.at, name.len);
	if (is_nobodys(name))
		return refuse(p, "name the protocol, with a rule for each");
	if (!d)
		return take_no_dissector(p, name);
	if (!negated)
		return use_dissector(p, d);
	if (p->rule.header.not_dissector)
		return refuse(p, "one negated app-layer-protocol is all a rule can have");
	p->rule.header.not_dissector = d;
	return true;
}
