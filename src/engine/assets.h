/* The devices that were seen: who is there, in which role, speaking what, and what it says it
 * is. Belongs to the ordered stage; bounded. */
#ifndef IRONSPAN_ASSETS_H
#define IRONSPAN_ASSETS_H

#include "output/eve.h"

struct assets;

/* `emit` gets every new device and every change; borrowed for the call. */
struct assets *assets_new(unsigned limit,
	void (*emit)(void *context, const struct eve_asset *a), void *context);
void assets_see(struct assets *a, const struct eve_asset *seen);
/* Shows what is known, from *place on until `see` says false; see lru_each(). Times are those of
 * the first sight. */
void assets_each(const struct assets *a, uint64_t *place,
	bool (*see)(void *context, const struct eve_asset *a), void *context);
void assets_free(struct assets *a);

#endif
