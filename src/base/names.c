#include <strings.h>
#include <string.h>

#include "base/names.h"

const char *name_of(const struct name *names, uint64_t value)
{
	for (; names && names->text; names++)
		if (names->value == value)
			return names->text;
	return NULL;
}

bool name_value(const struct name *names, const char *text, size_t len, uint64_t *value)
{
	for (; names && names->text; names++)
		if (strlen(names->text) == len && strncasecmp(names->text, text, len) == 0) {
			*value = names->value;
			return true;
		}
	return false;
}
