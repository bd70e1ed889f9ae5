/* Serial framing: where frames begin and end, which only the checksum says for
 * certain. */
#include "modbus_rtu.h"

enum {
	UNIT_MAX = 247,
	EXCEPTION_LEN = 5,
	SURE_LEN = 7,         /* a shorter frame is believed only beside others */
	IMPOSSIBLE = 0,
	LATER = UINT32_MAX,   /* too few bytes to say */
	SEARCH_BUDGET = 1024, /* bytes under checksums while one frame is looked for */
};

/* ---- the checksum: CRC-16, polynomial 8005 hex, bits reversed ---- */

static uint16_t crc_add(uint16_t crc, uint8_t byte)
{
	static const uint16_t half[16] = {
		0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
		0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400,
	};

	crc = (uint16_t)(crc >> 4 ^ half[(crc ^ byte) & 15]);
	return (uint16_t)(crc >> 4 ^ half[(crc ^ byte >> 4) & 15]);
}

/* Over a frame with its checksum, it is 0. */
static uint16_t crc_of(struct bytes b)
{
	uint16_t crc = 0xffff;

	for (size_t i = 0; i < b.len; i++)
		crc = crc_add(crc, b.at[i]);
	return crc;
}

bool rtu_is_intact(struct bytes frame)
{
	return frame.len >= RTU_MIN && crc_of(frame) == 0;
}

/* ---- how long a frame would be ---- */

static struct bytes first(struct bytes b, size_t len)
{
	return (struct bytes){ b.at, len < b.len ? len : b.len };
}

/* Read Device Identification: its answer is as long as its objects are. */
static uint32_t mei_length(struct bytes head, unsigned shape)
{
	struct cursor c = cursor_of(head);

	cursor_skip(&c, ADU_DATA);
	uint8_t type = cursor_u8(&c);
	if (cursor_ok(&c) && type != MEI_DEVICE_ID)
		return IMPOSSIBLE;
	if (shape == FITS_REQUEST)
		return 5 + RTU_CRC;
	cursor_skip(&c, 4);
	for (uint8_t count = cursor_u8(&c); count > 0 && cursor_ok(&c); count--) {
		cursor_skip(&c, 1);
		cursor_skip(&c, cursor_u8(&c));
	}
	return cursor_ok(&c) ? (uint32_t)(c.at - head.at) + RTU_CRC : LATER;
}

static uint32_t formed_length(const struct form *form, struct bytes head)
{
	struct cursor c = cursor_of(head);

	if (!form->count_at)
		return form->base + (uint32_t)RTU_CRC;
	cursor_skip(&c, form->count_at);
	uint32_t count = (uint32_t)cursor_be(&c, form->width);
	if (!cursor_ok(&c))
		return LATER;
	return count < form->least ? IMPOSSIBLE : form->base + count + RTU_CRC;
}

/* As a request or as a response. Of Diagnostics, with as much data as it mostly has. */
static uint32_t length_as(struct bytes head, unsigned shape)
{
	uint8_t raw = head.at[ADU_FUNCTION];
	const struct function *f = &modbus_functions[raw & 0x7f];
	bool is_request = shape == FITS_REQUEST;
	const struct form *form = is_request ? &f->request_form : &f->response_form;

	if (!is_assigned(raw))
		return IMPOSSIBLE;
	if (raw & EXCEPTION_BIT)
		return is_request ? IMPOSSIBLE : EXCEPTION_LEN;
	uint32_t len = raw == MEI ? mei_length(head, shape) : formed_length(form, head);
	if (len == LATER || len == IMPOSSIBLE)
		return len;
	bool fits = len <= RTU_MAX && modbus_shape(head, len - RTU_CRC) & shape;
	return fits ? len : IMPOSSIBLE;
}

/* ---- looking for one ---- */

struct found {
	uint32_t len;     /* IMPOSSIBLE, LATER, or that of an intact frame … */
	unsigned shape;   /* … of this shape, as far as its length tells */
};

/* The first of the shapes asked for in whose length the checksum fits. */
static struct found look_for(struct bytes head, unsigned shapes, uint32_t *budget)
{
	static const uint8_t each[] = { FITS_REQUEST, FITS_RESPONSE };
	struct found found = { IMPOSSIBLE, FITS_NONE };

	for (unsigned i = 0; i < sizeof(each); i++) {
		uint32_t len = shapes & each[i] ? length_as(head, each[i]) : IMPOSSIBLE;
		if (len == IMPOSSIBLE)
			continue;
		if (len > head.len) {
			found.len = LATER;
			continue;
		}
		*budget -= len < *budget ? len : *budget;
		if (crc_of(first(head, len)) == 0)
			return (struct found){ len, modbus_shape(head, len - RTU_CRC) };
	}
	return found;
}

static struct found look(struct bytes head, unsigned shapes)
{
	uint32_t budget = SEARCH_BUDGET;

	if (head.len > 0 && head.at[0] > UNIT_MAX)
		return (struct found){ IMPOSSIBLE, FITS_NONE };
	if (head.len <= ADU_FUNCTION)
		return (struct found){ LATER, FITS_NONE };
	return look_for(head, shapes, &budget);
}

enum probe rtu_probe(struct bytes head)
{
	struct found f = look(head, FITS_BOTH);

	if (f.len == IMPOSSIBLE || f.len == LATER)
		return f.len == LATER ? PROBE_MORE : PROBE_NO;
	struct bytes next = { head.at + f.len, head.len - f.len };
	bool is_sure = f.len >= SURE_LEN && look(next, FITS_BOTH).len != IMPOSSIBLE &&
		modbus_is_consistent(first(head, f.len - RTU_CRC), f.shape);
	return is_sure ? PROBE_STRONG : PROBE_WEAK;
}

/* ---- in a flow that is known to be in serial framing ---- */

static const struct modbus_flow *flow_of(const struct dissect *d)
{
	return d->state;
}

static bool is_client(const struct dissect *d)
{
	return (d->side == SIDE_CLIENT) != (flow_of(d) && flow_of(d)->is_reversed);
}

/* Which shapes this end's frames may have: both until the roles are known. */
static unsigned shapes_of(const struct dissect *d)
{
	if (!d->side_known || !flow_of(d) || !flow_of(d)->has_roles)
		return FITS_BOTH;
	return is_client(d) ? FITS_REQUEST : FITS_RESPONSE;
}

/* What only one side sends tells the roles; but a response does not make the end that
 * opened the connection a server: it could be sent for no other purpose. */
enum side modbus_side(const struct dissect *d, unsigned shape)
{
	struct modbus_flow *flow = d->state;
	bool is_request = shape == FITS_REQUEST, is_opener = d->side == SIDE_CLIENT;

	if (flow->has_roles || (shape != FITS_REQUEST && shape != FITS_RESPONSE))
		return is_client(d) ? SIDE_CLIENT : SIDE_SERVER;
	flow->has_roles = is_request || !is_opener;
	flow->is_reversed = is_request && !is_opener;
	return is_request ? SIDE_CLIENT : SIDE_SERVER;
}

enum side rtu_side(const struct dissect *d, struct bytes frame)
{
	return modbus_side(d, modbus_shape(frame, (uint32_t)frame.len - RTU_CRC));
}

/* A checksum whose last byte is 0 fits without it too. */
static bool is_last_byte(struct bytes next)
{
	return next.len == 1 && next.at[0] == 0;
}

/* Functions without a form of their own end where the checksum fits, if there the
 * bytes end or something like another frame begins. */
static uint32_t formless_length(struct bytes head)
{
	size_t most = head.len < RTU_MAX ? head.len : RTU_MAX;
	uint16_t crc = 0xffff;

	for (uint32_t i = 0; i < most; i++) {
		crc = crc_add(crc, head.at[i]);
		if (crc != 0 || i + 1 < RTU_MIN)
			continue;
		struct bytes next = { head.at + i + 1, head.len - i - 1 };
		if (!is_last_byte(next) && look(next, FITS_BOTH).len != IMPOSSIBLE)
			return i + 1;
	}
	return head.len < RTU_MAX ? LATER : IMPOSSIBLE;
}

static bool has_form(uint8_t raw)
{
	return is_assigned(raw) && raw != DIAGNOSTICS && raw != MEI;
}

/* Where the next intact frame begins. If there is none, where one may begin that is
 * not whole yet, or the search was given up, or `head` ends. */
static uint32_t next_frame(struct bytes head, bool *is_intact)
{
	uint32_t most = head.len < RTU_MAX ? (uint32_t)head.len : RTU_MAX;
	uint32_t budget = SEARCH_BUDGET, maybe = most;

	*is_intact = false;
	for (uint32_t i = 1; i + ADU_FUNCTION < most && budget > 0; i++) {
		struct bytes at = { head.at + i, head.len - i };
		if (at.at[0] > UNIT_MAX)
			continue;
		uint32_t len = look_for(at, FITS_BOTH, &budget).len;
		*is_intact = len != IMPOSSIBLE && len != LATER;
		if (*is_intact)
			return i;
		if (i >= RTU_MIN && (len == LATER || budget == 0) && i < maybe)
			maybe = i;
	}
	return maybe;
}

static const struct frame not_known_yet = { FRAME_MORE, 0, SENSE_UNKNOWN };

/* A frame whose checksum is wrong ends where the next one begins: its own counts may
 * be what is wrong with it. While more of it could come, only an intact frame behind
 * it tells. */
static struct frame broken(struct bytes head, bool may_go_on)
{
	bool is_intact;
	uint32_t len = next_frame(head, &is_intact);

	if (may_go_on && !is_intact && head.len < RTU_MAX)
		return not_known_yet;
	return (struct frame){ len < RTU_MIN ? FRAME_NOT : FRAME_BAD, len,
		SENSE_UNKNOWN };
}

struct frame rtu_frame(const struct dissect *d, struct bytes head)
{
	static const uint8_t senses[] = {
		[FITS_NONE] = SENSE_UNKNOWN, [FITS_REQUEST] = SENSE_REQUEST,
		[FITS_RESPONSE] = SENSE_RESPONSE, [FITS_BOTH] = SENSE_UNKNOWN,
	};
	uint32_t budget = SEARCH_BUDGET;

	if (head.len < ADU_DATA)
		return not_known_yet;
	struct found f = look_for(head, shapes_of(d), &budget);
	if ((f.len == IMPOSSIBLE || f.len == LATER) && !has_form(head.at[ADU_FUNCTION]))
		f = (struct found){ formless_length(head), FITS_BOTH };
	if (f.len == IMPOSSIBLE || f.len == LATER)
		return broken(head, f.len == LATER);
	return (struct frame){ FRAME_OK, f.len, senses[f.shape] };
}
