/* OPC UA: how a connection begins. */
#include "opcua.h"

#include <string.h>

static void say_hello(struct line *line, bool from_server)
{
	static const char url[] = "opc.tcp://plant.example:4840";
	struct text t;
	t.len = 0;
	put_data(&t, from_server ? "ACKF" : "HELF", 4);
	put_le32(&t, 28 + (from_server ? 0 : 4 + (uint32_t)strlen(url)));
	for (int i = 0; i < 5; i++)
		put_le32(&t, i == 1 || i == 2 ? 65536 : 0);
	if (!from_server)
		put_string(&t, url);
	say(line, from_server, t.at, t.len);
}

static void open_channel(struct line *line)
{
	struct text t;
	begin_request(&t, line, OPEN_CHANNEL);
	put_le32(&t, 0);
	put_le32(&t, 0);
	put_le32(&t, 1);
	put_null(&t);
	put_le32(&t, 3600000);
	say_message(line, false, "OPNF", ++line->waiting[1], &t);
	begin_response(&t, OPEN_CHANNEL, line->waiting[1]);
	put_le32(&t, 0);
	put_le32(&t, CHANNEL + line->number);
	put_le32(&t, 1);
	put_now(&t);
	put_le32(&t, 3600000);
	put_null(&t);
	say_message(line, true, "OPNF", line->waiting[1], &t);
}

static void create_session(struct line *line)
{
	struct text t;
	begin_request(&t, line, CREATE_SESSION);
	put_string(&t, "urn:plant.example:historian");
	put_string(&t, "urn:example:historian");
	put8(&t, 2); /* a text without a locale */
	put_string(&t, "Historian");
	put_le32(&t, 1);
	for (int i = 0; i < 4; i++) /* gateway, profile, urls, server */
		put_null(&t);
	put_string(&t, "opc.tcp://plant.example:4840");
	put_string(&t, "historian 1");
	put_null(&t);
	put_null(&t);
	put_double(&t, 600000);
	put_le32(&t, 0);
	ask(line, &t);
	begin_response(&t, CREATE_SESSION, line->waiting[1]);
	put_numeric(&t, 1, 1 + line->number);
	put8(&t, 2);
	put_le16(&t, 0);
	put_le32(&t, 0x5e550000 + line->number);
	put_double(&t, 600000);
	for (int i = 0; i < 4; i++) /* nonce, certificate, endpoints, software certificates */
		put_null(&t);
	put_no_signature(&t);
	put_le32(&t, 0);
	answer(line, &t);
}

static void activate_session(struct line *line)
{
	struct text t, token = { 0 };
	put_string(&token, "anonymous");
	begin_request(&t, line, ACTIVATE_SESSION);
	put_no_signature(&t);
	put_null(&t);
	put_null(&t);
	put_extension(&t, ANONYMOUS_TOKEN, &token);
	put_no_signature(&t);
	ask(line, &t);
	begin_response(&t, ACTIVATE_SESSION, line->waiting[1]);
	for (int i = 0; i < 3; i++) /* nonce, results, diagnostics */
		put_null(&t);
	answer(line, &t);
}

static void create_subscription(struct line *line)
{
	struct text t;
	begin_request(&t, line, CREATE_SUBSCRIPTION);
	put_double(&t, 500);
	put_le32(&t, 1000);
	put_le32(&t, 20);
	put_le32(&t, 0);
	put8(&t, 1);
	put8(&t, 0);
	ask(line, &t);
	begin_response(&t, CREATE_SUBSCRIPTION, line->waiting[1]);
	put_le32(&t, 1 + line->number);
	put_double(&t, 500);
	put_le32(&t, 1000);
	put_le32(&t, 20);
	answer(line, &t);
}

static void create_items(struct line *line)
{
	unsigned count = item_count(line);
	struct text t;
	begin_request(&t, line, CREATE_ITEMS);
	put_le32(&t, 1 + line->number);
	put_le32(&t, 2);
	put_le32(&t, count);
	for (unsigned i = 0; i < count; i++) {
		put_read_value(&t, line, i);
		put_le32(&t, 2);
		put_le32(&t, i);
		put_double(&t, 250);
		put_numeric(&t, 0, 0);
		put8(&t, 0);
		put_le32(&t, 1);
		put8(&t, 1);
	}
	ask(line, &t);
	begin_response(&t, CREATE_ITEMS, line->waiting[1]);
	put_le32(&t, count);
	for (unsigned i = 0; i < count; i++) {
		put_le32(&t, 0);
		put_le32(&t, 1 + i);
		put_double(&t, 250);
		put_le32(&t, 1);
		put_numeric(&t, 0, 0);
		put8(&t, 0);
	}
	put_null(&t);
	answer(line, &t);
}

void open_session(struct line *line)
{
	say_hello(line, false);
	say_hello(line, true);
	open_channel(line);
	create_session(line);
	activate_session(line);
	create_subscription(line);
	create_items(line);
	ask_publish(line);
}
