#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "incident/stix_pattern.h"

/* The text is read once, word by word; what is wrong is told by the first word that is. */
struct reader {
	const char *at, *end;
	struct stix_pattern *pattern;
	unsigned first; /* of the ways that the tests of this conjunction extend */
};

static bool refuse(struct reader *r, const char *why)
{
	if (!r->pattern->refused)
		r->pattern->refused = why;
	return false;
}

/* ---- words ---- */

static void skip_space(struct reader *r)
{
	while (r->at < r->end && isspace((unsigned char)*r->at))
		r->at++;
}

static bool take_char(struct reader *r, char c)
{
	skip_space(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

/* A word in capitals that ends here. */
static bool take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	skip_space(r);
	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0 ||
		(r->at + len < r->end && isalnum((unsigned char)r->at[len])))
		return false;
	r->at += len;
	return true;
}

/* 'text', with \' and \\ in it. */
static bool take_string(struct reader *r, char out[STIX_VALUE])
{
	size_t len = 0;

	if (!take_char(r, '\''))
		return false;
	while (r->at < r->end && *r->at != '\'') {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		if (len == STIX_VALUE - 1)
			return refuse(r, "a value is too long");
		out[len++] = *r->at++;
	}
	out[len] = '\0';
	return take_char(r, '\'') || refuse(r, "a text does not end");
}

static bool take_number(struct reader *r, char out[STIX_VALUE])
{
	size_t len = 0;

	skip_space(r);
	while (r->at < r->end && isdigit((unsigned char)*r->at) && len < 10)
		out[len++] = *r->at++;
	out[len] = '\0';
	return len > 0;
}

static bool take_literal(struct reader *r, char out[STIX_VALUE])
{
	return take_string(r, out) || take_number(r, out) || refuse(r, "a value is missing");
}

/* ---- things ---- */

static const struct {
	const char *path;
	enum stix_thing thing;
} things[] = {
	{ "ipv4-addr:value", STIX_ADDRESS },
	{ "ipv6-addr:value", STIX_ADDRESS },
	{ "network-traffic:src_ref.value", STIX_SOURCE },
	{ "network-traffic:dst_ref.value", STIX_TARGET },
	{ "network-traffic:src_port", STIX_SOURCE_PORT },
	{ "network-traffic:dst_port", STIX_TARGET_PORT },
	{ "network-traffic:protocols[*]", STIX_PROTOCOL },
	{ "file:hashes.'SHA-256'", STIX_SHA256 },
	{ "file:hashes.\"SHA-256\"", STIX_SHA256 },
	{ "file:hashes.SHA256", STIX_SHA256 },
};

static bool take_thing(struct reader *r, enum stix_thing *thing)
{
	skip_space(r);
	for (unsigned i = 0; i < sizeof(things) / sizeof(*things); i++) {
		size_t len = strlen(things[i].path);
		if ((size_t)(r->end - r->at) < len || memcmp(r->at, things[i].path, len) != 0)
			continue;
		r->at += len;
		*thing = things[i].thing;
		return true;
	}
	return refuse(r, "an object or property that no rule here can ask for");
}

/* "src_ref.type = 'ipv4-addr'" says nothing that the address does not. */
static bool take_type_test(struct reader *r)
{
	static const char *const paths[] = { "network-traffic:src_ref.type",
		"network-traffic:dst_ref.type" };
	char value[STIX_VALUE];

	skip_space(r);
	for (unsigned i = 0; i < 2; i++) {
		size_t len = strlen(paths[i]);
		if ((size_t)(r->end - r->at) < len || memcmp(r->at, paths[i], len) != 0)
			continue;
		r->at += len;
		return take_char(r, '=') && take_string(r, value);
	}
	return false;
}

/* ---- values ---- */

static bool is_address(const char *value, bool may_be_prefix)
{
	char text[STIX_VALUE], *slash, *end;
	uint8_t binary[16];

	snprintf(text, sizeof(text), "%s", value);
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, binary) != 1)
		return false;
	if (!slash)
		return true;
	if (!may_be_prefix || !isdigit((unsigned char)slash[1]))
		return false;
	unsigned long bits = strtoul(slash + 1, &end, 10);
	return !*end && bits >= 1 && bits <= (family == AF_INET6 ? 128 : 32);
}

static bool is_port(const char *value)
{
	char *end;
	unsigned long port = isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : 65536;

	return port <= 65535 && !*end;
}

/* Protocols by which rules are headed. */
static bool is_protocol(const char *value)
{
	static const char *const known[] = { "ip", "ipv4", "ipv6", "tcp", "udp", "icmp", "modbus",
		"s7comm", "dnp3", "opcua" };

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcasecmp(known[i], value) == 0)
			return true;
	return false;
}

static bool is_fitting(enum stix_thing thing, const char *value, bool is_subset)
{
	switch (thing) {
	case STIX_SOURCE_PORT:
	case STIX_TARGET_PORT:
		return !is_subset && is_port(value);
	case STIX_PROTOCOL:
		return !is_subset && is_protocol(value);
	case STIX_SHA256:
		return !is_subset && strlen(value) == 64 &&
			strspn(value, "0123456789abcdefABCDEF") == 64;
	default:
		return is_address(value, true);
	}
}

/* ---- ways ---- */

static struct stix_way *add_way(struct reader *r)
{
	struct stix_pattern *p = r->pattern;

	if (p->count == STIX_WAYS) {
		refuse(r, "too many alternatives");
		return NULL;
	}
	return &p->ways[p->count++];
}

static bool add_test(struct reader *r, struct stix_way *way, enum stix_thing thing,
	const char *value)
{
	if (way->count == STIX_TESTS)
		return refuse(r, "too many conditions");
	struct stix_test *test = &way->tests[way->count++];
	test->thing = thing;
	snprintf(test->value, sizeof(test->value), "%s", value);
	return true;
}

/* The ways since `first` so far, once for each value. */
static bool extend(struct reader *r, enum stix_thing thing, char values[][STIX_VALUE],
	unsigned count)
{
	unsigned before = r->pattern->count;

	for (unsigned v = 1; v < count; v++)
		for (unsigned i = r->first; i < before; i++) {
			struct stix_way copy = r->pattern->ways[i], *way = add_way(r);
			if (!way)
				return false;
			*way = copy;
			if (!add_test(r, way, thing, values[v]))
				return false;
		}
	for (unsigned i = r->first; i < before; i++)
		if (!add_test(r, &r->pattern->ways[i], thing, values[0]))
			return false;
	return true;
}

/* ---- the grammar ---- */

enum { LIST_MAX = 256 };

static bool take_list(struct reader *r, char values[][STIX_VALUE], unsigned *count)
{
	if (!take_char(r, '('))
		return refuse(r, "IN needs a list");
	do {
		if (*count == LIST_MAX)
			return refuse(r, "a list is too long");
		if (!take_literal(r, values[(*count)++]))
			return false;
	} while (take_char(r, ','));
	return take_char(r, ')') || refuse(r, "a list does not end");
}

static bool take_values(struct reader *r, char values[][STIX_VALUE], unsigned *count,
	bool *is_subset)
{
	*is_subset = false;
	if (take_char(r, '=')) {
		*count = 1;
		return take_literal(r, values[0]);
	}
	if (take_word(r, "IN"))
		return take_list(r, values, count);
	*is_subset = take_word(r, "ISSUBSET");
	if (!*is_subset)
		return refuse(r, "a comparison that no rule here can make");
	*count = 1;
	return take_string(r, values[0]) || refuse(r, "a value is missing");
}

static bool take_test(struct reader *r)
{
	char (*values)[STIX_VALUE];
	enum stix_thing thing;
	unsigned count = 0;
	bool is_subset;

	if (take_type_test(r))
		return true;
	if (!take_thing(r, &thing))
		return false;
	values = mem_array(LIST_MAX, sizeof(*values));
	bool ok = take_values(r, values, &count, &is_subset);
	for (unsigned i = 0; ok && i < count; i++)
		if (!is_fitting(thing, values[i], is_subset))
			ok = refuse(r, "a value that is no address, port, protocol or hash");
	ok = ok && extend(r, thing, values, count);
	free(values);
	return ok;
}

static bool take_observation(struct reader *r)
{
	if (!take_char(r, '['))
		return refuse(r, "an observation begins with [");
	do {
		r->first = r->pattern->count;
		if (!add_way(r))
			return false;
		do
			if (!take_test(r))
				return false;
		while (take_word(r, "AND"));
	} while (take_word(r, "OR"));
	return take_char(r, ']') || refuse(r, "an observation does not end where it should");
}

static bool take_pattern(struct reader *r)
{
	do
		if (!take_observation(r))
			return false;
	while (take_word(r, "OR"));
	skip_space(r);
	return r->at == r->end || refuse(r, "observations that must come together, or when");
}

/* A way without a test would match everything. */
static bool all_ask(struct reader *r)
{
	for (unsigned i = 0; i < r->pattern->count; i++)
		if (r->pattern->ways[i].count == 0)
			return refuse(r, "nothing is asked for");
	return true;
}

bool stix_pattern_read(struct stix_pattern *p, const char *text, size_t len)
{
	struct reader r = { text, text + len, p };

	*p = (struct stix_pattern){ .ways = mem_array(STIX_WAYS, sizeof(*p->ways)) };
	bool ok = len <= STIX_PATTERN_MAX ? take_pattern(&r) && all_ask(&r) :
		refuse(&r, "the pattern is too long");
	if (!ok) {
		free(p->ways);
		p->ways = NULL;
		p->count = 0;
	}
	return ok;
}
