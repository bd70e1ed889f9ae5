/* What a DNP3 flow remembers: who talks to whom, what is selected, which files are under
 * way. All tables are small and fixed; the entry used longest ago makes room. */
#ifndef IRONSPAN_DNP3_STATE_H
#define IRONSPAN_DNP3_STATE_H

#include <sha2.h>
#include <sys/types.h>

#include "dnp3_link.h"

enum { PEERS = 32, SEGMENTS_KEPT = 48, FILES = 4, NAME_KEPT = 64 };

struct dnp3_segment {
	uint8_t length, transport;
};

/* One sender to one receiver: link addresses, and which end of the flow it is. */
struct dnp3_peer {
	uint32_t id;
	bool is_used, from_client;
	uint32_t used;     /* when it sent last */
	/* transport */
	bool is_open;      /* segments of a fragment are kept, and more are due */
	bool had_fragment; /* a whole one was seen before */
	uint8_t acks_due;  /* for frames of confirmed user data */
	/* the last of these: frame count bit, length and last checksum */
	bool had_confirmed, fcb;
	uint8_t confirmed_length;
	uint16_t confirmed_crc;
	uint8_t sequence;  /* of the last segment */
	uint16_t crc;      /* of its last block, to know it when it comes again */
	uint16_t frames;   /* of the fragment so far */
	uint8_t unfinished; /* fragments in a row that another took the place of */
	struct dnp3_segment segments[SEGMENTS_KEPT];
	/* the last request that asked for something, and the last select */
	bool had_request, had_select;
	uint8_t function, app_sequence;
	bool is_operated; /* it was an operate, of this sequence */
	uint8_t operate_sequence;
	uint64_t select_hash, select_ns;
};

/* A file that is open, or was asked to be. */
struct dnp3_file {
	bool is_used, has_handle, is_broken, is_done;
	uint16_t request;    /* the request's id, before there is a handle */
	uint32_t outstation; /* whose file */
	uint32_t handle, next_block;
	uint64_t bytes;
	uint8_t name_len, name[NAME_KEPT];
	SHA2_CTX hash;
};

struct dnp3_state {
	struct dnp3_link link;  /* of the frame in hand */
	struct dnp3_peer *peer; /* who sent it */
	bool is_fragment;       /* what is parsed is a fragment, not a frame */
	bool is_ignored;     /* in a frame whose function has no data: nobody takes it */
	bool has_answers;    /* a response was seen on this flow */
	bool has_forgotten;  /* a peer made room for another, or bytes are missing */
	uint16_t unanswered; /* requests since then */
	uint32_t gaps[2];    /* by side, up to the last frame: what peers hold is of after */
	uint8_t next_file;
	uint32_t frames; /* so far: what peers' `used` counts */
	struct dnp3_peer peers[PEERS];
	struct dnp3_file files[FILES];
	uint8_t data[LINK_DATA_MAX]; /* of the frame in hand, without checksums */
};

/* The entry of this id and end; made if there is none. */
struct dnp3_peer *dnp3_peer(struct dissect *d, uint32_t id);
/* The one that talks back to it; NULL if none has. */
struct dnp3_peer *dnp3_other(struct dissect *d, const struct dnp3_peer *peer);
/* The open file with this handle at an outstation; NULL if it is not known. */
struct dnp3_file *dnp3_file_of(
	struct dnp3_state *st, uint32_t outstation, uint64_t handle);

#endif
