/* pcap: a file header, then records (draft-ietf-opsawg-pcap). */
#include "capture/file.h"

enum {
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	KUZNETZOV_HEADER = 24, /* with interface, protocol and packet type at its end */
};

static const struct magic {
	uint32_t magic, fraction_ns, header;
} magics[] = {
	{ 0xa1b2c3d4, 1000, RECORD_HEADER },
	{ 0xa1b23c4d, 1, RECORD_HEADER },
	{ 0xa1b2cd34, 1000, KUZNETZOV_HEADER },
};

static const struct magic *find_magic(uint32_t magic)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (magics[i].magic == magic)
			return &magics[i];
	return NULL;
}

/* Magic, major and minor version, two fields nobody uses, snap length, link type. That is
 * the low half of its field: above stand the length of frame check sequences and reserved
 * bits. */
enum record pcap_begin(struct file *f, struct cursor *c)
{
	bool is_big = true;
	const struct magic *m = find_magic(be32_at(c->at));
	if (!m) {
		is_big = false;
		m = find_magic(u32_at(c->at, is_big));
	}
	if (!m)
		return RECORD_DAMAGED;
	f->need = FILE_HEADER;
	if (c->left < FILE_HEADER)
		return RECORD_MORE;
	const uint8_t *h = cursor_bytes(c, FILE_HEADER).at;
	uint16_t major = u16_at(h + 4, is_big), minor = u16_at(h + 6, is_big);
	if (major != 2)
		return RECORD_DAMAGED;
	f->pcap = (struct pcap){ is_big, m->fraction_ns, m->header,
		(uint16_t)u32_at(h + 20, is_big), minor < 4 };
	f->record = pcap_record;
	return RECORD_OTHER;
}

struct head {
	uint32_t seconds, fraction, len, wire;
};

static inline struct head read_head(const uint8_t *at, bool is_big)
{
	if (is_big)
		return (struct head){ be32_at(at), be32_at(at + 4), be32_at(at + 8),
			be32_at(at + 12) };
	return (struct head){ le32_at(at), le32_at(at + 4), le32_at(at + 8), le32_at(at + 12) };
}

/* Seconds, fraction, captured length, wire length. Old versions wrote the lengths the
 * other way round; the captured one is never the longer. */
enum record pcap_record(struct file *f, struct cursor *c, struct packet *p)
{
	const struct pcap *pcap = &f->pcap;
	f->need = pcap->header;
	if (c->left < pcap->header)
		return RECORD_MORE;
	struct head h = read_head(c->at, pcap->is_big);
	if (pcap->swaps_lengths && h.len > h.wire) {
		uint32_t swap = h.len;
		h.len = h.wire;
		h.wire = swap;
	}
	if (h.len > RECORD_MAX)
		return RECORD_DAMAGED;
	f->need = pcap->header + h.len;
	if (c->left < f->need)
		return RECORD_MORE;
	p->frame = (struct bytes){ c->at + pcap->header, h.len };
	c->at += f->need;
	c->left -= f->need;
	p->wire_len = h.wire > h.len ? h.wire : h.len;
	p->link_type = pcap->link_type;
	p->time_ns = h.seconds * (uint64_t)1000000000 +
		     h.fraction * (uint64_t)pcap->fraction_ns;
	return RECORD_PACKET;
}
