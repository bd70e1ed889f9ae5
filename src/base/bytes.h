/* Borrowed bytes, and a cursor that reads them without ever leaving them.
 *
 * A cursor whose read failed stays failed and yields zeros, so a parser reads straight
 * through and asks cursor_ok() once. Pass a cursor by value to look ahead, by pointer to
 * consume. Any thread; nothing here allocates. */
#ifndef IRONSPAN_BYTES_H
#define IRONSPAN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that belong to somebody else; the declaring struct or function says until when. */
struct bytes {
	const uint8_t *at;
	size_t len;
};

/* Numbers at a place whose length the caller has already checked. */
static inline uint16_t be16_at(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t be32_at(const uint8_t *at)
{
	return (uint32_t)be16_at(at) << 16 | be16_at(at + 2);
}

static inline uint16_t le16_at(const uint8_t *at)
{
	return (uint16_t)(at[1] << 8 | at[0]);
}

static inline uint32_t le32_at(const uint8_t *at)
{
	return (uint32_t)le16_at(at + 2) << 16 | le16_at(at);
}

static inline uint64_t be64_at(const uint8_t *at)
{
	return (uint64_t)be32_at(at) << 32 | be32_at(at + 4);
}

static inline uint64_t le64_at(const uint8_t *at)
{
	return (uint64_t)le32_at(at + 4) << 32 | le32_at(at);
}

struct cursor {
	const uint8_t *at;
	size_t left;
	bool failed;
};

static inline struct cursor cursor_of(struct bytes b)
{
	return (struct cursor){ b.at, b.len, false };
}

static inline bool cursor_ok(const struct cursor *c)
{
	return !c->failed;
}

/* The next `len` bytes, consumed; empty after a failure. */
static inline struct bytes cursor_bytes(struct cursor *c, size_t len)
{
	if (c->failed || len > c->left) {
		c->failed = true;
		c->left = 0;
		return (struct bytes){ NULL, 0 };
	}
	struct bytes b = { c->at, len };
	if (len) /* else c->at may be NULL */
		c->at += len;
	c->left -= len;
	return b;
}

static inline struct bytes cursor_rest(struct cursor *c)
{
	return cursor_bytes(c, c->left);
}

static inline void cursor_skip(struct cursor *c, size_t len)
{
	(void)cursor_bytes(c, len);
}

static inline uint64_t cursor_be(struct cursor *c, size_t width)
{
	struct bytes b = cursor_bytes(c, width);
	uint64_t v = 0;
	for (size_t i = 0; i < b.len; i++)
		v = v << 8 | b.at[i];
	return v;
}

static inline uint64_t cursor_le(struct cursor *c, size_t width)
{
	struct bytes b = cursor_bytes(c, width);
	uint64_t v = 0;
	for (size_t i = b.len; i > 0; i--)
		v = v << 8 | b.at[i - 1];
	return v;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	struct bytes b = cursor_bytes(c, 1);
	return b.len ? b.at[0] : 0;
}

static inline uint16_t cursor_be16(struct cursor *c)
{
	struct bytes b = cursor_bytes(c, 2);
	return b.len ? be16_at(b.at) : 0;
}

static inline uint32_t cursor_be32(struct cursor *c)
{
	struct bytes b = cursor_bytes(c, 4);
	return b.len ? be32_at(b.at) : 0;
}

static inline uint64_t cursor_be64(struct cursor *c)
{
	struct bytes b = cursor_bytes(c, 8);
	return b.len ? be64_at(b.at) : 0;
}

static inline uint16_t cursor_le16(struct cursor *c)
{
	struct bytes b = cursor_bytes(c, 2);
	return b.len ? le16_at(b.at) : 0;
}

static inline uint32_t cursor_le32(struct cursor *c)
{
	struct bytes b = cursor_bytes(c, 4);
	return b.len ? le32_at(b.at) : 0;
}

static inline uint64_t cursor_le64(struct cursor *c)
{
	struct bytes b = cursor_bytes(c, 8);
	return b.len ? le64_at(b.at) : 0;
}

/* A cursor over the next `len` bytes, so that an inner item cannot read past its end. */
static inline struct cursor cursor_sub(struct cursor *c, size_t len)
{
	struct bytes b = cursor_bytes(c, len);
	return (struct cursor){ b.at, b.len, c->failed };
}

/* A failure inside is a failure outside. */
static inline void cursor_join(struct cursor *c, const struct cursor *inner)
{
	if (inner->failed) {
		c->failed = true;
		c->left = 0;
	}
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

#endif
