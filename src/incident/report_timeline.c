/* What happened when: alerts, decisions and actions in one order, and what was written where. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/operation_text.h"
#include "incident/report_draft.h"

/* ---- values before and after ---- */

static void set_text(json_t *row, const char *key, char *owned)
{
	json_object_set_new(row, key, document_or_null(owned));
	free(owned);
}

static void copy(json_t *row, const char *key, const json_t *from)
{
	json_t *value = json_object_get(from, key);

	json_object_set(row, key, value ? value : json_null());
}

static json_t *make_change(const json_t *alert, const json_t *operation)
{
	json_t *row = json_object();

	copy(row, "at", alert);
	copy(row, "from", alert);
	copy(row, "user", alert);
	copy(row, "to", alert);
	copy(row, "protocol", alert);
	copy(row, "verb", operation);
	copy(row, "object", operation);
	set_text(row, "point", point_text(operation));
	set_text(row, "value_before", operation_value_text(operation, "value_prev"));
	set_text(row, "value", operation_value_text(operation, "value"));
	copy(row, "outcome", operation);
	return row;
}

/* Two rules that alert on one write make two alerts and one change. */
static void add_change(json_t *list, const json_t *alert, const json_t *operation)
{
	size_t count = json_array_size(list);

	if (!operation_alters(operation) || count >= REPORT_ROWS)
		return;
	json_t *row = make_change(alert, operation);
	if (count > 0 && json_equal(json_array_get(list, count - 1), row))
		json_decref(row);
	else
		json_array_append_new(list, row);
}

json_t *report_changes(const struct report_draft *d)
{
	json_t *list = json_array();
	const json_t *alert, *each;
	size_t i, k;

	json_array_foreach (d->alerts, i, alert) {
		const json_t *operations = json_object_get(alert, "operations");
		if (!json_is_array(operations))
			add_change(list, alert, json_object_get(alert, "operation"));
		json_array_foreach (operations, k, each)
			add_change(list, alert, operation_with_value_before(each,
				json_object_get(alert, "operation")));
	}
	return list;
}

/* ---- the time line ---- */

struct line {
	const char *at; /* of the row */
	size_t place;
	json_t *row;
};

struct lines {
	struct line *at;
	size_t count, room;
	json_t *alerts; /* "sid\tfrom\tto": row, borrowed */
};

static json_t *add(struct lines *l, const char *at, const char *kind, const char *text)
{
	if (l->count == l->room)
		return NULL;
	json_t *row = json_object();
	json_object_set_new(row, "at", json_string(at));
	json_object_set_new(row, "kind", json_string(kind));
	json_object_set_new(row, "what", json_string(text));
	l->at[l->count] = (struct line){ document_string(row, "/at"), l->count, row };
	l->count++;
	return row;
}

static const char *or_unknown(const char *s)
{
	return s ? s : "?";
}

/* The same rule on the same ends is one line with a count. */
static void add_alert(struct lines *l, const json_t *alert)
{
	const char *from = or_unknown(document_string(alert, "/from"));
	const char *to = or_unknown(document_string(alert, "/to"));
	const char *at = document_string(alert, "/at");
	char *key = mem_printf("%lld\t%s\t%s",
		(long long)json_integer_value(json_object_get(alert, "sid")), from, to);
	char *text = mem_printf("%s: %s → %s", or_unknown(document_string(alert, "/signature")),
		from, to);
	json_t *row = json_object_get(l->alerts, key);

	if (!row && (row = add(l, at, "alert", text))) {
		json_object_set_new(row, "count", json_integer(0));
		json_object_set(l->alerts, key, row);
	}
	if (row) {
		json_t *count = json_object_get(row, "count");
		json_integer_set(count, json_integer_value(count) + 1);
		if (json_integer_value(count) > 1)
			json_object_set_new(row, "last", json_string(at));
	}
	free(key);
	free(text);
}

static void add_times(struct lines *l, const struct report_draft *d)
{
	static const struct {
		const char *pointer, *zh, *en;
	} times[] = {
		{ "/times/first_activity", "首次相关活动", "first activity" },
		{ "/times/detected", "发现", "detected" },
		{ "/times/acknowledged", "开始响应", "acknowledged" },
		{ "/times/confirmed", "确认为事件", "confirmed as an incident" },
		{ "/times/contained", "遏制", "contained" },
		{ "/times/resolved", "处置完成", "resolved" },
		{ "/times/closed", "关闭", "closed" },
		{ "/times/last_activity", "最近一次相关活动", "last activity" },
	};

	for (unsigned i = 0; i < sizeof(times) / sizeof(*times); i++) {
		const char *at = document_string(d->incident, times[i].pointer);
		if (at)
			add(l, at, "state", report_say(d, times[i].zh, times[i].en));
	}
}

static void add_actions(struct lines *l, const struct report_draft *d)
{
	const json_t *action;
	size_t i;

	json_array_foreach (document_at(d->incident, "/actions"), i, action) {
		const char *at = document_string(action, "/at");
		const char *kind = report_label(d, "action", document_string(action, "/kind"));
		if (!at)
			continue;
		char *text = mem_printf(report_say(d, "%s：%s", "%s: %s"), or_unknown(kind),
			or_unknown(document_string(action, "/text")));
		add(l, at, "action", text);
		free(text);
	}
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = strcmp(x->at, y->at);

	return order ? order : x->place < y->place ? -1 : 1;
}

json_t *report_timeline(const struct report_draft *d)
{
	struct lines l = { .room = REPORT_ROWS, .alerts = json_object(),
		.at = mem_array(REPORT_ROWS, sizeof(*l.at)) };
	json_t *list = json_array();
	const json_t *alert;
	size_t i;

	add_times(&l, d);
	add_actions(&l, d);
	json_array_foreach (d->alerts, i, alert)
		if (json_object_get(alert, "sid"))
			add_alert(&l, alert);
	qsort(l.at, l.count, sizeof(*l.at), compare_lines);
	for (i = 0; i < l.count; i++)
		json_array_append_new(list, l.at[i].row);
	json_decref(l.alerts);
	free(l.at);
	return list;
}
