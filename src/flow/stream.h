/* Both directions of a TCP connection, put in order.
 *
 * In-order data is handed on where it lies in the packet. The rest waits in a bounded list.
 * The first copy of a byte wins; a later copy that differs, found against what waits and
 * against the last bytes (as many as three of its largest segments, 128 to STREAM_HISTORY), is an
 * event. Data that acknowledges bytes of the other side which were not seen yet waits for them a
 * little, so that answers do not overtake their requests when a mirror reorders. A hole that will
 * not be filled becomes a gap:
 *   - its bytes were acknowledged, and 100 ms or 16 packets went by since a segment showed it;
 *   - nobody could acknowledge (one-sided mirror), and 1 s went by;
 *   - 5 s went by, or a bound was reached, or the connection ended.
 * One of more than 1 MB has no known length: its numbers may be those of another connection.
 * If the bytes of a gap come after all, the stream goes back to them: a forged segment far
 * ahead blinds nobody. Sequence numbers wrap; positions are 64-bit offsets.
 *
 * Another connection may begin on the same ports where no close was seen. Data far from all that is
 * known are believed when a SYN announced them, or when the other end acknowledged them and others
 * follow. Forged, they move the stream only until its own bytes go on: where that would be is
 * remembered.
 *
 * A `struct streams` belongs to one shard. Memory is bounded: at the limit the stream that was
 * idle longest loses its history and what waits. What waits in all streams has a small share of
 * it, so that a time of many losses does not need more memory than others: beyond, the connection
 * that has waited longest gives up its holes. One alone may have more. */
#ifndef IRONSPAN_STREAM_H
#define IRONSPAN_STREAM_H

#include "base/memory.h"
#include "packet/packet.h"

enum { STREAM_HISTORY = 4096, STREAM_WAITING_MAX = 256 * 1024, STREAM_SEGMENTS_MAX = 256 };

/* What can be wrong with a stream: X(name, event, what it means). Rules: `stream-event:NAME`.
 * Suricata's names where it has the event. */
#define STREAM_EVENTS(X) \
	X(OVERLAP, "reassembly_overlap_different_data", \
		"a byte was sent twice with different values; the first was used") \
	X(GAP, "reassembly_seq_gap", "data is missing; the bytes are counted as blind") \
	X(SHED, "reassembly_shed", "waiting segments given up: a bound was reached") \
	X(MIDSTREAM, "midstream", "joined after the connection began") \
	X(ONE_SIDED, "one_sided", "only one direction of a connection is mirrored") \
	X(RST_DATA, "data_after_reset", "who reset the connection goes on with it")

enum stream_event {
#define X(name, text, what) STREAM_##name,
	STREAM_EVENTS(X)
#undef X
	STREAM_EVENT_COUNT
};
extern const struct decode_event_info stream_events[STREAM_EVENT_COUNT];

struct flow;
struct stream;
struct origin;

/* Where the data goes. `data` is valid during the call only. */
struct stream_sink {
	void (*data)(void *context, struct flow *f, unsigned end, struct bytes data,
		const struct origin *origin);
	/* `len` bytes that nobody will see; 0: nobody knows how many, if any. */
	void (*gap)(void *context, struct flow *f, unsigned end, uint64_t len,
		const struct origin *origin);
	void (*event)(void *context, struct flow *f, unsigned end, enum stream_event event,
		const struct origin *origin);
};

struct stream_counters {
	uint64_t retransmissions, out_of_order, overlaps, gaps, gap_bytes, cut_bytes, shed;
};

struct streams;

struct streams *streams_new(size_t memory, const struct stream_sink *sink, void *context);
void streams_free(struct streams *s);
const struct stream_counters *streams_counters(const struct streams *s);

/* One TCP segment that end `from` of the flow sent. */
void stream_segment(struct streams *s, struct flow *f, unsigned from, const struct packet *p);

/* Whether bytes of this end are missing right now. */
bool stream_has_hole(const struct flow *f, unsigned end);

/* Whether this end's SYN had this sequence number. */
bool stream_began_at(const struct flow *f, unsigned end, uint32_t seq);

/* Whether this end announced, by a SYN, that its bytes go on with this sequence number. */
bool stream_is_expected(const struct flow *f, unsigned end, uint32_t seq);

/* The sequence number of the next byte of this end; false: none is known. */
bool stream_goes_on_at(const struct flow *f, unsigned end, uint32_t *seq);

/* How many bytes of this end's data were handed on or given up so far. */
uint64_t stream_bytes(const struct flow *f, unsigned end);

/* Fetch into the cache what the bytes of this end's next segment will be written to; what
 * flow_prefetch_parts() fetched is read. */
void stream_prefetch(const struct flow *f, unsigned from);

/* Time goes on: holes that waited too long become gaps. Cheap when there are none. */
void streams_advance(struct streams *s, uint64_t now_ns);

/* The flow ends: what waits is handed on; what is missing can still be asked. */
void stream_settle(struct streams *s, struct flow *f);
/* Then everything is freed. */
void stream_end(struct streams *s, struct flow *f);

#endif
