/* What the languages of share.h have in common. Internal to src/incident/share*.c. */
#ifndef IRONSPAN_SHARE_PARTS_H
#define IRONSPAN_SHARE_PARTS_H

#include <stdbool.h>

#include "incident/share.h"

/* Whether s is one of " a b ". */
bool share_is_any(const char *s, const char *words);
/* No replay, no exercise. */
bool share_is_live(const json_t *incident);
/* 1 to 4, as confirmed, else as proposed; 0: neither. */
json_int_t share_level(const json_t *incident);
/* A string of another document, if it has it. */
void share_copy(json_t *to, const char *key, const json_t *from, const char *pointer);

#endif
