/* The table of settings: one row a key of ironspan.yaml.
 *
 * A row says where the value lives in struct config, what it may be and what it is at first.
 * The file, --set, the options that stand for a key and `ironspan settings` all go through
 * it, so a new setting is one row here (and its lines in tools/ironspan.yaml, which a test
 * compares with this table). Start-up only, one thread. */
#ifndef IRONSPAN_SETTINGS_H
#define IRONSPAN_SETTINGS_H

#include <stdio.h>

#include "engine/config.h"

enum setting_type {
	SETTING_TEXT,         /* const char *; empty is NULL */
	SETTING_SWITCH,       /* bool: yes or no, or the row's own words */
	SETTING_COUNT,        /* whole number */
	SETTING_SIZE,         /* bytes: "64mb" */
	SETTING_SECONDS,      /* "1h", "300" */
	SETTING_MILLISECONDS, /* "1s", "250ms" */
	SETTING_QUEUES,       /* struct queue_range: "0" or "0:3" */
	SETTING_LIST,         /* const char **, its count is the next member */
	SETTING_EVENTS,       /* names of events and protocols, or "all" */
	SETTING_VARIABLE,     /* one of struct rule_variable *, its count at `count_at` */
	SETTING_PROTOCOL,     /* a bit of `disabled`: yes or no */
	SETTING_WORD,         /* unsigned: one of the row's words */
	SETTING_EVENT_NAMES,  /* a SETTING_LIST of what SETTING_EVENTS knows; all is none */
	SETTING_TYPE_COUNT
};

struct setting {
	const char *key;      /* as in the file, joined by dots; "*" is any one name, "#" the
			       * number of an item of a list, from 1 */
	enum setting_type type;
	size_t at, width;     /* offset and size in struct config; of an item in its own */
	size_t count_at;      /* of lists: where their count is */
	uint64_t low, high;   /* of numbers: both included, in the member's unit */
	const char *initial;  /* as the file would say it; lists with commas */
	const char *help;
	const struct name *words; /* of words; of switches: others than yes and no */
};

extern const struct setting settings[], sink_settings[];
extern const unsigned setting_count, sink_setting_count;
/* One after the other, of all tables; NULL: there are no more. */
const struct setting *setting_at(unsigned i);

/* The row of a key; `name` gets what its "*" stands for. NULL: no such key. */
struct setting_name {
	const char *at;
	int len;
};
const struct setting *setting_find(const char *key, struct setting_name *name);
/* Whether keys lie below this one: "engine", "vars.address-groups". */
bool setting_is_section(const char *key);
/* Whether such a section is a list of sections. */
bool setting_is_numbered(const char *key);
/* Reports an unknown key, with the known one that looks most like it. */
void setting_unknown(const char *where, const char *key);

/* A value as it was written: one text, or the items of a list. */
struct setting_value {
	const char *const *items;
	unsigned count;
	bool is_list;
};

/* false after a reported error that begins with `where`; the old value stays. */
bool setting_give(struct config *c, const char *where, const char *key,
	const struct setting_value *value);
/* The same of one text, as --set has it. */
bool setting_give_text(struct config *c, const char *where, const char *key, const char *text);
/* Every row's first value. */
void settings_initialise(struct config *c);

/* Adds an event, a protocol or all of them to both; false: there is none of that name. */
bool event_add(const char *item, unsigned *events, uint64_t *protocols);

/* All keys with their first values, for people. */
void settings_print(FILE *out);

#endif
