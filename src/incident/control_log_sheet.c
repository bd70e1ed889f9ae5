/* The audit of operations as JSON and as a sheet. */
#include <stdlib.h>

#include "base/memory.h"
#include "incident/control_log_state.h"
#include "incident/document.h"
#include "incident/time.h"

enum { SUM_PARTS = 5 };

/* A log with protocols' events has everything that alerts have. */
const struct control_rows *control_log_rows(const struct control_log *l)
{
	return l->protocol_events > 0 ? &l->protocol : &l->alerts;
}

/* ---- the head ---- */

static json_t *time_or_null(uint64_t ns)
{
	char text[TIME_TEXT];

	time_rfc3339(ns, text);
	return ns ? json_string(text) : json_null();
}

static json_t *make_sum(const char *key, json_int_t count)
{
	static const char *const names[SUM_PARTS] = { "who", "to", "protocol", "verb",
		"outcome" };
	json_t *sum = json_object(), *parts = json_loads(key, 0, NULL);

	for (unsigned i = 0; i < SUM_PARTS; i++) {
		json_t *part = json_array_get(parts, i);
		json_object_set(sum, names[i], json_string_length(part) ? part : json_null());
	}
	json_object_set_new(sum, "count", json_integer(count));
	json_decref(parts);
	return sum;
}

struct sum {
	json_t *object;
	json_int_t count;
	size_t place; /* in the order they came */
};

static int compare_sums(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* The most frequent first; those of the same count as they came. */
static json_t *make_sums(const struct control_rows *rows)
{
	struct sum *all = mem_array(json_object_size(rows->sums) + 1, sizeof(*all));
	json_t *list = json_array(), *value;
	size_t count = 0;
	const char *key;

	json_object_foreach (rows->sums, key, value) {
		json_int_t times = json_integer_value(value);
		all[count] = (struct sum){ make_sum(key, times), times, count };
		count++;
	}
	qsort(all, count, sizeof(*all), compare_sums);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, all[i].object);
	free(all);
	return list;
}

json_t *control_log_head(const struct control_log *l)
{
	const struct control_rows *rows = control_log_rows(l);
	json_t *head = json_object();

	json_object_set_new(head, "schema", json_string("ironspan.operations/1"));
	json_object_set_new(head, "source",
		json_string(rows == &l->protocol ? "protocol_events" : "alerts"));
	json_object_set_new(head, "period", json_pack("{s:o,s:o,s:o,s:o}",
		"since", time_or_null(l->config.since_ns),
		"until", time_or_null(l->config.until_ns),
		"first_seen", time_or_null(l->first_ns), "last_seen", time_or_null(l->last_ns)));
	json_object_set_new(head, "count", json_integer((json_int_t)rows->count));
	json_object_set_new(head, "not_listed",
		json_integer((json_int_t)(rows->count - rows->listed)));
	json_object_set_new(head, "not_summed", json_integer((json_int_t)rows->unsummed));
	json_object_set_new(head, "unreadable_lines", json_integer((json_int_t)l->unreadable));
	json_object_set_new(head, "sums", make_sums(rows));
	return head;
}

/* ---- JSON ---- */

bool control_log_json(struct control_log *l, FILE *out)
{
	const struct control_rows *rows = control_log_rows(l);
	json_t *head = control_log_head(l);
	char *text = json_dumps(head, JSON_COMPACT);
	size_t at = 0;

	fprintf(out, "%.*s,\"operations\":[", (int)strlen(text) - 1, text);
	while (at < rows->lines.len) {
		const char *line = rows->lines.at + at;
		size_t len = (size_t)((char *)memchr(line, '\n', rows->lines.len - at) - line);
		fputs(at ? ",\n" : "\n", out);
		fwrite(line, 1, len, out);
		at += len + 1;
	}
	fputs("]}\n", out);
	free(text);
	json_decref(head);
	return !ferror(out);
}

/* ---- the sheet ---- */

struct words {
	const json_t *labels;
	const char *language;
};

static const char *word(const struct words *w, const json_t *row, const char *group)
{
	char pointer[32];

	snprintf(pointer, sizeof(pointer), "/%s", group);
	return label_of(w->labels, group, document_string(row, pointer), w->language);
}

static char *end_text(const json_t *row, const char *which)
{
	const json_t *end = json_object_get(row, which);
	const char *ip = document_string(end, "/ip"), *asset = document_string(end, "/asset");
	const char *more = document_string(end, strcmp(which, "who") == 0 ? "/user" : "/unit");
	const char *name = asset ? asset : ip ? ip : "?";

	return mem_printf("%s%s%s%s%s%s", name, asset && ip ? " (" : "",
		asset && ip ? ip : "", asset && ip ? ")" : "", more ? " · " : "",
		more ? more : "");
}

/* "2026-11-20 02:14:07.412" */
static char *time_cell(const json_t *row)
{
	const char *at = document_string(row, "/at");

	return at ? mem_printf("%.10s %.12s", at, at + 11) : NULL;
}

static void put_row(struct sheet *s, const struct words *w, const json_t *row)
{
	const char *object = word(w, row, "object"), *point = document_string(row, "/point");
	const char *outcome = word(w, row, "outcome"), *code = document_string(row, "/code");
	char *at = time_cell(row), *who = end_text(row, "who"), *to = end_text(row, "to");
	char *what = mem_printf("%s %s", object ? object : "", point ? point : "");
	char *result = mem_printf("%s%s%s", outcome ? outcome : "", code ? ": " : "",
		code ? code : "");
	const char *const cells[] = { at, who, to, document_string(row, "/protocol"),
		word(w, row, "verb"), what, document_string(row, "/value_before"),
		document_string(row, "/value"), result };

	sheet_row(s, cells);
	free(at);
	free(who);
	free(to);
	free(what);
	free(result);
}

static void put_rows(struct sheet *s, const struct words *w, const struct control_rows *rows)
{
	static const char *const heads[][9] = {
		{ "时间（UTC）", "操作者", "对象设备", "协议", "操作", "点位", "原值", "新值", "结果" },
		{ "Time (UTC)", "Who", "Device", "Protocol", "Operation", "Point", "Before",
			"After", "Outcome" },
	};

	sheet_section(s, label_either(w->language, "操作明细", "Operations"));
	if (rows->listed == 0) {
		sheet_paragraph(s, label_either(w->language, "无。", "None."));
		return;
	}
	sheet_table(s, heads[w->language[0] == 'e'], 9);
	for (size_t at = 0; at < rows->lines.len;) {
		const char *line = rows->lines.at + at;
		size_t len = (size_t)((char *)memchr(line, '\n', rows->lines.len - at) - line);
		json_t *row = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
		put_row(s, w, row);
		json_decref(row);
		at += len + 1;
	}
}

static void put_sums(struct sheet *s, const struct words *w, const json_t *sums)
{
	static const char *const heads[][6] = {
		{ "操作者", "对象设备", "协议", "操作", "结果", "次数" },
		{ "Who", "Device", "Protocol", "Operation", "Outcome", "Times" },
	};
	size_t i;
	const json_t *sum;

	if (json_array_size(sums) == 0)
		return;
	sheet_section(s, label_either(w->language, "汇总", "Sums"));
	sheet_table(s, heads[w->language[0] == 'e'], 6);
	json_array_foreach (sums, i, sum) {
		char count[24];
		snprintf(count, sizeof(count), "%lld",
			(long long)json_integer_value(json_object_get(sum, "count")));
		const char *const cells[] = { document_string(sum, "/who"),
			document_string(sum, "/to"), document_string(sum, "/protocol"),
			word(w, sum, "verb"), word(w, sum, "outcome"), count };
		sheet_row(s, cells);
	}
}

static void put_number(struct sheet *s, const char *label, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	sheet_fact(s, label, text);
}

static void put_facts(struct sheet *s, const struct control_log *l, const json_t *head,
	const char *language)
{
	const struct control_rows *rows = control_log_rows(l);

	sheet_fact(s, label_either(language, "观察到的首条", "First seen"),
		document_string(head, "/period/first_seen"));
	sheet_fact(s, label_either(language, "观察到的末条", "Last seen"),
		document_string(head, "/period/last_seen"));
	if (l->config.since_ns)
		sheet_fact(s, label_either(language, "起", "Since"),
			document_string(head, "/period/since"));
	if (l->config.until_ns)
		sheet_fact(s, label_either(language, "止（不含）", "Until (exclusive)"),
			document_string(head, "/period/until"));
	put_number(s, label_either(language, "操作数", "Operations"), rows->count);
	if (rows->count > rows->listed)
		put_number(s, label_either(language, "未逐条列出", "Not listed one by one"),
			rows->count - rows->listed);
	if (l->unreadable)
		put_number(s, label_either(language, "无法读取的行", "Lines that could not be read"),
			l->unreadable);
	sheet_fact(s, label_either(language, "依据", "Source"),
		rows == &l->protocol ?
			label_either(language, "协议事件（全部操作）", "protocol events (all operations)") :
			label_either(language, "仅告警：未触发规则的操作不在其中",
				"alerts only: operations that no rule alerted on are not in it"));
}

char *control_log_sheet(struct control_log *l, const json_t *labels, const char *language,
	enum sheet_format format)
{
	struct words w = { labels, language };
	json_t *head = control_log_head(l);
	struct sheet *s = sheet_new(format, language,
		label_either(language, "控制操作审计报告", "Audit of control operations"));

	sheet_banner(s, label_either(language,
		"由 ironspan 依据网络流量整理；设备本地操作和未镜像的链路不可见。",
		"Compiled by ironspan from network traffic; what is done at the device itself, or "
		"on links that are not mirrored, cannot be seen."));
	put_facts(s, l, head, language);
	put_sums(s, &w, json_object_get(head, "sums"));
	put_rows(s, &w, control_log_rows(l));
	json_decref(head);
	return sheet_finish(s);
}
