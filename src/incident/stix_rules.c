#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "incident/stix_rules.h"

static const char once[] =
	"threshold:type limit, track by_both, count 1, seconds 3600; classtype:bad-unknown;";
static const char always[] = "classtype:bad-unknown;";
static const char too_many[] = "more rules than one file may have";

/* ---- addresses alone: many in one rule ---- */

enum { SET_MAX = 200 };

static bool is_address_alone(const struct stix_way *way)
{
	return way->count == 1 && way->tests[0].thing == STIX_ADDRESS;
}

static bool put_set(struct stix_import *i, struct stix_sids *s, struct stix_indicator *about,
	struct text *set)
{
	if (set->len == 0)
		return true;
	char *head = mem_printf("alert ip [%.*s] any <> any any ", (int)set->len, set->at);
	bool ok = stix_put_rule(i, s, about, head, once);
	free(head);
	text_clear(set);
	return ok;
}

static bool put_addresses(struct stix_import *i, struct stix_sids *s,
	struct stix_indicator *about, const struct stix_pattern *p)
{
	struct text set = { 0 };
	unsigned count = 0;
	bool ok = true;

	for (unsigned k = 0; ok && k < p->count; k++) {
		if (!is_address_alone(&p->ways[k]))
			continue;
		if (set.len)
			text_char(&set, ',');
		text_str(&set, p->ways[k].tests[0].value);
		if (++count % SET_MAX == 0)
			ok = put_set(i, s, about, &set);
	}
	ok = ok && put_set(i, s, about, &set);
	text_fini(&set);
	return ok;
}

/* ---- a conjunction: one header ---- */

struct header {
	const char *protocol, *source, *target, *source_port, *target_port, *address, *sha256;
};

/* Of "ipv4", "tcp" and "modbus" together, the one that says most. */
static int rank(const char *protocol)
{
	if (strncasecmp(protocol, "ip", 2) == 0)
		return 0;
	return strcasecmp(protocol, "tcp") == 0 || strcasecmp(protocol, "udp") == 0 ||
		strcasecmp(protocol, "icmp") == 0 ? 1 : 2;
}

static bool set_protocol(struct header *h, const char *value)
{
	if (!h->protocol || rank(value) > rank(h->protocol)) {
		h->protocol = value;
		return true;
	}
	return rank(value) < rank(h->protocol) || strcasecmp(value, h->protocol) == 0;
}

/* The same thing asked for twice is only possible if it is the same value. */
static bool set_once(const char **place, const char *value)
{
	if (*place)
		return strcmp(*place, value) == 0;
	*place = value;
	return true;
}

static bool set_test(struct header *h, const struct stix_test *test)
{
	switch (test->thing) {
	case STIX_ADDRESS:
		return set_once(&h->address, test->value);
	case STIX_SOURCE:
		return set_once(&h->source, test->value);
	case STIX_TARGET:
		return set_once(&h->target, test->value);
	case STIX_SOURCE_PORT:
		return set_once(&h->source_port, test->value);
	case STIX_TARGET_PORT:
		return set_once(&h->target_port, test->value);
	case STIX_PROTOCOL:
		return set_protocol(h, test->value);
	default:
		return set_once(&h->sha256, test->value);
	}
}

static const char *or_any(const char *s)
{
	return s ? s : "any";
}

static char *header_text(const struct header *h, const char *protocol)
{
	char lower[16];
	size_t len = 0;

	for (; protocol[len] && len < sizeof(lower) - 1; len++)
		lower[len] = (char)tolower((unsigned char)protocol[len]);
	lower[len] = '\0';
	const char *name = rank(lower) == 0 ? "ip" : lower;
	if (h->address)
		return mem_printf("alert %s %s any <> any any ", name, h->address);
	return mem_printf("alert %s %s %s -> %s %s ", name, or_any(h->source),
		or_any(h->source_port), or_any(h->target), or_any(h->target_port));
}

/* Programs and files that controllers are sent, whatever the protocol. */
static const struct {
	const char *protocol, *buffer;
} hashes[] = {
	{ "modbus", "modbus.umas.transfer.sha256" },
	{ "s7comm", "s7comm.transfer.sha256" },
	{ "s7commplus", "s7commplus.stream.sha256" },
	{ "dnp3", "dnp3.objects.points.file_sha256" },
};

static char *hash_ask(const char *buffer, const char *sha256)
{
	struct text t = { 0 };

	text_printf(&t, "%s; content:\"|", buffer);
	for (; sha256[0] && sha256[1]; sha256 += 2)
		text_printf(&t, "%s%.2s", t.at[t.len - 1] == '|' ? "" : " ", sha256);
	text_printf(&t, "|\"; %s", always);
	text_char(&t, '\0');
	return t.at;
}

static bool put_hash(struct stix_import *i, struct stix_sids *s, struct stix_indicator *about,
	const struct header *h)
{
	bool ok = true;

	for (unsigned k = 0; ok && k < sizeof(hashes) / sizeof(*hashes); k++) {
		char *head = header_text(h, hashes[k].protocol);
		char *ask = hash_ask(hashes[k].buffer, h->sha256);
		ok = stix_put_rule(i, s, about, head, ask);
		free(head);
		free(ask);
	}
	return ok;
}

static const char *put_way(struct stix_import *i, struct stix_sids *s,
	struct stix_indicator *about, const struct stix_way *way)
{
	struct header h = { 0 };

	for (unsigned k = 0; k < way->count; k++)
		if (!set_test(&h, &way->tests[k]))
			return "conditions that exclude one another";
	if (h.address && (h.source || h.target || h.source_port || h.target_port))
		return "an address object beside a connection";
	if (h.sha256)
		return put_hash(i, s, about, &h) ? NULL : too_many;
	if (!h.address && !h.source && !h.target && !h.source_port && !h.target_port)
		return "a protocol alone says too little";
	char *head = header_text(&h, h.protocol ? h.protocol : "ip");
	bool ok = stix_put_rule(i, s, about, head, once);
	free(head);
	return ok ? NULL : too_many;
}

const char *stix_put_ways(struct stix_import *i, struct stix_sids *s,
	struct stix_indicator *about, const struct stix_pattern *p)
{
	const char *why = put_addresses(i, s, about, p) ? NULL : too_many;

	for (unsigned k = 0; !why && k < p->count; k++)
		if (!is_address_alone(&p->ways[k]))
			why = put_way(i, s, about, &p->ways[k]);
	return why;
}

/* ---- rules of others ---- */

enum { FOREIGN_MAX = 8192 };

/* The end of an option, its ';' included, outside quotes; NULL: it does not end. */
static const char *option_end(const char *at)
{
	bool quoted = false;

	for (; *at; at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == ';' && !quoted)
			return at + 1;
	}
	return NULL;
}

/* Options that we give ourselves. */
static bool is_ours(const char *option)
{
	return strncmp(option, "sid:", 4) == 0 || strncmp(option, "rev:", 4) == 0 ||
		strncmp(option, "gid:", 4) == 0 || strncmp(option, "msg:", 4) == 0;
}

static bool copy_options(struct text *t, const char *at)
{
	at += strspn(at, " \t");
	while (*at && *at != ')') {
		const char *end = option_end(at);
		if (!end)
			return false;
		if (!is_ours(at))
			text_put(t, at, (size_t)(end - at));
		at = end + strspn(end, " \t");
	}
	return strcmp(at, ")") == 0;
}

static bool is_plain(const char *rule)
{
	size_t len = strlen(rule);

	for (const char *at = rule; *at; at++)
		if (((unsigned char)*at < 0x20 && *at != '\t') || (unsigned char)*at > 0x7e)
			return false;
	return len <= FOREIGN_MAX && strncmp(rule, "alert ", 6) == 0;
}

const char *stix_put_foreign(struct stix_import *i, struct stix_sids *s,
	struct stix_indicator *about, const char *rule)
{
	const char *open = strchr(rule, '(');
	struct text asks = { 0 };

	if (!is_plain(rule) || !open)
		return "a rule that is no plain alert";
	if (!copy_options(&asks, open + 1)) {
		text_fini(&asks);
		return "a rule whose options do not end";
	}
	text_char(&asks, '\0');
	char *head = mem_printf("%.*s", (int)(open - rule), rule);
	bool ok = stix_put_rule(i, s, about, head, asks.at);
	free(head);
	text_fini(&asks);
	return ok ? NULL : too_many;
}
