/* Writes the captures that tools/bench measures with: polls, writes and reports of many flows,
 * in order (or, with --dirt, with 1 % of segments lost and 1 % swapped with the next).
 *
 *   bench-capture [--dirt] modbus|s7comm|dnp3|opcua FLOWS MESSAGES > FILE
 *
 * 20 clients a server. What a flow says is its protocol's (NAME.c); about one message in
 * 1,000 is one that a shipped rule alerts on. Always the same bytes for the same arguments. */
#include "capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS = 54, SEGMENT_MAX = 1460, SYN = 2, PSH = 8, ACK = 16 };

static const struct protocol *const protocols[] = { &modbus, &s7comm, &dnp3, &opcua };
static const struct protocol *protocol;
static uint64_t state = 88172645463325252ull, time_us = 1760000000000000ull;
static bool dirt;
static long messages;

uint32_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

uint64_t now_us(void)
{
	return time_us;
}

static void be16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void be32(uint8_t *at, uint32_t v)
{
	be16(at, v >> 16);
	be16(at + 2, v & 0xffff);
}

static uint16_t sum(const uint8_t *at, size_t len, uint32_t start)
{
	for (size_t i = 0; i < len; i++)
		start += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return (uint16_t)~start;
}

static void put_record(const uint8_t *frame, size_t len)
{
	uint32_t head[4] = { (uint32_t)(time_us / 1000000), (uint32_t)(time_us % 1000000),
		(uint32_t)len, (uint32_t)len };
	fwrite(head, sizeof(head), 1, stdout);
	fwrite(frame, len, 1, stdout);
}

/* With dirt, one frame may be held back behind the next one. */
static void put_frame(const uint8_t *frame, size_t len, bool has_data)
{
	static uint8_t held[HEADERS + SEGMENT_MAX];
	static size_t held_len;
	unsigned luck = dirt && has_data ? draw() % 100 : 50;
	if (luck == 0)
		return;
	if (luck == 1 && !held_len) {
		memcpy(held, frame, len);
		held_len = len;
		return;
	}
	put_record(frame, len);
	if (held_len)
		put_record(held, held_len);
	held_len = 0;
}

static void put_tcp(const struct line *s, bool back, unsigned flags, uint8_t *tcp)
{
	be16(tcp, back ? protocol->port : s->port);
	be16(tcp + 2, back ? s->port : protocol->port);
	be32(tcp + 4, s->seq[back]);
	be32(tcp + 8, flags & ACK ? s->seq[!back] : 0);
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)flags;
	be16(tcp + 14, 64240);
}

static void send_segment(struct line *s, bool back, unsigned flags, const uint8_t *data,
	size_t len)
{
	uint8_t frame[HEADERS + SEGMENT_MAX] = { 0 };
	uint8_t *ip = frame + 14, *tcp = ip + 20;
	uint32_t src = back ? s->server : s->client, dst = back ? s->client : s->server;
	frame[5] = (uint8_t)(dst >> 8), frame[4] = (uint8_t)dst, frame[0] = 2;
	frame[11] = (uint8_t)(src >> 8), frame[10] = (uint8_t)src, frame[6] = 2;
	be16(frame + 12, 0x0800);
	ip[0] = 0x45;
	be16(ip + 2, (unsigned)(40 + len));
	be16(ip + 4, ++s->ip_id[back]);
	ip[8] = 64;
	ip[9] = 6;
	be32(ip + 12, src);
	be32(ip + 16, dst);
	be16(ip + 10, sum(ip, 20, 0));
	put_tcp(s, back, flags, tcp);
	if (len)
		memcpy(tcp + 20, data, len);
	uint32_t pseudo = (src >> 16) + (src & 0xffff) + (dst >> 16) + (dst & 0xffff) + 6 +
		20 + (uint32_t)len;
	be16(tcp + 16, sum(tcp, 20 + len, pseudo));
	put_frame(frame, HEADERS + len, len > 0);
	s->seq[back] += (uint32_t)len + (flags & SYN ? 1 : 0);
	time_us += draw() % 4;
}

void say(struct line *s, bool from_server, const uint8_t *data, size_t len)
{
	messages++;
	while (len > SEGMENT_MAX) {
		send_segment(s, from_server, ACK, data, SEGMENT_MAX);
		data += SEGMENT_MAX;
		len -= SEGMENT_MAX;
	}
	send_segment(s, from_server, PSH | ACK, data, len);
}

static void open_line(struct line *s)
{
	send_segment(s, false, SYN, NULL, 0);
	send_segment(s, true, SYN | ACK, NULL, 0);
	send_segment(s, false, ACK, NULL, 0);
	s->opened = true;
	if (protocol->open)
		protocol->open(s);
}

static void write_capture(struct line *lines, unsigned flows, long wanted)
{
	const uint32_t head[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1 };
	fwrite(head, sizeof(head), 1, stdout);
	for (unsigned i = 0; i < flows; i++)
		lines[i] = (struct line){ .client = 0x0a000100 + i % 20 + i / 20 % 7 * 256,
			.server = 0x0a010001 + i / 20, .port = (uint16_t)(40000 + i % 20000),
			.seq = { draw(), draw() }, .number = i };
	while (messages < wanted) {
		struct line *s = &lines[draw() % flows];
		if (!s->opened)
			open_line(s);
		s->turns++;
		protocol->turn(s);
	}
}

static const struct protocol *find_protocol(const char *name)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (strcmp(protocols[i]->name, name) == 0)
			return protocols[i];
	return NULL;
}

int main(int argc, char **argv)
{
	dirt = argc > 1 && strcmp(argv[1], "--dirt") == 0;
	argv += dirt;
	protocol = argc == 4 + dirt ? find_protocol(argv[1]) : NULL;
	if (!protocol) {
		fputs("usage: bench-capture [--dirt] modbus|s7comm|dnp3|opcua FLOWS MESSAGES "
		      "> FILE\n", stderr);
		return 2;
	}
	unsigned flows = (unsigned)atoi(argv[2]);
	struct line *lines = flows ? calloc(flows, sizeof(*lines)) : NULL;
	if (!lines)
		return 2;
	write_capture(lines, flows, atol(argv[3]));
	free(lines);
	return fflush(stdout) ? 1 : 0;
}
