/* Fuzzes what reads bundles of others: any bytes as a bundle, as a pattern, and as the rule
 * file of an earlier import. */
#include <stdint.h>
#include <stdlib.h>

#include "incident/stix_import.h"
#include "incident/stix_pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

/* What a rule file must not hold: a line that is neither comment nor alert of the range. */
static void check_lines(const struct text *rules)
{
	const char *line = rules->at, *end = rules->at + rules->len;

	while (line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop || (*line != '#' && strncmp(line, "alert ", 6) != 0))
			abort();
		line = stop + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct stix_import i = { .source = "fuzz", .now_ns = 1795143731000000000,
		.earlier = { at, len } };
	struct stix_pattern p;

	if (stix_import(&i, (struct bytes){ at, len }))
		check_lines(&i.rules);
	stix_import_fini(&i);
	if (stix_pattern_read(&p, (const char *)at, len))
		for (unsigned k = 0; k < p.count; k++)
			if (p.ways[k].count == 0 || p.ways[k].count > STIX_TESTS)
				abort();
	free(p.ways);
	return 0;
}
