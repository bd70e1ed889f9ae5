/* The parts of OPC UA that opcua*.c share: built-in types, headers, chunks. */
#ifndef OPCUA_H
#define OPCUA_H

#include "capture.h"

enum { CHANNEL = 100 }; /* of the first flow */

/* Encoding ids of requests; a response's is 3 higher. */
enum { OPEN_CHANNEL = 446, CREATE_SESSION = 461, ACTIVATE_SESSION = 467, BROWSE = 527,
	READ = 631, WRITE = 673, CALL = 712, CREATE_ITEMS = 751, CREATE_SUBSCRIPTION = 787,
	PUBLISH = 826, TO_RESPONSE = 3 };
enum { ANONYMOUS_TOKEN = 321, DATA_CHANGE = 811, ATTRIBUTE_VALUE = 13 };

void put_string(struct text *t, const char *value);
void put_null(struct text *t);
void put_double(struct text *t, double value);
void put_now(struct text *t);
void put_numeric(struct text *t, unsigned ns, unsigned id);
void put_tag(struct text *t, const struct line *line, unsigned tag);
void put_extension(struct text *t, unsigned type, const struct text *body);
void put_no_signature(struct text *t);
void begin_request(struct text *t, const struct line *line, unsigned service);
void begin_response(struct text *t, unsigned service, uint32_t handle);
void say_message(struct line *line, bool from_server, const char *type, uint32_t request,
	const struct text *body);
uint32_t ask(struct line *line, const struct text *t);
void answer(struct line *line, const struct text *t);
void put_read_value(struct text *t, const struct line *line, unsigned tag);
unsigned item_count(const struct line *line);
void ask_publish(struct line *line);

/* Hello to the first Publish. */
void open_session(struct line *line);

#endif
