/* Behind a profile's items: who and what was involved, the incident's grade and clocks, the
 * evidence, and what the sensor could not see. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/report_draft.h"

/* Members of an object, those that are missing as null. */
static json_t *pick(const json_t *from, const char *const *keys)
{
	json_t *out = json_object();

	for (; *keys; keys++) {
		json_t *value = json_object_get(from, *keys);
		json_object_set(out, *keys, value ? value : json_null());
	}
	return out;
}

static json_t *pick_each(const json_t *list, const char *const *keys)
{
	json_t *out = json_array();
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one)
		if (i < REPORT_ROWS)
			json_array_append_new(out, pick(one, keys));
	return out;
}

/* Who was logged in, all of them: a list, also of one or none. */
static json_t *users_of(const json_t *actor)
{
	json_t *users = json_object_get(actor, "users"), *list = json_array();
	json_t *user = json_object_get(actor, "user");

	if (json_is_array(users))
		json_array_extend(list, users);
	else if (json_is_string(user))
		json_array_append(list, user);
	return list;
}

static json_t *actors(const struct report_draft *d)
{
	static const char *const keys[] = { "ref", "ip", "mac", "zone", "known_asset", NULL };
	const json_t *from = document_at(d->incident, "/actors");
	json_t *list = pick_each(from, keys), *row;
	size_t i;

	json_array_foreach (list, i, row)
		json_object_set_new(row, "users", users_of(json_array_get(from, i)));
	return list;
}

static json_t *affected(const struct report_draft *d)
{
	static const char *const keys[] = { "asset", "ip", "role", "vendor", "model", "zone",
		"criticality", "safety", "mlps_level", "cii", "outcome", "loss_of_view_s",
		"responsible", NULL };

	return pick_each(document_at(d->incident, "/affected"), keys);
}

static json_t *clocks(const struct report_draft *d)
{
	static const char *const keys[] = { "profile", "recipient", "t0_rule", "t0", "due", "alt",
		"status", NULL };

	return pick_each(document_at(d->incident, "/clocks"), keys);
}

static json_t *evidence(const struct report_draft *d)
{
	static const char *const keys[] = { "type", "ref", "sha256", "bytes", "hold", NULL };

	return pick_each(document_at(d->incident, "/evidence"), keys);
}

static json_t *grade(const struct report_draft *d)
{
	static const char *const keys[] = { "proposed", "threshold_checks", "confirmed", NULL };
	json_t *out = pick(document_at(d->incident, "/grade"), keys);
	const json_t *score = document_at(d->incident, "/score");

	json_object_set(out, "score", score ? (json_t *)score : json_null());
	return out;
}

/* ---- what was not seen ---- */

static json_int_t drops_near(const struct report_draft *d)
{
	const json_t *row;
	json_int_t sum = 0, drops;
	size_t i;

	json_array_foreach (d->alerts, i, row)
		if (document_integer(row, "/drops", &drops))
			sum += drops;
	return sum;
}

static json_int_t alerts_at_hand(const struct report_draft *d)
{
	const json_t *row;
	json_int_t count = 0;
	size_t i;

	json_array_foreach (d->alerts, i, row)
		count += json_object_get(row, "sid") != NULL;
	return count;
}

/* One sentence: whether the figures can be taken for the whole. */
static const char *loss_in_words(const struct report_draft *d)
{
	const json_t *complete = document_at(d->incident, "/capture/complete");

	if (!json_is_boolean(complete))
		return report_say(d, "本事件未记录采集丢失情况。",
			"How much the capture lost was not recorded with this incident.");
	if (json_is_true(complete))
		return report_say(d, "事件期间探针未发现采集丢失；经过它的流量均已还原。",
			"While the incident ran the sensor knows of no loss: what passed it "
			"was followed.");
	return report_say(d, "事件期间采集不完整（见上）：未采集到的时段和流量中可能另有活动，"
		"本报告无法说明。",
		"While the incident ran the capture was incomplete, as told above: there may "
		"be more that this report cannot tell.");
}

/* Whose alerts are here, and who did not tell how it saw. */
static void put_silent_sensors(const struct report_draft *d, json_t *limits)
{
	const json_t *row;
	size_t i;

	json_array_foreach (document_at(d->incident, "/capture/sensors"), i, row) {
		const char *sensor = document_string(row, "/sensor");
		if (!sensor || json_is_boolean(json_object_get(row, "complete")))
			continue;
		char *text = mem_printf(report_say(d, "探针 %s 未报告其采集情况，丢失多少不明。",
			"Sensor %s did not tell how it saw: what it lost is not known."), sensor);
		json_array_append_new(limits, json_string(text));
		free(text);
	}
}

static void put_limits(const struct report_draft *d, json_t *limits)
{
	json_array_append_new(limits, json_string(report_say(d,
		"仅依据镜像的网络流量：设备面板或本机上的操作、串行链路和未镜像的网段不可见。",
		"From mirrored network traffic only: what is done at a device's panel or locally, "
		"on serial links, and on segments that are not mirrored cannot be seen.")));
	json_array_append_new(limits, json_string(report_say(d,
		"加密会话内的命令不可见；控制命令被接受不等于过程量已改变。",
		"Commands inside encrypted sessions cannot be seen; that a command was accepted "
		"does not mean that the process followed.")));
	json_array_append_new(limits, json_string(loss_in_words(d)));
	put_silent_sensors(d, limits);
}

static json_t *capture(const struct report_draft *d)
{
	static const char *const keys[] = { "from", "until", "complete", "packets", "drops",
		"missed", "unseen", "cut_captures", "shed", "blind_s", "off_s", "gaps",
		"blind_bytes", "undecoded_bytes", "one_sided_flows", "midstream_flows",
		"encrypted_flows", "sensors", "assets", NULL };
	json_t *out = pick(document_at(d->incident, "/capture"), keys);
	const json_t *count = document_at(d->incident, "/alerts/count");
	json_t *limits = json_array();

	put_limits(d, limits);
	json_object_set_new(out, "drops_near_alerts", json_integer(drops_near(d)));
	json_object_set_new(out, "alerts",
		count ? json_incref((json_t *)count) : json_null());
	json_object_set_new(out, "alerts_at_hand", json_integer(alerts_at_hand(d)));
	json_object_set_new(out, "limits", limits);
	return out;
}

json_t *report_annex(const struct report_draft *d)
{
	json_t *annex = json_object();

	json_object_set_new(annex, "grade", grade(d));
	json_object_set_new(annex, "actors", actors(d));
	json_object_set_new(annex, "affected", affected(d));
	json_object_set_new(annex, "changes", report_changes(d));
	json_object_set_new(annex, "timeline", report_timeline(d));
	json_object_set_new(annex, "clocks", clocks(d));
	json_object_set_new(annex, "evidence", evidence(d));
	json_object_set_new(annex, "capture", capture(d));
	return annex;
}
