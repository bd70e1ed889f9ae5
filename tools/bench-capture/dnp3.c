/* DNP3: each flow polls the event classes of an outstation: half of the answers have no events,
 * the others 1 to 12. In one turn of 20 the poll includes 10 to 200 points, over up to five link
 * frames. Between the polls it hears unsolicited events, reads everything now and then, and
 * operates an output or a set point in one turn of 40. One turn in 500 is a cold restart.
 * Frames have 100 bytes in the mean; those of public captures have 80 to 120. */
#include "capture.h"

enum { START = 0x6405, MASTER_FRAME = 0xc4, OUTSTATION_FRAME = 0x44, MASTER = 1 };
enum { FIR = 0x80, FIN = 0x40, CON = 0x20, UNS = 0x10, WHOLE = FIR | FIN };
enum { CONFIRM = 0, READ = 1, SELECT = 3, OPERATE = 4, COLD_RESTART = 13, RESPONSE = 129,
	UNSOLICITED = 130 };
enum { BLOCK = 16, SEGMENT = 249, WIDE = 0x28, NARROW = 0x17 };

static uint16_t crc(const uint8_t *at, size_t len)
{
	static uint16_t table[256];
	for (unsigned i = 0; !table[255] && i < 256; i++) {
		unsigned value = i;
		for (int bit = 0; bit < 8; bit++)
			value = value & 1 ? value >> 1 ^ 0xa6bc : value >> 1;
		table[i] = (uint16_t)value;
	}
	unsigned value = 0;
	while (len--)
		value = value >> 8 ^ table[(value ^ *at++) & 0xff];
	return (uint16_t)~value;
}

static void put_block(struct text *t, const uint8_t *at, size_t len)
{
	put_data(t, at, len);
	put_le16(t, crc(at, len));
}

static void put_frame(struct text *t, const struct line *line, bool from_server,
	const struct text *segment)
{
	unsigned outstation = 10 + line->number % 200;
	struct text head = { 0 };
	put_le16(&head, START);
	put8(&head, (unsigned)segment->len + 5);
	put8(&head, from_server ? OUTSTATION_FRAME : MASTER_FRAME);
	put_le16(&head, from_server ? MASTER : outstation);
	put_le16(&head, from_server ? outstation : MASTER);
	put_block(t, head.at, head.len);
	for (size_t at = 0; at < segment->len; at += BLOCK)
		put_block(t, segment->at + at, segment->len - at < BLOCK ? segment->len - at : BLOCK);
}

/* A fragment as the transport segments and link frames it makes. */
static void say_fragment(struct line *line, bool from_server, const struct text *fragment)
{
	struct text out = { 0 }, segment;
	for (size_t at = 0; at < fragment->len; at += SEGMENT) {
		size_t left = fragment->len - at, len = left < SEGMENT ? left : SEGMENT;
		segment.len = 0;
		put8(&segment, (at == 0 ? 0x40 : 0) | (left == len ? 0x80 : 0) |
			(line->request[from_server]++ & 63));
		put_data(&segment, fragment->at + at, len);
		put_frame(&out, line, from_server, &segment);
	}
	say(line, from_server, out.at, out.len);
}

static void begin(struct text *t, unsigned control, unsigned function)
{
	t->len = 0;
	put8(t, control);
	put8(t, function);
	if (function >= RESPONSE)
		put_le16(t, 0);
}

static void say_confirm(struct line *line, unsigned control)
{
	struct text t;
	begin(&t, WHOLE | control, CONFIRM);
	say_fragment(line, false, &t);
}

/* ---- objects ---- */

static void put_head(struct text *t, unsigned group, unsigned variation, unsigned qualifier)
{
	put8(t, group);
	put8(t, variation);
	put8(t, qualifier);
}

static void put_range(struct text *t, unsigned group, unsigned variation, unsigned first,
	unsigned count)
{
	put_head(t, group, variation, 1);
	put_le16(t, first);
	put_le16(t, first + count - 1);
}

static void put_time(struct text *t)
{
	uint64_t ms = now_us() / 1000;
	put_le32(t, (uint32_t)ms);
	put_le16(t, (unsigned)(ms >> 32));
}

/* Measured values and states as they are: g30v1 and g1v2. */
static void put_static(struct text *t, unsigned analogs, unsigned binaries)
{
	put_range(t, 30, 1, 0, analogs);
	for (unsigned i = 0; i < analogs; i++) {
		put8(t, 1);
		put_le32(t, i % 8 ? 2200 + i : draw() % 5000);
	}
	put_range(t, 1, 2, 0, binaries);
	for (unsigned i = 0; i < binaries; i++)
		put8(t, 1 | (draw() & 0x80));
}

/* Changes with their time: g2v2 and g32v3, each behind its index. */
static void put_events(struct text *t, unsigned binaries, unsigned analogs)
{
	put_head(t, 2, 2, WIDE);
	put_le16(t, binaries);
	for (unsigned i = 0; i < binaries; i++) {
		put_le16(t, draw() % 400);
		put8(t, 1 | (draw() & 0x80));
		put_time(t);
	}
	put_head(t, 32, 3, WIDE);
	put_le16(t, analogs);
	for (unsigned i = 0; i < analogs; i++) {
		put_le16(t, draw() % 400);
		put8(t, 1);
		put_le32(t, draw() % 5000);
		put_time(t);
	}
}

/* ---- exchanges ---- */

static unsigned next_sequence(struct line *line)
{
	return ++line->waiting[0] & 15;
}

static void ask_classes(struct line *line, unsigned sequence, bool with_static)
{
	struct text t;
	begin(&t, WHOLE | sequence, READ);
	for (unsigned variation = 2; variation <= 4; variation++)
		put_head(&t, 60, variation, 6);
	if (with_static)
		put_head(&t, 60, 1, 6);
	say_fragment(line, false, &t);
}

static void answer(struct line *line, unsigned control, unsigned events, unsigned points)
{
	struct text t;
	begin(&t, control, RESPONSE);
	if (events)
		put_events(&t, 1 + events / 3, events - events / 3);
	if (points)
		put_static(&t, 1 + points / 2, points - points / 2);
	say_fragment(line, true, &t);
	if (control & CON)
		say_confirm(line, control & 15);
}

static void poll_points(struct line *line)
{
	unsigned sequence = next_sequence(line);
	ask_classes(line, sequence, true);
	answer(line, WHOLE | sequence, 0, 10 + (line->number * 13 + line->turns % 5 * 37) % 190);
}

static void poll_events(struct line *line)
{
	unsigned sequence = next_sequence(line), luck = draw() % 24;
	ask_classes(line, sequence, false);
	if (luck < 12)
		answer(line, WHOLE | sequence, 0, 0);
	else
		answer(line, WHOLE | CON | sequence, luck - 11, 0);
}

/* Everything, in two fragments of which the first is confirmed. */
static void poll_all(struct line *line)
{
	unsigned sequence = next_sequence(line);
	ask_classes(line, sequence, true);
	answer(line, FIR | CON | sequence, 20, 180);
	answer(line, FIN | (next_sequence(line)), 0, 200);
}

static void report(struct line *line)
{
	unsigned control = WHOLE | CON | UNS | (line->reports++ & 15);
	struct text t;
	begin(&t, control, UNSOLICITED);
	put_events(&t, 1 + draw() % 4, 1 + draw() % 8);
	say_fragment(line, true, &t);
	say_confirm(line, UNS | (control & 15));
}

/* A breaker, or a set point: its object is the same in all four messages. */
static void put_control(struct text *t, bool is_analog, uint32_t value)
{
	put_head(t, is_analog ? 41 : 12, 1, NARROW);
	put8(t, 1);
	put8(t, 3);
	if (is_analog) {
		put_le32(t, value);
	} else {
		put8(t, value % 2 ? 0x41 : 0x81);
		put8(t, 1);
		put_le32(t, 250);
		put_le32(t, 250);
	}
	put8(t, 0);
}

static void operate(struct line *line)
{
	bool is_analog = draw() % 2;
	uint32_t value = draw() % 5000;
	for (unsigned function = SELECT; function <= OPERATE; function++) {
		unsigned sequence = next_sequence(line);
		struct text t;
		begin(&t, WHOLE | sequence, function);
		put_control(&t, is_analog, value);
		say_fragment(line, false, &t);
		begin(&t, WHOLE | sequence, RESPONSE);
		put_control(&t, is_analog, value);
		say_fragment(line, true, &t);
	}
}

static void restart(struct line *line)
{
	unsigned sequence = next_sequence(line);
	struct text t;
	begin(&t, WHOLE | sequence, COLD_RESTART);
	say_fragment(line, false, &t);
	begin(&t, WHOLE | sequence, RESPONSE);
	put_data(&t, (uint8_t[]){ 52, 2, 7, 1, 0x30, 0x75 }, 6); /* in 30 seconds */
	say_fragment(line, true, &t);
}

static void turn(struct line *line)
{
	unsigned luck = draw() % 1000;
	if (luck < 2)
		restart(line);
	else if (luck < 28)
		operate(line);
	else if (luck < 30)
		poll_all(line);
	else if (luck < 80)
		poll_points(line);
	else if (luck < 200)
		report(line);
	else
		poll_events(line);
}

const struct protocol dnp3 = { "dnp3", 20000, NULL, turn };
