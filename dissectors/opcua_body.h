/* Reads what bodies are made of and puts it on the tape; see opcua_schema.h. */
#ifndef IRONSPAN_OPCUA_BODY_H
#define IRONSPAN_OPCUA_BODY_H

#include "opcua.h"
#include "opcua_schema.h"

/* A body under way. What is broken makes the cursor fail and shows one event. */
struct body {
	struct dissect *d;
	struct cursor c;
	unsigned depth;	  /* values inside values */
	unsigned level;	  /* arrays inside arrays */
	unsigned counted; /* whose elements are counted; 0: those of any array in no other */
	uint32_t count;	  /* of the last one's, but diagnostics */
};

/* opcua_body.c */
void opcua_put_structure(struct body *b, enum opcua_structure structure);
/* One element of an array: `element` has its type, its group and, of a structure, which. */
void opcua_put_element(struct body *b, const struct member *element);

/* opcua_variant.c: values of values. Variants and data values have fields of their own.
 */
void opcua_put_variant(struct body *b);
void opcua_put_data_value(struct body *b);
void opcua_put_diagnostic_info(struct body *b, unsigned group);
void opcua_put_extension_object(struct body *b, unsigned field);

/* opcua_value.c: a reader a type of member, which reads one value and puts it on the tape. */
extern void (*const opcua_readers[])(struct body *b, const struct member *m);

/* One value of a builtin type, at `field`. */
static inline void opcua_put_builtin(struct body *b, unsigned type, unsigned field)
{
	struct member m = { (uint8_t)type, (uint16_t)field, 0 };

	opcua_readers[type](b, &m);
}

void opcua_put_time(struct body *b, unsigned field);
/* `name`, `number`: where a node's name and a status code's number go, 0: nowhere. */
void opcua_put_node_id(struct body *b, unsigned field, unsigned name, bool is_expanded);
void opcua_put_status(struct body *b, unsigned field, unsigned number);
void opcua_put_certificate(struct body *b, unsigned field);
/* All numbers below `named` but 0 have a name. */
void opcua_put_enum(struct body *b, unsigned field, uint32_t named);
/* How many elements an array has; 0 for none at all. Each takes a byte or more. */
uint32_t opcua_take_count(struct body *b);
/* False: no string at all (length -1), or none that fits. */
bool opcua_take_string(struct body *b, struct bytes *value);
bool opcua_take_text(struct body *b, struct bytes *value);	   /* and it is UTF-8 */
struct bytes opcua_take_node_id(struct body *b, bool is_expanded); /* empty: none */

bool opcua_is_utf8(struct bytes text);
void opcua_fail(struct body *b, enum opcua_event event);
/* What was read since `from` is a secret; all behind it, where reading failed. */
void opcua_conceal(struct body *b, struct cursor from);

#endif
