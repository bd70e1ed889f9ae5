/* How S7comm is found, and where its messages begin and end. */
#include "s7comm_fields.h"

enum {
	TPKT_AND_COTP = 7,
	METHOD_AT = S7_HEADER + 4, /* of userdata: how the parameter is written */
	TYPE_AT = S7_HEADER + 5,   /* its type and group */
};

/* ---- whose message it is ---- */

/* In a download the PLC asks for the pieces. */
static bool plc_asks(uint8_t function)
{
	return function == S7_DOWNLOAD_BLOCK || function == S7_DOWNLOAD_ENDED;
}

static enum sense sense_of_userdata(struct bytes s7)
{
	if (s7.len <= TYPE_AT || s7.at[METHOD_AT] == S7_SYNTAX_PBC)
		return SENSE_UNKNOWN;
	uint8_t type = s7.at[TYPE_AT] >> 4, group = s7.at[TYPE_AT] & 0x3f;
	if ((group & 0x0f) == S7_PBC || group > S7_NC)
		return SENSE_UNKNOWN;
	return type == S7_ASK ? SENSE_REQUEST : SENSE_RESPONSE;
}

/* Of a message that begins at `s7`, as far as its function or userdata's type is there.
 */
static enum sense sense_of(struct bytes s7)
{
	uint8_t rosctr = s7.len > 1 ? s7.at[1] : 0;
	size_t header = s7_is_answer(rosctr) ? S7_ANSWER_HEADER : S7_HEADER;

	if (s7.len < header + 1 || s7.at[0] != S7_PROTOCOL_ID || !s7_is_rosctr(rosctr) ||
	    be16_at(s7.at + 6) == 0)
		return SENSE_UNKNOWN;
	uint8_t function = s7.at[header];
	if (rosctr == S7_USERDATA)
		return sense_of_userdata(s7);
	return (rosctr == S7_JOB) != plc_asks(function) ? SENSE_REQUEST : SENSE_RESPONSE;
}

struct frame s7_frame(const struct dissect *d, struct bytes head)
{
	struct frame frame = cotp_frame(head);

	if (frame.is != FRAME_OK || d->side_known || head.len < TPKT_AND_COTP)
		return frame;
	uint8_t type = head.at[5] & 0xf0;
	if (type == COTP_CR)
		frame.sense = SENSE_REQUEST;
	else if (type == COTP_CC)
		frame.sense = SENSE_RESPONSE;
	else if (type == COTP_DT && head.at[4] == 2)
		frame.sense = sense_of((struct bytes){ head.at + TPKT_AND_COTP,
			head.len - TPKT_AND_COTP });
	return frame;
}

/* ---- whether it is ours ---- */

/* A header whose lengths are those of the data it stands in, behind a TPKT and a COTP
 * header: chance does not make that. */
static enum probe probe_data(const struct cotp_look *look)
{
	struct bytes s7 = look->data.payload;
	uint8_t rosctr = s7.len > 1 ? s7.at[1] : 0;
	uint32_t header = s7_is_answer(rosctr) ? S7_ANSWER_HEADER : S7_HEADER;

	if (s7.len == 0 || s7.at[0] != S7_PROTOCOL_ID)
		return s7.len ? PROBE_NO : PROBE_MORE;
	if (s7.len < 2 || (s7_is_rosctr(rosctr) && s7.len < S7_HEADER &&
				  look->payload_len > s7.len))
		return PROBE_MORE;
	if (!s7_is_rosctr(rosctr))
		return PROBE_FAINT;
	if (s7.len < S7_HEADER)
		return look->data.is_end ? PROBE_FAINT : PROBE_WEAK;
	uint32_t said = header + be16_at(s7.at + 6) + be16_at(s7.at + 8);
	bool is_plain = be16_at(s7.at + 2) == 0;
	if (said == look->payload_len && look->data.is_end && is_plain)
		return PROBE_STRONG;
	return PROBE_WEAK;
}

/* Before there are data, a connection may be ours if it calls a station as S7 does. */
enum probe s7_probe(struct bytes head)
{
	struct cotp_look look = cotp_look(head);

	if (look.is == COTP_LOOK_DATA)
		return probe_data(&look);
	if (look.is == COTP_LOOK_NO)
		return PROBE_NO;
	bool may_call =
		look.dst_tsap.len ? cotp_is_s7_tsap(look.dst_tsap) : !look.has_request;
	return may_call ? PROBE_MORE : PROBE_NO;
}
