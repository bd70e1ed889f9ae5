/* Compiled Hyperscan databases on disk: compiling ten thousand patterns takes seconds, reading
 * what came of it milliseconds.
 *
 * A file is named by what went into it: a SHA-256 of the patterns, their flags, Hyperscan's
 * version and what the CPU can do. Files are 0600 in a folder 0700, written under another name
 * and renamed, so that several programs may share the folder. Only a file that is ours, whole
 * and unchanged is believed; whatever else lies there is written anew. What cannot be written
 * is not: a cache is no reason to fail, or to say anything. At start only, one thread. */
#ifndef IRONSPAN_SCAN_CACHE_H
#define IRONSPAN_SCAN_CACHE_H

#include <hs/hs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The form hs_compile_lit_multi() takes, or, with expressions, hs_compile_multi(). */
struct literals {
	const char **at;
	unsigned *flags, *ids;
	size_t *lens; /* 0: an expression, which ends with a zero */
	unsigned count;
	bool has_expressions;
};

struct scan_key {
	uint8_t bytes[32];
};

struct scan_key scan_cache_key(const struct literals *l);
/* NULL if it is not there, or not to be believed. */
hs_database_t *scan_cache_find(const char *folder, const struct scan_key *key);
void scan_cache_keep(const char *folder, const struct scan_key *key, const hs_database_t *db);

#endif
