/* OPC UA: built-in types, the headers of requests and responses, chunks. */
#include "opcua.h"

#include <string.h>

/* ---- built-in types ---- */

void put_string(struct text *t, const char *value)
{
	put_le32(t, value ? (uint32_t)strlen(value) : UINT32_MAX);
	if (value)
		put_data(t, value, strlen(value));
}

void put_null(struct text *t)
{
	put_le32(t, UINT32_MAX);
}

void put_double(struct text *t, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	put_le64(t, bits);
}

/* 100 ns since 1601. */
void put_now(struct text *t)
{
	put_le64(t, (now_us() + 11644473600000000ull) * 10);
}

/* The shortest form that a numeric id of this namespace has. */
void put_numeric(struct text *t, unsigned ns, unsigned id)
{
	if (ns == 0 && id < 256) {
		put8(t, 0);
		put8(t, id);
	} else {
		put8(t, 1);
		put8(t, ns);
		put_le16(t, id);
	}
}

/* A tag of the plant, as the flow's server names its tags. */
void put_tag(struct text *t, const struct line *line, unsigned tag)
{
	char name[] = "Plant.Line00.Unit00.Value00";
	if (line->number % 3 == 0) {
		put_numeric(t, 2, 1000 + tag);
		return;
	}
	name[11] = (char)('0' + line->number % 10);
	name[18] = (char)('0' + tag / 100 % 10);
	name[25] = (char)('0' + tag / 10 % 10);
	name[26] = (char)('0' + tag % 10);
	put8(t, 3);
	put_le16(t, 2);
	put_string(t, name);
}

void put_extension(struct text *t, unsigned type, const struct text *body)
{
	put_numeric(t, 0, type);
	put8(t, 1);
	put_le32(t, (uint32_t)body->len);
	put_data(t, body->at, body->len);
}

void put_no_signature(struct text *t)
{
	put_null(t);
	put_null(t);
}

/* ---- chunks ---- */

void say_message(struct line *line, bool from_server, const char *type, uint32_t request,
	const struct text *body)
{
	bool is_open = type[0] == 'O';
	struct text t;
	t.len = 0;
	put_data(&t, type, 4);
	put_le32(&t, 0);
	put_le32(&t, is_open && !from_server ? 0 : CHANNEL + line->number);
	if (is_open) {
		put_string(&t, "http://opcfoundation.org/UA/SecurityPolicy#None");
		put_null(&t);
		put_null(&t);
	} else {
		put_le32(&t, 1);
	}
	put_le32(&t, ++line->request[from_server]);
	put_le32(&t, request);
	put_data(&t, body->at, body->len);
	struct text size = { 0 };
	put_le32(&size, (uint32_t)t.len);
	memcpy(t.at + 4, size.at, 4);
	say(line, from_server, t.at, t.len);
}

/* A request begins with its type and a header that names the session. */
void begin_request(struct text *t, const struct line *line, unsigned service)
{
	t->len = 0;
	put_numeric(t, 0, service);
	if (service == OPEN_CHANNEL || service == CREATE_SESSION) {
		put_numeric(t, 0, 0);
	} else {
		put8(t, 2);
		put_le16(t, 0);
		put_le32(t, 0x5e550000 + line->number);
	}
	put_now(t);
	put_le32(t, line->waiting[1] + 1); /* handle */
	put_le32(t, 0);
	put_null(t);
	put_le32(t, 10000);
	put_numeric(t, 0, 0);
	put8(t, 0);
}

void begin_response(struct text *t, unsigned service, uint32_t handle)
{
	t->len = 0;
	put_numeric(t, 0, service + TO_RESPONSE);
	put_now(t);
	put_le32(t, handle);
	put_le32(t, 0);
	put8(t, 0);
	put_null(t);
	put_numeric(t, 0, 0);
	put8(t, 0);
}

uint32_t ask(struct line *line, const struct text *t)
{
	say_message(line, false, "MSGF", ++line->waiting[1], t);
	return line->waiting[1];
}

void answer(struct line *line, const struct text *t)
{
	say_message(line, true, "MSGF", line->waiting[1], t);
}

/* ---- what more than one service has ---- */

void put_read_value(struct text *t, const struct line *line, unsigned tag)
{
	put_tag(t, line, tag);
	put_le32(t, ATTRIBUTE_VALUE);
	put_null(t);
	put_le16(t, 0);
	put_null(t);
}

/* How many values a notification of this flow may have. */
unsigned item_count(const struct line *line)
{
	return 5 + line->number * 37 % 96;
}

void ask_publish(struct line *line)
{
	struct text t;
	begin_request(&t, line, PUBLISH);
	put_le32(&t, line->reports ? 1 : 0);
	if (line->reports) {
		put_le32(&t, 1 + line->number);
		put_le32(&t, line->reports);
	}
	line->waiting[0] = ask(line, &t);
}
