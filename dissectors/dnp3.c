/* DNP3 over TCP and UDP.
 *
 * IEEE 1815-2012, Standard for Electric Power Systems Communications - Distributed
 * Network Protocol. Three layers: link frames (dnp3_link.h) carry transport segments,
 * which carry fragments of the application layer (dnp3_application.h), which carry
 * objects (dnp3_objects.h). A message is a fragment with all frames that it came in, or a
 * frame that carries none. */
#include "dnp3_application.h"
#include "dnp3_fields.h"
#include "dnp3_state.h"

enum { FROM_MASTER = 0x80 }; /* of the control byte */

static bool is_asking(unsigned function)
{
	return function == RESET_LINK || function == RESET_USER ||
	       function == TEST_LINK || function == REQUEST_STATUS;
}

static const char *link_refusal(unsigned function)
{
	return function == NACK || function == NOT_FUNCTIONING ||
			       function == NOT_SUPPORTED
		       ? name_of(dnp3_link_functions, function)
		       : NULL;
}

/* Acknowledgements of user data answer no message: the data's own response does. */
static bool is_data_ack(struct dissect *d, const struct dnp3_link *l, unsigned function)
{
	struct dnp3_state *st = d->state;
	struct dnp3_peer *sender = st->peer ? dnp3_other(d, st->peer) : NULL;

	if (l->control & PRIMARY || (function != ACK && function != NACK) || !sender ||
		!sender->acks_due)
		return false;
	sender->acks_due--;
	return true;
}

/* A frame that carries no fragment, or a broken one. */
static void parse_frame(struct dissect *d, struct cursor *c)
{
	const struct dnp3_state *st = d->state;
	const struct dnp3_link *l = &st->link;
	struct message *m = d->message;
	unsigned function = l->control & FUNCTION_BITS;
	bool is_primary = l->control & PRIMARY;

	cursor_skip(c, c->left);
	m->kind = MESSAGE_ONEWAY;
	if (!l->is_good || l->has_transport || l->has_bad_block)
		return;
	if (is_primary && is_asking(function) && l->dst < BROADCAST_FIRST)
		m->kind = MESSAGE_REQUEST;
	if (!is_primary)
		m->kind = MESSAGE_RESPONSE;
	m->from_device = is_primary && !(l->control & FROM_MASTER);
	m->is_continuation = is_data_ack(d, l, function);
	m->code = is_primary ? NULL : link_refusal(function);
	m->key = dnp3_key(CLASS_LINK, 0, dnp3_id(l->src, l->dst));
}

static void dnp3_parse(struct dissect *d, struct cursor *c)
{
	const struct dnp3_state *st = d->state;

	if (st->is_fragment)
		dnp3_fragment(d, c);
	else
		parse_frame(d, c);
}

static const uint16_t ports[] = { 20000, 0 };

enum { FRAGMENT_MAX = 32768 }; /* 2048 are usual */

const struct dissector dnp3_dissector = {
	.name = "dnp3",
	.title = "DNP3 over TCP and UDP",
	.source = "IEEE 1815-2012, Distributed Network Protocol",
	.fields = dnp3_fields,
	.field_count = DNP3_FIELDS,
	.events = dnp3_events,
	.event_count = DNP3_EVENTS,
	.tcp_ports = ports,
	.udp_ports = ports,
	.max_message = FRAGMENT_MAX,
	.state_size = sizeof(struct dnp3_state),
	.is_flat = true,
	.probe = dnp3_probe,
	.frame = dnp3_frame,
	.assemble = dnp3_assemble,
	.parse = dnp3_parse,
	.join = dnp3_join,
	.check = dnp3_check,
	.operate = dnp3_operate,
	.lone_response_event = RESPONSE_UNASKED,
};
