/* What health.c remembers between two reports, for it and health_capture.c alone. */
#ifndef IRONSPAN_HEALTH_STATE_H
#define IRONSPAN_HEALTH_STATE_H

#include "engine/health.h"

enum { ASSETS_MAX = 64, FLOWS_MAX = 16, SECOND_NS = 1000000000 };

/* Everything that was hidden, of whatever it is the sum. */
struct hidden {
	uint64_t blind_bytes, undecoded_bytes, gaps, copies, one_sided, midstream, encrypted;
	uint64_t blind_ns;
};

struct asset {
	struct address address;
	struct hidden hidden;
};

struct health {
	const struct config *config;
	const struct source *source;
	health_emit *emit;
	void *context;
	struct engine_totals shards; /* sums so far */
	struct report last;          /* of the last report */
	struct engine_totals last_stage;
	uint64_t last_shed;
	struct detect_losses last_losses;
	struct hidden hidden;        /* since then, as the rest */
	struct asset assets[ASSETS_MAX];
	struct trouble flows[FLOWS_MAX];
	struct incident_host_loss hosts[ASSETS_MAX]; /* of the last health_capture() */
	unsigned asset_count, assets_left_out, flow_count, flows_left_out;
	unsigned lost;               /* reasons of the interval before, a bit each */
	enum health_state state;     /* that was told */
	uint64_t sequence;
	struct text body;
};

/* Flows, streams and transactions that were forgotten for want of room, so far. */
uint64_t health_shed(const struct health *h, const struct report *at);
/* Of the interval; the first one begins with the first packet. */
uint64_t health_begin_ns(const struct health *h, const struct report *at);

#endif
