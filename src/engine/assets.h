/* The devices that were seen: who is there, in which role, speaking what, and what it says it
 * is. Belongs to the ordered stage; bounded: at the limit the one seen longest ago is forgotten
 * for a new one, but none that was seen within the hour; the new one is left out then. */
#ifndef IRONSPAN_ASSETS_H
#define IRONSPAN_ASSETS_H

#include "output/eve.h"

struct assets;

/* `emit` gets every new device and every change; borrowed for the call. */
struct assets *assets_new(unsigned limit,
	void (*emit)(void *context, const struct eve_asset *a), void *context);
void assets_see(struct assets *a, const struct eve_asset *seen);
uint64_t assets_left_out(const struct assets *a); /* sightings */
/* Shows what is known, from *place on until `see` says false; see lru_each(). Times are those of
 * the first sight. */
void assets_each(const struct assets *a, uint64_t *place,
	bool (*see)(void *context, const struct eve_asset *a), void *context);
void assets_free(struct assets *a);

#endif
