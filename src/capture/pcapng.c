/* pcapng (draft-ietf-opsawg-pcapng). A file is blocks, each with its length in front and
 * behind; sections of them, each in its own byte order and with its own interfaces.
 *
 * libpcap reads pcapng too, but refuses files whose interfaces differ in link type. The
 * section's length is not used: blocks are read one by one anyway. */
#include <stdlib.h>

#include "capture/file.h"

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET_OLD = 2,
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */

	BLOCK_AROUND = 12, /* type, length and length again */
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,

	OPTION_END = 0,
	OPTION_TSRESOL = 9,
	OPTION_TSOFFSET = 14,

	IFACES_MAX = 65536,
};

/* Ticks become nanoseconds as ticks * multiply / divide >> shift. */
struct pcapng_iface {
	uint16_t link_type;
	uint32_t snap_len;
	uint64_t multiply, divide;
	uint8_t shift;
	int64_t offset_s;
};

enum record pcapng_begin(struct file *f, struct cursor *c)
{
	struct packet none;
	struct cursor ahead = *c;
	f->pcapng = (struct pcapng){ 0 };
	enum record got = pcapng_record(f, &ahead, &none);
	if (got == RECORD_OTHER) {
		*c = ahead;
		f->record = pcapng_record;
	}
	return got;
}

void pcapng_end(struct file *f)
{
	free(f->pcapng.ifaces);
}

static uint64_t power_of_10(unsigned exponent)
{
	uint64_t power = 1;
	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* The highest bit tells powers of 2 from powers of 10; both are negative. 10^-29 and less
 * is never a nanosecond. */
static void set_resolution(struct pcapng_iface *i, uint8_t resolution)
{
	unsigned exponent = resolution & 0x7f;
	i->multiply = i->divide = 1;
	i->shift = 0;
	if (resolution & 0x80) {
		i->multiply = 1000000000;
		i->shift = (uint8_t)exponent;
	} else if (exponent <= 9) {
		i->multiply = power_of_10(9 - exponent);
	} else if (exponent <= 28) {
		i->divide = power_of_10(exponent - 9);
	} else {
		i->multiply = 0;
	}
}

static uint64_t time_ns(const struct pcapng_iface *i, uint64_t ticks)
{
	unsigned __int128 ns = (unsigned __int128)ticks * i->multiply;
	if (i->divide > 1)
		ns /= i->divide;
	ns >>= i->shift;
	if (i->offset_s == 0)
		return saturated_ns(ns);
	__int128 moved = (__int128)saturated_ns(ns) + (__int128)i->offset_s * 1000000000;
	return moved < 0 ? 0 : saturated_ns((unsigned __int128)moved);
}

/* Code, length, value padded to four bytes. Options that do not parse are passed over:
 * the block's own length is what finds the next one. */
static void read_options(struct pcapng_iface *i, struct cursor c, bool is_big)
{
	while (c.left >= 4) {
		const uint8_t *h = cursor_bytes(&c, 4).at;
		uint16_t code = u16_at(h, is_big), len = u16_at(h + 2, is_big);
		struct bytes value = cursor_bytes(&c, len);
		cursor_skip(&c, -len & 3u);
		if (!cursor_ok(&c) || code == OPTION_END)
			return;
		if (code == OPTION_TSRESOL && len == 1)
			set_resolution(i, value.at[0]);
		if (code == OPTION_TSOFFSET && len == 8)
			i->offset_s = (int64_t)u64_at(value.at, is_big);
	}
}

/* Link type, reserved, snap length, options. */
static enum record read_interface(struct file *f, struct cursor c)
{
	struct pcapng *ng = &f->pcapng;
	struct bytes h = cursor_bytes(&c, 8);
	if (!cursor_ok(&c) || ng->iface_count == IFACES_MAX)
		return RECORD_DAMAGED;
	if (ng->iface_count == ng->iface_cap) {
		ng->iface_cap = ng->iface_cap ? 2 * ng->iface_cap : 8;
		ng->ifaces = mem_resize(ng->ifaces, ng->iface_cap * sizeof(*ng->ifaces));
	}
	struct pcapng_iface *i = &ng->ifaces[ng->iface_count++];
	*i = (struct pcapng_iface){ .link_type = u16_at(h.at, ng->is_big),
		.snap_len = u32_at(h.at + 4, ng->is_big),
		.multiply = 1000,
		.divide = 1 };
	read_options(i, c, ng->is_big);
	return RECORD_OTHER;
}

struct captured {
	uint32_t iface, len, wire_len;
	uint64_t ticks;
	bool has_time;
};

static enum record give(
	struct file *f, const struct captured *e, struct cursor *c, struct packet *p)
{
	if (e->iface >= f->pcapng.iface_count || e->len > c->left)
		return RECORD_DAMAGED;
	const struct pcapng_iface *i = &f->pcapng.ifaces[e->iface];
	p->frame = cursor_bytes(c, e->len);
	p->wire_len = e->wire_len > e->len ? e->wire_len : e->len;
	p->link_type = i->link_type;
	p->time_ns = e->has_time ? time_ns(i, e->ticks) : f->last_ns;
	f->last_ns = p->time_ns;
	return RECORD_PACKET;
}

/* Interface, time (high, low), captured length, wire length, frame. The obsolete block
 * has 16 bits of interface and a drop count in the first field. */
static enum record read_packet(
	struct file *f, struct cursor c, bool is_old, struct packet *p)
{
	bool is_big = f->pcapng.is_big;
	struct bytes h = cursor_bytes(&c, 20);
	if (!cursor_ok(&c))
		return RECORD_DAMAGED;
	struct captured e = {
		.iface = is_old ? u16_at(h.at, is_big) : u32_at(h.at, is_big),
		.ticks = (uint64_t)u32_at(h.at + 4, is_big) << 32 |
			 u32_at(h.at + 8, is_big),
		.len = u32_at(h.at + 12, is_big),
		.wire_len = u32_at(h.at + 16, is_big),
		.has_time = true,
	};
	return give(f, &e, &c, p);
}

/* Wire length, frame: of the first interface, and without a time. It then counts as
 * having come with the packet before it. */
static enum record read_simple(struct file *f, struct cursor c, struct packet *p)
{
	struct bytes h = cursor_bytes(&c, 4);
	if (!cursor_ok(&c) || f->pcapng.iface_count == 0)
		return RECORD_DAMAGED;
	uint32_t wire_len = u32_at(h.at, f->pcapng.is_big);
	uint32_t snap_len = f->pcapng.ifaces[0].snap_len;
	uint32_t len = snap_len > 0 && wire_len > snap_len ? snap_len : wire_len;
	struct captured e = { .len = len, .wire_len = wire_len };
	return give(f, &e, &c, p);
}

/* Byte-order magic, major and minor version, section length. */
static enum record read_section(struct file *f, struct cursor c, bool is_big)
{
	struct bytes h = cursor_bytes(&c, 16);
	if (!cursor_ok(&c) || u16_at(h.at + 4, is_big) != 1)
		return RECORD_DAMAGED;
	f->pcapng.is_big = is_big;
	f->pcapng.iface_count = 0;
	return RECORD_OTHER;
}

static enum record read_block(
	struct file *f, uint32_t type, struct cursor body, struct packet *p)
{
	switch (type) {
	case BLOCK_INTERFACE:
		return read_interface(f, body);
	case BLOCK_ENHANCED:
		return read_packet(f, body, false, p);
	case BLOCK_PACKET_OLD:
		return read_packet(f, body, true, p);
	case BLOCK_SIMPLE:
		return read_simple(f, body, p);
	default:
		return RECORD_OTHER;
	}
}

/* A section begins in its own byte order; false if its magic is none. */
static bool find_order(const struct pcapng *ng, const uint8_t *at, bool *is_big)
{
	*is_big = ng->is_big;
	if (be32_at(at) != BLOCK_SECTION)
		return true;
	*is_big = u32_at(at + 8, true) == BYTE_ORDER_MAGIC;
	return *is_big || u32_at(at + 8, false) == BYTE_ORDER_MAGIC;
}

enum record pcapng_record(struct file *f, struct cursor *c, struct packet *p)
{
	bool is_big;
	f->need = BLOCK_AROUND;
	if (c->left < BLOCK_AROUND)
		return RECORD_MORE;
	if (!find_order(&f->pcapng, c->at, &is_big))
		return RECORD_DAMAGED;
	uint32_t type = u32_at(c->at, is_big), len = u32_at(c->at + 4, is_big);
	if (len < BLOCK_AROUND || len % 4 != 0 || len > RECORD_MAX)
		return RECORD_DAMAGED;
	f->need = len;
	if (c->left < len)
		return RECORD_MORE;
	struct cursor ahead = *c;
	struct cursor body = cursor_sub(&ahead, len - 4);
	if (u32_at(cursor_bytes(&ahead, 4).at, is_big) != len)
		return RECORD_DAMAGED;
	cursor_skip(&body, 8);
	enum record got = type == BLOCK_SECTION ? read_section(f, body, is_big)
						: read_block(f, type, body, p);
	if (got != RECORD_DAMAGED)
		*c = ahead;
	return got;
}
