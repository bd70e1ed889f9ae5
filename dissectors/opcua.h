/* What the files of the OPC UA dissector share.
 *
 *   opcua.c            the dissector: headers, kinds of messages, requests and answers
 *   opcua_probe.c      is it OPC UA, and how long is the message?
 *   opcua_message.c    messages of a channel; opcua_hello.c, of the connection
 *   opcua_channel.c    what is known of a connection; opcua_chunk.c, its chunks;
 *                      opcua_session.c, its sessions
 *   opcua_body.c       bodies of services, after the lists in opcua_schema.c
 *   opcua_value.c      builtin types; opcua_variant.c, those that hold others
 *   opcua_plain.c      arrays that need no reading until somebody looks
 *   opcua_text.c       node ids, times … in words
 *   opcua_operate.c    what messages mean, with opcua_access.c, opcua_call.c, opcua_watch.c;
 *                      opcua_method.c, standard methods
 *   opcua_element.c    elements and values of a finished tape
 *   opcua_item.c       monitored items by their handles
 *   opcua_fields.c, opcua_schema.c, opcua_names.c   tables */
#ifndef IRONSPAN_OPCUA_H
#define IRONSPAN_OPCUA_H

#include "dissect/dissect.h"

enum message_type {
	MESSAGE_NONE,
	MESSAGE_HEL,
	MESSAGE_ACK,
	MESSAGE_ERR,
	MESSAGE_RHE,
	MESSAGE_OPN,
	MESSAGE_MSG,
	MESSAGE_CLO,
};

enum {
	HEADER = 8,		 /* type, chunk, size */
	SYMMETRIC = HEADER + 8,	 /* … channel, token */
	BODY_AT = SYMMETRIC + 8, /* … sequence number, request id */
	MESSAGE_MAX = 4 << 20,
	BUFFER_MIN = 8192, /* every application can receive chunks of this size */
	URL_MAX = 4096,
	POLICY_MAX = 255,  /* bytes of a policy's URI */
	NESTING_MAX = 16,  /* values inside values */
	CHUNKS_MAX = 4096, /* of a message, where the two ends did not agree on fewer */
};

enum opcua_event {
	INVALID_HEADER,
	INVALID_SIZE,
	INVALID_LENGTH,
	INVALID_ENCODING,
	INVALID_UTF8,
	NESTING_TOO_DEEP,
	EXTRA_BYTES,
	UNKNOWN_SERVICE,
	BUFFER_TOO_SMALL,
	URL_TOO_LONG,
	CHUNK_TOO_LARGE,
	TOO_MANY_CHUNKS,
	MESSAGE_TOO_LARGE,
	SEQUENCE_FAULT,
	UNKNOWN_CHANNEL,
	UNKNOWN_TOKEN,
	UNSOLICITED_RESPONSE,
	SERVICE_MISMATCH,
	RESULT_COUNT_MISMATCH,
	UNKNOWN_SESSION,
	EVENT_COUNT,
};

/* What is wrong with this message: one event, the first that is said. Of a cut message
 * nobody knows. */
static inline void opcua_wrong(struct dissect *d, enum opcua_event event)
{
	if (!d->message->is_cut && !d->message->events)
		put_event(d, event);
}

/* The key, bits from the top: request id 32, type 4, the request's service 14, and how
 * many things are asked for, or answered, 14 (0: not known). */
static inline enum message_type opcua_type_in(const struct message *m)
{
	return (enum message_type)(m->key >> 28 & 0xf);
}

static inline uint32_t opcua_service_in(const struct message *m)
{
	return m->key >> 14 & 0x3fff;
}

static inline uint32_t opcua_count_in(const struct message *m)
{
	return m->key & 0x3fff;
}

/* MESSAGE_NONE if it is none of ours. At least three bytes. */
enum message_type opcua_type_of(const uint8_t *at);

#endif
