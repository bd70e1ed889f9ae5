/* What an alert is on, copied so that the ordered stage can still write it when the flow has gone
 * on. Rules with thresholds match far more often than they alert: copying costs a tenth of writing
 * a line that is then thrown away. */
#ifndef IRONSPAN_SNAPSHOT_H
#define IRONSPAN_SNAPSHOT_H

#include "output/eve.h"

/* Lives as long as the arena's content. Its flow has ends, counters and times, no state. */
const struct eve_subject *snapshot_take(struct arena *a, const struct eve_subject *s);

#endif
