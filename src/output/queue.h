/* Lines that wait for their destination, bounded by their bytes. At the bound the oldest
 * events make room for an alert; an event that finds no room is lost itself, and an alert only
 * if nothing but alerts waits. Who calls holds the outlet's lock. */
#ifndef IRONSPAN_QUEUE_H
#define IRONSPAN_QUEUE_H

#include "output/sink.h"

/* One or more whole lines of one value. */
struct queue_entry {
	struct queue_entry *next;
	uint64_t number;  /* order of arrival */
	uint64_t lines;
	uint64_t sent_to; /* the outlet's: the transport's count when it was sent */
	uint64_t segment, segment_end; /* the spool's: where it lies, if it does */
	int64_t settled_ms; /* the outlet's: when it had arrived */
	enum line_value value;
	bool is_spooled;
	bool is_counted;  /* the outlet's: among the lines that arrived */
	size_t len;
	uint8_t at[];
};

/* First in, first out. */
struct queue_list {
	struct queue_entry *first, **end; /* end: where the next one is hung */
};

struct queue {
	struct queue_list lists[LINE_VALUES];
	size_t used, limit;         /* bytes, with what an entry itself takes */
	uint64_t next_number;
	uint64_t lost[LINE_VALUES]; /* lines */
};

void queue_init(struct queue *q, size_t limit);
void queue_fini(struct queue *q);

/* Whether a line of this length has room without loss. An empty queue takes any line. */
bool queue_has_room(const struct queue *q, size_t len);
void queue_push(struct queue *q, struct bytes lines, enum line_value value);
static inline bool queue_is_empty(const struct queue *q)
{
	return q->used == 0;
}
/* The oldest entry, now the caller's (free()); NULL when empty. */
struct queue_entry *queue_pop(struct queue *q);
/* Back to where it came from, whatever came since. The queue may shed for it. */
void queue_return(struct queue *q, struct queue_entry *e);

struct queue_entry *queue_entry_new(struct bytes lines, enum line_value value);

void queue_list_init(struct queue_list *l);
void queue_list_add(struct queue_list *l, struct queue_entry *e);
struct queue_entry *queue_list_take(struct queue_list *l); /* the first; NULL when empty */
/* All of them, the last one first, hung together by `next`; the list is empty then. */
struct queue_entry *queue_list_reverse(struct queue_list *l);

#endif
