#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "output/line.h"
#include "output/rotate.h"

void rotation_begin(struct rotation *r, const struct stat *file)
{
	r->size = (uint64_t)file->st_size;
	r->period = r->period_s ? (uint64_t)file->st_mtime / r->period_s : 0;
}

static size_t fit_size(const struct rotation *r, struct bytes lines)
{
	const uint8_t *begin = lines.at;
	struct bytes line;

	if (!r->size_limit || r->size + lines.len <= r->size_limit)
		return lines.len;
	uint64_t size = r->size;
	for (const uint8_t *end = begin; line_next(&lines, &line); end = lines.at) {
		size += line.len;
		if (size > r->size_limit && (end > begin || r->size > 0))
			return (size_t)(end - begin);
	}
	return (size_t)(lines.at - begin); /* one line that is larger than the limit */
}

size_t rotation_fit(const struct rotation *r, struct bytes lines, uint64_t now_s)
{
	bool is_old = r->period_s && now_s / r->period_s > r->period;

	if (now_s < r->not_before_s)
		return lines.len;
	return is_old && r->size > 0 ? 0 : fit_size(r, lines);
}

static bool move(const char *path, unsigned from, unsigned to)
{
	char *old = from ? mem_printf("%s.%u", path, from) : mem_string(path);
	char *new = mem_printf("%s.%u", path, to);
	bool ok = rename(old, new) == 0 || (from && errno == ENOENT);
	int error = errno;

	free(old);
	free(new);
	errno = error;
	return ok;
}

void rotation_put_off(struct rotation *r, uint64_t now_s)
{
	enum { PAUSE_S = 60 };
	r->not_before_s = now_s + PAUSE_S;
}

bool rotation_shift(const struct rotation *r, const char *path)
{
	bool ok = true;

	for (unsigned i = r->keep; ok && i > 0; i--)
		ok = move(path, i - 1, i);
	return ok;
}
