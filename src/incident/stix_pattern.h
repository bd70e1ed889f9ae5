/* The part of STIX 2.1's pattern language (section 9) that a rule can say.
 *
 *	[ipv4-addr:value = '203.0.113.5' OR ipv4-addr:value ISSUBSET '198.51.100.0/24']
 *	[network-traffic:dst_ref.value = '203.0.113.5' AND network-traffic:dst_port = 502]
 *	[file:hashes.'SHA-256' IN ('…', '…')] OR [ipv6-addr:value = '2001:db8::5']
 *
 * Understood: observations joined by OR; within one, tests joined by AND and OR (AND binds
 * closer), =, IN and ISSUBSET. Refused, with the reason: NOT and other comparisons,
 * observations that must come together (AND, FOLLOWEDBY), qualifiers (WITHIN, REPEATS, START),
 * brackets within, other objects. Foreign input: bounded in length and in what it becomes. Any
 * thread. */
#ifndef IRONSPAN_STIX_PATTERN_H
#define IRONSPAN_STIX_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

enum { STIX_PATTERN_MAX = 16384, STIX_WAYS = 512, STIX_TESTS = 8, STIX_VALUE = 72 };

enum stix_thing { STIX_ADDRESS, STIX_SOURCE, STIX_TARGET, STIX_SOURCE_PORT, STIX_TARGET_PORT,
	STIX_PROTOCOL, STIX_SHA256 };

struct stix_test {
	enum stix_thing thing;
	char value[STIX_VALUE]; /* checked: an address or prefix, a number, a known word, hex */
};

/* One way to match: all of its tests hold. */
struct stix_way {
	struct stix_test tests[STIX_TESTS];
	unsigned count;
};

struct stix_pattern {
	struct stix_way *ways; /* any of them; the caller frees it */
	unsigned count;
	const char *refused;   /* why not, when it could not be read */
};

bool stix_pattern_read(struct stix_pattern *p, const char *text, size_t len);

#endif
