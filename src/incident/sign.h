/* Signatures: who said this, and that nobody changed it since.
 *
 * A key has a name: the log, the person or the tier that signs with it. Key files hold one
 * line, in the form of the Go module golang.org/x/mod/sumdb/note and of C2SP signed-note, so
 * that other tools read them:
 *
 *	FILE		PRIVATE+KEY+name+08385296+base64(0x01, 32 bytes of seed)	mode 0600
 *	FILE.pub	name+08385296+base64(0x01, 32 bytes of public key)
 *
 * The eight hex digits are the note id: SHA-256(name "\n" type public)[:4]. Documents name a
 * key by its key id instead: the first 16 hex digits of SHA-256(public).
 *
 * The algorithm is Ed25519 (RFC 8032, libsodium). An algorithm is a row of a table, with its
 * name in documents and its type byte in notes; SM2 with SM3 would be one more row (type 0xff
 * and a longer identifier, which signed-note reserves for such). What is signed with an
 * algorithm that is not in the table is refused by name. Any thread. */
#ifndef IRONSPAN_INCIDENT_SIGN_H
#define IRONSPAN_INCIDENT_SIGN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/bytes.h"

enum {
	SIGN_NAME = 96,     /* bytes of a key's name, with the end */
	SIGN_ID = 17,       /* hex digits of a key id, with the end */
	SIGN_PUBLIC = 65,   /* room for a public key and a signature of any algorithm */
	SIGN_SECRET = 64,
	SIGN_SIZE = 72,
};

struct sign_alg;
struct sign_key {
	char name[SIGN_NAME];
	char id[SIGN_ID];
	const struct sign_alg *alg;
	uint8_t public_key[SIGN_PUBLIC];
	uint8_t secret[SIGN_SECRET];
	bool has_secret;
};

/* Makes a key pair in PATH and PATH.pub, neither of which may exist; false after a reported
 * error. A name has no spaces, control characters or '+'. */
bool sign_key_make(const char *path, const char *name);
/* Loads a secret key; false after a reported error, which is also what a file gets that its
 * group or others may read, or that belongs to somebody else than the user or root. */
bool sign_key_load(struct sign_key *key, const char *path);
/* Loads a public key file; a secret one will do too. */
bool sign_key_load_public(struct sign_key *key, const char *path);
/* The line of a public key file, without the line end; to be freed. */
char *sign_key_line(const struct sign_key *key);
void sign_key_wipe(struct sign_key *key);

const char *sign_alg_name(const struct sign_key *key);
size_t sign_size(const struct sign_key *key); /* bytes of a signature */
/* The note id for a signature type: SIGN_NOTE, or SIGN_COSIGN for a witness. */
enum { SIGN_NOTE = 0x01, SIGN_COSIGN = 0x04 };
uint32_t sign_note_id(const struct sign_key *key, uint8_t type);

/* `signature` has room for SIGN_SIZE bytes. The key must have its secret. */
void sign_bytes(const struct sign_key *key, struct bytes b, uint8_t *signature);
bool sign_verify(const struct sign_key *key, struct bytes b, struct bytes signature);

/* ---- documents ---- */

/* Adds "signature":{alg, key_id, over, value} over the canonical form of `doc` without that
 * key; `what` is the document's name for `over`: "JCS(report without signature)". false: `doc`
 * has no canonical form. */
bool sign_document(json_t *doc, const char *what, const struct sign_key *key);
/* Whether the signature of `doc` is this key's and right. */
bool sign_document_check(const json_t *doc, const struct sign_key *key);

/* ---- whom to believe ---- */

struct sign_ring {
	struct sign_key *keys;
	unsigned count;
};

/* Public keys of a file, one a line ('#' begins a comment), or of the files *.pub in a folder.
 * false after reported errors; `ring` can be freed either way. */
bool sign_ring_load(struct sign_ring *ring, const char *path);
void sign_ring_free(struct sign_ring *ring);
/* NULL: none. A name may have several keys, for example an old and a new one. */
const struct sign_key *sign_ring_by_id(const struct sign_ring *ring, const char *key_id);
/* The ring's key that signed `doc`; NULL and a reason in `why` where none did. */
const struct sign_key *sign_ring_check(
	const struct sign_ring *ring, const json_t *doc, const char **why);

#endif
