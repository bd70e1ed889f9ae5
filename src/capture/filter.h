/* A BPF expression, compiled by libpcap once for every link type it meets. Private to
 * src/capture. */
#ifndef IRONSPAN_FILTER_H
#define IRONSPAN_FILTER_H

#include "capture/source.h"

struct filter;

struct filter *filter_new(const char *expression);
void filter_free(struct filter *f); /* NULL is fine */
/* Does it compile for this link type? If not, libpcap's reason, owned by the filter. */
const char *filter_check(struct filter *f, uint16_t link_type);
/* Packets of a link type for which it does not compile are refused, with one warning. */
bool filter_accepts(struct filter *f, const struct packet *p);
/* libpcap's own number of a LINKTYPE_ value. */
int filter_dlt(uint16_t link_type);

#endif
