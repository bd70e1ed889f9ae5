/* Fragments of IPv4 and IPv6 datagrams, kept until the datagram is whole.
 *
 * Bounded: all of them together by `memory`, each by its 64 KiB and by 30 s of packet
 * time. What exceeds a bound is given up, complete ones first, then the oldest
 * (frag.shed). A datagram costs time in proportion to its bytes, however small or
 * shuffled its fragments are. Private to src/packet. */
#ifndef IRONSPAN_FRAGMENTS_H
#define IRONSPAN_FRAGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct defrag;
struct walk;

struct defrag *defrag_new(size_t memory);
void defrag_free(struct defrag *g);

/* What the walk holds is a fragment's data, to stand at `offset`. True if it made its
 * datagram whole: the walk then holds all of it, and *next is the first fragment's next
 * header. False if not; the packet is then marked as a fragment. */
bool reassemble(struct walk *w, size_t offset, bool more, uint8_t *next);

#endif
