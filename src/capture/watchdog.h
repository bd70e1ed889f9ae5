/* A process beside an inline sensor that ends it when it stalls.
 *
 * While a sensor holds packets and does nothing, the plant's traffic stands. A dead
 * sensor is better: the kernel gives its queues up, and the firewall's --queue-bypass
 * lets packets through. So a small process looks twenty times a second whether the
 * reader goes round and whether held packets are settled; after WATCHDOG_STALL_MS
 * without either it ends the sensor with SIGKILL and says so. It ends by itself when
 * the sensor does.
 *
 * Start it before there are threads and before memory is large. beat() and took() are
 * the reader's, settled() that of whoever settles; they cost an atomic store or
 * addition. NULL stands for no watchdog, except where it is started. */
#ifndef IRONSPAN_WATCHDOG_H
#define IRONSPAN_WATCHDOG_H

#include <stdbool.h>

enum { WATCHDOG_STALL_MS = 500 };

struct watchdog;

/* NULL after a reported error. It watches from the first beat on. */
struct watchdog *watchdog_start(void);
void watchdog_beat(struct watchdog *w);                    /* the reader is there */
void watchdog_took(struct watchdog *w, unsigned count);    /* packets are held now */
void watchdog_settled(struct watchdog *w, unsigned count); /* and now no more */
void watchdog_rest(struct watchdog *w);                    /* nothing is held any more */
void watchdog_stop(struct watchdog *w);                    /* ends and frees it */

#endif
