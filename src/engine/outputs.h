/* All destinations of events as one sink, and the threads behind them.
 *
 * Which they are: outputs.sinks of the configuration, and DIR/eve.json with -l; standard output
 * if there are none. In replay the configured ones are left out, so that a capture that is
 * looked at again does not alarm anybody, unless outputs.sinks-on-replay says otherwise. */
#ifndef IRONSPAN_OUTPUTS_H
#define IRONSPAN_OUTPUTS_H

#include "engine/config.h"
#include "output/sink.h"

/* `c` must live as long. Ignores SIGPIPE and SIGXFSZ for the whole program. NULL after a
 * reported error. */
struct sink *outputs_open(const struct config *c, bool is_live);

/* Whether what outputs.sinks asks for can be: reports what cannot. At start. */
bool outputs_check(const struct config *c);
/* Whether certificates, keys and passwords of outputs.sinks can be read; reports what cannot. */
bool outputs_check_files(const struct config *c);

#endif
