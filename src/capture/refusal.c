#include "capture/file.h"

/* What people hand over in place of captures. */
static const struct foreign {
	struct bytes magic;
	const char *what, *tool;
} foreigns[] = {
#define MAGIC(literal)                                                                   \
	{                                                                                \
		(const uint8_t *)literal, sizeof(literal) - 1                            \
	}
	{ MAGIC("\x1f\x8b"), "gzip", "zcat" },
	{ MAGIC("\x28\xb5\x2f\xfd"), "Zstandard", "zstdcat" },
	{ MAGIC("\xfd"
		"7zXZ"),
		"xz", "xzcat" },
	{ MAGIC("BZh"), "bzip2", "bzcat" },
	{ MAGIC("\x04\x22\x4d\x18"), "LZ4", "lz4cat" },
	{ MAGIC("snoop"), "snoop", NULL },
	{ MAGIC("GMBU"), "Network Monitor", NULL },
	{ MAGIC("RTSS"), "Network Monitor", NULL },
	{ MAGIC("XCP"), "NetXray", NULL },
	{ MAGIC("TRSNIFF data"), "Sniffer", NULL },
#undef MAGIC
};

static const struct foreign *find_foreign(struct bytes head)
{
	for (size_t i = 0; i < sizeof(foreigns) / sizeof(*foreigns); i++) {
		struct bytes magic = foreigns[i].magic;
		if (head.len >= magic.len && memcmp(head.at, magic.at, magic.len) == 0)
			return &foreigns[i];
	}
	return NULL;
}

bool refusal_knows(struct bytes head)
{
	return find_foreign(head) != NULL;
}

char *refusal(const char *path, struct bytes head)
{
	const struct foreign *known = find_foreign(head);
	const char *again = path;
	if (strcmp(path, "-") == 0) {
		path = "standard input";
		again = "FILE";
	}
	if (head.len == 0)
		return mem_printf("%s is empty: not a capture", path);
	if (!known)
		return mem_printf("%s is not a capture: neither pcap nor pcapng", path);
	if (known->tool)
		return mem_printf(
			"%s is %s-compressed; decompress it: %s %s | ironspan -r -", path,
			known->what, known->tool, again);
	return mem_printf(
		"%s is a %s capture; convert it: editcap -F pcapng %s new.pcapng", path,
		known->what, again);
}
