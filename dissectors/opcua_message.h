/* Parsing of messages, by their types. Behind the header, `c` is the message's. */
#ifndef IRONSPAN_OPCUA_MESSAGE_H
#define IRONSPAN_OPCUA_MESSAGE_H

#include "opcua.h"

/* opcua_hello.c */
void opcua_parse_hello(struct dissect *d, struct cursor *c);
void opcua_parse_acknowledge(struct dissect *d, struct cursor *c);
void opcua_parse_error(struct dissect *d, struct cursor *c);
void opcua_parse_reverse_hello(struct dissect *d, struct cursor *c);
void opcua_put_error(
	struct dissect *d, struct cursor *c); /* a status code and a reason */

/* opcua_message.c */
void opcua_parse_open(struct dissect *d, struct cursor *c);
void opcua_parse_symmetric(
	struct dissect *d, struct cursor *c, enum message_type type, uint8_t chunk);
/* `service`: the id of the request, its own or that it answers; 0: none. */
void opcua_set_key(
	struct message *m, enum message_type type, uint32_t request_id, uint32_t service);

/* A MSG that can be read, whole in one chunk, with none missed before it: as nearly all are.
 * `c` is at its first header. */
bool opcua_is_usual(const struct dissect *d, const struct cursor *c, enum message_type type);
void opcua_parse_usual(struct dissect *d, struct cursor *c);

#endif
