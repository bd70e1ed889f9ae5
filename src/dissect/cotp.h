/* TPKT (RFC 1006) and COTP (ISO 8073, X.224 class 0), on which S7comm and others ride.
 *
 *      0     1     2     3     4     5     6 …
 *   +-----+-----+-----------+-----+-----+---------------
 *   |  3  |  0  | length    | LI  | PDU | the rest of the COTP header, then data
 *   +-----+-----+-----------+-----+-----+---------------
 *   `length` is that of the whole packet; LI counts the COTP header behind itself. In
 *   data (DT) bit 7 of the byte behind the type says that the message ends here (EOT).
 *
 * Shared by several dissectors: each keeps room for COTP_FIELD_COUNT rows in its table,
 *   enum { …, COTP_AT, BEHIND_COTP = COTP_AT + COTP_FIELD_COUNT };
 *   static const struct field fields[] = { …, COTP_FIELDS(COTP_AT) };
 * and hands that place to cotp_put(). All bytes are borrowed from the caller's. */
#ifndef IRONSPAN_COTP_H
#define IRONSPAN_COTP_H

#include "dissect/dissect.h"

enum {
	TPKT_VERSION = 3,
	TPKT_HEADER = 4,
	TPKT_MIN = 7,       /* with the shortest COTP header there is */
	TPKT_MAX = 65535,
};

enum cotp_type {
	COTP_ED = 0x10, /* expedited data */
	COTP_EA = 0x20, /* its acknowledgement */
	COTP_RJ = 0x50, /* reject */
	COTP_AK = 0x60, /* data acknowledgement */
	COTP_ER = 0x70, /* TPDU error */
	COTP_DR = 0x80, /* disconnect request */
	COTP_DC = 0xc0, /* disconnect confirm */
	COTP_CC = 0xd0, /* connection confirm */
	COTP_CR = 0xe0, /* connection request */
	COTP_DT = 0xf0, /* data */
};

/* One TPKT, taken apart. */
struct cotp {
	uint16_t length;      /* of the TPKT, as announced */
	uint8_t header;       /* LI */
	uint8_t type;         /* without the credit in its low bits */
	uint16_t dst_ref, src_ref;
	uint8_t class;        /* CR, CC: class and options */
	uint8_t reason;       /* DR: why; ER: reject cause */
	bool is_end;          /* DT, ED: EOT */
	uint8_t tpdu_size;    /* its exponent of 2; 0: not said */
	struct bytes src_tsap, dst_tsap; /* calling and called; empty: not said */
	struct bytes payload; /* what follows the COTP header, as far as it is there */
};

enum cotp_fault {
	COTP_FINE,
	COTP_SHORT,         /* the bytes end too early: cut, or the length is wrong */
	COTP_BAD_LENGTH,    /* the TPKT's length cannot be */
	COTP_BAD_HEADER,    /* LI goes beyond the TPKT, or is too small for the type */
	COTP_BAD_TYPE,      /* no TPDU type that there is */
	COTP_BAD_PARAMETER, /* a parameter goes beyond the header */
};

/* Read one TPKT; `c` is then behind the COTP header, at the payload. What is put into
 * `pdu` is right as far as the fault lets it be. */
enum cotp_fault cotp_read(struct cursor *c, struct cotp *pdu);

/* `frame` of a dissector: a TPKT each. */
struct frame cotp_frame(struct bytes head);

/* ---- finding a protocol ---- */

/* What the first bytes of one side carry: packets that open and close connections are
 * walked over, up to the first data. */
struct cotp_look {
	enum {
		COTP_LOOK_NO,   /* no COTP */
		COTP_LOOK_MORE, /* too short to say, or no data yet */
		COTP_LOOK_DATA, /* `data` is the first data TPDU */
	} is;
	struct cotp data;
	uint32_t payload_len;  /* as announced; pdu.payload may be shorter */
	struct bytes behind;   /* what follows it, empty if it is not whole */
	struct bytes dst_tsap; /* of the connection request or confirm walked over */
	bool has_request;      /* a connection request was walked over */
};
struct cotp_look cotp_look(struct bytes head);

/* Two bytes that S7 stations use: kind of connection (1 PG, 2 OP, 3 S7 basic, from 16 on
 * configured ones), then rack (3 bits) and slot (5 bits). */
bool cotp_is_s7_tsap(struct bytes tsap);
bool cotp_is_tsap(struct bytes tsap, const char *begins_with);

/* ---- messages in several data TPDUs ---- */

/* Part of a dissector's flow state. */
struct cotp_flow {
	bool is_open[2]; /* by side: the last data TPDU was not the end of its message */
	uint32_t gaps[2]; /* by side, at the last data TPDU: what is open is of after them */
	bool is_bare;    /* what parse sees next is payload alone, without a TPKT */
};

/* `assemble` of a dissector whose messages begin with `protocol`. A message in one TPKT
 * stays as it is, with its TPKT; one that came in several is handed on as their payloads
 * alone. Data TPDUs without data carry nothing and are dropped. */
enum assembled cotp_assemble(struct cotp_flow *flow, const struct dissect *d,
	uint8_t protocol, struct bytes frame, struct piece *piece);

/* Whether it carries data that begin with something else than `protocol`. */
bool cotp_is_foreign(struct bytes frame, uint8_t protocol);

/* ---- fields ---- */

enum {
	COTP_PDU_TYPE, COTP_SRC_REF, COTP_DST_REF, COTP_CLASS, COTP_TPDU_SIZE,
	COTP_SRC_TSAP, COTP_DST_TSAP, COTP_CONNECTION_TYPE, COTP_RACK, COTP_SLOT,
	COTP_REASON, COTP_REASON_RAW, COTP_REJECT_CAUSE, COTP_FIELD_COUNT,
};

extern const struct name cotp_type_names[], cotp_connection_names[], cotp_reason_names[],
	cotp_reject_names[];

enum { COTP_CONNECTION_CONFIGURED = 0x10 }; /* in cotp_connection_names */

/* Formats a TSAP: text where it is printable and more than two bytes, else hex. */
size_t cotp_tsap_text(struct bytes tsap, char *out);

#define COTP_FIELDS(at) \
	[(at) + COTP_PDU_TYPE] = { "cotp.pdu_type", FIELD_ENUM, \
		"kind of COTP packet, where it carries no data", cotp_type_names }, \
	[(at) + COTP_SRC_REF] = { "cotp.src_ref", FIELD_UINT, \
		"connection number of its sender" }, \
	[(at) + COTP_DST_REF] = { "cotp.dst_ref", FIELD_UINT, \
		"connection number of its receiver" }, \
	[(at) + COTP_CLASS] = { "cotp.class", FIELD_UINT, \
		"transport protocol class, 0 over TCP" }, \
	[(at) + COTP_TPDU_SIZE] = { "cotp.tpdu_size", FIELD_UINT, \
		"largest COTP packet in bytes" }, \
	[(at) + COTP_SRC_TSAP] = { "cotp.src_tsap", FIELD_TEXT, \
		"calling TSAP: text, or two hex digits a byte", \
		.format = cotp_tsap_text }, \
	[(at) + COTP_DST_TSAP] = { "cotp.dst_tsap", FIELD_TEXT, \
		"called TSAP: text, or two hex digits a byte", \
		.format = cotp_tsap_text }, \
	[(at) + COTP_CONNECTION_TYPE] = { "cotp.connection_type", FIELD_ENUM, \
		"kind of S7 connection that the called TSAP asks for", \
		cotp_connection_names }, \
	[(at) + COTP_RACK] = { "cotp.rack", FIELD_UINT, "rack that is called" }, \
	[(at) + COTP_SLOT] = { "cotp.slot", FIELD_UINT, "slot that is called" }, \
	[(at) + COTP_REASON] = { "cotp.reason", FIELD_ENUM, \
		"why the connection is refused or ended", cotp_reason_names }, \
	[(at) + COTP_REASON_RAW] = { "cotp.reason_raw", FIELD_UINT, "its number", \
		cotp_reason_names }, \
	[(at) + COTP_REJECT_CAUSE] = { "cotp.reject_cause", FIELD_ENUM, \
		"what was wrong with the packet that is answered", cotp_reject_names }

/* Appends what a packet that carries no data says. */
void cotp_put(struct dissect *d, unsigned at, const struct cotp *pdu);

/* ---- connections as requests and responses ---- */

/* Sets kind, key and code of a message that carries no data: CR is a request, CC its
 * answer; a DR answers the CR it refuses, else it stands alone, as all others.
 * `is_refusal` says whether this flow waits for the answer to a CR. */
void cotp_kind(struct message *m, const struct cotp *pdu, bool is_refusal);

#endif
