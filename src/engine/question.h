/* Questions that other threads put to a running engine.
 *
 * What an engine knows belongs to its threads. So who wants to know something hands in a
 * function, and the thread that reads and is the ordered stage calls it between two batches,
 * when all that it shows is whole. While nobody asks, this costs a load a batch; whoever asks
 * how often, a batch waits for one answer at most. */
#ifndef IRONSPAN_QUESTION_H
#define IRONSPAN_QUESTION_H

#include <stdbool.h>

struct engine_view;
struct questions;

/* Looks, writes down what it wants to know, returns. It holds up the packets meanwhile. */
typedef void question(void *context, const struct engine_view *view);

struct questions *questions_new(void);
void questions_free(struct questions *q);
/* Waits for the answer. false: nobody answered within `wait_ms`, or nobody will any more;
 * `ask` was not called and will not be. Any thread but the engine's, one at a time. */
bool questions_ask(struct questions *q, question *ask, void *context, unsigned wait_ms);

/* ---- the engine's ---- */

bool questions_wait(const struct questions *q); /* is there one? */
void questions_answer(struct questions *q, const struct engine_view *view);
void questions_end(struct questions *q); /* there will be no more answers */

#endif
