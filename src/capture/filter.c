#include <pcap/pcap.h>
#include <stdlib.h>

#include "base/report.h"
#include "capture/filter.h"

enum {
	PROGRAMS_MAX = 32, /* more than there are link types we know */
	LINKTYPE_RAW_BSD = 12,
	LINKTYPE_RAW_OPENBSD = 14,
	LINKTYPE_RAW = 101,
};

struct program {
	uint16_t link_type;
	char *error; /* NULL if it compiled */
	struct bpf_program code;
};

struct filter {
	char *expression;
	struct program programs[PROGRAMS_MAX];
	size_t count;
};

struct filter *filter_new(const char *expression)
{
	struct filter *f = mem_new(sizeof(*f));
	f->expression = mem_string(expression);
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++) {
		if (!f->programs[i].error)
			pcap_freecode(&f->programs[i].code);
		free(f->programs[i].error);
	}
	free(f->expression);
	free(f);
}

int filter_dlt(uint16_t link_type)
{
	switch (link_type) {
	case LINKTYPE_RAW:
	case LINKTYPE_RAW_BSD:
	case LINKTYPE_RAW_OPENBSD:
		return DLT_RAW;
	default:
		return link_type;
	}
}

static void compile(struct filter *f, struct program *program)
{
	enum { SNAP_LEN = 262144 };
	pcap_t *pcap = pcap_open_dead(filter_dlt(program->link_type), SNAP_LEN);
	if (!pcap) {
		program->error = mem_string("out of memory");
		return;
	}
	if (pcap_compile(pcap, &program->code, f->expression, 1, PCAP_NETMASK_UNKNOWN) !=
		0)
		program->error = mem_string(pcap_geterr(pcap));
	pcap_close(pcap);
}

static struct program *program_for(struct filter *f, uint16_t link_type)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->programs[i].link_type == link_type)
			return &f->programs[i];
	if (f->count == PROGRAMS_MAX)
		return NULL;
	struct program *fresh = &f->programs[f->count++];
	fresh->link_type = link_type;
	compile(f, fresh);
	return fresh;
}

const char *filter_check(struct filter *f, uint16_t link_type)
{
	const struct program *program = program_for(f, link_type);
	return program ? program->error : NULL;
}

/* The family of a null header is in the byte order of the machine that captured, and the
 * code compares it in ours. In network order the frame is one of LINKTYPE_LOOP. */
static uint16_t link_type_of(const struct packet *p)
{
	bool is_null = p->link_type == DLT_NULL && p->frame.len >= 4;
	return is_null && be32_at(p->frame.at) <= 0xffff ? DLT_LOOP : p->link_type;
}

bool filter_accepts(struct filter *f, const struct packet *p)
{
	uint16_t link_type = link_type_of(p);
	size_t before = f->count;
	const struct program *program = program_for(f, link_type);
	if (!program || program->error) {
		if (program && f->count > before)
			report_warning(
				"the filter refuses all packets of link type %s: %s",
				pcap_datalink_val_to_name(filter_dlt(link_type)),
				program->error);
		return false;
	}
	return bpf_filter(program->code.bf_insns, p->frame.at, p->wire_len,
		       (u_int)p->frame.len) != 0;
}
