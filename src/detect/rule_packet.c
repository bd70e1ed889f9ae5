/* Options on the headers of a packet: ttl, ip_proto, id, tos, fragbits, fragoffset, ipopts,
 * sameip, itype, icode, icmp_id, icmp_seq, seq, ack, window; and stream_size.
 *
 * A rule with one of them is about packets: its contents are looked for in each packet's
 * payload. stream_size is about the flow and leaves the rule where it is. */

#include "detect/rule_read.h"

/* www.iana.org/assignments/protocol-numbers */
static const struct name protocols[] = {
	{ 1, "icmp" }, { 2, "igmp" }, { 4, "ipip" }, { 6, "tcp" }, { 8, "egp" }, { 9, "igp" },
	{ 17, "udp" }, { 41, "ipv6" }, { 46, "rsvp" }, { 47, "gre" }, { 50, "esp" },
	{ 51, "ah" }, { 58, "ipv6-icmp" }, { 58, "icmpv6" }, { 88, "eigrp" }, { 89, "ospf" },
	{ 103, "pim" }, { 112, "vrrp" }, { 132, "sctp" }, { 0, NULL },
};

static const struct name fragment_letters[] = {
	{ 4, "R" }, { 2, "D" }, { 1, "M" }, { 0, NULL },
};

static const struct name ip_options[] = {
	{ OPTION_RR, "rr" }, { OPTION_EOL, "eol" }, { OPTION_NOP, "nop" }, { OPTION_TS, "ts" },
	{ OPTION_SEC, "sec" }, { OPTION_ESEC, "esec" }, { OPTION_LSRR, "lsrr" },
	{ OPTION_LSRR, "lsrre" }, { OPTION_SSRR, "ssrr" }, { OPTION_SATID, "satid" },
	{ 2 * OPTION_OTHER - 1, "any" }, { 0, NULL },
};

static const struct fact {
	const char *name;
	enum packet_fact fact;
	const struct name *names;
	uint32_t last; /* its values end there */
} facts[] = {
	{ "ack", FACT_TCP_ACK, NULL, UINT32_MAX },
	{ "fragbits", FACT_FRAGMENT_BITS, fragment_letters, 7 },
	{ "fragoffset", FACT_FRAGMENT_OFFSET, NULL, 0x1fff },
	{ "icmp_id", FACT_ICMP_ID, NULL, UINT16_MAX },
	{ "icmp_seq", FACT_ICMP_SEQ, NULL, UINT16_MAX },
	{ "icode", FACT_ICMP_CODE, NULL, UINT8_MAX },
	{ "id", FACT_IP_ID, NULL, UINT16_MAX },
	{ "ip_proto", FACT_PROTO, protocols, UINT8_MAX },
	{ "ipopts", FACT_IP_OPTIONS, ip_options, UINT32_MAX },
	{ "itype", FACT_ICMP_TYPE, NULL, UINT8_MAX },
	{ "seq", FACT_TCP_SEQ, NULL, UINT32_MAX },
	{ "tos", FACT_TOS, NULL, UINT8_MAX },
	{ "ttl", FACT_TTL, NULL, UINT8_MAX },
	{ "window", FACT_TCP_WINDOW, NULL, UINT16_MAX },
};

static const struct fact *fact_named(const char *name)
{
	const struct fact *f = facts;

	while (strcmp(f->name, name) != 0)
		f++;
	return f;
}

bool packet_test_add(struct parse *p, enum packet_fact fact, const struct numbers *numbers,
	const char *spelling)
{
	struct packet_test *t = &p->packet_tests[p->rule.packet_test_count];

	if (p->rule.packet_test_count == PACKET_TESTS_MAX)
		return refuse(p, "more than %d options on headers", PACKET_TESTS_MAX);
	t->fact = fact;
	predicate_fill(p, &t->value, numbers, spelling);
	p->rule.packet_test_count++;
	return true;
}

/* "MD", "+D", "!M", "D*": as the letters of `flags`. */
static bool read_fragbits(struct parse *p, struct slice text, struct numbers *out)
{
	char sign = 0;
	uint64_t bit, bits = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (strchr("+*!", c))
			sign = c;
		else if (name_value(fragment_letters, &c, 1, &bit))
			bits |= bit;
		else
			return refuse(p, "fragbits are the letters M D R, with + * or ! to them");
	}
	if (bits == 0)
		return refuse(p, "fragbits names no bit: write fragbits:M");
	*out = (struct numbers){ .negated = sign == '!', .mask = sign ? bits : 7 };
	if (sign == '*' || sign == '!')
		return true;
	out->ranges[0] = (struct number_range){ (int64_t)bits, (int64_t)bits };
	out->count = 1;
	return true;
}

static bool read_ipopts(struct parse *p, struct slice text, struct numbers *out)
{
	uint64_t bit;

	*out = (struct numbers){ .negated = text.len && *text.at == '!' };
	text.at += out->negated;
	text.len -= out->negated;
	if (!name_value(ip_options, text.at, text.len, &bit))
		return refuse(p, "'%s' is no IP option: rr, eol, nop, ts, sec, esec, lsrr, ssrr, "
			"satid, any", shown(p, text));
	out->mask = bit;
	return true;
}

static bool read_fact(struct parse *p, const struct fact *f, struct slice text,
	struct numbers *out)
{
	if (f->fact == FACT_FRAGMENT_BITS)
		return read_fragbits(p, text, out);
	if (f->fact == FACT_IP_OPTIONS)
		return read_ipopts(p, text, out);
	return numbers_read(p, text, f->names, out);
}

bool take_packet_test(struct parse *p, const struct option *o)
{
	const struct fact *f = fact_named(o->row->name);
	struct numbers numbers;

	return read_fact(p, f, slice_unquote(o->value), &numbers) &&
		numbers_within(p, &numbers, f->last) &&
		packet_test_add(p, f->fact, &numbers, spelled(p, o->name, o->value));
}

bool take_sameip(struct parse *p, const struct option *o)
{
	struct numbers one = { .ranges = { { 1, 1 } }, .count = 1 };

	(void)o;
	return packet_test_add(p, FACT_SAME_IP, &one, "sameip");
}

/* ---- stream_size ---- */

static bool read_comparison(struct parse *p, struct slice op, int64_t value,
	struct stream_size *out)
{
	enum { LESS = 1, EQUAL = 2, MORE = 4, NOT = 8 };
	static const struct name ops[] = {
		{ LESS, "<" }, { MORE, ">" }, { EQUAL, "=" }, { EQUAL, "==" },
		{ LESS | EQUAL, "<=" }, { MORE | EQUAL, ">=" }, { NOT | EQUAL, "!=" },
		{ NOT | EQUAL, "!" }, { 0, NULL },
	};
	uint64_t how;

	if (!name_value(ops, op.at, op.len, &how))
		return refuse(p, "'%s' is no comparison: < > = != <= >=", shown(p, op));
	out->negated = how & NOT;
	out->size.low = how & LESS ? 0 : value + !(how & EQUAL);
	out->size.high = how & MORE ? INT64_MAX : value - !(how & EQUAL);
	return true;
}

/* "client,>,32800" */
bool take_stream_size(struct parse *p, const struct option *o)
{
	static const struct name ends[] = {
		{ STREAM_OF_CLIENT, "client" }, { STREAM_OF_SERVER, "server" },
		{ STREAM_OF_BOTH, "both" }, { STREAM_OF_EITHER, "either" }, { 0, NULL },
	};
	struct slice rest = slice_unquote(o->value);
	struct slice end = slice_cut(&rest, ','), op = slice_cut(&rest, ',');
	struct stream_size *s = &p->rule.stream_size;
	uint64_t of;
	int64_t value;

	if (s->of != STREAM_OF_NONE)
		return refuse(p, "a rule has one stream_size");
	if (!name_value(ends, end.at, end.len, &of))
		return refuse(p, "stream_size is of client, server, both or either");
	if (!slice_number(slice_trim(rest), &value) || value < 0 || value > UINT32_MAX)
		return refuse(p, "stream_size needs a number of bytes: stream_size:client,>,100");
	s->of = of;
	return read_comparison(p, op, value, s);
}
