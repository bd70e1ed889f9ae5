/* The packets of a flow that alerted, before and after the alert, as a capture file.
 *
 * Belongs to the ordered stage, which sees all packets in order: the last ones are kept in a
 * ring of bounded size. An alert opens the file of its flow, named after the flow and its time,
 * with the flow's packets that the ring still has, the newest that fit; those that come within
 * `after` follow. Where its packet finds no room, an alert opens another. A file is pcap with
 * nanoseconds; frames are as they were captured, tunnels and tags included; of fragments there is
 * the one that completed the datagram.
 *
 * An alert tells how many bytes the file had and their SHA-256, so that they can be checked
 * although the file goes on: head -c BYTES FILE | sha256sum. Files are 0640; the oldest go when
 * there are too many bytes of them or they are too old. What cannot be written is counted and
 * told once; the alert goes out without it. */
#ifndef IRONSPAN_EVIDENCE_H
#define IRONSPAN_EVIDENCE_H

#include "capture/source.h"
#include "engine/config.h"

enum { EVIDENCE_NAME_MAX = 64 };

struct evidence_mark {
	char name[EVIDENCE_NAME_MAX]; /* of the file, in evidence.dir */
	char sha256[65];              /* of its first so many bytes, hex */
	uint64_t bytes;
};

struct evidence;

/* NULL: the configuration names no folder; or, after a reported error, it cannot be used. */
struct evidence *evidence_new(const struct config *config, bool *ok);
/* Packets of a batch, before what was found in it is asked for. */
void evidence_packets(struct evidence *e, const struct batch *b);
/* An alert on this flow, completed by this packet. false: there is no evidence of it. */
bool evidence_alert(struct evidence *e, uint64_t flow_hash, uint64_t flow_id, uint64_t number,
	uint64_t time_ns, struct evidence_mark *mark);
/* Time has come so far: files whose time is over are closed. */
void evidence_advance(struct evidence *e, uint64_t now_ns);
uint64_t evidence_lost(const struct evidence *e); /* alerts without their packets */
void evidence_free(struct evidence *e); /* may be NULL */

#endif
