/* System status lists (SZL): what a module tells of itself, in lists of records. */
#include "s7comm_fields.h"
#include "s7comm_names.h"

enum {
	ORDER_NUMBER = 20, VERSION_MARK = 'V', CLOCK_LENGTH = 8, PROTECTION = 4,
	CONNECTIONS = 1, CAPABILITY = 1,
};

/* ---- records of system status lists, behind their index ---- */

static void put_identification(struct dissect *d, struct cursor *c, uint16_t index)
{
	(void)index;
	put_run(d, SZL_R_ORDER, c, ORDER_NUMBER);
	put_be16(d, SZL_R_TYPE, c);
	struct cursor version = *c;
	uint16_t ausbg = put_be16(d, SZL_R_AUSBG, c);
	put_be16(d, SZL_R_AUSBE, c);
	if (cursor_ok(c) && ausbg >> 8 == VERSION_MARK)
		put_run(d, SZL_R_VERSION, &version, 4);
}

/* Texts, but for index 9: manufacturer and profile. */
static void put_component(struct dissect *d, struct cursor *c, uint16_t index)
{
	if (index == 9) {
		put_be16(d, SZL_R_MANUFACTURER, c);
		put_be16(d, SZL_R_PROFILE, c);
	} else {
		put_rest(d, SZL_R_TEXT, c);
	}
}

/* This one has no index: event, its two bytes of flags, then the modes. */
static void put_mode(struct dissect *d, struct cursor *c, uint16_t index)
{
	put_uint(d, SZL_R_EVENT_ID, index);
	cursor_skip(c, 1);
	uint8_t mode = cursor_u8(c);
	cursor_skip(c, 8);
	if (!cursor_ok(c))
		return;
	put_uint(d, SZL_R_MODE, mode & 0x0f);
	put_uint(d, SZL_R_MODE_RAW, mode & 0x0f);
	put_uint(d, SZL_R_PREVIOUS, mode >> 4);
	put_fixed(d, SZL_R_TIME, c, CLOCK_LENGTH);
}

static void put_led(struct dissect *d, struct cursor *c, uint16_t id)
{
	put_uint(d, SZL_R_LED, id & 0xff);
	put_uint(d, SZL_R_LED_RAW, id);
	put_u8(d, SZL_R_ON, c);
	put_u8(d, SZL_R_BLINK, c);
}

static void put_capability(struct dissect *d, struct cursor *c, uint16_t index)
{
	if (index != CAPABILITY)
		return;
	put_be16(d, SZL_R_PDU, c);
	put_be16(d, SZL_R_CONNECTIONS, c);
	put_be32(d, SZL_R_MPI_BPS, c);
	put_be32(d, SZL_R_KBUS_BPS, c);
}

static void put_connections(struct dissect *d, struct cursor *c)
{
	put_be16(d, SZL_R_PG, c);
	put_be16(d, SZL_R_OS, c);
	put_be16(d, SZL_R_USED_PG, c);
	put_be16(d, SZL_R_USED_OS, c);
	cursor_skip(c, 4);
	put_be16(d, SZL_R_FREE, c);
}

static void put_protection(struct dissect *d, struct cursor *c)
{
	put_be16(d, SZL_R_KEY, c);
	put_be16(d, SZL_R_PARAM, c);
	put_be16(d, SZL_R_REAL, c);
	put_be16(d, SZL_R_SELECTOR, c);
	put_be16(d, SZL_R_CRST_WRST, c);
	cursor_skip(c, 4);
	put_be16(d, SZL_R_HW_CHECK1, c);
	put_be16(d, SZL_R_HW_CHECK2, c);
	put_be16(d, SZL_R_AWP_CHECK1, c);
	put_be16(d, SZL_R_AWP_CHECK2, c);
}

static void put_communication(struct dissect *d, struct cursor *c, uint16_t index)
{
	if (index == PROTECTION)
		put_protection(d, c);
	else if (index == CONNECTIONS)
		put_connections(d, c);
}

static void put_ethernet(struct dissect *d, struct cursor *c, uint16_t index)
{
	(void)index;
	put_fixed(d, SZL_R_IP, c, 4);
	put_fixed(d, SZL_R_SUBNET, c, 4);
	put_fixed(d, SZL_R_ROUTER, c, 4);
	put_fixed(d, SZL_R_MAC, c, 6);
}

/* An entry of the diagnostic buffer, and a diagnostic message, begin with their event. */
static void put_event_entry(struct dissect *d, struct cursor *c, uint16_t event)
{
	put_uint(d, SZL_R_EVENT_ID, event);
	put_u8(d, SZL_R_PRIORITY, c);
	put_u8(d, SZL_R_OB, c);
	put_be16(d, SZL_R_DATA_ID, c);
	put_be16(d, SZL_R_INFO1, c);
	put_be32(d, SZL_R_INFO2, c);
	put_fixed(d, SZL_R_TIME, c, CLOCK_LENGTH);
}

static void put_id(struct dissect *d, struct cursor *c, uint16_t id)
{
	(void)c;
	put_uint(d, SZL_R_ID, id);
}

static const struct list {
	uint8_t number;
	bool has_no_index; /* the first two bytes are something else */
	void (*put)(struct dissect *d, struct cursor *c, uint16_t first);
} lists[] = {
	{ 0x00, true, put_id },
	{ 0x11, false, put_identification },
	{ 0x19, true, put_led },
	{ 0x1c, false, put_component },
	{ 0x24, true, put_mode },
	{ 0x31, false, put_capability },
	{ 0x32, false, put_communication },
	{ 0x37, false, put_ethernet },
	{ 0x74, true, put_led },
	{ 0xa0, true, put_event_entry },
};

static const struct list *list_of(uint16_t id)
{
	for (unsigned i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (lists[i].number == (id & 0xff))
			return &lists[i];
	return NULL;
}

void s7_put_szl_record(
	struct dissect *d, const struct s7_records *r, struct cursor *record)
{
	const struct list *list = list_of(r->id);
	struct bytes all = { record->at, record->left };
	uint16_t first = cursor_be16(record);
	uint32_t count = d->message->count;

	if (!cursor_ok(record)) {
		put_bytes(d, SZL_R_DATA, all);
		return;
	}
	if (list && list->has_no_index) {
		list->put(d, record, first);
		return;
	}
	put_uint(d, SZL_R_INDEX, first);
	if (list)
		list->put(d, record, first);
	if (d->message->count <= count + 1)
		put_bytes(d, SZL_R_DATA, (struct bytes){ all.at + 2, all.len - 2 });
}

/* ---- the function ---- */

/* The last of several data units, whose first was lost: what stands where the head of the list
 * would be announces records that do not fit. */
static bool is_headless(const struct s7_userdata *u, struct cursor c)
{
	cursor_skip(&c, 4);
	uint16_t length = cursor_be16(&c);

	return u->type == S7_ANSWER && u->ref && u->is_last && cursor_ok(&c) &&
		length + 2u > c.left && c.left > 2;
}

/* Asked for by id and index; the answer repeats them before its records. */
void s7_put_szl(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (is_headless(u, *c)) {
		cursor_skip(c, c->left);
		return;
	}
	struct s7_records *r = s7_list(d);
	uint16_t id = put_be16(d, SZL_ID, c);
	uint16_t index = put_be16(d, SZL_INDEX, c);

	if (!cursor_ok(c))
		return;
	put_uint(d, SZL_LIST, id & 0xff);
	put_uint(d, SZL_MODULE_CLASS, id >> 12);
	if (u->type != S7_ANSWER || u->code != S7_SUCCESS || c->left == 0)
		return;
	uint16_t length = put_be16(d, SZL_RECORD_LENGTH, c);
	put_be16(d, SZL_RECORD_COUNT, c);
	if (!cursor_ok(c))
		return;
	s7_begin_records(d, S7_CPU, u->sub, length);
	r->id = id;
	r->index = index;
	s7_put_records(d, u, c);
}
