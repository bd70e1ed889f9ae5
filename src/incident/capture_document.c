/* What was hidden as documents tell it, and back. */
#include "incident/capture_sums.h"
#include "incident/describe.h"
#include "incident/time.h"

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
		for (unsigned s = 0; s < CAPTURE_SUMS; s++)
			if (capture_sums[s].of_host && capture_get(&loss, s))
				json_object_set_new(row, capture_sums[s].key,
					json_integer((json_int_t)capture_get(&loss, s)));
		if (json_object_size(row) > 1)
			json_array_append(array, row);
		json_decref(row);
	}
	return array;
}

static void put_sums(json_t *row, const struct incident_loss *loss)
{
	for (unsigned s = 0; s < CAPTURE_SUMS; s++)
		json_object_set_new(row, capture_sums[s].key,
			json_integer((json_int_t)capture_get(loss, s)));
}

/* One that told nothing: not known is not none. */
static json_t *sensor_json(const struct told_capture *t)
{
	if (!t->is_counted)
		return json_pack("{ss sn sn sn}", "sensor", t->sensor, "from", "until",
			"complete");
	json_t *row = json_pack("{ss so so sb}", "sensor", t->sensor, "from",
		describe_time(t->from_ns), "until", describe_time(t->until_ns),
		"complete", capture_weight(&t->loss) == 0);
	put_sums(row, &t->loss);
	return row;
}

static bool is_named(const struct incident *n)
{
	const struct told_capture *first = n->captures.at;
	return n->captures.count && *first->sensor;
}

static void put_sensors(json_t *doc, const struct incident *n)
{
	json_t *array = json_array();
	list_each(&n->captures, struct told_capture, t)
		json_array_append_new(array, sensor_json(t));
	json_object_set_new(doc, "sensors", array);
}

json_t *sensors_json(const struct incident *n)
{
	json_t *array = is_named(n) ? json_array() : NULL;
	list_each(&n->captures, struct told_capture, t)
		if (array && t->has_alerts)
			json_array_append_new(array, json_string(t->sensor));
	return array;
}

/* From the first interval of any of them to the last. */
static void span(const struct incident *n, uint64_t *from_ns, uint64_t *until_ns)
{
	*from_ns = UINT64_MAX;
	*until_ns = 0;
	list_each(&n->captures, struct told_capture, t) {
		if (!t->is_counted)
			continue;
		*from_ns = t->from_ns < *from_ns ? t->from_ns : *from_ns;
		*until_ns = t->until_ns > *until_ns ? t->until_ns : *until_ns;
	}
}

json_t *capture_json(const struct incidents *i, const struct incident *n)
{
	struct incident_loss all = capture_sum(n);
	uint64_t from_ns, until_ns;
	unsigned count = capture_counted(n);
	if (!count)
		return json_null();
	span(n, &from_ns, &until_ns);
	json_t *doc = json_pack("{so so sb}", "from", describe_time(from_ns), "until",
		describe_time(until_ns), "complete",
		capture_weight(&all) == 0 && count == n->captures.count);
	put_sums(doc, &all);
	if (is_named(n))
		put_sensors(doc, n);
	json_object_set_new(doc, "assets", hosts_json(i, n));
	return doc;
}

/* ---- after a restart ---- */

static void read_sums(struct incident_loss *l, const json_t *object)
{
	for (unsigned s = 0; s < CAPTURE_SUMS; s++) {
		json_int_t v = json_integer_value(json_object_get(object, capture_sums[s].key));
		capture_raise(l, s, v > 0 ? (uint64_t)v : 0);
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

/* What was told of a sensor, or of the only one. */
static bool read_sensor(struct incident *n, const char *sensor, const json_t *row)
{
	uint64_t from_ns, until_ns;
	struct told_capture *t = NULL;
	if (time_at(row, "from", &from_ns) && time_at(row, "until", &until_ns))
		t = capture_of(n, sensor);
	if (!t)
		return false;
	t->from_ns = from_ns;
	t->until_ns = until_ns;
	t->is_counted = true;
	read_sums(&t->loss, row);
	return true;
}

static void read_sensors(const struct incidents *i, struct incident *n, const json_t *alerts,
	const json_t *capture)
{
	const json_t *row;
	size_t r;
	json_array_foreach(json_object_get(alerts, "sensors"), r, row)
		if (json_is_string(row))
			capture_note_sensor(i, n, json_string_value(row));
	json_array_foreach(json_object_get(capture, "sensors"), r, row) {
		const char *sensor = json_string_value(json_object_get(row, "sensor"));
		if (sensor && *sensor)
			read_sensor(n, sensor, row);
	}
}

/* Where nothing was told before the end, the last alert is what was surely seen. */
static void read_only(struct incident *n, const json_t *capture)
{
	if (read_sensor(n, "", capture))
		return;
	struct told_capture *t = capture_of(n, "");
	t->from_ns = t->until_ns = n->last_ns;
}

void capture_resume(const struct incidents *i, struct incident *n, const json_t *doc)
{
	const json_t *capture = json_object_get(doc, "capture"), *row;
	size_t r;
	if (i->config.has_sensors)
		read_sensors(i, n, json_object_get(doc, "alerts"), capture);
	else
		read_only(n, capture);
	json_array_foreach(json_object_get(capture, "assets"), r, row)
		read_host(n, row);
	if (capture_counted(n))
		capture_told(n);
}
