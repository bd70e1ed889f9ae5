#include "incident/capture.h"
#include "incident/describe.h"
#include "incident/time.h"

#define SECOND_NS UINT64_C(1000000000)

/* Everything that is counted, as documents call it. `is_loss`: it makes the capture incomplete;
 * `of_host`: it is also known of single hosts. */
static const struct {
	const char *key;
	size_t at;
	bool is_loss, of_host;
} sums[] = {
#define SUM(key, member, is_loss, of_host) \
	{ key, offsetof(struct incident_loss, member), is_loss, of_host }
	SUM("packets", packets, false, false),
	SUM("drops", dropped, true, false),
	SUM("missed", missed, true, false),
	SUM("unseen", unseen, true, false),
	SUM("cut_captures", cut_captures, true, false),
	SUM("shed", shed, true, false),
	SUM("blind_s", blind_s, true, false),
	SUM("off_s", off_s, true, false),
	SUM("gaps", gaps, true, true),
	SUM("blind_bytes", blind_bytes, true, true),
	SUM("undecoded_bytes", undecoded_bytes, true, true),
	SUM("one_sided_flows", one_sided, true, true),
	SUM("midstream_flows", midstream, false, true),
	SUM("encrypted_flows", encrypted, false, true),
#undef SUM
};
enum { SUMS = sizeof(sums) / sizeof(*sums) };

static uint64_t get(const struct incident_loss *l, unsigned sum)
{
	return *(const uint64_t *)((const char *)l + sums[sum].at);
}

static void add(struct incident_loss *l, unsigned sum, uint64_t value)
{
	*(uint64_t *)((char *)l + sums[sum].at) += value;
}

static void add_all(struct incident_loss *to, const struct incident_loss *from)
{
	for (unsigned s = 0; s < SUMS; s++)
		add(to, s, get(from, s));
}

/* Bytes, packets, flows and seconds together: for "is there any" and "is it much more". */
static uint64_t weight(const struct incident_loss *l)
{
	uint64_t sum = 0;
	for (unsigned s = 0; s < SUMS; s++)
		sum += sums[s].is_loss ? get(l, s) : 0;
	return sum;
}

/* ---- what comes in ---- */

/* Of an incident that went on after a restart: in between there was no sensor. */
static uint64_t off_s(const struct incident *n, const struct incident_capture *c)
{
	bool was_off = n->capture.until_ns && c->from_ns > n->capture.until_ns;
	return was_off ? (c->from_ns - n->capture.until_ns) / SECOND_NS : 0;
}

void capture_add(struct incident *n, const struct incident_capture *c)
{
	n->capture.loss.off_s += off_s(n, c);
	add_all(&n->capture.loss, &c->loss);
	if (!n->capture.until_ns)
		n->capture.from_ns = c->from_ns;
	n->capture.until_ns = c->until_ns;
	n->capture.is_counted = true;
	list_each(&n->targets, struct told_end, e)
		for (unsigned h = 0; h < c->host_count; h++)
			if (e->end.has_ip && memcmp(&e->end.ip, &c->hosts[h].host,
					sizeof(e->end.ip)) == 0)
				add_all(&e->loss, &c->hosts[h].loss);
}

/* That a flow is seen from one side is told once, and holds for whatever comes later. */
void capture_note_hosts(struct incidents *i, const struct incident_capture *c)
{
	for (unsigned h = 0; h < c->host_count; h++) {
		const struct incident_loss *loss = &c->hosts[h].loss;
		bool is_new;
		if (!loss->one_sided && !loss->midstream && !loss->encrypted)
			continue;
		struct incident_loss *known = lru_make(i->views, &c->hosts[h].host,
			sizeof(*known), &is_new);
		known->one_sided += loss->one_sided;
		known->midstream += loss->midstream;
		known->encrypted += loss->encrypted;
	}
}

unsigned capture_news(const struct incident *n)
{
	uint64_t lost = weight(&n->capture.loss);
	if (!n->capture.is_counted)
		return NEWS_NONE;
	bool is_much_more = lost > 2 * n->capture.told_weight;
	return !n->capture.is_told || is_much_more ? NEWS_LATER : NEWS_COUNT;
}

void capture_told(struct incident *n)
{
	n->capture.is_told = n->capture.is_counted;
	n->capture.told_weight = weight(&n->capture.loss);
}

/* Both ran at the same time for the most part, and saw the same losses. */
void capture_absorb(struct incident *n, const struct incident *other)
{
	const struct told_capture *o = &other->capture;
	if (o->is_counted && (!n->capture.until_ns || o->from_ns < n->capture.from_ns))
		n->capture = *o;
	n->capture.is_told = false;
}

void capture_absorb_end(struct told_end *e, const struct told_end *other)
{
	for (unsigned s = 0; s < SUMS; s++)
		if (get(&other->loss, s) > get(&e->loss, s))
			add(&e->loss, s, get(&other->loss, s) - get(&e->loss, s));
}

/* ---- documents ---- */

/* What was hidden of a host while the incident ran, and how its flows are seen at all. */
static struct incident_loss loss_of(const struct incidents *i, const struct told_end *e)
{
	struct incident_loss loss = e->loss;
	const struct incident_loss *known = e->end.has_ip ? lru_peek(i->views, &e->end.ip) : NULL;
	if (known) {
		loss.one_sided = known->one_sided;
		loss.midstream = known->midstream;
		loss.encrypted = known->encrypted;
	}
	return loss;
}

static json_t *hosts_json(const struct incidents *i, const struct incident *n)
{
	json_t *array = json_array();
	list_each(&n->targets, struct told_end, e) {
		struct incident_loss loss = loss_of(i, e);
		json_t *row = json_pack("{ss}", "asset", incident_end_text(&e->end).text);
		for (unsigned s = 0; s < SUMS; s++)
			if (sums[s].of_host && get(&loss, s))
				json_object_set_new(row, sums[s].key,
					json_integer((json_int_t)get(&loss, s)));
		if (json_object_size(row) > 1)
			json_array_append(array, row);
		json_decref(row);
	}
	return array;
}

json_t *capture_json(const struct incidents *i, const struct incident *n)
{
	if (!n->capture.is_counted)
		return json_null();
	json_t *doc = json_pack("{so so sb}", "from", describe_time(n->capture.from_ns),
		"until", describe_time(n->capture.until_ns),
		"complete", weight(&n->capture.loss) == 0);
	for (unsigned s = 0; s < SUMS; s++)
		json_object_set_new(doc, sums[s].key,
			json_integer((json_int_t)get(&n->capture.loss, s)));
	json_object_set_new(doc, "assets", hosts_json(i, n));
	return doc;
}

/* ---- after a restart ---- */

static void read_sums(struct incident_loss *l, const json_t *object)
{
	for (unsigned s = 0; s < SUMS; s++) {
		json_int_t v = json_integer_value(json_object_get(object, sums[s].key));
		add(l, s, v > 0 ? (uint64_t)v : 0);
	}
}

static bool time_at(const json_t *object, const char *key, uint64_t *ns)
{
	const char *s = json_string_value(json_object_get(object, key));
	return s && time_read_rfc3339(s, ns);
}

static void read_host(struct incident *n, const json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "asset"));
	list_each(&n->targets, struct told_end, e)
		if (name && strcmp(incident_end_text(&e->end).text, name) == 0)
			read_sums(&e->loss, row);
}

/* Where nothing was told before the end, the last alert is what was surely seen. */
void capture_resume(struct incident *n, const json_t *capture)
{
	const json_t *row;
	size_t r;
	if (!time_at(capture, "from", &n->capture.from_ns) ||
		!time_at(capture, "until", &n->capture.until_ns)) {
		n->capture.from_ns = n->capture.until_ns = n->last_ns;
		return;
	}
	n->capture.is_counted = true;
	read_sums(&n->capture.loss, capture);
	json_array_foreach(json_object_get(capture, "assets"), r, row)
		read_host(n, row);
	capture_told(n);
}
