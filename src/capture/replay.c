/* Replay: one input after the other, as one source. The files hand out what they hold;
 * here packets get their numbers, and those that nobody wants or understands are left
 * out. */
#include <pcap/pcap.h>
#include <stdlib.h>

#include "base/report.h"
#include "capture/file.h"
#include "capture/filter.h"
#include "capture/inputs.h"

enum {
	IFACES_MAX =
		65536, /* packet.iface can name no more; the last one stands for others */
};

struct replay {
	struct source source; /* first: a source is its replay */
	struct inputs inputs;
	size_t next; /* input to be opened */
	struct file file;
	bool is_open;
	struct filter *filter;
	uint64_t number;
	uint64_t now_ns;
	unsigned file_ifaces; /* the first interface of the file in hand */
	struct {
		bool is_set;
		uint16_t type, iface;
	} link; /* of its last packet */
	bool told_link[65536];
};

static bool open_next(struct replay *r)
{
	const struct input *in = &r->inputs.at[r->next++];
	r->file_ifaces = r->source.iface_count;
	r->is_open = true;
	r->link.is_set = false;
	if (file_open(&r->file, in->path))
		return true;
	report_error("%s", r->file.why);
	return false;
}

static void close_file(struct replay *r)
{
	if (r->is_open)
		file_close(&r->file);
	r->is_open = false;
}

/* Interfaces are kept a file and link type: what EVE calls pcap_filename is all they
 * tell. */
static uint16_t find_iface(struct replay *r, uint16_t link_type)
{
	struct source *s = &r->source;
	for (unsigned i = s->iface_count; i > r->file_ifaces; i--)
		if (s->ifaces[i - 1].link_type == link_type)
			return (uint16_t)(i - 1);
	if (s->iface_count == IFACES_MAX)
		return IFACES_MAX - 1;
	s->ifaces[s->iface_count] =
		(struct source_iface){ r->file.path, link_type, true };
	return (uint16_t)s->iface_count++;
}

static uint16_t iface_of(struct replay *r, uint16_t link_type)
{
	if (!r->link.is_set || r->link.type != link_type) {
		r->link.iface = find_iface(r, link_type);
		r->link.type = link_type;
		r->link.is_set = true;
	}
	return r->link.iface;
}

static void tell_link(struct replay *r, uint16_t link_type)
{
	if (r->told_link[link_type])
		return;
	r->told_link[link_type] = true;
	const char *name = pcap_datalink_val_to_name(filter_dlt(link_type));
	report_warning("%s: packets of link type %u (%s) are counted, not decoded",
		r->file.path, link_type, name ? name : "unknown to libpcap too");
}

static bool is_wanted(struct replay *r, const struct packet *p)
{
	struct source_counters *n = &r->source.counters;
	bool is_same_link = r->link.is_set && r->link.type == p->link_type;
	if (!is_same_link && !packet_link_known(p->link_type)) {
		tell_link(r, p->link_type);
		n->unknown_link++;
		return false;
	}
	if (r->filter && !filter_accepts(r->filter, p)) {
		n->filtered++;
		return false;
	}
	n->packets++;
	n->bytes += p->frame.len;
	return true;
}

static void admit(struct replay *r, struct batch *b)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < b->count; i++) {
		struct packet *p = &b->packets[i];
		p->number = ++r->number;
		if (!is_wanted(r, p))
			continue;
		p->iface = iface_of(r, p->link_type);
		if (kept != i)
			b->packets[kept] = *p;
		kept++;
	}
	b->count = kept;
}

static enum source_state end_file(struct replay *r)
{
	r->source.counters.cut_files += r->file.was_cut;
	close_file(r);
	return r->next < r->inputs.count ? SOURCE_MORE : SOURCE_END;
}

static enum source_state replay_read(struct source *s, struct batch *b, unsigned wait_ms)
{
	struct replay *r = (struct replay *)s;
	(void)wait_ms;
	arena_reset(&b->arena);
	b->count = 0;
	b->now_ns = r->now_ns;
	if (!r->is_open && r->next == r->inputs.count)
		return SOURCE_END;
	if (!r->is_open && !open_next(r))
		return SOURCE_FAILED;
	uint64_t before = r->file.offset;
	enum file_state state = file_read(&r->file, b, BATCH_PACKETS);
	s->counters.done += r->file.offset - before;
	if (b->count > 0)
		b->now_ns = r->now_ns = r->file.last_ns;
	admit(r, b);
	if (state == FILE_MORE)
		return SOURCE_MORE;
	if (state == FILE_END)
		return end_file(r);
	report_error("%s", r->file.why);
	return SOURCE_FAILED;
}

static void replay_close(struct source *s)
{
	struct replay *r = (struct replay *)s;
	close_file(r);
	filter_free(r->filter);
	inputs_fini(&r->inputs);
	free(s->ifaces);
	free(r);
}

/* The filter must compile for what every file begins with, and for Ethernet if nothing is
 * known yet. */
static bool check_filter(struct replay *r)
{
	const char *error = NULL;
	bool checked = false;
	for (size_t i = 0; i < r->inputs.count && !error; i++) {
		const struct input *in = &r->inputs.at[i];
		if (in->has_packets && packet_link_known(in->link_type)) {
			error = filter_check(r->filter, in->link_type);
			checked = true;
		}
	}
	if (!checked && !error)
		error = filter_check(r->filter, DLT_EN10MB);
	if (error)
		report_error("the filter is wrong: %s", error);
	return !error;
}

static bool add_inputs(struct replay *r, const char *const *paths, unsigned count)
{
	bool all_regular = true;
	for (unsigned i = 0; i < count; i++)
		if (!inputs_add(&r->inputs, paths[i]))
			return false;
	for (size_t i = 0; i < r->inputs.count; i++) {
		r->source.counters.total += r->inputs.at[i].size;
		all_regular &= r->inputs.at[i].is_regular;
	}
	if (!all_regular)
		r->source.counters.total = 0;
	return true;
}

struct source *source_open_files(
	const char *const *paths, unsigned count, const char *filter)
{
	static const struct source_ops ops = { .read = replay_read,
		.close = replay_close };
	struct replay *r = mem_new(sizeof(*r));
	r->source.ops = &ops;
	r->source.ifaces = mem_array(IFACES_MAX, sizeof(*r->source.ifaces));
	r->filter = filter ? filter_new(filter) : NULL;
	if (add_inputs(r, paths, count) && (!filter || check_filter(r)))
		return &r->source;
	replay_close(&r->source);
	return NULL;
}
