#include <stdlib.h>

#include "base/memory.h"
#include "output/line.h"
#include "output/queue.h"

void queue_list_init(struct queue_list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

void queue_list_add(struct queue_list *l, struct queue_entry *e)
{
	e->next = NULL;
	*l->end = e;
	l->end = &e->next;
}

struct queue_entry *queue_list_take(struct queue_list *l)
{
	struct queue_entry *e = l->first;

	if (e)
		l->first = e->next;
	if (!l->first)
		l->end = &l->first;
	return e;
}

struct queue_entry *queue_list_reverse(struct queue_list *l)
{
	struct queue_entry *last = NULL;

	for (struct queue_entry *e; (e = queue_list_take(l)) != NULL; last = e)
		e->next = last;
	return last;
}

struct queue_entry *queue_entry_new(struct bytes lines, enum line_value value)
{
	struct queue_entry *e = mem_array(1, sizeof(*e) + lines.len);

	e->value = value;
	e->lines = line_count(lines);
	e->len = lines.len;
	memcpy(e->at, lines.at, lines.len);
	return e;
}

void queue_init(struct queue *q, size_t limit)
{
	*q = (struct queue){ .limit = limit };
	for (unsigned i = 0; i < LINE_VALUES; i++)
		queue_list_init(&q->lists[i]);
}

void queue_fini(struct queue *q)
{
	for (struct queue_entry *e; (e = queue_pop(q)) != NULL;)
		free(e);
}

static size_t cost(size_t len)
{
	return sizeof(struct queue_entry) + len;
}

bool queue_has_room(const struct queue *q, size_t len)
{
	return q->used == 0 || q->used + cost(len) <= q->limit;
}

static struct queue_entry *take(struct queue *q, enum line_value value)
{
	struct queue_entry *e = queue_list_take(&q->lists[value]);

	if (e)
		q->used -= cost(e->len);
	return e;
}

struct queue_entry *queue_pop(struct queue *q)
{
	const struct queue_entry *oldest = NULL;

	for (unsigned i = 0; i < LINE_VALUES; i++) {
		const struct queue_entry *e = q->lists[i].first;
		if (e && (!oldest || e->number < oldest->number))
			oldest = e;
	}
	return oldest ? take(q, oldest->value) : NULL;
}

/* Room for a line of this value; false if all that waits is worth as much. */
static bool make_room(struct queue *q, size_t len, enum line_value value)
{
	for (unsigned lower = 0; lower < value; lower++)
		while (!queue_has_room(q, len)) {
			struct queue_entry *e = take(q, lower);
			if (!e)
				break;
			q->lost[lower] += e->lines;
			free(e);
		}
	return queue_has_room(q, len);
}

void queue_push(struct queue *q, struct bytes lines, enum line_value value)
{
	if (!make_room(q, lines.len, value)) {
		q->lost[value] += line_count(lines);
		return;
	}
	struct queue_entry *e = queue_entry_new(lines, value);
	e->number = q->next_number++;
	queue_list_add(&q->lists[value], e);
	q->used += cost(e->len);
}

void queue_return(struct queue *q, struct queue_entry *e)
{
	struct queue_list *l = &q->lists[e->value];

	if (!make_room(q, e->len, e->value)) {
		q->lost[e->value] += e->lines;
		free(e);
		return;
	}
	e->next = l->first;
	l->first = e;
	if (!e->next)
		l->end = &e->next;
	q->used += cost(e->len);
}
