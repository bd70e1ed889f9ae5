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

/* Seconds, fraction, captured length, wire length. Old versions wrote the lengths the
 * other way round; the captured one is never the longer. */
enum record pcap_record(struct file *f, struct cursor *c, struct packet *p)
{
	const struct pcap *pcap = &f->pcap;
	f->need = pcap->header;
	if (c->left < pcap->header)
		return RECORD_MORE;
	const uint8_t *h = c->at;
	uint32_t len = u32_at(h + 8, pcap->is_big), wire = u32_at(h + 12, pcap->is_big);
	if (pcap->swaps_lengths && len > wire) {
		uint32_t swap = len;
		len = wire;
		wire = swap;
	}
	if (len > RECORD_MAX)
		return RECORD_DAMAGED;
	f->need = pcap->header + len;
	if (c->left < f->need)
		return RECORD_MORE;
	cursor_skip(c, pcap->header);
	p->frame = cursor_bytes(c, len);
	p->wire_len = wire > len ? wire : len;
	p->link_type = pcap->link_type;
	p->time_ns = u32_at(h, pcap->is_big) * (uint64_t)1000000000 +
		     u32_at(h + 4, pcap->is_big) * (uint64_t)pcap->fraction_ns;
	return RECORD_PACKET;
}
