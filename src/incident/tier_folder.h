/* The tiers without a network: envelopes and receipts as files in a folder, for a USB stick or a
 * one-way gateway.
 *
 * A file is UID.json, or UID.receipt.json; it appears whole. Carrying a folder twice, or only some
 * of its files, does no harm. */
#ifndef IRONSPAN_INCIDENT_TIER_FOLDER_H
#define IRONSPAN_INCIDENT_TIER_FOLDER_H

#include "incident/tier.h"

struct tier_export {
	const char *folder; /* made if need be */
	const char *to;     /* for this node only; NULL: for all */
	bool one_way;       /* nothing comes back: what was written counts as sent */
	/* Which of them; NULL: all. */
	bool (*wants)(void *context, const struct outbox_item *item);
	void *context;
};

/* Writes all that waits; receipts that were written have left. -1 after a reported error, else how
 * many files. */
int tier_export(struct tier *t, const struct tier_export *e, uint64_t now_ns);

struct tier_import {
	const char *folder;
	bool remove;         /* what was dealt with; what is for other nodes, and what failed, stays */
	unsigned settle_s;   /* files that somebody wrote to so lately are left */
	/* Which of them; NULL: all. */
	bool (*wants)(void *context, const char *path);
	void (*told)(void *context, const char *path, const struct tier_incoming *in);
	void *context;
	unsigned unsettled;  /* set: how many were */
};

/* Receives all files of a folder, in the order of their names; `told` hears of each. false after a
 * reported error. */
bool tier_import(struct tier *t, struct tier_import *i, uint64_t now_ns);

#endif
