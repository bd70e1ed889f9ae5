/* S7comm: each flow reads its own variables again and again (data blocks and flags, as words,
 * bytes, bits and reals): three flows of four 1 to 3 at once, the fourth up to 20. It writes
 * some every 20th time, and now and then reads the system status list or the clock. One
 * exchange in 500 stops the controller. Frames have 110 bytes in the mean; those of public
 * captures have 80 to 120, for most programs read one variable at a time. */
#include "capture.h"

enum { JOB = 1, ACK_DATA = 3, USERDATA = 7 };
enum { READ_VAR = 4, WRITE_VAR = 5, SETUP = 0xf0, PLC_STOP = 0x29 };
enum { OK = 0xff, ITEMS_MAX = 20 };

/* Transport size of the request's item, of the data, bytes of an element, elements. */
static const struct kind { uint8_t item, data, size, count, area; } kinds[] = {
	{ 0x04, 0x04, 2, 1, 0x84 },  /* WORD in a data block */
	{ 0x08, 0x07, 4, 1, 0x84 },  /* REAL */
	{ 0x01, 0x03, 1, 1, 0x83 },  /* BIT in the flags */
	{ 0x02, 0x04, 1, 10, 0x84 }, /* BYTE */
	{ 0x06, 0x04, 4, 2, 0x84 },  /* DWORD */
	{ 0x02, 0x04, 1, 3, 0x81 },  /* BYTE of the inputs */
};

static void say_tpkt(struct line *line, bool from_server, const uint8_t *cotp, size_t len)
{
	struct text t = { 0 };
	put_be16(&t, 0x0300);
	put_be16(&t, (unsigned)(4 + len));
	put_data(&t, cotp, len);
	say(line, from_server, t.at, t.len);
}

static void say_pdu(struct line *line, bool from_server, unsigned rosctr,
	const struct text *parameter, const struct text *data)
{
	struct text t = { 0 };
	put_data(&t, (uint8_t[]){ 2, 0xf0, 0x80, 0x32 }, 4);
	put8(&t, rosctr);
	put_be16(&t, 0);
	put_be16(&t, line->request[0] & 0xffff);
	put_be16(&t, (unsigned)parameter->len);
	put_be16(&t, (unsigned)data->len);
	if (rosctr == ACK_DATA)
		put_be16(&t, 0);
	put_data(&t, parameter->at, parameter->len);
	put_data(&t, data->at, data->len);
	say_tpkt(line, from_server, t.at, t.len);
}

static const struct text nothing;

static void open_line(struct line *line)
{
	static const uint8_t request[] = { 17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0,
		0xc2, 2, 1, 2 };
	static const uint8_t confirm[] = { 17, 0xd0, 0, 1, 0, 2, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0,
		0xc2, 2, 1, 2 };
	struct text setup = { 8, { SETUP, 0, 0, 2, 0, 2, 1, 0xe0 } };
	say_tpkt(line, false, request, sizeof(request));
	say_tpkt(line, true, confirm, sizeof(confirm));
	line->request[0] = 1;
	say_pdu(line, false, JOB, &setup, &nothing);
	say_pdu(line, true, ACK_DATA, &setup, &nothing);
}

static const struct kind *kind_of(unsigned item)
{
	return &kinds[item * 7 / 3 % (sizeof(kinds) / sizeof(*kinds))];
}

static void put_item(struct text *t, const struct kind *kind, unsigned db, unsigned offset)
{
	put_data(t, (uint8_t[]){ 0x12, 10, 0x10, kind->item }, 4);
	put_be16(t, kind->count);
	put_be16(t, kind->area == 0x84 ? db : 0);
	put8(t, kind->area);
	put8(t, offset * 8 >> 16);
	put_be16(t, offset * 8);
}

static void put_items(struct text *t, unsigned function, unsigned first, unsigned count)
{
	t->len = 0;
	put8(t, function);
	put8(t, count);
	for (unsigned i = first; i < first + count; i++)
		put_item(t, kind_of(i), 1 + i % 9, 10 * i);
}

/* Values of the items; every one but the last is filled up to an even length. */
static void put_values(struct text *t, unsigned code, unsigned first, unsigned count)
{
	t->len = 0;
	for (unsigned i = first; i < first + count; i++) {
		const struct kind *kind = kind_of(i);
		unsigned len = (unsigned)kind->size * kind->count;
		put8(t, code);
		put8(t, kind->data);
		put_be16(t, kind->data == 3 ? 1 : kind->data == 4 ? len * 8 : len);
		for (unsigned k = 0; k < len; k++)
			put8(t, kind->data == 3 ? draw() % 2 : k % 4 ? 0x20 + k : draw());
		if (len % 2 && i + 1 < first + count)
			put8(t, 0);
	}
}

static void read_variables(struct line *line, unsigned first, unsigned count)
{
	struct text request, answer = { 2, { READ_VAR, (uint8_t)count } }, values;
	put_items(&request, READ_VAR, first, count);
	put_values(&values, OK, first, count);
	say_pdu(line, false, JOB, &request, &nothing);
	say_pdu(line, true, ACK_DATA, &answer, &values);
}

static void write_variables(struct line *line, unsigned first, unsigned count)
{
	struct text request, answer = { 2, { WRITE_VAR, (uint8_t)count } }, values, codes = { 0 };
	put_items(&request, WRITE_VAR, first, count);
	put_values(&values, 0, first, count);
	for (unsigned i = 0; i < count; i++)
		put8(&codes, OK);
	say_pdu(line, false, JOB, &request, &values);
	say_pdu(line, true, ACK_DATA, &answer, &codes);
}

/* Userdata: a request and its answer of the same group and subfunction. */
static void ask_userdata(struct line *line, unsigned group, unsigned subfunction,
	const struct text *data, const struct text *answer_data)
{
	const struct text request = { 8, { 0, 1, 0x12, 4, 0x11, (uint8_t)(0x40 | group),
		(uint8_t)subfunction, 0 } };
	const struct text answer = { 12, { 0, 1, 0x12, 8, 0x12, (uint8_t)(0x80 | group),
		(uint8_t)subfunction, 1, 0, 0, 0, 0 } };
	say_pdu(line, false, USERDATA, &request, data);
	say_pdu(line, true, USERDATA, &answer, answer_data);
}

/* SZL 0x0011 index 1: order number and versions of the module. */
static void read_szl(struct line *line)
{
	static const struct text ask = { 8, { OK, 9, 0, 4, 0, 0x11, 0, 1 } };
	struct text answer = { 0 };
	put_data(&answer, (uint8_t[]){ OK, 9, 0, 8 + 28, 0, 0x11, 0, 1, 0, 28, 0, 1, 0, 1 }, 14);
	put_data(&answer, "6ES7 315-2EH14-0AB0 \0\xc0\0\1\0\1", 26);
	ask_userdata(line, 4, 1, &ask, &answer);
}

static void read_clock(struct line *line)
{
	static const struct text ask = { 4, { 10, 0, 0, 0 } };
	static const struct text answer = { 14, { OK, 9, 0, 10, 0, 0x19, 0x25, 0x10, 0x09, 0x08,
		0x53, 0x20, 0, 5 } };
	ask_userdata(line, 7, 1, &ask, &answer);
}

static void stop(struct line *line)
{
	struct text request = { 7, { PLC_STOP, 0, 0, 0, 0, 0, 9 } }, answer = { 1, { PLC_STOP } };
	put_data(&request, "P_PROGRAM", 9);
	say_pdu(line, false, JOB, &request, &nothing);
	say_pdu(line, true, ACK_DATA, &answer, &nothing);
}

static void turn(struct line *line)
{
	unsigned first = line->number % 50, luck = draw() % 1000;
	line->request[0]++;
	if (luck < 2)
		stop(line);
	else if (luck < 10)
		read_szl(line);
	else if (luck < 15)
		read_clock(line);
	else if (line->turns % 20 == 0)
		write_variables(line, first, 1 + line->turns / 20 % 5);
	else
		read_variables(line, first + line->turns % 4 * 20,
			1 + (line->number / 4 + line->turns % 4 * 5) %
				(line->number % 4 ? 3 : ITEMS_MAX));
}

const struct protocol s7comm = { "s7comm", 102, open_line, turn };
