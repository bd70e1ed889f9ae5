/* Who is logged in on a flow, from the logins that the other end accepted. */
#include <string.h>

#include "dissect/driver.h"

enum { NOBODY, VALUE, POINT };

/* Where the operation of a login has the name, by its object; a challenge or a password alone
 * names nobody, and whoever was logged in still is. */
static const struct {
	const char *object;
	uint8_t where;
} logins[] = {
	{ "anonymous", NOBODY },    /* OPC UA part 4, 7.36 */
	{ "issued_token", NOBODY }, /* opaque */
	{ "user_name", VALUE },
	{ "certificate", VALUE },   /* its subject */
	{ "reservation", VALUE },   /* UMAS: the programmer's own name */
	{ "file", POINT },          /* DNP3 (IEEE 1815) function 29 */
};

/* Whole characters of it. */
static size_t name_len(struct bytes name)
{
	size_t len = name.len;

	if (len <= FLOW_USER_MAX)
		return len;
	for (len = FLOW_USER_MAX; len > 0 && (name.at[len] & 0xc0) == 0x80;)
		len--;
	return len;
}

static void set_user(struct sessions *s, struct flow *f, struct bytes name)
{
	if (name.len == 0) {
		user_forget(s, f);
		return;
	}
	if (!f->user)
		f->user = pool_take(&s->lasting, sizeof(*f->user));
	f->user->len = (uint8_t)name_len(name);
	memcpy(f->user->name, name.at, f->user->len);
}

static void learn(struct sessions *s, struct flow *f, const struct operation *op)
{
	struct bytes name = { NULL, 0 };
	unsigned i = 0, count = sizeof(logins) / sizeof(*logins);

	while (op->object && i < count && strcmp(logins[i].object, op->object) != 0)
		i++;
	if (i == count)
		return;
	if (!op->object) { /* how was lost, and who */
		user_forget(s, f);
		return;
	}
	if (logins[i].where == POINT)
		name = op->point_text;
	else if (logins[i].where == VALUE && op->value.type == VALUE_TEXT)
		name = op->value.bytes;
	set_user(s, f, name);
}

void user_learn(struct sessions *s, const struct transaction *t)
{
	for (unsigned i = 0; i < t->operation_count; i++)
		if (t->operations[i].verb == VERB_LOGIN &&
			t->operations[i].outcome == OUTCOME_ACCEPTED)
			learn(s, t->flow, &t->operations[i]);
}

void user_forget(struct sessions *s, struct flow *f)
{
	pool_give(&s->lasting, f->user, sizeof(*f->user));
	f->user = NULL;
}
