/* Modbus/TCP: each flow polls 10 or 60 holding registers or 16 coils with function codes 1 and
 * 3 whose values drift, and writes a register or a few every 20th time (codes 5, 6 and 16). */
#include "capture.h"

static void say_adu(struct line *line, bool from_server, const struct text *pdu)
{
	struct text adu = { 0 };
	put_be16(&adu, line->request[0] & 0xffff);
	put_be16(&adu, 0);
	put_be16(&adu, (unsigned)pdu->len + 1);
	put8(&adu, 1);
	put_data(&adu, pdu->at, pdu->len);
	say(line, from_server, adu.at, adu.len);
}

static void exchange(struct line *line, const struct text *request, const struct text *answer)
{
	line->request[0]++;
	say_adu(line, false, request);
	say_adu(line, true, answer);
}

/* Function code and two words: most requests, and most answers to writes. */
static struct text *words(struct text *pdu, unsigned function, unsigned one, unsigned two)
{
	pdu->len = 0;
	put8(pdu, function);
	put_be16(pdu, one);
	put_be16(pdu, two);
	return pdu;
}

static void poll_registers(struct line *line, unsigned address, unsigned count)
{
	struct text request, answer = { 0 };
	put8(&answer, 3);
	put8(&answer, 2 * count);
	for (unsigned i = 0; i < count; i++)
		put_be16(&answer, i % 8 ? 100 + i : draw() % 4000);
	exchange(line, words(&request, 3, address, count), &answer);
}

static void poll_coils(struct line *line)
{
	struct text request, answer = { 0 };
	put8(&answer, 1);
	put8(&answer, 2);
	put8(&answer, draw());
	put8(&answer, 0x5a);
	exchange(line, words(&request, 1, 16, 16), &answer);
}

static void write_points(struct line *line)
{
	struct text request, answer;
	switch (line->turns / 20 % 3) {
	case 0:
		words(&request, 6, 20, draw() % 1000);
		exchange(line, &request, &request);
		return;
	case 1:
		words(&request, 5, 3, draw() % 2 ? 0xff00 : 0);
		exchange(line, &request, &request);
		return;
	default:
		words(&request, 16, 100, 4);
		put8(&request, 8);
		for (unsigned i = 0; i < 4; i++)
			put_be16(&request, draw() % 1000);
		exchange(line, &request, words(&answer, 16, 100, 4));
	}
}

/* Restart communications: a shipped rule alerts on it. */
static void restart(struct line *line)
{
	struct text request;
	words(&request, 8, 1, 0);
	exchange(line, &request, &request);
}

static void turn(struct line *line)
{
	if (draw() % 500 == 0)
		restart(line);
	else if (line->turns % 20 == 0)
		write_points(line);
	else if (line->turns % 4 == 1)
		poll_coils(line);
	else
		poll_registers(line, 10 * (line->turns % 4), line->turns % 4 == 3 ? 60 : 10);
}

const struct protocol modbus = { "modbus", 502, NULL, turn };
