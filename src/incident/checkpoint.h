/* Checkpoints: what a log was at some time, in a few lines that are kept elsewhere.
 *
 * The form is C2SP tlog-checkpoint v1: a signed note whose text is origin, size and root hash of
 * the Merkle tree over the log's lines (each line whole, as it stands in the file, without its
 * line end).
 *
 *	ironspan.example/audit-plant-01
 *	3
 *	xbHDulUWBdbSZErbk5oNV4ZnCSxNXhdeTFMKIvxtCng=
 *
 *	— ironspan.example/audit-plant-01 CDhSlr…
 *
 * The origin is the name of the key that signs. Witnesses add lines of their own (cosignature/v1
 * of C2SP tlog-cosignature): they saw this tree at that time, and it begins with every tree they
 * saw before. Any thread. */
#ifndef IRONSPAN_INCIDENT_CHECKPOINT_H
#define IRONSPAN_INCIDENT_CHECKPOINT_H

#include "incident/merkle.h"
#include "incident/sign.h"

enum { CHECKPOINT_SIZE = 64 << 10 }; /* bytes; a longer note is none */

struct checkpoint {
	char origin[SIGN_NAME];
	uint64_t size;
	struct merkle_hash root;
	struct bytes text, signatures; /* borrowed from the note that was read */
};

/* false: it is no checkpoint. Says nothing about signatures. */
bool checkpoint_read(struct checkpoint *c, struct bytes note);
/* Whether `key` signed it as its log. */
bool checkpoint_is_signed(const struct checkpoint *c, const struct sign_key *key);
/* Whether `key` cosigned it as a witness, and when. */
bool checkpoint_is_cosigned(const struct checkpoint *c, const struct sign_key *key, uint64_t *at_s);

/* A new note, to be freed. */
char *checkpoint_make(uint64_t size, struct merkle_hash root, const struct sign_key *key);
/* A witness's signature line, with its line end; to be freed. */
char *checkpoint_cosign(const struct checkpoint *c, const struct sign_key *key, uint64_t at_s);

#endif
