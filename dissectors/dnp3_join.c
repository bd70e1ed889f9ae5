/* Which request does a response answer, and does it fit? */
#include "dnp3_application.h"
#include "dnp3_fields.h"
#include "dnp3_link.h"
#include "dnp3_walk.h"

enum { NOT_ITS, OTHER_KIND, ITS, SAME_KIND };

static uint32_t swapped(uint32_t id)
{
	return id << 16 | id >> 16;
}

/* The addresses change places; who was asked by the self-address answers with its own. */
static bool is_back(uint32_t request, uint32_t response)
{
	return request == swapped(response) ||
	       ((request & 0xffff) == SELF_ADDRESS &&
		       request >> 16 == (response & 0xffff));
}

/* Authentication has requests and responses of its own, under the sequence of what it is
 * about. */
unsigned dnp3_join(const struct message *request, const struct message *response)
{
	uint64_t asked = 0, answered = 0;

	if ((request->key ^ response->key) >> 32 ||
		!is_back((uint32_t)request->key, (uint32_t)response->key))
		return NOT_ITS;
	message_uint(request, FUNCTION_CODE, &asked);
	message_uint(response, FUNCTION_CODE, &answered);
	bool is_asked = asked == AUTHENTICATE,
	     is_answered = answered == AUTHENTICATE_RESPONSE;
	if (is_asked != is_answered)
		return OTHER_KIND;
	return is_asked ? SAME_KIND : ITS;
}

/* ---- commands are answered by their echo ---- */

/* Of two points of a command, all but the status is the same. */
static bool is_same_point(const struct dnp3_walk *asked, const struct dnp3_walk *answer)
{
	static const uint16_t echoed[] = { INDEX, COMMAND, POINT_COUNT, ONTIME, OFFTIME,
		VALUE, VALUE_FLOAT, MASK_POINT };

	if (asked->group != answer->group || asked->variation != answer->variation)
		return false;
	for (unsigned i = 0; i < sizeof(echoed) / sizeof(*echoed); i++) {
		const struct item *one = dnp3_point_item(asked, echoed[i]);
		const struct item *other = dnp3_point_item(answer, echoed[i]);
		if (!one != !other || (one && one->u != other->u))
			return false;
	}
	return true;
}

/* The outstation may stop where it refuses, and say so by its indications alone. */
static bool is_echo(const struct message *request, const struct message *response)
{
	struct dnp3_walk asked = { .m = request }, answer = { .m = response };

	while (dnp3_next_command(&answer))
		if (!dnp3_next_command(&asked) || !is_same_point(&asked, &answer))
			return false;
	return response->code || !dnp3_next_command(&asked);
}

void dnp3_check(struct dissect *d, const struct message *request)
{
	const struct message *m = d->message;
	uint64_t asked = 0, answered = 0;

	if (m->is_reading) /* it has no commands */
		return;
	message_uint(request, FUNCTION_CODE, &asked);
	message_uint(m, FUNCTION_CODE, &answered);
	if (asked < SELECT || asked > DIRECT_OPERATE || answered != RESPONSE ||
		request->events || request->is_cut || request->is_full || m->is_full)
		return;
	if (!is_echo(request, m))
		dnp3_wrong(d, ECHO_MISMATCH);
}
