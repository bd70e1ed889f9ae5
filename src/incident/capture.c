/* What sensors tell of what they could not see, added up by incident. */
#include <stddef.h>
#include <string.h>

#include "incident/capture_sums.h"

#define SECOND_NS UINT64_C(1000000000)

const struct capture_sum capture_sums[CAPTURE_SUMS] = {
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

uint64_t capture_get(const struct incident_loss *l, unsigned sum)
{
	return *(const uint64_t *)((const char *)l + capture_sums[sum].at);
}

void capture_raise(struct incident_loss *l, unsigned sum, uint64_t value)
{
	*(uint64_t *)((char *)l + capture_sums[sum].at) += value;
}

static void add_all(struct incident_loss *to, const struct incident_loss *from)
{
	for (unsigned s = 0; s < CAPTURE_SUMS; s++)
		capture_raise(to, s, capture_get(from, s));
}

uint64_t capture_weight(const struct incident_loss *l)
{
	uint64_t sum = 0;
	for (unsigned s = 0; s < CAPTURE_SUMS; s++)
		sum += capture_sums[s].is_loss ? capture_get(l, s) : 0;
	return sum;
}

static struct told_capture *find(const struct incident *n, const char *sensor)
{
	list_each(&n->captures, struct told_capture, t)
		if (strcmp(t->sensor, sensor) == 0)
			return t;
	return NULL;
}

struct told_capture *capture_of(struct incident *n, const char *sensor)
{
	struct told_capture *t = strlen(sensor) < SENSOR_TEXT ? find(n, sensor) : NULL;
	if (t || strlen(sensor) >= SENSOR_TEXT)
		return t;
	t = list_add(&n->captures, sizeof(*t), SENSORS_MAX);
	if (t)
		strcpy(t->sensor, sensor);
	return t;
}

struct incident_loss capture_sum(const struct incident *n)
{
	struct incident_loss sum = { 0 };
	list_each(&n->captures, struct told_capture, t)
		add_all(&sum, &t->loss);
	return sum;
}

unsigned capture_counted(const struct incident *n)
{
	unsigned count = 0;
	list_each(&n->captures, struct told_capture, t)
		count += t->is_counted;
	return count;
}

/* ---- what comes in ---- */

void capture_note_sensor(const struct incidents *i, struct incident *n, const char *sensor)
{
	struct told_capture *t = i->config.has_sensors && *sensor ? capture_of(n, sensor) : NULL;
	if (t)
		t->has_alerts = true;
}

/* Of an incident that went on after a restart: in between there was no sensor. */
static uint64_t off_s(const struct told_capture *t, const struct incident_capture *c)
{
	bool was_off = t->until_ns && c->from_ns > t->until_ns;
	return was_off ? (c->from_ns - t->until_ns) / SECOND_NS : 0;
}

/* Where it counts; NULL: it does not. */
static struct told_capture *place_of(struct incident *n, const struct incident_capture *c)
{
	if (!c->sensor)
		return capture_of(n, "");
	struct told_capture *t = find(n, c->sensor);
	if (c->until_ns < n->first_ns || (t && t->is_counted && c->until_ns <= t->until_ns))
		return NULL;
	return t || !capture_weight(&c->loss) ? t : capture_of(n, c->sensor);
}

static void add_hosts(struct incident *n, const struct incident_capture *c)
{
	list_each(&n->targets, struct told_end, e)
		for (unsigned h = 0; h < c->host_count; h++)
			if (e->end.has_ip && memcmp(&e->end.ip, &c->hosts[h].host,
					sizeof(e->end.ip)) == 0)
				add_all(&e->loss, &c->hosts[h].loss);
}

bool capture_add(struct incident *n, const struct incident_capture *c)
{
	struct told_capture *t = place_of(n, c);
	if (!t)
		return false;
	t->loss.off_s += off_s(t, c);
	add_all(&t->loss, &c->loss);
	if (!t->until_ns)
		t->from_ns = c->from_ns;
	t->until_ns = c->until_ns;
	t->is_counted = true;
	add_hosts(n, c);
	return true;
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
	struct incident_loss all = capture_sum(n);
	unsigned count = capture_counted(n);
	if (!count)
		return NEWS_NONE;
	bool is_much_more = capture_weight(&all) > 2 * n->captures_weight;
	return count > n->captures_told || is_much_more ? NEWS_LATER : NEWS_COUNT;
}

void capture_told(struct incident *n)
{
	struct incident_loss all = capture_sum(n);
	n->captures_told = capture_counted(n);
	n->captures_weight = capture_weight(&all);
}

/* Both ran at the same time for the most part, and saw the same losses. */
void capture_absorb(struct incident *n, const struct incident *other)
{
	list_each(&other->captures, struct told_capture, o) {
		struct told_capture *t = capture_of(n, o->sensor);
		if (!t)
			continue;
		bool has_alerts = t->has_alerts || o->has_alerts;
		if (o->is_counted && (!t->until_ns || o->from_ns < t->from_ns))
			*t = *o;
		t->has_alerts = has_alerts;
	}
	n->captures_told = 0;
}

void capture_absorb_end(struct told_end *e, const struct told_end *other)
{
	for (unsigned s = 0; s < CAPTURE_SUMS; s++)
		if (capture_get(&other->loss, s) > capture_get(&e->loss, s))
			capture_raise(&e->loss, s, capture_get(&other->loss, s) - capture_get(&e->loss, s));
}
