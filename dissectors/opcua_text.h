/* OPC UA's encodings in words, for the field table and for operations. Each function
 * writes at most FORMAT_MAX bytes of text and says how many; bytes that are none of its
 * kind give nothing. */
#ifndef IRONSPAN_OPCUA_TEXT_H
#define IRONSPAN_OPCUA_TEXT_H

#include "dissect/dissect.h"

size_t opcua_format_node_id(struct bytes value, char *out); /* "ns=2;s=Pump" */
size_t opcua_format_token(struct bytes value, char *out); /* "sha256:5f1c…", 16 digits */
size_t opcua_format_type(struct bytes value, char *out);    /* "DataChangeFilter" */
size_t opcua_format_time(struct bytes value, char *out);    /* "2026-01-31T12:00:00Z" */
size_t opcua_format_guid(struct bytes value, char *out);
size_t opcua_format_qualified_name(struct bytes value, char *out); /* "2:Pump" */
size_t opcua_format_localized_text(struct bytes value, char *out); /* the text alone */

/* A number that was written longer than need be, the shortest way; else the id itself. What is
 * shorter is written to `room`. */
enum { NODE_ID_SHORT = 4 };
struct bytes opcua_shortest(struct bytes node_id, uint8_t room[NODE_ID_SHORT]);

/* A number in namespace 0, and nothing behind it: the id, else 0. */
uint32_t opcua_standard_id(struct bytes node_id);

/* Text that is put together from pieces; what does not fit is left out. */
struct opcua_text {
	char *at;
	size_t len, room;
};

static inline void opcua_text_put(struct opcua_text *t, const void *at, size_t len)
{
	size_t fits = len < t->room - t->len ? len : t->room - t->len;

	if (fits)
		memcpy(t->at + t->len, at, fits);
	t->len += fits;
}

void opcua_text_str(struct opcua_text *t, const char *s);
void opcua_text_uint(struct opcua_text *t, uint64_t value);
/* What one of the functions above makes of the bytes. */
void opcua_text_format(
	struct opcua_text *t, size_t (*format)(struct bytes, char *), struct bytes value);

#endif
