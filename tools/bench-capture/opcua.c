/* OPC UA over TCP, policy None: each flow opens a channel, a session and a subscription with
 * 5 to 100 monitored items (opcua-open.c), then hears notifications of 1 to 8 of them, in one
 * of 20 of up to all (one Publish is always waiting), reads 1 to 4 nodes, in one turn of 20 up
 * to 50, writes some every 20th time and browses now and then. Three turns in 1,000 call a
 * method. Node ids are strings in two flows of three, numbers in the others. Frames have 260
 * bytes in the mean; those of public captures have 90 to 300, sessions opened included. */
#include "opcua.h"

enum { VALUE = 1, SOURCE_TIME = 4, SERVER_TIME = 8 };
enum { BOOLEAN = 1, UINT16 = 5, INT32 = 6, FLOAT = 10, DOUBLE = 11, STRING = 12 };

/* A value of the type that the tag has. */
static void put_variant(struct text *t, unsigned tag)
{
	static const uint8_t types[] = { FLOAT, DOUBLE, INT32, BOOLEAN, FLOAT, UINT16, DOUBLE,
		FLOAT, STRING };
	unsigned type = types[tag % sizeof(types)];
	put8(t, type);
	switch (type) {
	case BOOLEAN:
		put8(t, draw() % 2);
		break;
	case UINT16:
		put_le16(t, draw());
		break;
	case DOUBLE:
		put_double(t, draw() % 100000 / 16.0);
		break;
	case STRING:
		put_string(t, draw() % 2 ? "running" : "stopped");
		break;
	default:
		put_le32(t, draw());
	}
}

static void put_data_value(struct text *t, unsigned tag)
{
	put8(t, VALUE | SOURCE_TIME | SERVER_TIME);
	put_variant(t, tag);
	put_now(t);
	put_now(t);
}

/* The answer to the Publish that waits, and the next one. */
static void publish(struct line *line)
{
	unsigned most = item_count(line);
	unsigned count = 1 + draw() % (draw() % 20 || most < 8 ? 4 + most % 5 : most);
	struct text t, change;
	change.len = 0;
	put_le32(&change, count);
	for (unsigned i = 0; i < count; i++) {
		unsigned item = (line->turns + i) % most;
		put_le32(&change, item);
		put_data_value(&change, item);
	}
	put_null(&change);
	begin_response(&t, PUBLISH, line->waiting[0]);
	put_le32(&t, 1 + line->number);
	put_le32(&t, 1);
	put_le32(&t, ++line->reports);
	put8(&t, 0);
	put_le32(&t, line->reports);
	put_now(&t);
	put_le32(&t, 1);
	put_extension(&t, DATA_CHANGE, &change);
	put_le32(&t, 1);
	put_le32(&t, 0);
	put_null(&t);
	say_message(line, true, "MSGF", line->waiting[0], &t);
	ask_publish(line);
}

static void read_nodes(struct line *line)
{
	unsigned first = line->number % 400, most = line->turns % 20 == 7 ? 50 : 4;
	unsigned count = 1 + (line->number * 7 + line->turns % 6 * 9) % most;
	struct text t;
	begin_request(&t, line, READ);
	put_double(&t, 0);
	put_le32(&t, 2);
	put_le32(&t, count);
	for (unsigned i = first; i < first + count; i++)
		put_read_value(&t, line, i);
	ask(line, &t);
	begin_response(&t, READ, line->waiting[1]);
	put_le32(&t, count);
	for (unsigned i = first; i < first + count; i++)
		put_data_value(&t, i);
	put_null(&t);
	answer(line, &t);
}

static void write_nodes(struct line *line)
{
	unsigned count = 1 + line->turns / 20 % 10;
	struct text t;
	begin_request(&t, line, WRITE);
	put_le32(&t, count);
	for (unsigned i = 0; i < count; i++) {
		put_tag(&t, line, 500 + i);
		put_le32(&t, ATTRIBUTE_VALUE);
		put_null(&t);
		put8(&t, VALUE);
		put_variant(&t, 500 + i);
	}
	ask(line, &t);
	begin_response(&t, WRITE, line->waiting[1]);
	put_le32(&t, count);
	for (unsigned i = 0; i < count; i++)
		put_le32(&t, 0);
	put_null(&t);
	answer(line, &t);
}

static void put_reference(struct text *t, const struct line *line, unsigned tag)
{
	put_numeric(t, 0, 47); /* HasComponent */
	put8(t, 1);
	put_tag(t, line, tag);
	put_le16(t, 2);
	put_string(t, "Value");
	put8(t, 2);
	put_string(t, "Value");
	put_le32(t, 2);
	put_numeric(t, 0, 63); /* BaseDataVariableType */
}

static void browse(struct line *line)
{
	unsigned first = draw() % 800, count = 3 + draw() % 20;
	struct text t;
	begin_request(&t, line, BROWSE);
	put_numeric(&t, 0, 0);
	put_le64(&t, 0);
	put_le32(&t, 0);
	put_le32(&t, 1000);
	put_le32(&t, 1);
	put_tag(&t, line, first);
	put_le32(&t, 0);
	put_numeric(&t, 0, 33); /* HierarchicalReferences */
	put8(&t, 1);
	put_le32(&t, 0);
	put_le32(&t, 63);
	ask(line, &t);
	begin_response(&t, BROWSE, line->waiting[1]);
	put_le32(&t, 1);
	put_le32(&t, 0);
	put_null(&t);
	put_le32(&t, count);
	for (unsigned i = 0; i < count; i++)
		put_reference(&t, line, first + i);
	put_null(&t);
	answer(line, &t);
}

static void call(struct line *line)
{
	struct text t;
	begin_request(&t, line, CALL);
	put_le32(&t, 1);
	put_tag(&t, line, 900);
	put_numeric(&t, 2, 901);
	put_le32(&t, 2);
	put_variant(&t, 2);
	put_variant(&t, 8);
	ask(line, &t);
	begin_response(&t, CALL, line->waiting[1]);
	put_le32(&t, 1);
	put_le32(&t, 0);
	put_le32(&t, 2);
	put_le64(&t, 0);
	put_null(&t);
	put_le32(&t, 1);
	put_variant(&t, 3);
	put_null(&t);
	answer(line, &t);
}

static void turn(struct line *line)
{
	unsigned luck = draw() % 1000;
	if (luck < 3)
		call(line);
	else if (luck < 30)
		browse(line);
	else if (line->turns % 20 == 0)
		write_nodes(line);
	else if (luck < 500)
		read_nodes(line);
	else
		publish(line);
}

const struct protocol opcua = { "opcua", 4840, open_session, turn };
