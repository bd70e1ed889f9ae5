/* Any segments in any order: what is handed on never exceeds what was sent, memory stays
 * bounded, and bytes that no segment contradicts come out as they are.
 *
 * Input: 8 bytes a segment: flags, gap in time, offset (2), length, acknowledgement (2), end.
 * The byte at offset n of each direction is a function of n unless the flags say "forged". */
#include <stdlib.h>

#include "flow/flow.h"

enum { ISN = 0xffffff00, LENGTH_MAX = 256, MEMORY = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct run {
	struct streams *streams;
	uint64_t sent, handed_on;
	bool is_forged;
};

static uint8_t byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 0x9e3779b1 >> 13);
}

/* Somewhere in what was sent these bytes stand in a row. */
static bool is_honest(struct bytes b)
{
	for (uint64_t at = 0; at < 65536 + LENGTH_MAX; at++) {
		size_t i = 0;
		while (i < b.len && b.at[i] == byte_at(at + i))
			i++;
		if (i == b.len)
			return true;
	}
	return false;
}

static void on_data(void *context, struct flow *f, unsigned end, struct bytes data,
	const struct origin *o)
{
	struct run *r = context;
	(void)f, (void)end, (void)o;
	r->handed_on += data.len;
	if (!r->is_forged && r->handed_on < 4096 && !is_honest(data))
		abort();
}

static void on_gap(void *context, struct flow *f, unsigned end, uint64_t gap,
	const struct origin *o)
{
	(void)context, (void)f, (void)end, (void)gap, (void)o;
}

static void on_event(void *context, struct flow *f, unsigned end, enum stream_event event,
	const struct origin *o)
{
	(void)context, (void)f, (void)end, (void)event, (void)o;
}

static void on_released(void *context, struct flow *f)
{
	struct streams *streams = ((struct run *)context)->streams;
	stream_settle(streams, f);
	stream_end(streams, f);
}

static struct packet packet_of(const uint8_t *in, uint8_t payload[LENGTH_MAX], struct run *r)
{
	bool back = in[7] & 1;
	uint32_t offset = be16_at(in + 2);
	struct packet p = { .proto = PROTO_TCP, .ip_version = 4, .has_ports = true,
		.seq = ISN + 1 + offset, .ack = ISN + 1 + be16_at(in + 5),
		.tcp_flags = in[0] & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK),
		.payload = { payload, in[4] }, .payload_wire = in[4] };
	p.src.at[15] = back ? 2 : 1;
	p.dst.at[15] = back ? 1 : 2;
	p.sport = back ? 502 : 40000;
	p.dport = back ? 40000 : 502;
	if (p.tcp_flags & TCP_SYN)
		p.seq = ISN;
	for (unsigned i = 0; i < in[4]; i++)
		payload[i] = byte_at((p.tcp_flags & TCP_SYN ? 0 : offset) + i);
	if (in[0] & 0x80 && in[4]) {
		payload[0] ^= 0x55;
		r->is_forged = true;
	}
	if (in[0] & 0x40)
		p.payload.len /= 2; /* cut by the snap length */
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct stream_sink sink = { on_data, on_gap, on_event };
	struct hash_key key = { 1, 2 };
	struct flow_config config = { .flows = 4, .tcp_timeout_s = 60, .udp_timeout_s = 60,
		.closed_timeout_s = 10 };
	struct run r = { 0 };
	r.streams = streams_new(MEMORY, &sink, &r);
	struct flow_table *flows = flow_table_new(&config, &key, on_released, &r);
	uint64_t now_ns = 1000000000;
	for (size_t i = 0; i + 8 <= len; i += 8) {
		uint8_t payload[LENGTH_MAX];
		struct packet p = packet_of(data + i, payload, &r);
		unsigned from;
		p.time_ns = now_ns += data[i + 1] * 4000000ull;
		p.number = i + 1;
		p.flow_hash = flow_hash(&key, &p);
		streams_advance(r.streams, now_ns);
		flow_expire(flows, now_ns);
		struct flow *f = flow_find(flows, &p, &from);
		flow_is_copy(flows, f, from, &p);
		r.sent += p.payload.len;
		stream_segment(r.streams, f, from, &p);
	}
	flow_table_free(flows);
	streams_free(r.streams);
	if (r.handed_on > r.sent)
		abort();
	return 0;
}
