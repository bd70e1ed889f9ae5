/* Everything a user can set, from ironspan.yaml, --set and the command line, in that order.
 * Filled at start, constant afterwards. */
#ifndef IRONSPAN_CONFIG_H
#define IRONSPAN_CONFIG_H

#include "detect/detect.h"
#include "output/sink_config.h"

enum {
	EVENTS_ALERT = 1 << 0,
	EVENTS_ANOMALY = 1 << 1,
	EVENTS_ASSET = 1 << 2,
	EVENTS_INCIDENT = 1 << 3,
	EVENTS_FLOW = 1 << 4,
	EVENTS_HEALTH = 1 << 5,
	EVENTS_STATS = 1 << 6,
	EVENTS_ALL_OTHERS = EVENTS_ALERT | EVENTS_ANOMALY | EVENTS_ASSET | EVENTS_INCIDENT |
		EVENTS_FLOW | EVENTS_HEALTH | EVENTS_STATS,
};

enum { SINKS_MAX = 64 };

struct config {
	struct arena memory;        /* every string and list below lives here */
	const char *path;           /* the file that was read, NULL: none */

	/* inputs */
	const char **inputs;        /* -r, in order */
	unsigned input_count;
	const char **interfaces;    /* -i; read from only if there are no inputs */
	unsigned interface_count;
	unsigned snaplen;           /* live: bytes of a packet that are kept */
	size_t ring_size;           /* live: bytes of the kernel's ring, an interface */
	bool promiscuous;           /* live: frames for others too */
	struct queue_range {
		uint16_t first, count;
	} queues;                   /* -q; count 0: none. Come before interfaces */
	size_t queue_memory;        /* inline: bytes of packets that may wait in a queue */
	bool fail_open;             /* inline: what we cannot look at passes */
	bool dry_run;               /* drop rules say what they would drop */
	bool inline_repeats;          /* inline: NF_REPEAT for what passes */
	unsigned mark, mark_mask;   /* inline: of packets that pass; mask 0: none */
	const char *filter;         /* -f */
	bool verify_checksums;      /* -k all */
	bool keep_duplicates;       /* --keep-duplicates */
	bool strict;                /* --strict: a capture cut short is exit 1 */

	/* rules; the first five are as written, the rest is config_finish()'s */
	const char *rule_path;      /* default-rule-path; NULL: the shared signatures */
	const char **rule_patterns; /* rule-files: names or patterns, relative to rule_path */
	unsigned rule_pattern_count;
	const char **only_rules, **also_rules; /* -S and -s */
	unsigned only_count, also_count;
	const char **rule_files;    /* after -S and -s were applied; full paths */
	unsigned rule_file_count;
	const char *classification, *reference, *attack;
	struct rule_variable *addresses, *ports;
	unsigned address_count, port_count;
	const char *cache_dir;      /* detect.cache-dir; after config_finish() NULL: none */

	/* outputs */
	const char *log_dir;        /* -l; NULL: none */
	struct sink_config *sinks;  /* where events go, see engine/outputs.h */
	unsigned sink_count;
	bool sinks_on_replay;
	unsigned events;            /* EVENTS_ */
	uint64_t event_protocols;   /* bit a dissector: its transactions are logged */
	const char *sensor_id, *site;
	bool payload, rule_text, community_id;
	uint16_t community_id_seed;

	/* evidence: packets around alerts */
	const char *evidence_dir;   /* NULL: none is kept */
	unsigned evidence_before_s, evidence_after_s; /* packets so long before and after */
	size_t evidence_memory;     /* bytes of packets kept for it */
	size_t evidence_file_size;  /* bytes of one file */
	size_t evidence_max_size;   /* of all in the folder */
	unsigned evidence_max_age_s;

	/* engine */
	unsigned threads;           /* 1 to 64 */
	unsigned flows;             /* over all shards */
	size_t stream_memory, session_memory, fragment_memory; /* bytes, over all shards */
	unsigned tcp_timeout_s, udp_timeout_s, closed_timeout_s;
	unsigned outcome_wait_ms;
	unsigned health_interval_s; /* of packet time: between two health and stats events */
	bool repeats;               /* silent polls that repeat themselves are not parsed again */
	unsigned points;            /* last values remembered, in pages of 64; over all shards */
	unsigned thresholds;        /* keys remembered */
	unsigned assets, incidents; /* remembered */
	const char *registers;      /* folder of the plant's registers; NULL: none */
	const char *store;          /* folder of the store of incidents; NULL: none */
	const char *tier;           /* folder of the node that sends reports up; NULL: none */
	const char *redaction;      /* id of the profile of what leaves */
	unsigned keep_s;            /* alerts in it, live; 0: for ever */
	size_t keep_size;           /* of its database, live; 0: no bound */
	unsigned incident_gap_s, incident_life_s;
	uint64_t disabled;          /* bit a dissector */

	/* as a service */
	const char *control_socket; /* live: NULL: none */
	const char *metrics_listen; /* live: ADDRESS:PORT of loopback; NULL: none */
	const char *run_as;         /* the user to become; NULL: whoever starts it */
	enum seccomp_mode {
		SECCOMP_NO, SECCOMP_YES, SECCOMP_LOG, /* other system calls: pass, kill, are logged */
	} seccomp;

	/* program */
	bool test_only;             /* -T */
	bool verbose;               /* -v */
	bool profile, profile_json; /* --profile-rules, and with --json */
	bool quiet;                 /* -q: no table, no progress bar */
};

/* Defaults, then the file (NULL: the installed or source tree's default if there is one, else
 * built-in defaults). false after reported errors, each with file and line; config_free() is
 * due either way. */
bool config_load(struct config *c, const char *path);
/* One "key=value" as --set has it; keys as in the file, joined by dots. */
bool config_set(struct config *c, const char *assignment);
/* The same for an option that stands for a key ("--threads"); `where` begins the error. */
bool config_give(struct config *c, const char *where, const char *key, const char *value);
/* Adds one string to a list of the configuration: -r, -i, -S, -s. */
void config_append(struct config *c, const char ***list, unsigned *count, const char *s);
/* When all is set: finds the rule files and fills in what depends on the machine. */
bool config_finish(struct config *c);
void config_free(struct config *c);

#endif
