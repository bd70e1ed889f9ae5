/* One destination of events and all that stands between it and their writers: which events it
 * wants, the queue, the thread behind it, the spool, when to try again, what is told.
 *
 * Live, a thread of the engine runs outlet_run(). Writers only put lines into the queue. The
 * thread hands them to the transport; while that cannot be reached it tries again, files each
 * second, connections less and less often, up to a minute. Lines of a remote one go to its
 * spool meanwhile. A remote line counts as handed over when the other end's machine has
 * acknowledged it; when a connection breaks, what was not acknowledged is sent again, and so are
 * the last lines that were, up to a minute and a mebibyte of them: its program may have died
 * with them in hand. A line can come twice, with the same uid; `repeated` counts those.
 *
 * In replay a file is written by the caller, and a write that fails ends it; a remote one has
 * its thread all the same, and writers wait for room.
 *
 * A user sees one message when a destination fails, one when events are lost, and one when it
 * works again, which says how many; not more than that once a minute. */
#ifndef IRONSPAN_OUTLET_H
#define IRONSPAN_OUTLET_H

#include "output/sink.h"
#include "output/sink_config.h"

struct outlet;

/* `c` must live as long. A file is opened now, a connection later. NULL after a reported
 * error. */
struct outlet *outlet_new(const struct sink_config *c, const char *host, bool is_live);
bool outlet_has_thread(const struct outlet *o);
/* That thread: returns after outlet_finish() was called, when all is done. */
void outlet_run(struct outlet *o);

/* As their likes in sink.h; any thread. */
bool outlet_write(struct outlet *o, struct bytes lines, enum line_value value);
bool outlet_flush(struct outlet *o);
void outlet_reopen(struct outlet *o); /* async-signal-safe */
/* Nothing more comes. Does not wait. */
void outlet_finish(struct outlet *o);
/* Waits until the thread is about to return; false: it hangs, what it has is counted as lost,
 * and the outlet must never be freed. */
bool outlet_wait(struct outlet *o, unsigned wait_ms);
bool outlet_is_whole(struct outlet *o); /* nothing was lost that had to be written */
void outlet_count(struct outlet *o, struct sink_counters *c);

void outlet_free(struct outlet *o); /* after its thread has returned */

#endif
