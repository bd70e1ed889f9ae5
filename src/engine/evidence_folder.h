/* The folder that evidence is written to, kept within a number of bytes and an age. The ordered
 * stage's. */
#ifndef IRONSPAN_EVIDENCE_FOLDER_H
#define IRONSPAN_EVIDENCE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evidence_folder;

/* Made if it is missing; its captures are counted. NULL after a reported error. */
struct evidence_folder *evidence_folder_open(const char *path, uint64_t max_bytes,
	unsigned max_age_s);
/* A new file, 0640, the caller's to close; the oldest go if there is no room. -1: errno says why. */
int evidence_folder_create(struct evidence_folder *f, const char *name, uint64_t *id);
/* All of it, or false: errno says why. */
bool evidence_folder_write(struct evidence_folder *f, uint64_t id, int fd, const void *at,
	size_t len);
/* What is too old, or too much, goes. */
void evidence_folder_tidy(struct evidence_folder *f);
void evidence_folder_free(struct evidence_folder *f); /* may be NULL */

#endif
