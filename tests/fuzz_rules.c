/* Fuzz target: any bytes as a rule file. What loads has to hold together. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "detect/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rule_variable addresses[] = {
	{ "HOME_NET", "[10.0.0.0/8,192.168.0.0/16,!10.9.0.0/16]" },
	{ "EXTERNAL_NET", "!$HOME_NET" },
	{ "A", "[$B,!$C]" },
	{ "B", "[$HOME_NET,$A]" },
	{ "C", "![10.0.0.1,$HOME_NET]" },
};
static const struct rule_variable ports[] = {
	{ "MODBUS_PORTS", "[502,1502:1510,!1503]" },
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_note(const struct rule_note *n)
{
	require(n->file && n->reason && n->line > 0 && n->column > 0);
	require(strlen(n->reason) > 0);
}

static void check_rule(const struct rule *r, unsigned index)
{
	require(r->index == index && r->sid > 0 && r->line > 0 && r->text);
	require(r->header.proto != RULE_DISSECTOR || r->header.dissector);
	for (unsigned i = 0; i < r->content_count; i++) {
		const struct content *c = &r->contents[i];
		require(c->pattern.len > 0);
		require(c->field < 0 || (r->header.dissector &&
			(unsigned)c->field < r->header.dissector->field_count));
		require((c->kind == CONTENT_BASE64) == (c->base64 != NULL));
		if (c->kind != CONTENT_BYTES)
			continue;
		require(!c->has_depth || c->extracted.depth ||
			c->depth >= (int64_t)c->pattern.len);
		require(!c->has_within || c->extracted.within ||
			c->within >= (int64_t)c->pattern.len);
	}
	for (unsigned i = 0; i < r->predicate_count; i++) {
		const struct predicate *p = &r->predicates[i];
		require(p->ref.dissector && p->ref.field < p->ref.dissector->field_count);
		require(p->mask || p->text_count || p->range_count ||
			(p->many && p->many->kind == MANY_COUNT));
		require(!p->many || (p->many->number != NULL) ==
			(p->many->kind == MANY_COUNT || p->many->kind == MANY_NUMBER));
		for (unsigned j = 0; j < p->range_count; j++)
			require(p->ranges[j].low <= p->ranges[j].high &&
				(j == 0 || p->ranges[j - 1].high < p->ranges[j].low));
	}
	for (unsigned i = 0; i < r->xbit_count; i++)
		require(r->xbits[i].expire_s > 0 && r->xbits[i].spelled);
	for (unsigned i = 0; i < r->packet_test_count; i++)
		require(r->packet_tests[i].value.spelled && (r->packet_tests[i].value.mask ||
			r->packet_tests[i].value.range_count));
	require(!r->packet_test_count || !r->header.dissector);
}

/* The loader reads files, so the input is one, in memory. */
static int input_file(const uint8_t *data, size_t size, char path[32])
{
	int fd = memfd_create("rules", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32];
	const char *const files[] = { path };
	struct rules_config config = {
		.files = files,
		.file_count = 1,
		.addresses = addresses,
		.address_count = sizeof(addresses) / sizeof(*addresses),
		.ports = ports,
		.port_count = sizeof(ports) / sizeof(*ports),
	};
	int fd = input_file(data, size, path);
	struct rule_list *l = rules_read(&config);

	require(l && l->count == l->report.loaded + l->report.fell_back);
	require(l->report.note_count >= l->report.refused + l->report.fell_back);
	for (unsigned i = 0; i < l->count; i++)
		check_rule(l->rules[i], i);
	for (unsigned i = 0; i < l->report.note_count; i++)
		check_note(&l->report.notes[i]);
	rules_release(l);
	close(fd);
	return 0;
}
