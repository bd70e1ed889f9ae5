/* A report for people: its head, the profile's items, what is missing. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/operation_text.h"
#include "incident/report_page.h"
#include "incident/time.h"

/* ---- values ---- */

const char *page_say(const struct report_page *p, const char *zh, const char *en)
{
	return label_either(p->language, zh, en);
}

const char *page_label(const struct report_page *p, const char *group, const char *code)
{
	return label_of(p->labels, group, code, p->language);
}

char *page_time(const struct report_page *p, const char *utc)
{
	char local[REPORT_TIME];

	if (!utc || !report_local_time(utc, p->utc_offset_min, local))
		return utc ? mem_string(utc) : NULL;
	return mem_printf("%.10s %.8s %s", local, local + 11, local + 19);
}

static bool is_utc_time(const char *s)
{
	size_t len = s ? strlen(s) : 0;
	uint64_t ns;

	return len >= 20 && len < TIME_TEXT + 4 && s[len - 1] == 'Z' && time_read_rfc3339(s, &ns);
}

/* As report_local_time() writes it. */
static bool is_local_time(const char *s)
{
	unsigned year, month, day, hour, minute, second, zone, zone_minute;
	char sign;
	int len = 0;

	return s && sscanf(s, "%4u-%2u-%2uT%2u:%2u:%2u%c%2u:%2u%n", &year, &month, &day, &hour,
		&minute, &second, &sign, &zone, &zone_minute, &len) == 9 && len == 25 &&
		!s[len] && (sign == '+' || sign == '-');
}

static char *text_value(const struct report_page *p, const char *s)
{
	if (is_utc_time(s))
		return page_time(p, s);
	return is_local_time(s) ? mem_printf("%.10s %.8s %s", s, s + 11, s + 19) : mem_string(s);
}

static char *list_value(const struct report_page *p, const json_t *list)
{
	struct text t = { 0 };
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		char *value = page_value(p, one);
		if (i > 0)
			text_str(&t, page_say(p, "；", "; "));
		text_str(&t, value ? value : "");
		free(value);
	}
	text_char(&t, '\0');
	return t.at;
}

char *page_value(const struct report_page *p, const json_t *value)
{
	if (json_is_boolean(value))
		return mem_string(json_is_true(value) ? page_say(p, "是", "yes") :
			page_say(p, "否", "no"));
	if (json_is_array(value))
		return json_array_size(value) ? list_value(p, value) : NULL;
	if (json_is_string(value))
		return text_value(p, json_string_value(value));
	return value_text(value);
}

void page_fact(const struct report_page *p, const char *label, const json_t *value, bool always)
{
	char *text = page_value(p, value);

	if (text || always)
		sheet_fact(p->sheet, label, text);
	free(text);
}

/* ---- the head ---- */

static void put_banners(const struct report_page *p)
{
	size_t missing = json_array_size(document_at(p->report, "/missing"));

	if (document_is_true(p->report, "/exercise"))
		sheet_banner(p->sheet, page_say(p, "回放或演练数据，不得作为真实事件上报。",
			"Replay or exercise: must not be filed as a real incident."));
	sheet_banner(p->sheet, document_string(p->report, "/disclaimer"));
	if (missing == 0)
		return;
	char *text = mem_printf(page_say(p, "标有 %s 的 %zu 项须由人填写。",
		"A person must fill in what is marked %s: %zu items."), SHEET_FILL, missing);
	sheet_banner(p->sheet, text);
	free(text);
}

static const json_t *at(const struct report_page *p, const char *pointer)
{
	return document_at(p->report, pointer);
}

static void put_incident(const struct report_page *p)
{
	json_int_t revision;
	char text[32];

	page_fact(p, page_say(p, "报告编号", "Report"), at(p, "/uid"), true);
	page_fact(p, page_say(p, "取代或接续", "Follows"), at(p, "/supersedes"), false);
	page_fact(p, page_say(p, "事件编号", "Incident"), at(p, "/incident/id"), true);
	document_integer(p->report, "/incident/revision", &revision);
	snprintf(text, sizeof(text), "%lld", (long long)revision);
	sheet_fact(p->sheet, page_say(p, "事件版本", "Revision"), text);
	page_fact(p, page_say(p, "事件版本 SHA-256", "SHA-256 of the revision"),
		at(p, "/incident/sha256"), true);
}

static void put_recipient(const struct report_page *p)
{
	page_fact(p, page_say(p, "报送对象", "Recipient"), at(p, "/recipient/name"), true);
	page_fact(p, page_say(p, "报送渠道", "Channels"), at(p, "/recipient/channels"), false);
	page_fact(p, page_say(p, "起算时间", "Clock began"), at(p, "/clock/t0"), true);
	page_fact(p, page_say(p, "报送期限", "Due"), at(p, "/clock/due"), true);
	page_fact(p, page_say(p, "拟制时间", "Prepared"), at(p, "/clock/prepared"), true);
	page_fact(p, page_say(p, "报送时间", "Submitted"), at(p, "/clock/submitted"), false);
	page_fact(p, page_say(p, "拟制人", "Prepared by"), at(p, "/approval/prepared_by"), false);
	page_fact(p, page_say(p, "批准人", "Approved by"), at(p, "/approval/approved_by"), false);
	page_fact(p, page_say(p, "模板依据", "Form"), at(p, "/field_status/source"), false);
	const char *status = document_string(p->report, "/field_status/verified");
	sheet_fact(p->sheet, page_say(p, "依据核实程度", "How sure of the form"),
		page_label(p, "source_status", status));
}

/* ---- the items ---- */

static const json_t *content_at(const struct report_page *p, const char *key)
{
	struct text t = { 0 };

	text_lit(&t, "/content/");
	for (; *key; key++)
		text_char(&t, *key == '.' ? '/' : *key);
	text_char(&t, '\0');
	const json_t *value = document_at(p->report, t.at);
	text_fini(&t);
	return value;
}

static void put_alone(const struct report_page *p, const char *title, const json_t *value)
{
	const json_t *one;
	size_t i;

	sheet_section(p->sheet, title);
	if (json_is_array(value) && json_array_size(value)) {
		json_array_foreach (value, i, one) {
			char *text = page_value(p, one);
			sheet_item(p->sheet, text);
			free(text);
		}
		return;
	}
	char *text = page_value(p, value);
	sheet_paragraph(p->sheet, text);
	free(text);
}

static void put_item(const struct report_page *p, const json_t *item)
{
	const char *key = document_string(item, "/key"), *title = document_string(item, "/title");
	const json_t *value = key ? content_at(p, key) : NULL;

	if (!key || !title)
		return;
	if (json_is_object(value))
		sheet_section(p->sheet, title);
	else if (strchr(key, '.'))
		page_fact(p, title, value, true);
	else
		put_alone(p, title, value);
}

static void put_items(const struct report_page *p)
{
	const json_t *item, *reason = at(p, "/content/reason");
	size_t i;

	if (reason)
		put_alone(p, page_say(p, "理由", "Reason"), reason);
	json_array_foreach (at(p, "/form"), i, item)
		put_item(p, item);
}

static const char *title_of(const struct report_page *p, const char *key)
{
	const json_t *item;
	size_t i;

	json_array_foreach (at(p, "/form"), i, item) {
		const char *its = document_string(item, "/key");
		if (its && strcmp(its, key) == 0)
			return document_string(item, "/title");
	}
	return key;
}

static void put_since(const struct report_page *p)
{
	const json_t *list = at(p, "/since_previous"), *row;
	const char *const heads[] = { page_say(p, "项目", "Item"), page_say(p, "上次", "Before"),
		page_say(p, "本次", "Now") };
	size_t i;

	if (!list)
		return;
	sheet_section(p->sheet, page_say(p, "与上次报告相比", "Since the report before"));
	if (json_array_size(list) == 0) {
		sheet_paragraph(p->sheet, page_say(p, "无变化。", "Nothing changed."));
		return;
	}
	sheet_table(p->sheet, heads, 3);
	json_array_foreach (list, i, row) {
		const char *key = document_string(row, "/key");
		char *before = page_value(p, document_at(row, "/before"));
		char *after = page_value(p, document_at(row, "/after"));
		const char *const cells[] = { key ? title_of(p, key) : NULL, before, after };
		sheet_row(p->sheet, cells);
		free(before);
		free(after);
	}
}

static void put_missing(const struct report_page *p)
{
	const json_t *list = at(p, "/missing"), *name;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	sheet_section(p->sheet, page_say(p, "待人工填写的项目", "To be filled in by a person"));
	json_array_foreach (list, i, name)
		if (json_is_string(name))
			sheet_item(p->sheet, title_of(p, json_string_value(name)));
}

static void put_redaction(const struct report_page *p)
{
	const json_t *removed = at(p, "/redaction/removed");
	char count[24];

	if (!at(p, "/redaction"))
		return;
	sheet_section(p->sheet, page_say(p, "脱敏", "Redaction"));
	page_fact(p, page_say(p, "脱敏方案", "Profile"), at(p, "/redaction/profile"), true);
	page_fact(p, page_say(p, "密级", "Classification"), at(p, "/redaction/classification"), true);
	page_fact(p, page_say(p, "化名密钥", "Key of the pseudonyms"),
		at(p, "/redaction/pseudonym_key_id"), true);
	snprintf(count, sizeof(count), "%zu", json_array_size(removed));
	sheet_fact(p->sheet, page_say(p, "移除或替换的值（有承诺值可核对）",
		"Values removed or replaced, each with a commitment"), count);
}

char *report_sheet(const json_t *report, const json_t *labels, enum sheet_format format)
{
	struct report_page p = { .report = report, .labels = labels };
	const char *title = document_string(report, "/title");
	json_int_t offset;

	p.language = document_string(report, "/language");
	p.language = p.language && p.language[0] == 'e' ? "en" : "zh-CN";
	document_integer(report, "/utc_offset_min", &offset);
	p.utc_offset_min = offset > -1440 && offset < 1440 ? (int)offset : 0;
	const char *kind = page_label(&p, "kind", document_string(report, "/kind"));
	char *heading = mem_printf("%s%s%s", title ? title : "", title && kind ? " · " : "",
		kind ? kind : "");
	p.sheet = sheet_new(format, p.language, heading);
	free(heading);
	put_banners(&p);
	put_incident(&p);
	put_recipient(&p);
	put_items(&p);
	put_since(&p);
	page_annex(&p);
	put_missing(&p);
	put_redaction(&p);
	return sheet_finish(p.sheet);
}
