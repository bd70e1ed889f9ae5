/* What the ordered stage hears of a shard's counters and of flows that hid something. */
#include <stdlib.h>

#include "engine/health.h"
#include "engine/shard_state.h"

enum { TROUBLES_MAX = 256 }; /* flows a shard tells of in one report */

/* What was told of a flow, to tell only what is new. */
struct flow_told {
	uint64_t blind_bytes, undecoded_bytes, gaps, blind_ns;
	uint32_t copies;
	bool is_one_sided, is_midstream, is_encrypted;
};

/* Fewer packets may just be a question that nobody answers. */
static bool is_one_sided(const struct flow *f)
{
	enum { PACKETS_MIN = 4 };
	return session_dissector(f) && (!f->packets[0] || !f->packets[1]) &&
		f->packets[0] + f->packets[1] >= PACKETS_MIN;
}

static struct flow_told now_of(const struct flow *f)
{
	struct session_health h = session_health(f);
	return (struct flow_told){ h.blind_bytes, h.undecoded_bytes, h.gaps, h.blind_ns, f->copies,
		is_one_sided(f), f->is_midstream && session_dissector(f), h.is_encrypted };
}

static struct trouble since(const struct flow *f, const struct flow_told *now,
	const struct flow_told *then)
{
	const struct dissector *d = session_dissector(f);
	const struct flow_end *client = &f->end[f->client], *server = &f->end[!f->client];
	return (struct trouble){ .client = client->address, .server = server->address,
		.client_port = client->port, .server_port = server->port, .flow_id = f->id,
		.protocol = d ? d->name : NULL,
		.blind_bytes = now->blind_bytes - then->blind_bytes,
		.undecoded_bytes = now->undecoded_bytes - then->undecoded_bytes,
		.blind_ns = now->blind_ns - then->blind_ns,
		.gaps = now->gaps - then->gaps, .copies = now->copies - then->copies,
		.is_one_sided = now->is_one_sided && !then->is_one_sided,
		.is_midstream = now->is_midstream && !then->is_midstream,
		.is_encrypted = now->is_encrypted && !then->is_encrypted };
}

static bool is_any(const struct trouble *t)
{
	return t->blind_bytes || t->undecoded_bytes || t->gaps || t->copies || t->is_one_sided ||
		t->is_midstream || t->is_encrypted;
}

void shard_hand_over(struct shard *s, enum record_kind kind, const void *at, size_t size)
{
	struct record *r = shard_record(s, kind);
	r->detail = (uint32_t)s->tools->out->values.len;
	text_put(&s->tools->out->values, at, size);
}

static void tell(struct shard *s, struct flow *f)
{
	static const struct flow_told none;
	struct flow_told now = now_of(f);
	struct trouble t = since(f, &now, f->told ? f->told : &none);
	if (!is_any(&t) || s->troubles == TROUBLES_MAX)
		return;
	s->troubles++;
	if (!f->told)
		f->told = mem_new(sizeof(*f->told));
	*f->told = now;
	shard_hand_over(s, RECORD_TROUBLE, &t, sizeof(t));
}

static void tell_flow(void *context, struct flow *f)
{
	tell(context, f);
}

static void put_health(const struct flow_told *h, struct text *out)
{
	const struct {
		const char *key;
		uint64_t count;
	} counts[] = {
		{ "gaps", h->gaps }, { "blind_bytes", h->blind_bytes },
		{ "blind_s", health_seconds(h->blind_ns) },
		{ "undecoded_bytes", h->undecoded_bytes }, { "duplicates", h->copies },
		{ "one_sided", h->is_one_sided }, { "midstream", h->is_midstream },
		{ "encrypted", h->is_encrypted },
	};
	for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		if (counts[i].count)
			text_printf(out, "%s\"%s\":%llu", out->len ? "," : "", counts[i].key,
				(unsigned long long)counts[i].count);
}

static void flow_event(struct shard *s, const struct flow *f)
{
	struct text health = { 0 };
	struct flow_told now = now_of(f);
	put_health(&now, &health);
	struct record *r = shard_record(s, RECORD_LINE);
	size_t at = s->tools->out->text.len;
	eve_flow(s->tools->eve, f, s->now_ns,
		(struct bytes){ (uint8_t *)health.at, health.len }, &s->tools->out->text);
	shard_end_line(s, r, at);
	text_fini(&health);
}

void shard_end_flow(struct shard *s, struct flow *f)
{
	if (s->config->events & EVENTS_FLOW)
		flow_event(s, f);
	tell(s, f);
	free(f->told);
	f->told = NULL;
}

static void tell_counts(struct shard *s)
{
	struct engine_totals now, part;
	memset(&now, 0, sizeof(now));
	shard_count(s, &now);
	const uint64_t *a = (const uint64_t *)&now, *b = (const uint64_t *)&s->reported;
	uint64_t *difference = (uint64_t *)&part, any = 0;
	for (size_t i = 0; i < sizeof(now) / sizeof(*a); i++)
		any |= difference[i] = a[i] - b[i];
	if (any)
		shard_hand_over(s, RECORD_COUNTS, &part, sizeof(part));
	s->reported = now;
}

void shard_report(struct shard *s, uint64_t now_ns, bool is_last)
{
	if (!report_is_due(&s->report_ns, now_ns, s->config) && !is_last)
		return;
	if (s->flows)
		flow_each(s->flows, tell_flow, s);
	tell_counts(s);
	s->troubles = 0;
}
