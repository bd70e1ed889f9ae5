/* A rule set from a test's text: loading takes files. */
#ifndef IRONSPAN_TEST_RULESET_H
#define IRONSPAN_TEST_RULESET_H

#include <stdlib.h>
#include <unistd.h>

#include "detect/detect.h"

/* `config` without its files. */
static inline struct ruleset *ruleset_of(const char *text, struct rules_config config)
{
	char path[] = "/tmp/test_rules.XXXXXX";
	int fd = mkstemp(path);
	size_t len = strlen(text);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0)
		abort();
	const char *files[] = { path };
	config.files = files;
	config.file_count = 1;
	struct ruleset *r = ruleset_load(&config);
	unlink(path);
	return r;
}

#endif
