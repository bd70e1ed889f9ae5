/* Writes the capture that tools/bench measures with: Modbus/TCP polls and writes of many
 * flows, in order (or, with --dirt, with 1 % of segments lost and 1 % swapped with the next).
 *
 *   bench-capture [--dirt] FLOWS PACKETS > FILE
 *
 * 20 clients a server; each flow polls 10 or 60 holding registers or 16 coils with function
 * codes 1 and 3 whose values drift, writes a register or a few every 20th time (codes 5, 6
 * and 16), and about one message in 1,000 is one that a shipped rule alerts on. Always the
 * same bytes for the same arguments. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 400, HEADERS = 54 };

struct session {
	uint32_t seq[2];
	uint16_t ip_id[2];
	uint16_t transaction, port;
	uint32_t client, server;
	unsigned polls;
	bool opened;
};

static uint64_t state = 88172645463325252ull, time_us = 1760000000000000ull;
static bool dirt;

static uint32_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
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
	static uint8_t held[FRAME_MAX];
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

static void send_segment(struct session *s, bool back, unsigned flags, const uint8_t *data,
	size_t len)
{
	uint8_t frame[FRAME_MAX] = { 0 };
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
	be16(tcp, back ? 502 : s->port);
	be16(tcp + 2, back ? s->port : 502);
	be32(tcp + 4, s->seq[back]);
	be32(tcp + 8, flags & 16 ? s->seq[!back] : 0);
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)flags;
	be16(tcp + 14, 64240);
	memcpy(tcp + 20, data, len);
	uint32_t pseudo = (src >> 16) + (src & 0xffff) + (dst >> 16) + (dst & 0xffff) + 6 +
		20 + (uint32_t)len;
	be16(tcp + 16, sum(tcp, 20 + len, pseudo));
	put_frame(frame, HEADERS + len, len > 0);
	s->seq[back] += (uint32_t)len + (flags & 2 ? 1 : 0);
	time_us += draw() % 4;
}

static void open_session(struct session *s)
{
	send_segment(s, false, 2, NULL, 0);
	send_segment(s, true, 18, NULL, 0);
	send_segment(s, false, 16, NULL, 0);
	s->opened = true;
}

/* A request and its answer; returns the frames sent. */
static unsigned exchange(struct session *s, const uint8_t *request, size_t request_len,
	const uint8_t *answer, size_t answer_len)
{
	uint8_t adu[300];
	be16(adu, ++s->transaction);
	be16(adu + 2, 0);
	adu[6] = 1;
	be16(adu + 4, (unsigned)request_len + 1);
	memcpy(adu + 7, request, request_len);
	send_segment(s, false, 24, adu, 7 + request_len);
	be16(adu + 4, (unsigned)answer_len + 1);
	memcpy(adu + 7, answer, answer_len);
	send_segment(s, true, 24, adu, 7 + answer_len);
	return 2;
}

static unsigned poll_registers(struct session *s, unsigned address, unsigned count)
{
	uint8_t request[5] = { 3 }, answer[252] = { 3, (uint8_t)(2 * count) };
	be16(request + 1, address);
	be16(request + 3, count);
	for (unsigned i = 0; i < count; i++)
		be16(answer + 2 + 2 * i, i % 8 ? 100 + i : draw() % 4000);
	return exchange(s, request, 5, answer, 2 + 2 * count);
}

static unsigned poll_coils(struct session *s)
{
	const uint8_t request[5] = { 1, 0, 16, 0, 16 };
	uint8_t answer[4] = { 1, 2, (uint8_t)draw(), 0x5a };
	return exchange(s, request, 5, answer, 4);
}

static unsigned write_points(struct session *s)
{
	uint8_t one[5] = { 6, 0, 20 }, coil[5] = { 5, 0, 3, 0xff, 0 };
	uint8_t many[14] = { 16, 0, 100, 0, 4, 8 };
	switch (s->polls / 20 % 3) {
	case 0:
		be16(one + 3, draw() % 1000);
		return exchange(s, one, 5, one, 5);
	case 1:
		coil[3] = draw() % 2 ? 0xff : 0;
		return exchange(s, coil, 5, coil, 5);
	default:
		for (unsigned i = 0; i < 4; i++)
			be16(many + 6 + 2 * i, draw() % 1000);
		return exchange(s, many, 14, many, 5);
	}
}

/* Restart communications: a shipped rule alerts on it. */
static unsigned restart(struct session *s)
{
	const uint8_t request[5] = { 8, 0, 1, 0, 0 };
	return exchange(s, request, 5, request, 5);
}

static unsigned turn(struct session *s)
{
	s->polls++;
	if (draw() % 500 == 0)
		return restart(s);
	if (s->polls % 20 == 0)
		return write_points(s);
	if (s->polls % 4 == 1)
		return poll_coils(s);
	return poll_registers(s, 10 * (s->polls % 4), s->polls % 4 == 3 ? 60 : 10);
}

int main(int argc, char **argv)
{
	dirt = argc > 1 && strcmp(argv[1], "--dirt") == 0;
	if (argc != 3 + dirt) {
		fputs("usage: bench-capture [--dirt] FLOWS PACKETS > FILE\n", stderr);
		return 2;
	}
	unsigned flows = (unsigned)atoi(argv[1 + dirt]);
	long packets = atol(argv[2 + dirt]);
	struct session *sessions = calloc(flows, sizeof(*sessions));
	const uint32_t head[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1 };
	fwrite(head, sizeof(head), 1, stdout);
	for (unsigned i = 0; i < flows; i++)
		sessions[i] = (struct session){ .client = 0x0a000100 + i % 20 + i / 20 % 7 * 256,
			.server = 0x0a010001 + i / 20, .port = (uint16_t)(40000 + i % 20000),
			.seq = { draw(), draw() } };
	for (long sent = 0; sent < packets;) {
		struct session *s = &sessions[draw() % flows];
		if (!s->opened) {
			open_session(s);
			sent += 3;
		}
		sent += turn(s);
	}
	free(sessions);
	return fflush(stdout) ? 1 : 0;
}
