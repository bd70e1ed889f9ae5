/* Small text: slices, numbers, one address or port; and a map. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "detect/rule_read.h"

static bool is_space(char c)
{
	return isspace((unsigned char)c);
}

struct slice slice_trim(struct slice s)
{
	while (s.len && is_space(*s.at)) {
		s.at++;
		s.len--;
	}
	while (s.len && is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

struct slice slice_unquote(struct slice s)
{
	s = slice_trim(s);
	if (s.len < 2 || s.at[0] != '"' || s.at[s.len - 1] != '"')
		return s;
	return slice_trim((struct slice){ s.at + 1, s.len - 2 });
}

static struct slice cut_at(struct slice *rest, size_t end)
{
	struct slice part = slice_trim((struct slice){ rest->at, end });
	size_t gone = end < rest->len ? end + 1 : end;
	rest->at += gone;
	rest->len -= gone;
	return part;
}

struct slice slice_cut(struct slice *rest, char separator)
{
	const char *end = rest->len ? memchr(rest->at, separator, rest->len) : NULL;
	return cut_at(rest, end ? (size_t)(end - rest->at) : rest->len);
}

struct slice slice_word(struct slice *rest)
{
	size_t end = 0;

	*rest = slice_trim(*rest);
	while (end < rest->len && !is_space(rest->at[end]))
		end++;
	return cut_at(rest, end);
}

bool slice_number(struct slice s, int64_t *value)
{
	char text[32], *end;

	s = slice_trim(s);
	if (s.len == 0 || s.len >= sizeof(text) || is_space(*s.at) || *s.at == '+')
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = 0;
	const char *digits = text + (*text == '-');
	bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	if (!isxdigit((unsigned char)digits[hex ? 2 : 0]))
		return false;
	errno = 0;
	*value = strtoll(text, &end, hex ? 16 : 10);
	return errno == 0 && end == text + s.len;
}

char *slice_string(struct arena *a, struct slice s)
{
	char *copy = arena_take(a, s.len + 1);

	if (s.len)
		memcpy(copy, s.at, s.len);
	copy[s.len] = 0;
	return copy;
}

char *slice_plain(struct arena *a, struct slice s)
{
	s = slice_unquote(s);
	char *copy = arena_take(a, s.len + 1), *out = copy;

	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '\\' && i + 1 < s.len)
			i++;
		*out++ = s.at[i];
	}
	*out = 0;
	return copy;
}

/* ---- one address, one port ---- */

static bool parse_address(struct slice s, u128 *value, bool *is_ipv4)
{
	char text[ADDRESS_TEXT];
	struct address a;

	s = slice_trim(s);
	if (s.len == 0 || s.len >= sizeof(text))
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = 0;
	if (!address_parse(&a, text))
		return false;
	*value = 0;
	for (int i = 0; i < 16; i++)
		*value = *value << 8 | a.at[i];
	*is_ipv4 = !memchr(text, ':', s.len);
	return true;
}

/* "/24" or "/255.255.255.0": how many bits, of 128, are fixed; -1 if it is neither. */
static int parse_prefix(struct slice s, bool is_ipv4)
{
	int64_t bits;
	u128 mask;
	bool mask_is_ipv4;

	if (slice_number(s, &bits))
		return bits < 0 || bits > (is_ipv4 ? 32 : 128) ? -1
							       : (int)bits + is_ipv4 * 96;
	if (!parse_address(s, &mask, &mask_is_ipv4) || !mask_is_ipv4 || !is_ipv4)
		return -1;
	uint32_t host = ~(uint32_t)mask;
	return host & (host + 1) ? -1 : 96 + (host ? __builtin_clz(host) : 32);
}

static bool read_address(struct slice text, struct range *out)
{
	struct slice rest = text;
	bool is_ipv4, end_is_ipv4;
	struct slice first = memchr(text.at, '-', text.len) ? slice_cut(&rest, '-') :
		slice_cut(&rest, '/');

	if (!parse_address(first, &out->low, &is_ipv4))
		return false;
	out->high = out->low;
	if (first.at + first.len == text.at + text.len)
		return true;
	if (memchr(text.at, '-', text.len))
		return parse_address(rest, &out->high, &end_is_ipv4) &&
			is_ipv4 == end_is_ipv4 && out->low <= out->high;
	int bits = parse_prefix(rest, is_ipv4);
	if (bits < 0)
		return false;
	u128 host = bits == 0 ? ~(u128)0 : ((u128)1 << (128 - bits)) - 1;
	out->low &= ~host;
	out->high = out->low | host;
	return true;
}

static bool read_port(struct slice text, struct range *out)
{
	struct slice rest = text;
	struct slice first = slice_cut(&rest, ':');
	bool is_range = memchr(text.at, ':', text.len);
	int64_t low = 0, high = 65535;

	if ((first.len || !is_range) && !slice_number(first, &low))
		return false;
	if (!is_range)
		high = low;
	else if (slice_trim(rest).len && !slice_number(rest, &high))
		return false;
	*out = (struct range){ (u128)low, (u128)high };
	return low >= 0 && low <= high && high <= 65535;
}

bool element_read(enum set_kind kind, struct slice text, struct range *out)
{
	return kind == SET_PORTS ? read_port(text, out) : read_address(text, out);
}

/* ---- the map: open addressing, at most half full ---- */

struct map_entry {
	const void *key;
	size_t len;
	void *value;
};

static struct map_entry *entry_of(struct map *m, const void *key, size_t len)
{
	size_t i = hash_fast(key, len, 0) & (m->cap - 1);

	while (m->entries[i].key &&
		(m->entries[i].len != len || memcmp(m->entries[i].key, key, len) != 0))
		i = (i + 1) & (m->cap - 1);
	return &m->entries[i];
}

static void grow(struct map *m)
{
	struct map old = *m;

	m->cap = old.cap ? old.cap * 2 : 64;
	m->entries = mem_array(m->cap, sizeof(*m->entries));
	for (size_t i = 0; i < old.cap; i++) {
		struct map_entry *e = &old.entries[i];
		if (e->key)
			*entry_of(m, e->key, e->len) = *e;
	}
	free(old.entries);
}

void **map_slot(struct map *m, struct arena *a, const void *key, size_t len)
{
	if (m->count * 2 >= m->cap)
		grow(m);
	struct map_entry *e = entry_of(m, key, len);
	if (!e->key) {
		e->key = arena_copy(a, key, len);
		e->len = len;
		m->count++;
	}
	return &e->value;
}

void map_fini(struct map *m)
{
	free(m->entries);
}
