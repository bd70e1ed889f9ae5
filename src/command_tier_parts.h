/* What the files of `ironspan tier` share. */
#ifndef IRONSPAN_COMMAND_TIER_PARTS_H
#define IRONSPAN_COMMAND_TIER_PARTS_H

#include "command_words.h"
#include "incident/tier.h"

/* What was asked for; NULL or 0 where it was not said. */
struct tier_words {
	const char *folder; /* the node's */
	char **operands;    /* behind it */
	int count;
	struct command_list to;
	const char *type, *by, *level, *title, *text, *indicators, *report;
	bool json, one_way, remove;
	int lane_number;    /* -1 */
	uint64_t expires_s, ack_by_ns, report_back_by_ns;
};

enum { TIER_WORDS_FINE = -1 };
/* TIER_WORDS_FINE, or an exit code after --help or a reported error. */
int tier_words_read(struct tier_words *w, const char *help, int argc, char **argv);

/* Reports why; the exit code. A NULL `why` was reported before. */
int tier_refused(const char *what, const char *why);
int tier_status(struct tier *t, const struct tier_words *w);

#endif
