/* The progress bar: one line on stderr while a replay takes longer than a second, only when
 * stderr is a terminal. The reader's thread only. */
#ifndef IRONSPAN_PROGRESS_H
#define IRONSPAN_PROGRESS_H

#include "capture/source.h"
#include "output/sink.h"

struct progress {
	struct sink sink;   /* wipes the bar before lines go to the same terminal */
	struct sink *inner;
	bool on, drawn;
	uint64_t begun_ns, drawn_ns;
};

void progress_begin(struct progress *p, bool quiet);
/* The sink to write to: `inner`, or one around it where its lines would hit the bar. Closing
 * it closes `inner`; `p` must live as long. */
struct sink *progress_sink(struct progress *p, struct sink *inner);
/* engine_run() calls it with every batch. */
void progress_show(void *progress, const struct source_counters *c);
void progress_end(struct progress *p);
uint64_t progress_elapsed_ns(const struct progress *p);

#endif
