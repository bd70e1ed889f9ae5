/* What happened, why, and how far it went: in words, from what the network showed. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/operation_text.h"
#include "incident/report_draft.h"

enum { CHANGES_SHOWN = 5, DEVICES_SHOWN = 20 };

static void put_outcomes(const struct report_draft *d, struct text *t, const json_t *affected)
{
	const json_t *outcome;
	size_t i, before = t->len;

	json_array_foreach (document_at(affected, "/outcome"), i, outcome) {
		if (t->len > before)
			text_str(t, report_say(d, "、", ", "));
		const char *word = report_label(d, "effect", json_string_value(outcome));
		text_str(t, word ? word : "?");
	}
	json_int_t silent_s;
	if (!document_integer(affected, "/loss_of_view_s", &silent_s) || silent_s <= 0)
		return;
	if (t->len > before)
		text_str(t, report_say(d, "，", ", "));
	text_printf(t, report_say(d, "停止应答 %lld 秒", "no answers for %lld s"),
		(long long)silent_s);
}

/* In brackets of their own, so that redaction finds them: a value may be any text. */
static void put_values(struct text *t, const json_t *operation)
{
	char *before = value_text(json_object_get(operation, "value_prev"));
	char *value = operation_value_text(operation, "value");
	size_t from;

	if (before || value) {
		text_lit(t, " ⟨");
		from = t->len;
		text_printf(t, "%s→%s", before ? before : "?", value ? value : "?");
		for (char *at = t->at + from; (at = memmem(at, (size_t)(t->at + t->len - at), "⟩",
			strlen("⟩"))); )
			memcpy(at, ">>>", strlen("⟩"));
		text_lit(t, "⟩");
	}
	free(before);
	free(value);
}

static void put_change(const struct report_draft *d, struct text *t, const json_t *row,
	const json_t *operation)
{
	char *point = point_text(operation);
	const char *outcome = report_label(d, "outcome", document_string(operation, "/outcome"));
	const char *verb = report_label(d, "verb", document_string(operation, "/verb"));
	const char *object = report_label(d, "object", document_string(operation, "/object"));
	const char *to = document_string(row, "/to");

	report_separate(t, report_say(d, "；", "; "));
	text_printf(t, "%s %s %s%s%s", to ? to : "?", verb ? verb : "", object ? object : "",
		object && point ? " " : "", point ? point : "");
	put_values(t, operation);
	if (outcome)
		text_printf(t, report_say(d, "（%s）", " (%s)"), outcome);
	free(point);
}

static void put_changes(const struct report_draft *d, struct text *t)
{
	const json_t *row;
	unsigned shown = 0;
	size_t i;

	json_array_foreach (d->alerts, i, row) {
		const json_t *operation = json_object_get(row, "operation");
		if (!operation_alters(operation) || shown++ >= CHANGES_SHOWN)
			continue;
		put_change(d, t, row, operation);
	}
	if (shown > CHANGES_SHOWN) {
		report_separate(t, report_say(d, "；", "; "));
		text_printf(t, report_say(d, "另有 %u 项见附表", "%u more in the annex"),
			shown - CHANGES_SHOWN);
	}
}

json_t *report_impact(const struct report_draft *d)
{
	struct text t = { 0 };
	const json_t *affected;
	json_int_t stopped_min;
	size_t i;

	json_array_foreach (document_at(d->incident, "/affected"), i, affected) {
		const char *asset = document_string(affected, "/asset");
		const char *ip = document_string(affected, "/ip");
		if (i >= DEVICES_SHOWN)
			break;
		report_separate(&t, report_say(d, "；", "; "));
		text_printf(&t, report_say(d, "%s：", "%s: "), report_host(d, ip, asset));
		put_outcomes(d, &t, affected);
	}
	put_changes(d, &t);
	if (document_integer(d->incident, "/human_input/production_stopped_min", &stopped_min)) {
		report_separate(&t, report_say(d, "；", "; "));
		text_printf(&t, report_say(d, "生产中断 %lld 分钟", "production stopped for %lld min"),
			(long long)stopped_min);
	}
	return report_take(&t);
}

/* ---- why, and what next ---- */

static void put_techniques(const struct report_draft *d, struct text *t)
{
	const json_t *technique;
	size_t i;

	json_array_foreach (document_at(d->incident, "/progress/techniques"), i, technique) {
		text_str(t, i ? report_say(d, "、", ", ") :
			report_say(d, "观察到的技术（ATT&CK ICS）：", "techniques seen (ATT&CK ICS): "));
		text_str(t, json_is_string(technique) ? json_string_value(technique) : "?");
	}
}

json_t *report_cause(const struct report_draft *d)
{
	struct text t = { 0 };
	const json_t *actor;
	size_t i;

	json_array_foreach (document_at(d->incident, "/actors"), i, actor) {
		const char *ref = report_host(d, document_string(actor, "/ip"), NULL);
		const char *zone = document_string(actor, "/zone");
		const json_t *known = json_object_get(actor, "known_asset");
		report_separate(&t, report_say(d, "；", "; "));
		text_printf(&t, report_say(d, "来源 %s", "source %s"), ref ? ref : "?");
		if (zone)
			text_printf(&t, report_say(d, "（区域 %s）", " (zone %s)"), zone);
		if (json_is_boolean(known))
			text_str(&t, json_is_true(known) ?
				report_say(d, "，已登记资产", ", a registered asset") :
				report_say(d, "，未登记资产", ", not a registered asset"));
	}
	report_separate(&t, report_say(d, "；", "; "));
	put_techniques(d, &t);
	return report_take(&t);
}

json_t *report_trend(const struct report_draft *d)
{
	const char *stage = report_label(d, "stage",
		document_string(d->incident, "/progress/highest"));
	const char *last = document_string(d->incident, "/times/last_activity");
	char local[REPORT_TIME];
	struct text t = { 0 };

	if (stage)
		text_printf(&t, report_say(d, "已到达阶段：%s", "stage reached: %s"), stage);
	if (last && report_local_time(last, d->request->utc_offset_min, local)) {
		report_separate(&t, report_say(d, "；", "; "));
		text_printf(&t, report_say(d, "最近一次相关活动：%s", "last activity seen: %s"), local);
	}
	return report_take(&t);
}

