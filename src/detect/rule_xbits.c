/* xbits:set,name,track ip_src,expire 60; isset, isnotset, unset, toggle. hostbits:set,name,src,60
 * is another way to say the same. */
#include "base/hash.h"
#include "detect/rule_read.h"

enum { XBIT_EXPIRE_S = 30, HOSTBIT_EXPIRE_S = 300 }; /* Suricata's */

static const struct name words[] = {
	{ FLOWBIT_SET, "set" }, { FLOWBIT_UNSET, "unset" }, { FLOWBIT_TOGGLE, "toggle" },
	{ FLOWBIT_ISSET, "isset" }, { FLOWBIT_ISNOTSET, "isnotset" }, { 0, NULL },
};

static const struct name tracks[] = {
	{ XBIT_SRC, "ip_src" }, { XBIT_DST, "ip_dst" }, { XBIT_PAIR, "ip_pair" },
	{ XBIT_SRC, "src" }, { XBIT_DST, "dst" }, { 0, NULL },
};

/* "set,name" off the front. */
static struct xbit *begin(struct parse *p, const struct option *o, struct slice *rest)
{
	struct xbit *x = &p->xbits[p->rule.xbit_count];
	struct slice word = slice_cut(rest, ','), name = slice_cut(rest, ',');
	uint64_t does;

	if (p->rule.xbit_count == XBITS_MAX) {
		refuse(p, "more than %d %s", XBITS_MAX, p->name);
		return NULL;
	}
	if (!name_value(words, word.at, word.len, &does)) {
		refuse(p, "'%s' is no word of %s: set, unset, toggle, isset, isnotset",
			shown(p, word), p->name);
		return NULL;
	}
	if (name.len == 0) {
		refuse(p, "the name of the bit is missing: %s:set,name,…", p->name);
		return NULL;
	}
	*x = (struct xbit){ .does = (enum flowbit_does)does,
		.name = hash_fast(name.at, name.len, 0), .spelled = spelled(p, o->name, o->value) };
	p->rule.xbit_count++;
	return x;
}

static bool read_track(struct parse *p, struct slice word, struct xbit *x)
{
	uint64_t track;

	if (slice_is(word, "tx"))
		return refuse(p, "the bits of a transaction are not kept: track ip_src, ip_dst or "
			"ip_pair, or use flowbits");
	if (!name_value(tracks, word.at, word.len, &track))
		return refuse(p, "'%s' is nothing to track: ip_src, ip_dst, ip_pair", shown(p, word));
	x->track = track;
	return true;
}

static bool read_expire(struct parse *p, struct slice number, struct xbit *x)
{
	int64_t seconds;

	if (!slice_number(number, &seconds) || seconds < 1 || seconds > UINT32_MAX)
		return refuse(p, "expire needs a number of seconds from 1");
	x->expire_s = (uint32_t)seconds;
	return true;
}

bool take_xbits(struct parse *p, const struct option *o)
{
	struct slice rest = slice_unquote(o->value);
	bool has_track = false;

	if (slice_is(slice_trim(rest), "noalert"))
		return take_noalert(p, o);
	struct xbit *x = begin(p, o, &rest);
	if (!x)
		return false;
	x->expire_s = XBIT_EXPIRE_S;
	while (rest.len) {
		struct slice value = slice_cut(&rest, ','), key = slice_word(&value);
		value = slice_trim(value);
		if (slice_is(key, "track"))
			has_track = true;
		if (slice_is(key, "track") ? !read_track(p, value, x) :
			slice_is(key, "expire") ? !read_expire(p, value, x) : key.len > 0)
			return refuse(p, "'%s' is neither track nor expire", shown(p, key));
	}
	return has_track || refuse(p, "track is missing: track ip_src, ip_dst or ip_pair");
}

bool take_hostbits(struct parse *p, const struct option *o)
{
	struct slice rest = slice_unquote(o->value);
	struct xbit *x = begin(p, o, &rest);

	if (!x)
		return false;
	x->expire_s = HOSTBIT_EXPIRE_S;
	struct slice track = slice_cut(&rest, ',');
	if (slice_is(track, "both"))
		return refuse(p, "hostbits are of src or dst: write one for each");
	rest = slice_trim(rest);
	return (track.len == 0 || read_track(p, track, x)) &&
		(rest.len == 0 || read_expire(p, rest, x));
}
