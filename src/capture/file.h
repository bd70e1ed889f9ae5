/* One capture file or pipe, read block by block, and the two formats it may have.
 *
 * A block is read into the batch's own bytes and its records are handed out where they
 * lie. The record at its end that is not whole waits in `tail` for the next batch.
 * Private to src/capture. */
#ifndef IRONSPAN_FILE_H
#define IRONSPAN_FILE_H

#include "capture/source.h"

enum {
	RECORD_MAX = 16 * 1024 * 1024, /* a record that claims more is damaged */
};

struct file;

/* What stands at the cursor. Only packets and others are consumed. */
enum record {
	RECORD_PACKET,  /* frame, wire_len, link_type and time_ns are set */
	RECORD_OTHER,   /* a block without a packet */
	RECORD_MORE,    /* not whole: file->need bytes from here will tell more */
	RECORD_DAMAGED, /* where the next one begins cannot be known */
};

typedef enum record record_fn(struct file *f, struct cursor *c, struct packet *p);

struct pcap {
	bool is_big;          /* big-endian */
	uint32_t fraction_ns; /* nanoseconds in a unit of the time's fraction */
	uint32_t header;      /* bytes of a record's header */
	uint16_t link_type;
	bool swaps_lengths; /* versions before 2.4 */
};

struct pcapng {
	bool is_big; /* the section in hand */
	struct pcapng_iface *ifaces;
	size_t iface_count, iface_cap;
};

struct file {
	const char *path;
	int fd;
	bool is_regular;
	bool quiet;        /* looks only: no warnings */
	bool at_end;       /* read(2) has come to the end */
	bool was_cut;      /* it ended inside a record */
	char *why;         /* after FILE_REFUSED, FILE_FAILED: a sentence for the user */
	bool is_else;      /* after FILE_REFUSED: it is surely no capture, nor a compressed one */
	record_fn *record; /* of its format; NULL until the first bytes are read */
	size_t block;      /* bytes to read at a time */
	size_t need;       /* do not come back with fewer than these */
	uint64_t offset;   /* in the file, of the first byte not consumed */
	uint64_t packets;  /* whole ones so far */
	uint64_t last_ns;
	uint8_t *tail;
	size_t tail_len, tail_cap;
	union {
		struct pcap pcap;
		struct pcapng pcapng;
	};
};

enum file_state {
	FILE_MORE,
	FILE_END,     /* the batch may hold its last packets */
	FILE_REFUSED, /* not a capture */
	FILE_FAILED,  /* read(2) failed */
};

/* "-" is standard input. False if it cannot be opened (why says). */
bool file_open(struct file *f, const char *path);
void file_close(struct file *f);
/* At most `max` packets, whatever their link type. Frames lie in b->bytes. */
enum file_state file_read(struct file *f, struct batch *b, unsigned max);

/* Recognise a format by its first bytes and take the file header, if there is one, from
 * the cursor: RECORD_OTHER, RECORD_MORE or, for none of ours, RECORD_DAMAGED. */
enum record pcap_begin(struct file *f, struct cursor *c);
enum record pcapng_begin(struct file *f, struct cursor *c);
record_fn pcap_record, pcapng_record;
void pcapng_end(struct file *f);

/* Why these first bytes are no capture and what to do about it; the caller frees it. */
char *refusal(const char *path, struct bytes head);
/* Whether these are the first bytes of a compressed file, or of a capture in another format. */
bool refusal_knows(struct bytes head);

/* Times beyond 2262 stay there, so that differences fit into 63 bits. */
static inline uint64_t saturated_ns(unsigned __int128 ns)
{
	return ns > INT64_MAX ? INT64_MAX : (uint64_t)ns;
}

/* Numbers in the byte order of the file, at a place whose length has been checked. */
static inline uint16_t u16_at(const uint8_t *at, bool is_big)
{
	return is_big ? be16_at(at) : le16_at(at);
}

static inline uint32_t u32_at(const uint8_t *at, bool is_big)
{
	return is_big ? be32_at(at) : le32_at(at);
}

static inline uint64_t u64_at(const uint8_t *at, bool is_big)
{
	return is_big ? be64_at(at) : le64_at(at);
}

#endif
