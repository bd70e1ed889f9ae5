/* An interval of health as incidents count it. */
#include "engine/health_state.h"

static struct incident_loss loss_of(const struct hidden *n)
{
	return (struct incident_loss){ .gaps = n->gaps, .blind_bytes = n->blind_bytes,
		.undecoded_bytes = n->undecoded_bytes, .one_sided = n->one_sided,
		.midstream = n->midstream, .encrypted = n->encrypted };
}

uint64_t health_begin_ns(const struct health *h, const struct report *at)
{
	if (h->last.time_ns)
		return h->last.time_ns;
	return at->first_ns ? at->first_ns : at->time_ns;
}

static struct incident_loss loss_of_all(const struct health *h, const struct report *at)
{
	const struct source_counters *now = &at->source, *then = &h->last.source;
	struct incident_loss loss = loss_of(&h->hidden);
	loss.packets = now->packets - then->packets;
	loss.dropped = now->dropped - then->dropped;
	loss.missed = now->missed - then->missed;
	loss.unseen = now->unseen - then->unseen;
	loss.cut_captures = now->cut_files - then->cut_files;
	loss.blind_s = now->away_ns / SECOND_NS - then->away_ns / SECOND_NS;
	loss.shed = health_shed(h, at) - h->last_shed;
	return loss;
}

struct incident_capture health_capture(struct health *h, const struct report *at)
{
	for (unsigned i = 0; i < h->asset_count; i++)
		h->hosts[i] = (struct incident_host_loss){ h->assets[i].address,
			loss_of(&h->assets[i].hidden) };
	return (struct incident_capture){ .from_ns = health_begin_ns(h, at), .until_ns = at->time_ns,
		.loss = loss_of_all(h, at), .hosts = h->hosts, .host_count = h->asset_count };
}
