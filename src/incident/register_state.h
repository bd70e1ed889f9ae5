/* What registers are made of, for the files register_*.c only. */
#ifndef IRONSPAN_REGISTER_STATE_H
#define IRONSPAN_REGISTER_STATE_H

#include "incident/register.h"
#include "output/eve.h" /* struct address */

/* Something that holds for an asset, a zone or a site from one time until another. */
struct span {
	char *key;           /* "asset:PLC-021", "zone:Z-CTRL-1", "site:plant-01" */
	uint64_t from, to;   /* to is outside */
	const json_t *row;
};

/* Sorted by key and beginning after spans_sort(); found in O(log n). */
struct spans {
	struct span *at;
	unsigned count, room;
};

void spans_add(struct spans *s, const char *kind, const char *id, uint64_t from,
	uint64_t to, const json_t *row);
void spans_sort(struct spans *s);
/* Of the spans of a key that hold `at_ns` the one that began last. */
const json_t *spans_find(const struct spans *s, const char *kind, const char *id,
	uint64_t at_ns);
void spans_fini(struct spans *s);

enum { PREFIXES = 129 }; /* lengths 0 to 128; IPv4 in its mapped form from 96 */

struct site {
	const json_t *row;
	struct time_zone *zone;
};

struct registers {
	json_t *files;  /* name: the file's value */
	json_t *index;  /* "ip:…", "mac:…", "unit:…", "id:…": place in assets; "site:…" in sites;
	                 * "net:LEN:…", "conduit:…": the id */
	json_t *effects; /* effect: its row */
	json_t *effect_rules; /* alert.category: rules that could fit; "": for all others */
	struct register_asset *assets;
	unsigned asset_count;
	struct site *sites;
	unsigned site_count;
	uint8_t prefixes[PREFIXES]; /* lengths of zones' networks, longest first */
	unsigned prefix_count;
	struct spans duties, windows;
};

/* While loading: texts and paths of the files, for messages. */
struct loader {
	struct registers *r;
	json_t *texts, *paths; /* by name */
	unsigned errors;
};

/* Reads a folder's files into r->files; false after reported errors. `is_plant`: which
 * are allowed, which are needed. */
void register_read_plant(struct loader *l, const char *folder);
void register_read_shared(struct loader *l, const char *folder);
/* path:line: pointer: reason; `pointer` is printf's, up to the ": " that follows it. */
void register_wrong(struct loader *l, const char *name, const char *pointer,
	const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Indexes, and what one file says about another; in this order. */
void register_link_sites(struct loader *l);
void register_link_zones(struct loader *l);
void register_link_assets(struct loader *l);
void register_link_persons(struct loader *l);
void register_link_duties(struct loader *l);
void register_link_windows(struct loader *l);
void register_link_effects(struct loader *l); /* categories, and what they cost */
void register_link_rules(struct loader *l);   /* clocks and profiles */

/* Place under a key of the index; -1: none. */
int64_t register_index_find(const struct registers *r, const char *key);
/* Adds one; false: the key is taken. */
bool register_index_add(struct registers *r, const char *key, json_t *value);

/* The rows of a file: registers_data(r, name)[name or `list`]; an empty array if there is
 * none. */
const json_t *register_rows(const struct registers *r, const char *name,
	const char *list);
/* A member's string; NULL: null, missing or no string. */
const char *register_text(const json_t *row, const char *key);

#endif
