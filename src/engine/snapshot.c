#include <stdalign.h>

#include "dissect/fields.h"
#include "engine/snapshot.h"

static struct message *copy_half(struct arena *a, const struct message *m)
{
	if (!m)
		return NULL;
	struct message *copy = arena_take(a, sizeof(*copy));
	message_copy(copy, arena_take(a, message_copy_size(m)), m);
	return copy;
}

static struct flow *copy_flow(struct arena *a, const struct flow *f)
{
	struct flow *copy = arena_copy(a, f, sizeof(*f));
	copy->stream[0] = copy->stream[1] = NULL;
	copy->session = copy->rules = copy->text = NULL;
	if (f->user)
		copy->user = arena_copy(a, f->user, sizeof(*f->user));
	return copy;
}

static struct bytes copy_bytes(struct arena *a, struct bytes b)
{
	return b.len ? (struct bytes){ arena_copy(a, b.at, b.len), b.len } : b;
}

static struct operation *copy_operations(struct arena *a, const struct transaction *t)
{
	size_t size = t->operation_count * sizeof(*t->operations);
	struct operation *copy = arena_copy(a, t->operations, size);
	for (unsigned i = 0; i < t->operation_count; i++) {
		copy[i].value.bytes = copy_bytes(a, copy[i].value.bytes);
		copy[i].unit_text = copy_bytes(a, copy[i].unit_text);
		copy[i].point_text = copy_bytes(a, copy[i].point_text);
	}
	return copy;
}

static const struct values *copy_values_prev(struct arena *a, const struct transaction *t)
{
	if (!t->values_prev)
		return NULL;
	struct values *copy =
		arena_copy(a, t->values_prev, t->operation_count * sizeof(*t->values_prev));
	for (unsigned i = 0; i < t->operation_count; i++)
		copy[i].bytes = copy_bytes(a, copy[i].bytes);
	return copy;
}

/* All but its flow. */
static struct transaction *copy_transaction(struct arena *a, const struct transaction *t)
{
	struct transaction *copy = arena_copy(a, t, sizeof(*t));
	copy->request = copy_half(a, t->request);
	copy->response = copy_half(a, t->response);
	copy->operations = copy_operations(a, t);
	copy->values_prev = copy_values_prev(a, t);
	copy->hits = NULL;
	copy->identity = NULL;
	return copy;
}

/* Without its bytes. It begins a cache line, an arena's bytes need not. */
static const struct packet *copy_packet(struct arena *a, const struct packet *p)
{
	size_t line = alignof(struct packet);
	uintptr_t room = (uintptr_t)arena_take(a, sizeof(*p) + line);
	struct packet *copy = (struct packet *)((room + line - 1) / line * line);
	*copy = *p;
	copy->frame = copy->payload = (struct bytes){ NULL, 0 };
	copy->ip_header = NULL;
	return copy;
}

const struct eve_subject *snapshot_take(struct arena *a, const struct eve_subject *s)
{
	struct eve_subject *copy = arena_copy(a, s, sizeof(*s));
	struct flow *flow = s->flow ? copy_flow(a, s->flow) : NULL;
	copy->flow = flow;
	if (s->transaction) {
		struct transaction *t = copy_transaction(a, s->transaction);
		t->flow = flow;
		copy->transaction = t;
	}
	if (s->packet)
		copy->packet = copy_packet(a, s->packet);
	if (s->origin)
		copy->origin = arena_copy(a, s->origin, sizeof(*s->origin));
	return copy;
}
