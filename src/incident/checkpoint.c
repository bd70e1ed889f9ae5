#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "incident/checkpoint.h"

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space */

enum { TIMESTAMP = 8, SIGNATURE = 4 + TIMESTAMP + SIGN_SIZE };

static struct bytes bytes_of(const struct text *t)
{
	return (struct bytes){ (const uint8_t *)t->at, t->len };
}

/* ---- reading ---- */

/* The next line without its end; false at the end of `from`, or where a line has none. */
static bool take_line(struct bytes *from, struct bytes *line)
{
	const uint8_t *end = from->len ? memchr(from->at, '\n', from->len) : NULL;

	if (!end)
		return false;
	*line = (struct bytes){ from->at, (size_t)(end - from->at) };
	*from = (struct bytes){ end + 1, from->len - line->len - 1 };
	return true;
}

static bool read_size(struct bytes line, uint64_t *size)
{
	*size = 0;
	if (line.len == 0 || line.len > 19 || (line.len > 1 && line.at[0] == '0'))
		return false;
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] < '0' || line.at[i] > '9')
			return false;
		*size = *size * 10 + line.at[i] - '0';
	}
	return true;
}

static bool read_base64(struct bytes line, uint8_t *out, size_t room, size_t *len)
{
	return sodium_base642bin(out, room, (const char *)line.at, line.len, NULL, len, NULL,
		       sodium_base64_VARIANT_ORIGINAL) == 0;
}

/* Text and signatures are parted by the last empty line. */
static bool part(struct checkpoint *c, struct bytes note)
{
	const uint8_t *at = NULL, *end = note.at + note.len;

	for (const uint8_t *p = note.at; (p = memmem(p, (size_t)(end - p), "\n\n", 2)); p++)
		at = p;
	if (!at || note.at[note.len - 1] != '\n')
		return false;
	c->text = (struct bytes){ note.at, (size_t)(at + 1 - note.at) };
	c->signatures = (struct bytes){ at + 2, (size_t)(end - at - 2) };
	return true;
}

bool checkpoint_read(struct checkpoint *c, struct bytes note)
{
	struct bytes rest, line;
	size_t len = 0;

	*c = (struct checkpoint){ 0 };
	if (note.len == 0 || note.len > CHECKPOINT_SIZE || !part(c, note))
		return false;
	rest = c->text;
	if (!take_line(&rest, &line) || line.len == 0 || line.len >= SIGN_NAME ||
		memchr(line.at, '\0', line.len))
		return false;
	memcpy(c->origin, line.at, line.len);
	return take_line(&rest, &line) && read_size(line, &c->size) && take_line(&rest, &line) &&
		read_base64(line, c->root.at, MERKLE_HASH, &len) && len == MERKLE_HASH;
}

/* ---- signature lines ---- */

/* Decodes the signature of a line "— name base64" if it is of this name and note id; returns
 * its length without the id, 0 if it is another's. */
static size_t signature_of(struct bytes line, const char *name, uint32_t id, uint8_t *out)
{
	uint8_t all[SIGNATURE];
	size_t mark = sizeof(dash) - 1, name_len = strlen(name), len = 0;
	size_t skip = mark + name_len + 1;

	if (line.len <= skip || memcmp(line.at, dash, mark) != 0 ||
		memcmp(line.at + mark, name, name_len) != 0 || line.at[skip - 1] != ' ')
		return 0;
	line = (struct bytes){ line.at + skip, line.len - skip };
	if (!read_base64(line, all, sizeof(all), &len) || len <= 4 || be32_at(all) != id)
		return 0;
	memcpy(out, all + 4, len - 4);
	return len - 4;
}

bool checkpoint_is_signed(const struct checkpoint *c, const struct sign_key *key)
{
	struct bytes rest = c->signatures, line;
	uint8_t signature[SIGNATURE];
	uint32_t id = sign_note_id(key, SIGN_NOTE);

	if (strcmp(c->origin, key->name) != 0)
		return false;
	while (take_line(&rest, &line)) {
		size_t len = signature_of(line, key->name, id, signature);
		if (len > 0 && sign_verify(key, c->text, (struct bytes){ signature, len }))
			return true;
	}
	return false;
}

/* What a witness signs. */
static void put_cosigned(struct text *t, const struct checkpoint *c, uint64_t at_s)
{
	text_lit(t, "cosignature/v1\ntime ");
	text_uint(t, at_s);
	text_char(t, '\n');
	text_put(t, c->text.at, c->text.len);
}

static bool is_cosignature(const struct checkpoint *c, const struct sign_key *key,
	struct bytes signature, uint64_t *at_s)
{
	struct text t = { 0 };

	if (signature.len <= TIMESTAMP)
		return false;
	*at_s = be64_at(signature.at);
	put_cosigned(&t, c, *at_s);
	bool ok = sign_verify(key, bytes_of(&t),
		(struct bytes){ signature.at + TIMESTAMP, signature.len - TIMESTAMP });
	text_fini(&t);
	return ok;
}

bool checkpoint_is_cosigned(const struct checkpoint *c, const struct sign_key *key, uint64_t *at_s)
{
	struct bytes rest = c->signatures, line;
	uint8_t signature[SIGNATURE];
	uint32_t id = sign_note_id(key, SIGN_COSIGN);

	while (take_line(&rest, &line)) {
		size_t len = signature_of(line, key->name, id, signature);
		if (len > 0 && is_cosignature(c, key, (struct bytes){ signature, len }, at_s))
			return true;
	}
	return false;
}

/* ---- making ---- */

static void put_be(uint8_t *at, uint64_t v, unsigned width)
{
	for (; width > 0; width--, v >>= 8)
		at[width - 1] = (uint8_t)v;
}

static void put_signature_line(struct text *t, const char *name, struct bytes signature)
{
	text_str(t, dash);
	text_str(t, name);
	text_char(t, ' ');
	text_base64(t, signature);
	text_char(t, '\n');
}

char *checkpoint_make(uint64_t size, struct merkle_hash root, const struct sign_key *key)
{
	struct text t = { 0 };
	uint8_t signature[SIGNATURE];

	text_str(&t, key->name);
	text_char(&t, '\n');
	text_uint(&t, size);
	text_char(&t, '\n');
	text_base64(&t, (struct bytes){ root.at, MERKLE_HASH });
	text_char(&t, '\n');
	put_be(signature, sign_note_id(key, SIGN_NOTE), 4);
	sign_bytes(key, bytes_of(&t), signature + 4);
	text_char(&t, '\n');
	put_signature_line(&t, key->name, (struct bytes){ signature, 4 + sign_size(key) });
	text_char(&t, '\0');
	return t.at;
}

char *checkpoint_cosign(const struct checkpoint *c, const struct sign_key *key, uint64_t at_s)
{
	struct text t = { 0 };
	uint8_t signature[SIGNATURE];

	put_cosigned(&t, c, at_s);
	put_be(signature, sign_note_id(key, SIGN_COSIGN), 4);
	put_be(signature + 4, at_s, TIMESTAMP);
	sign_bytes(key, bytes_of(&t), signature + 4 + TIMESTAMP);
	text_clear(&t);
	put_signature_line(
		&t, key->name, (struct bytes){ signature, 4 + TIMESTAMP + sign_size(key) });
	text_char(&t, '\0');
	return t.at;
}
