/* Options on the flow and the packet: flow, flags, dsize. */
#include <ctype.h>

#include "detect/rule_read.h"

static const struct name flow_words[] = {
	{ FLOW_ESTABLISHED, "established" },
	{ FLOW_NOT_ESTABLISHED, "not_established" },
	{ FLOW_STATELESS, "stateless" },
	{ FLOW_TO_SERVER, "to_server" },
	{ FLOW_TO_SERVER, "from_client" },
	{ FLOW_TO_CLIENT, "to_client" },
	{ FLOW_TO_CLIENT, "from_server" },
	{ FLOW_ONLY_STREAM, "only_stream" },
	{ FLOW_NO_STREAM, "no_stream" },
	{ 0, NULL },
};

static bool contradicts(unsigned flow)
{
	static const unsigned pairs[] = {
		FLOW_ESTABLISHED | FLOW_NOT_ESTABLISHED,
		FLOW_ESTABLISHED | FLOW_STATELESS,
		FLOW_TO_SERVER | FLOW_TO_CLIENT,
		FLOW_ONLY_STREAM | FLOW_NO_STREAM,
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if ((flow & pairs[i]) == pairs[i])
			return true;
	return false;
}

/* Of a packet, not of its flow. */
static bool take_fragment_word(struct parse *p, struct slice word, bool *taken)
{
	struct numbers wanted = { .count = 1 };

	*taken = slice_is(word, "only_frag") || slice_is(word, "no_frag");
	if (!*taken)
		return true;
	wanted.ranges[0].low = wanted.ranges[0].high = slice_is(word, "only_frag");
	return packet_test_add(p, FACT_REASSEMBLED, &wanted,
		spelled(p, slice_of("flow"), word));
}

bool take_flow(struct parse *p, const struct option *o)
{
	struct slice rest = slice_unquote(o->value);

	while (rest.len) {
		struct slice word = slice_cut(&rest, ',');
		uint64_t bit;
		bool taken;
		if (!take_fragment_word(p, word, &taken))
			return false;
		if (word.len == 0 || taken)
			continue;
		if (!name_value(flow_words, word.at, word.len, &bit))
			return refuse(p, "'%s' is no word of flow: established, "
				"not_established, stateless, to_server, to_client, "
				"from_server, from_client, only_stream, no_stream, "
				"only_frag, no_frag",
				shown(p, word));
		p->rule.flow |= (unsigned)bit;
	}
	return !contradicts(p->rule.flow) ||
		refuse(p, "the words of flow contradict each other");
}

/* ---- flags ---- */

static const struct name flag_letters[] = {
	{ TCP_FIN, "F" }, { TCP_SYN, "S" }, { TCP_RST, "R" }, { TCP_PSH, "P" },
	{ TCP_ACK, "A" }, { TCP_URG, "U" }, { 0x40, "E" }, { 0x40, "2" },
	{ 0x80, "C" }, { 0x80, "1" }, { 0, "0" }, { 0, NULL },
};

static bool read_letters(struct parse *p, struct slice s, int *bits)
{
	uint64_t bit;

	*bits = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (isspace((unsigned char)s.at[i]))
			continue;
		if (!name_value(flag_letters, s.at + i, 1, &bit))
			return refuse(p, "flags are the letters F S R P A U C E or 0, "
				"with + * or ! before them and a mask behind a comma");
		*bits |= (int)bit;
	}
	return true;
}

/* The sign may stand before or, in Snort, behind the letters. */
static char cut_sign(struct slice *s)
{
	char sign = 0;

	if (s->len && strchr("+*!", s->at[0])) {
		sign = s->at[0];
		s->at++;
		s->len--;
	} else if (s->len && strchr("+*!", s->at[s->len - 1])) {
		sign = s->at[--s->len];
	}
	return sign;
}

bool take_flags(struct parse *p, const struct option *o)
{
	struct rule *r = &p->rule;
	struct slice rest = slice_unquote(o->value);
	struct slice letters = slice_cut(&rest, ',');
	char sign = cut_sign(&letters);
	int ignored;

	if (r->header.proto == RULE_UDP || r->header.proto == RULE_ICMP)
		return refuse(p, "flags are TCP's, and the rule is about another protocol");
	if (!read_letters(p, letters, &r->tcp_flags) || !read_letters(p, rest, &ignored))
		return false;
	if (letters.len == 0)
		return refuse(p, "flags names no flag: write flags:S or flags:0");
	r->tcp_flags_any = sign == '*';
	r->tcp_flags_not = sign == '!';
	r->tcp_flags_mask = sign == '+' || sign == '!' ? r->tcp_flags : 0xff & ~ignored;
	r->tcp_flags &= r->tcp_flags_mask;
	return true;
}

bool take_dsize(struct parse *p, const struct option *o)
{
	struct number_range *size = &p->rule.dsize;
	struct slice text = slice_unquote(o->value);

	p->rule.dsize_not = text.len && *text.at == '!';
	text.at += p->rule.dsize_not;
	text.len -= p->rule.dsize_not;
	if (!number_range_read(p, text, size))
		return false;
	if (size->low < 0)
		size->low = 0;
	return (size->low <= size->high && size->low <= UINT16_MAX) ||
		refuse(p, "no payload has that size");
}
