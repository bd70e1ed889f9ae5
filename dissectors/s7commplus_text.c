/* Identifiers, addresses and clocks as text, made when somebody looks. The bytes come
 * from the tape and are whole. */
#include <stdio.h>
#include <time.h>

#include "s7commplus_parts.h"

const char *plus_id_name(uint32_t id)
{
	unsigned low = 0, high = plus_id_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (plus_ids[middle].value < id)
			low = middle + 1;
		else
			high = middle;
	}
	bool is_there = low < plus_id_count && plus_ids[low].value == id;
	return is_there ? plus_ids[low].text : NULL;
}

/* ---- identifiers ---- */

/* Blocks and what belongs to them: the low half is their number (inferred). */
static const struct {
	uint16_t high;
	const char *text;
} numbered[] = {
	{ 0x89fd, "UDT" }, { 0x8a0e, "DB" }, { 0x8a11, "UserConstants" },
	{ 0x8a12, "FB" }, { 0x8a13, "FC" }, { 0x8a20, "SFB" }, { 0x8a21, "SFC" },
	{ 0x8a24, "SUDT" }, { 0x8a32, "OB" }, { 0x8a36, "AlarmTextList" },
	{ 0x8a37, "TextList" }, { 0x8a38, "TextContainer" }, { 0x8a7e, "ASAlarms" },
};

static size_t print_id(uint32_t id, char *out, size_t room)
{
	static const char *const areas[] = { "I", "Q", "M", "C", "T" };
	const char *name = plus_id_name(id);

	if (id >= ID_INPUTS && id <= ID_TIMERS)
		name = areas[id - ID_INPUTS];
	if (name)
		return (size_t)snprintf(out, room, "%s", name);
	for (unsigned i = 0; i < sizeof(numbered) / sizeof(*numbered); i++)
		if (numbered[i].high == id >> 16)
			return (size_t)snprintf(out, room, "%s%u", numbered[i].text,
				(unsigned)(id & ID_NUMBER));
	return (size_t)snprintf(out, room, "0x%08x", (unsigned)id);
}

size_t plus_rid_text(struct bytes rid, char *out)
{
	return rid.len < 4 ? 0 : print_id(be32_at(rid.at), out, FORMAT_MAX);
}

/* Four bytes of which the first announces no more are a plain number, not a VLQ. */
size_t plus_id_text(struct bytes vlq, char *out)
{
	size_t used;
	bool is_plain = vlq.len == 4 && vlq.at[0] < 0x80;
	uint32_t id = is_plain ? be32_at(vlq.at) : plus_number(vlq, &used);

	return print_id(id, out, FORMAT_MAX);
}

/* ---- addresses ---- */

static uint32_t next(struct bytes *b)
{
	size_t used;
	uint32_t value = plus_number(*b, &used);

	b->at += used;
	b->len -= used;
	return value;
}

enum { PATH_MAX_TEXT = 256, CLASSIC_BLOB = 3 };

/* What the digits of a LID's path are; "O12.C2.B3": bit 3 of 2 bytes from offset 12. */
static size_t print_path(struct bytes b, bool is_classic, char *out)
{
	static const char marks[] = { 'O', 'C', 'B' };
	size_t len = 0;
	unsigned i = 0;

	for (; b.len && len < PATH_MAX_TEXT; i++) {
		uint32_t lid = next(&b);
		if (is_classic && i == 0 && lid == CLASSIC_BLOB)
			continue;
		if (is_classic && i > 0 && i <= sizeof(marks))
			len += (size_t)sprintf(out + len, ".%c%u", marks[i - 1],
				(unsigned)lid);
		else
			len += (size_t)sprintf(out + len, ".%X", (unsigned)lid);
	}
	return len;
}

static bool is_memory(uint32_t area)
{
	return (area >= ID_INPUTS && area <= ID_TIMERS) ||
		(area & ~(uint32_t)ID_NUMBER) == ID_DB;
}

static bool begins_classic(struct bytes lids)
{
	return lids.len && lids.at[0] == CLASSIC_BLOB;
}

/* The sub-area is only said where it is not the actual value. */
static size_t print_address(uint32_t area, uint32_t crc, struct bytes rest, char *out)
{
	size_t len = print_id(area, out, FORMAT_MAX / 4);
	uint32_t sub = rest.len ? next(&rest) : 0;

	if (sub && sub != ID_DB_VALUE && sub != ID_AREA_VALUE) {
		out[len++] = '.';
		len += print_id(sub, out + len, FORMAT_MAX / 4);
	}
	bool is_classic = !crc && is_memory(area) && begins_classic(rest);
	return len + print_path(rest, is_classic, out + len);
}

size_t plus_address_text(struct bytes b, char *out)
{
	uint32_t crc = next(&b), area = next(&b);

	next(&b); /* how many numbers follow */
	return print_address(area, crc, b, out);
}

size_t plus_reference_text(struct bytes b, char *out)
{
	next(&b); /* how many numbers follow */
	next(&b); /* the reference */
	next(&b);
	uint32_t area = next(&b), crc = next(&b);
	return print_address(area, crc, b, out);
}

/* ---- clocks ---- */

static size_t print_time(uint64_t ns, const char *format, unsigned fraction, char *out)
{
	time_t seconds = (time_t)(ns / 1000000000u);
	struct tm tm;
	size_t len = 0;

	if (gmtime_r(&seconds, &tm))
		len = strftime(out, FORMAT_MAX / 2, "%Y-%m-%dT%H:%M:%S", &tm);
	return len + (size_t)snprintf(out + len, FORMAT_MAX / 2, format, fraction);
}

size_t plus_nanoseconds_text(struct bytes time, char *out)
{
	uint64_t ns = time.len < 8 ? 0 : be64_at(time.at);

	return print_time(ns, ".%09uZ", (unsigned)(ns % 1000000000u), out);
}

size_t plus_microseconds_text(struct bytes time, char *out)
{
	uint64_t us = time.len < 8 ? 0 : be64_at(time.at);
	uint64_t seconds = us / 1000000u;

	return print_time(seconds > UINT64_MAX / 1000000000u ? 0 : seconds * 1000000000u,
		".%06uZ", (unsigned)(us % 1000000u), out);
}
