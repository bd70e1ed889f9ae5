/* Plain elements: nodes that are read, what was read of them, what is published of watched
 * ones, what browsing finds. Nearly all messages of a running plant are arrays of these, and
 * nearly all values in them are one number, time or text. An array of nothing else is checked
 * as it goes by and stays bytes on the tape, until somebody looks at its fields (FIELD_LAZY);
 * operations take what they need from the bytes. Whatever is unusual is read member by member
 * instead. */
#ifndef IRONSPAN_OPCUA_PLAIN_H
#define IRONSPAN_OPCUA_PLAIN_H

#include "opcua_body.h"
#include "opcua_element.h"

/* The elements of one array of `m`, behind its count. False, and nothing is consumed: some
 * element is not plain, or there are so many that they must be counted as they are put. */
bool opcua_put_plain(struct body *b, const struct member *m, uint32_t count);

/* A header of a request or of a response as nearly all are: of a response, one that went well,
 * with nothing but its time and its handle. False, and nothing is consumed: it is another. Of a
 * request, what stands behind its token. */
bool opcua_put_plain_response(struct body *b);
bool opcua_put_plain_request(struct body *b);

/* The lazy row of a group; 0: it has none. */
unsigned opcua_plain_row(unsigned group);

/* As opcua_pick(), of the row that the stretch is at. */
void opcua_pick_plain(struct stretch *in, unsigned group, struct picked *picked);

/* What the rows become; see struct field. */
void opcua_expand_nodes(struct dissect *d, struct bytes value);
void opcua_expand_results(struct dissect *d, struct bytes value);
void opcua_expand_items(struct dissect *d, struct bytes value);
void opcua_expand_references(struct dissect *d, struct bytes value);

#endif
