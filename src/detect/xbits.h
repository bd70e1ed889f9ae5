/* xbits and hostbits: marks on addresses that rules leave for other rules to ask for.
 *
 * They outlive a flow, so they belong to the ordered stage, the only place that sees all matches
 * in order. Bounded: at the limit the mark that nobody touched for longest is forgotten, and
 * counted if it was still set. Time is packet time; a mark is gone `expire` seconds after it was
 * set. */
#ifndef IRONSPAN_XBITS_H
#define IRONSPAN_XBITS_H

#include "detect/rule.h"

struct xbits;

struct xbits *xbits_new(unsigned keys);
void xbits_free(struct xbits *x);
uint64_t xbits_forgotten(const struct xbits *x);

/* One match of a rule that has xbits: whether those it asks for are as it wants them. If so,
 * it leaves its own. src and dst are the alert's. */
bool xbits_pass(struct xbits *x, const struct rule *r, const struct address *src,
	const struct address *dst, uint64_t time_ns);

/* Of rules that match the same thing those of a lower turn come first, so that what one sets,
 * the next finds, in whatever order they stand in the files. Rules without xbits: 0. */
enum { XBIT_TURNS = 3 };
unsigned xbits_turn(const struct rule *r);

#endif
