/* What the files share that say what S7comm messages mean. */
#ifndef IRONSPAN_S7COMM_OPERATE_H
#define IRONSPAN_S7COMM_OPERATE_H

#include "s7comm_fields.h"
#include "s7comm_names.h"

/* Both halves; either may be missing. `m` is the one that tells what is asked for. */
struct s7_pair {
	const struct message *request, *response, *m;
};

/* An operation on the station of this flow. */
struct operation s7_operation(struct dissect *d, enum verb verb, const char *object);
/* The same with a word for its value, or NULL. */
struct operation s7_worded(
	struct dissect *d, enum verb verb, const char *object, const char *value);
/* That, added at once. */
void s7_add(struct dissect *d, enum verb verb, const char *object, const char *value);
/* How it went, by the return code of its item; NULL: nobody refused it. */
void s7_set_outcome(struct operation *op, const struct item *code);
/* One operation a block that `m` names, or one where it names none. */
void s7_add_blocks(struct dissect *d, const struct message *m, struct operation *op);
/* One operation an item of the request, with its data and outcome. */
void s7_operate_items(struct dissect *d, const struct s7_pair *p, enum verb verb);
void s7_operate_variables(struct dissect *d, const struct s7_pair *p, enum verb verb);
void s7_operate_pi(struct dissect *d, const struct s7_pair *p);
void s7_operate_userdata(struct dissect *d, const struct s7_pair *p);
void s7_identify(struct dissect *d, const struct message *m);

/* Data as values of a type; none where they do not fit it. */
struct values s7_values(struct dissect *d, uint8_t type, struct bytes data);

/* s7comm_poll.c: of struct repeat. */
bool s7_poll_has_id(struct bytes message);
unsigned s7_poll_values(const struct message *request, const struct message *response,
	struct repeat_value *values);

struct bytes s7_formatted(struct dissect *d, size_t (*format)(struct bytes, char *),
	struct bytes value);

/* The first of a field, NULL if there is none or no message. */
const struct item *s7_item(const struct message *m, unsigned field);
/* The next element of a group: from behind its begin; NULL if there is none. */
const struct item *s7_next_group(const struct message *m, uint32_t *at, unsigned group);
/* A field in the element that begins at `item`, before its inner groups. */
const struct item *s7_in_group(const struct message *m, const struct item *item,
	unsigned field);

static inline bool s7_begins_with(struct bytes text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.at, with, len) == 0;
}

#endif
