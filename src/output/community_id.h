/* Community ID version 1 (github.com/corelight/community-id-spec): one text for a flow,
 * whichever tool saw it and in whichever direction. */
#ifndef IRONSPAN_COMMUNITY_ID_H
#define IRONSPAN_COMMUNITY_ID_H

#include "packet/packet.h"

enum { COMMUNITY_ID_LEN = 30 };

/* Ports are the flow's, or ICMP's type and code. Writes COMMUNITY_ID_LEN bytes, no NUL. */
void community_id(uint16_t seed, uint8_t proto, const struct address *src,
	const struct address *dst, uint16_t sport, uint16_t dport, char *id);

#endif
