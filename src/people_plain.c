#include <string.h>

#include "people_plain.h"

/* The next character, 0 at the end; what is no UTF-8 is U+FFFD, a byte at a time. */
static uint32_t next_character(const char **at)
{
	static const uint8_t firsts[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const uint8_t *p = (const uint8_t *)*at;
	unsigned len = *p < 0x80 ? 1 : *p < 0xc0 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 :
		*p < 0xf8 ? 4 : 0;
	if (*p == 0)
		return 0;
	uint32_t c = *p & firsts[len];
	for (unsigned i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			len = 0;
		else
			c = c << 6 | (p[i] & 0x3f);
	}
	*at += len ? len : 1;
	return len ? c : 0xfffd;
}

static bool is_among(uint32_t c, const uint32_t (*ranges)[2], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}
#define IS_AMONG(c, ranges) is_among(c, ranges, sizeof(ranges) / sizeof(*ranges))

/* C0, DEL and C1; marks, embeddings, overrides and isolates of direction; line ends. */
static const uint32_t hidden[][2] = { { 0, 0x1f }, { 0x7f, 0x9f }, { 0x61c, 0x61c },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x206f }, { 0xfeff, 0xfeff } };
/* Unicode's East Asian Width W and F, roughly. */
static const uint32_t wide[][2] = { { 0x1100, 0x115f }, { 0x2e80, 0x303e },
	{ 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f },
	{ 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x20000, 0x3fffd } };

static unsigned width_of(uint32_t c)
{
	return IS_AMONG(c, wide) ? 2 : 1;
}

static void put_character(struct text *out, const char *from, size_t len, uint32_t c)
{
	if (c == '\n' || c == '\t')
		text_char(out, ' ');
	else if (c == 0xfffd || IS_AMONG(c, hidden))
		text_char(out, '?');
	else
		text_put(out, from, len);
}

void people_plain(struct text *out, const char *words)
{
	const char *from = words;
	for (uint32_t c; (c = next_character(&words)) != 0; from = words)
		put_character(out, from, (size_t)(words - from), c);
}

unsigned people_width(const char *words)
{
	unsigned width = 0;
	for (uint32_t c; (c = next_character(&words)) != 0;)
		width += width_of(c);
	return width;
}

void people_column(FILE *out, const char *words, unsigned width)
{
	struct text t = { 0 };
	bool cut = people_width(words) > width;
	unsigned room = cut ? width - 1 : width, used = 0;
	const char *from = words;
	for (uint32_t c; (c = next_character(&words)) != 0; from = words) {
		if (used + width_of(c) > room)
			break;
		used += width_of(c);
		put_character(&t, from, (size_t)(words - from), c);
	}
	if (cut)
		text_lit(&t, "…");
	fprintf(out, "%.*s%*s", (int)t.len, t.len ? t.at : "",
		(int)(width - used - cut + 1), "");
	text_fini(&t);
}
