#include "dnp3_measures.h"

/* ---- which objects ---- */

enum { NO, SET, READ_ONLY }; /* SET: by commands and writes */

static unsigned group_of_measures(uint8_t group)
{
	static const uint8_t groups[] = {
		[1] = READ_ONLY, [2] = READ_ONLY, [3] = READ_ONLY, [4] = READ_ONLY, /* inputs */
		[10] = SET, [11] = SET,                     /* outputs */
		[20] = READ_ONLY, [21] = READ_ONLY,         /* counters */
		[22] = READ_ONLY, [23] = READ_ONLY,
		[30] = READ_ONLY, [31] = READ_ONLY,         /* analog inputs */
		[32] = READ_ONLY, [33] = READ_ONLY,
		[34] = SET, [40] = SET, [42] = SET, /* deadbands, analog outputs */
	};

	return group < sizeof(groups) ? groups[group] : NO;
}

bool dnp3_is_read_only(uint8_t group)
{
	return group_of_measures(group) == READ_ONLY;
}

/* Parts that have a size of their own and mean the same wherever they stand. */
static const struct {
	uint8_t size, items; /* bytes; items on the tape */
} parts[PART_POINT_TYPES + 1] = {
	[PART_FLAGS] = { 1, FLAG_BITS },
	[PART_U16] = { 2, 1 },
	[PART_U32] = { 4, 1 },
	[PART_S16] = { 2, 1 },
	[PART_S32] = { 4, 1 },
	[PART_F32] = { 4, 1 },
	[PART_F64] = { 8, 1 },
	[PART_TIME] = { 6, 2 },
};

/* The highest bit of some flags is the state; of double-bit inputs the two highest. */
static unsigned state_bits(const struct dnp3_part *part)
{
	const uint16_t *flags = dnp3_flags[part->arg];

	if (part->kind != PART_FLAGS || flags[FLAG_BITS - 1] != STATE)
		return 0;
	return flags[FLAG_BITS - 2] == STATE ? 2 : 1;
}

/* Adds a part to what a point is. The value is the first that can be one; a time is not. */
static void add_part(struct dnp3_measures *m, const struct dnp3_part *part)
{
	unsigned state = state_bits(part);
	bool is_number = part->kind != PART_FLAGS && part->kind != PART_TIME;

	if (m->kind == PART_END && (state || is_number)) {
		m->kind = part->kind;
		m->field = state ? (uint16_t)STATE : part->field;
		m->bits = (uint8_t)state;
		m->value_at = m->size;
	}
	m->size += parts[part->kind].size;
	m->items += parts[part->kind].items - (state > 1);
}

static bool add_parts(struct dnp3_measures *m, const struct dnp3_part *part)
{
	for (; part->kind != PART_END; part++) {
		if (!parts[part->kind].size)
			return false;
		add_part(m, part);
	}
	return m->kind != PART_END;
}

enum { ITEMS = 4 }; /* of any point: begin, prefix, index, end */

bool dnp3_are_measures(struct dnp3_measures *m, const struct dnp3_header *h,
	const struct dnp3_layout *layout, const uint8_t *at)
{
	size_t prefix = dnp3_prefix_width(h);

	if (dnp3_has_size(h) || group_of_measures(h->group) == NO)
		return false;
	*m = (struct dnp3_measures){ .group = h->group,
		.prefix = (uint8_t)prefix,
		.size = prefix,
		.items = ITEMS,
		.start = h->start,
		.count = h->count,
		.at = at };
	if (layout->parts)
		return add_parts(m, layout->parts);
	m->bits = layout->bits;
	m->field = layout->field;
	m->items++;
	return layout->bits && !h->prefix;
}

uint64_t dnp3_measures_size(const struct dnp3_measures *m)
{
	return m->size ? m->count * m->size : (m->count * m->bits + 7) / 8;
}

struct dnp3_measures dnp3_measures_of(struct bytes object)
{
	struct cursor c = cursor_of(object);
	struct dnp3_header h = dnp3_header_of(&c);
	struct dnp3_measures m = { 0 };
	struct dnp3_layout layout;

	if (dnp3_layout(h.group, h.variation, &layout))
		(void)dnp3_are_measures(&m, &h, &layout, c.at);
	return m;
}

/* ---- their values ---- */

static uint64_t real_bits(double real)
{
	uint64_t bits;

	memcpy(&bits, &real, sizeof(bits));
	return bits;
}

static uint64_t single_at(const uint8_t *at)
{
	uint32_t bits = le32_at(at);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return real_bits((double)value);
}

static inline uint64_t value_at(const struct dnp3_measures *m, const uint8_t *at)
{
	switch (m->kind) {
	case PART_FLAGS:
		return at[0] >> (FLAG_BITS - m->bits);
	case PART_U16:
		return le16_at(at);
	case PART_U32:
		return le32_at(at);
	case PART_S16:
		return (uint64_t)(int16_t)le16_at(at);
	case PART_S32:
		return (uint64_t)(int32_t)le32_at(at);
	case PART_F32:
		return single_at(at);
	default:
		return le64_at(at); /* PART_F64: these bits are the double's */
	}
}

static inline uint64_t index_at(const struct dnp3_measures *m, uint64_t i)
{
	const uint8_t *at = m->at + i * m->size;

	switch (m->prefix) {
	case 0:
		return m->start + i;
	case 1:
		return at[0];
	case 2:
		return le16_at(at);
	default:
		return le32_at(at);
	}
}

/* How many of the next points, up to `most`, have indexes that follow each other. */
static uint32_t run_of(const struct dnp3_measures *m, uint32_t most, uint64_t first)
{
	uint32_t count = 1;

	if (!m->prefix)
		return most;
	while (count < most && index_at(m, m->next + count) == first + count)
		count++;
	return count;
}

static void read_packed(const struct dnp3_measures *m, uint64_t *values, uint32_t count)
{
	unsigned mask = (1u << m->bits) - 1;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t bit = (m->next + i) * m->bits;
		values[i] = m->at[bit / 8] >> bit % 8 & mask;
	}
}

uint32_t dnp3_measures_read(
	struct dnp3_measures *m, uint64_t *values, uint32_t max, uint64_t *first)
{
	uint64_t left = m->count - m->next;
	const uint8_t *at = m->at + m->next * m->size + m->value_at;

	if (!left)
		return 0;
	*first = index_at(m, m->next);
	uint32_t count = run_of(m, left < max ? (uint32_t)left : max, *first);
	if (!m->size)
		read_packed(m, values, count);
	for (uint32_t i = 0; m->size && i < count; i++, at += m->size)
		values[i] = value_at(m, at);
	m->next += count;
	return count;
}
