/* Inside the loader: what the rule_*.c files share while a rule set is read.
 *
 * struct reading is the whole load, struct parse the rule at hand, struct option the
 * option at hand. Whoever cannot accept what he reads calls refuse() and returns false;
 * the first reason stays. Everything that lives as long as the rule list comes from its
 * arena; text that is being parsed is borrowed. Start-up thread only. */
#ifndef IRONSPAN_RULE_READ_H
#define IRONSPAN_RULE_READ_H

#include <strings.h>

#include "detect/load.h"

/* ---- text inside a rule: borrowed, not terminated ---- */

struct slice {
	const char *at;
	size_t len;
};

static inline struct slice slice_of(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static inline bool slice_is(struct slice s, const char *word) /* in any case */
{
	return strlen(word) == s.len && strncasecmp(s.at, word, s.len) == 0;
}

struct slice slice_trim(struct slice s);
struct slice slice_unquote(struct slice s); /* without the quotes around it, if any */
/* The part before the next `separator`, trimmed and taken off the front of `rest`. */
struct slice slice_cut(struct slice *rest, char separator);
struct slice slice_word(struct slice *rest); /* likewise, up to white space */
bool slice_number(struct slice s, int64_t *value); /* decimal or 0x, the whole slice */
char *slice_string(struct arena *a, struct slice s);
/* Quotes and backslashes taken away: what the writer of a msg meant. */
char *slice_plain(struct arena *a, struct slice s);

/* How many letters have to change, to say "did you mean". */
struct nearest_word {
	struct slice word;
	const char *best;
	unsigned distance;
};
void nearest_try(struct nearest_word *n, const char *candidate);

/* ---- a map from bytes to a pointer ---- */

struct map {
	struct map_entry *entries;
	size_t count, cap;
};

void **map_slot(struct map *m, struct arena *a, const void *key, size_t len);
void map_fini(struct map *m);

/* ---- files, cut into statements: rule_statement.c ---- */

enum { STATEMENT_MAX = 64 * 1024 };

struct line_start {
	size_t offset; /* in the statement's text */
	unsigned line;
};

/* One rule, its physical lines joined. */
struct statement {
	const char *file;
	struct text text;
	size_t solid;  /* where its last character that is no white space ends */
	struct line_start *lines;
	unsigned line_count, line_cap;
	bool too_long; /* cut at STATEMENT_MAX */
};

/* Line and column (in characters) of a place in the text, both from 1. */
void statement_place(const struct statement *s, const char *at, unsigned *line,
	unsigned *column);
void statement_fini(struct statement *s);

struct statement_reader {
	struct bytes rest;
	unsigned line; /* of what comes next */
	unsigned commented;
};

/* The next statement of the file; false at its end. Comments are skipped, rules that are
 * commented out are counted. */
bool statement_next(struct statement_reader *r, struct statement *s);
bool is_action(struct slice word);

/* ---- the whole load ---- */

struct rule_class {
	const char *text;
	unsigned priority;
};

struct reading {
	const struct rules_config *config;
	struct rule_list *list;
	struct rule_file *file;    /* the one being read */
	unsigned rule_cap, note_cap;
	struct map classes;        /* lower-case name to struct rule_class */
	struct map references;     /* lower-case system to its prefix */
	struct map sids;           /* gid, sid to the last rule so far */
	struct map sets;           /* kind and expression to a set */
	struct map variables;      /* kind and name to a struct variable */
	struct map flowbits, flowints; /* name to its number plus 1 */
	struct map warned;         /* what one warning was enough for */
	struct arena scratch;      /* of one rule */
	struct statement statement;
	struct parse *parse;
};

void reading_fini(struct reading *r);
bool classes_read(struct reading *r, const char *path);
bool references_read(struct reading *r, const char *path);
const struct rule_class *class_find(struct reading *r, const char *name);
/* Prefix and id; NULL for a system nobody configured. */
const char *reference_url(struct reading *r, const char *system, const char *id);
bool rule_file_read(
	const char *path, struct text *out); /* false after a reported error */

/* ---- one rule: rule_one.c ---- */

void rule_read(struct reading *r); /* the statement at hand */
void contents_free(const struct content *contents, unsigned count); /* what no arena holds */

/* ---- the rule at hand ---- */

enum {
	CONTENTS_MAX = 128, PREDICATES_MAX = 64, REFERENCES_MAX = 64, METADATA_MAX = 128,
	ATTACK_MAX = 32, FLOWBITS_MAX = 16, PACKET_TESTS_MAX = 32, XBITS_MAX = 16,
	FLOWINTS_MAX = 16,
};

struct parse {
	struct reading *load;
	const struct statement *statement;
	struct rule rule;
	unsigned first_note;        /* the rule's first in the report */
	bool refused, fell_back;
	const char *at;             /* where the option (or part of the header) begins */
	const char *name;           /* of the option at hand, NULL in the header */
	const char *fallback;       /* the protocol the rule names but nobody dissects */
	const char *sid_at;         /* NULL: none yet */
	bool has_priority;
	bool asks_protocol;         /* app-layer-protocol */
	bool left_out;              /* a condition that cannot be looked at was left out */
	struct field_ref buffer;    /* sticky; dissector NULL: the message */
	bool anywhere; /* the buffer is one nobody cuts out: http.uri, file_data */
	struct content contents[CONTENTS_MAX];
	bool is_anywhere[CONTENTS_MAX];
	bool in_domain; /* the buffer is a name of DNS */
	bool is_domain[CONTENTS_MAX];
	const char *content_at[CONTENTS_MAX];
	struct flowbit flowbits[FLOWBITS_MAX];
	struct flowint flowints[FLOWINTS_MAX];
	struct xbit xbits[XBITS_MAX];
	struct packet_test packet_tests[PACKET_TESTS_MAX];
	const char *extracted[EXTRACTED_MAX]; /* names of byte_extract and byte_math */
	unsigned extracted_count;
	unsigned decodes;           /* base64_decode so far */
	uint8_t decoded;            /* as in struct content: what base64_data was about */
	struct predicate predicates[PREDICATES_MAX];
	struct rule_reference references[REFERENCES_MAX];
	struct rule_metadata metadata[METADATA_MAX];
	const char *attack[ATTACK_MAX];
};

bool refuse(struct parse *p, const char *format, ...)
	__attribute__((format(printf, 2, 3))); /* always false */
/* A part of the rule for a message, cut to a bearable length; until the rule is done. */
const char *shown(struct parse *p, struct slice s);
/* The rule is used, but not quite as written. */
void fall_back(struct parse *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The rule is used as written; said once for each `key`. */
void warn_once(struct parse *p, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* After the rule: a refused one has not fallen back, and the sid may stand after the
 * option at fault. */
void notes_settle(struct parse *p);

/* The rule's messages are d's; false if they are already another's. */
bool use_dissector(struct parse *p, const struct dissector *d);

bool header_read(struct parse *p, struct slice *rest); /* up to and with the "(" */
/* "TCP" for "http": what carries a protocol that nobody dissects; NULL if it is none. */
const char *carrier_of(struct slice protocol);
bool options_read(struct parse *p, struct slice rest);

/* ---- sets of addresses and ports: rule_sets.c, rule_vars.c ---- */

enum set_kind { SET_ADDRESSES, SET_PORTS };

typedef unsigned __int128 u128;

struct range {
	u128 low, high;
};

/* Sorted and disjoint when it comes out of set_read(); on the scratch arena, or borrowed
 * from a variable. */
struct ranges {
	struct range *at;
	unsigned count, cap;
};

bool set_read(struct parse *p, enum set_kind kind, struct slice text, unsigned depth,
	struct ranges *out);
bool variable_read(struct parse *p, enum set_kind kind, struct slice name, unsigned depth,
	struct ranges *out);
bool addresses_read(struct parse *p, struct slice text, struct address_set *out);
bool ports_read(struct parse *p, struct slice text, struct port_set *out);

void ranges_add(struct ranges *r, struct arena *a, u128 low, u128 high);
void ranges_sort(struct ranges *r);
/* What is in `from` (sorted) and not in `take` (sorted). */
struct ranges ranges_minus(const struct ranges *from, const struct ranges *take,
	struct arena *a);
bool element_read(enum set_kind kind, struct slice text, struct range *out);

/* ---- numbers: rule_number.c ---- */

enum { NUMBERS_MAX = 256 };

struct numbers {
	bool negated;
	uint64_t mask;
	struct number_range ranges[NUMBERS_MAX];
	unsigned count;
};

/* n !n <n >n <=n >=n a-b a<>b [1,3,5-9] &mask &mask=n, decimal, hex or a value's name.
 * a-b includes both ends, a<>b neither (as in Suricata). False after refuse(). */
bool numbers_read(struct parse *p, struct slice text, const struct name *names,
	struct numbers *out);
/* Whether one of them may stand in a field whose values end there; else false after refuse(). */
bool numbers_within(struct parse *p, const struct numbers *numbers, int64_t last);
/* Of bits with names: a,b (any) +a,b (all) =a,b (these and no others) -a,b and !a,b (none)
 * a,!b (as each says). False if the text is none of it: it may be a number then. */
bool bits_read(const struct name *names, struct slice text, struct numbers *out);
/* Keeps what was read; `spelling` lives as long as the rule. */
void predicate_fill(struct parse *p, struct predicate *out, const struct numbers *numbers,
	const char *spelling);
/* Which values, if the text says that; they are taken off its end, and of "count >2" nothing
 * is left. *out is NULL if it does not. */
bool many_read(struct parse *p, const struct name *names, struct slice *value,
	const struct many **out);
/* The one range of a text that may be no list, mask or negation. */
bool number_range_read(struct parse *p, struct slice text, struct number_range *out);
bool value_named(const struct name *names, struct slice text, uint64_t *value);

/* ---- options ---- */

struct option {
	const struct option_row *row;
	struct slice name, value;
	bool has_value;
};

enum {
	OPTION_VALUE = 1,    /* needs one */
	OPTION_BARE = 2,     /* may not have one */
	OPTION_MODIFIER = 4, /* of the content before it; Snort 3 writes it inside */
	OPTION_TEXT = 8,     /* its value may hold words that are options elsewhere */
	OPTION_STANDIN = 16, /* only while no dissector has a field of this name */
};

struct option_row {
	const char *name;
	unsigned flags;
	bool (*take)(struct parse *p, const struct option *o);
	const char *what; /* for take(): what is not supported, which buffer, … */
};

const struct option_row *option_find(struct slice name);
/* A name of an option or a field that is nearly `name`; NULL if none is. */
const char *option_nearest(struct parse *p, struct slice name);
bool option_number(struct parse *p, const struct option *o, int64_t low, int64_t high,
	int64_t *value);

bool take_msg(struct parse *p, const struct option *o);
bool take_sid(struct parse *p, const struct option *o);
bool take_gid(struct parse *p, const struct option *o);
bool take_rev(struct parse *p, const struct option *o);
bool take_classtype(struct parse *p, const struct option *o);
bool take_priority(struct parse *p, const struct option *o);
bool take_reference(struct parse *p, const struct option *o);
bool take_metadata(struct parse *p, const struct option *o);
bool take_target(struct parse *p, const struct option *o);
bool take_noalert(struct parse *p, const struct option *o);
bool take_nothing(struct parse *p, const struct option *o);
bool take_tag(struct parse *p, const struct option *o);
/* Left out, with a note: the rule may match more than it says. */
bool take_without(struct parse *p, const struct option *o);
/* The rule is kept and never matches: `format` says until when. Always true. */
bool stay_silent(struct parse *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Gives the content its expression, with these bits of PCRE2; false after refuse(): `what`, and
 * why. */
bool regex_compile(struct parse *p, struct content *c, struct bytes expression, uint32_t bits,
	const char *what);
/* A content of a name in DNS becomes what stands in a message. */
bool domain_settle(struct parse *p, struct content *c);
/* `anywhere`: a buffer that nobody cuts out. */
void buffer_set(struct parse *p, const struct field_ref *ref, bool anywhere);

bool take_packet_test(struct parse *p, const struct option *o);
bool take_sameip(struct parse *p, const struct option *o);
bool take_stream_size(struct parse *p, const struct option *o);
bool take_xbits(struct parse *p, const struct option *o);
bool take_hostbits(struct parse *p, const struct option *o);
bool packet_test_add(struct parse *p, enum packet_fact fact, const struct numbers *numbers,
	const char *spelling);

bool take_flow(struct parse *p, const struct option *o);
bool take_flags(struct parse *p, const struct option *o);
bool take_dsize(struct parse *p, const struct option *o);
bool take_flowbits(struct parse *p, const struct option *o);
bool take_flowint(struct parse *p, const struct option *o);
/* The number of a bit or a number of flows; a new name gets the next one, `most` at most. */
bool mark_named(struct parse *p, struct map *map, struct mark_names *names, unsigned most,
	struct slice name, uint16_t *number);
bool take_threshold(struct parse *p, const struct option *o);
bool take_detection_filter(struct parse *p, const struct option *o);
bool take_distinct(struct parse *p, const struct option *o);

bool take_content(struct parse *p, const struct option *o);
bool take_nocase(struct parse *p, const struct option *o);
bool take_depth(struct parse *p, const struct option *o);
bool take_offset(struct parse *p, const struct option *o);
bool take_distance(struct parse *p, const struct option *o);
bool take_within(struct parse *p, const struct option *o);
bool take_startswith(struct parse *p, const struct option *o);
bool take_endswith(struct parse *p, const struct option *o);
bool take_fast_pattern(struct parse *p, const struct option *o);
bool take_rawbytes(struct parse *p, const struct option *o);
bool take_pkt_data(struct parse *p, const struct option *o);
bool take_undissected(struct parse *p, const struct option *o);
bool take_bsize(struct parse *p, const struct option *o);
bool contents_check(struct parse *p);
/* A step of `kind` in the buffer at hand, spelled so; NULL after refuse(). */
struct content *step_add(struct parse *p, enum content_kind kind, struct slice spelling);
/* The text in quotes off the front; without quotes, all of it. */
bool cut_quoted(struct parse *p, struct slice *rest, struct slice *text);
/* A number or the name of an extracted one. */
bool operand_read(struct parse *p, struct slice text, int64_t low, int64_t high,
	struct operand *out);

/* ---- other steps of a search: rule_bytes.c, rule_base64.c, rule_regex.c ---- */

bool take_byte_test(struct parse *p, const struct option *o);
bool take_byte_jump(struct parse *p, const struct option *o);
bool take_byte_extract(struct parse *p, const struct option *o);
bool take_byte_math(struct parse *p, const struct option *o);
bool take_isdataat(struct parse *p, const struct option *o);
bool take_base64_decode(struct parse *p, const struct option *o);
bool take_base64_data(struct parse *p, const struct option *o);
bool take_pcre(struct parse *p, const struct option *o);

/* ---- other protocols: rule_foreign.c ---- */

bool take_enip_command(struct parse *p, const struct option *o);
bool take_cip_service(struct parse *p, const struct option *o);
bool take_opcua_namespace(struct parse *p, const struct option *o);
bool take_s7commplus_content(struct parse *p, const struct option *o);
bool take_dnp3_obj(struct parse *p, const struct option *o);
bool take_dnp3_type(struct parse *p, const struct option *o);
bool take_dnp3_checksum(struct parse *p, const struct option *o);
/* A keyword that nobody here knows; `near` is one that is spelled nearly so, or NULL. */
bool take_unknown(struct parse *p, const struct option *o, const char *near);
/* Dissectors that a build may lack. */
bool is_ours(struct slice protocol);

bool take_modbus(struct parse *p, const struct option *o);
bool take_app_layer_event(struct parse *p, const struct option *o);
bool take_app_layer_protocol(struct parse *p, const struct option *o);
bool take_checksum(struct parse *p, const struct option *o);
bool take_decode_event(struct parse *p, const struct option *o);
bool take_stream_event(struct parse *p, const struct option *o);

/* A keyword that is a field's: a predicate with a value, a sticky buffer without. */
bool keyword_find(struct slice name, struct field_ref *ref);
bool take_field(struct parse *p, const struct option *o, const struct field_ref *ref);
struct predicate *predicate_add(struct parse *p, const struct field_ref *ref,
	const struct numbers *numbers, const char *spelling); /* NULL after refuse() */
const char *spelled(struct parse *p, struct slice name, struct slice value);

#endif
