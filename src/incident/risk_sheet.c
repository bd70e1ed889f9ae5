/* Risk before and after networking, for people. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "incident/document.h"
#include "incident/operation_text.h"
#include "incident/risk.h"

struct page {
	struct sheet *sheet;
	const json_t *doc, *labels;
	const char *language;
};

static const char *say(const struct page *p, const char *zh, const char *en)
{
	return label_either(p->language, zh, en);
}

/* ---- cells ---- */

static char *words(const struct page *p, const char *group, const json_t *list)
{
	struct text t = { 0 };
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *word = label_of(p->labels, group, json_string_value(one), p->language);
		text_str(&t, i ? say(p, "、", ", ") : "");
		text_str(&t, word ? word : "?");
	}
	text_char(&t, '\0');
	return t.at;
}

/* Vendor, model, firmware: what a device says of itself. */
static char *identity(const json_t *asset)
{
	static const char *const facts[] = { "/vendor", "/product", "/model", "/firmware",
		"/name" };
	struct text t = { 0 };

	for (unsigned i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		char *value = value_text(document_at(asset, facts[i]));
		if (value && t.len)
			text_lit(&t, " · ");
		text_str(&t, value ? value : "");
		free(value);
	}
	text_char(&t, '\0');
	return t.at;
}

/* ---- tables ---- */

static void put_assets(const struct page *p, const char *title, const json_t *rows)
{
	const char *const heads[] = { say(p, "地址", "Address"), "MAC", say(p, "资产", "Asset"),
		say(p, "角色", "Role"), say(p, "协议", "Protocols"), say(p, "自述", "Says of itself") };
	const json_t *row;
	size_t i;

	sheet_heading(p->sheet, title);
	if (json_array_size(rows) == 0) {
		sheet_paragraph(p->sheet, say(p, "无。", "None."));
		return;
	}
	sheet_table(p->sheet, heads, 6);
	json_array_foreach (rows, i, row) {
		char *roles = words(p, "role", document_at(row, "/roles"));
		char *protocols = words(p, "protocol", document_at(row, "/protocols"));
		char *own = identity(row);
		const char *const cells[] = { document_string(row, "/ip"),
			document_string(row, "/mac"), document_string(row, "/asset"), roles, protocols, own };
		sheet_row(p->sheet, cells);
		free(roles);
		free(protocols);
		free(own);
	}
}

static void put_exposures(const struct page *p, const char *title, const json_t *rows)
{
	const char *const heads[] = { say(p, "暴露面", "Exposure"), say(p, "对象", "Where"),
		say(p, "协议", "Protocol"), say(p, "谁", "Who"), say(p, "说明", "Detail") };
	const json_t *row;
	size_t i;

	sheet_heading(p->sheet, title);
	if (json_array_size(rows) == 0) {
		sheet_paragraph(p->sheet, say(p, "无。", "None."));
		return;
	}
	sheet_table(p->sheet, heads, 5);
	json_array_foreach (rows, i, row) {
		char *details = words(p, "verb", document_at(row, "/details"));
		const char *const cells[] = {
			label_of(p->labels, "exposure", document_string(row, "/kind"), p->language),
			document_string(row, "/object"), document_string(row, "/protocol"),
			document_string(row, "/subject"), details };
		sheet_row(p->sheet, cells);
		free(details);
	}
}

static void put_changes(const struct page *p, const json_t *rows)
{
	const char *const heads[] = { say(p, "地址", "Address"), say(p, "属性", "Fact"),
		say(p, "联网前", "Before"), say(p, "联网后", "After") };
	const json_t *row;
	size_t i;

	if (json_array_size(rows) == 0)
		return;
	sheet_heading(p->sheet, say(p, "变化的资产", "Devices that changed"));
	sheet_table(p->sheet, heads, 4);
	json_array_foreach (rows, i, row) {
		char *before = value_text(document_at(row, "/before"));
		char *after = value_text(document_at(row, "/after"));
		const char *const cells[] = { document_string(row, "/ip"),
			document_string(row, "/fact"), before, after };
		sheet_row(p->sheet, cells);
		free(before);
		free(after);
	}
}

/* ---- parts ---- */

static void put_counts(const struct page *p)
{
	static const char *const kinds[] = { "service", "clear_text", "anonymous", "writer",
		"unknown_master", "external", "finding" };
	const char *const heads[] = { say(p, "项目", "What"), say(p, "联网前", "Before"),
		say(p, "联网后", "After") };
	static const char *const sides[] = { "/before/exposures", "/after/exposures" };

	sheet_table(p->sheet, heads, 3);
	char assets[2][24];
	snprintf(assets[0], 24, "%zu", json_array_size(document_at(p->doc, "/before/assets")));
	snprintf(assets[1], 24, "%zu", json_array_size(document_at(p->doc, "/after/assets")));
	sheet_row(p->sheet, (const char *[]){ say(p, "设备", "Devices"), assets[0], assets[1] });
	for (unsigned k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		char counts[2][24];
		for (unsigned side = 0; side < 2; side++) {
			const json_t *row;
			size_t i;
			unsigned count = 0;
			json_array_foreach (document_at(p->doc, sides[side]), i, row)
				count += strcmp(document_string(row, "/kind"), kinds[k]) == 0;
			snprintf(counts[side], sizeof(counts[side]), "%u", count);
		}
		sheet_row(p->sheet, (const char *[]){ label_of(p->labels, "exposure", kinds[k],
			p->language), counts[0], counts[1] });
	}
}

static void put_side(const struct page *p, const char *title, const char *side)
{
	const json_t *s = json_object_get(p->doc, side);
	json_int_t left_out;

	sheet_section(p->sheet, title);
	sheet_fact(p->sheet, say(p, "数据", "Input"), document_string(s, "/input"));
	sheet_fact(p->sheet, say(p, "起", "From"), document_string(s, "/first_seen"));
	sheet_fact(p->sheet, say(p, "止", "To"), document_string(s, "/last_seen"));
	if (document_integer(s, "/left_out", &left_out) && left_out > 0)
		sheet_fact(p->sheet, say(p, "超出上限", "Bound reached"),
			say(p, "有条目未列出", "some rows are left out"));
	put_assets(p, say(p, "资产清单", "Devices"), document_at(s, "/assets"));
	put_exposures(p, say(p, "暴露面清单", "Exposures"), document_at(s, "/exposures"));
}

static void put_difference(const struct page *p)
{
	sheet_section(p->sheet, say(p, "联网前后差异", "What became of it"));
	put_counts(p);
	put_assets(p, say(p, "新增资产", "New devices"),
		document_at(p->doc, "/difference/assets/added"));
	put_assets(p, say(p, "不再出现的资产", "Devices no longer seen"),
		document_at(p->doc, "/difference/assets/removed"));
	put_changes(p, document_at(p->doc, "/difference/assets/changed"));
	put_exposures(p, say(p, "新增暴露面", "New exposures"),
		document_at(p->doc, "/difference/exposures/added"));
	put_exposures(p, say(p, "不再出现的暴露面", "Exposures no longer seen"),
		document_at(p->doc, "/difference/exposures/removed"));
}

char *risk_sheet(const json_t *doc, const json_t *labels, enum sheet_format format)
{
	struct page p = { .doc = doc, .labels = labels };

	p.language = document_string(doc, "/language");
	p.language = p.language && p.language[0] == 'e' ? "en" : "zh-CN";
	p.sheet = sheet_new(format, p.language, say(&p, "联网前后风险对比报告",
		"Risk before and after networking"));
	sheet_banner(p.sheet, say(&p,
		"仅反映网络上实际出现过的设备和通信；未通信、未镜像的部分不在其中，未见不等于没有。",
		"Only what spoke on the wire is in it; what was silent or not mirrored is not, and "
		"not seen does not mean not there."));
	if (!document_is_true(doc, "/before/registers"))
		sheet_banner(p.sheet, say(&p, "未提供资产登记：无法判断未登记主站。",
			"No registers were given: which masters are unregistered is not known."));
	put_difference(&p);
	put_side(&p, say(&p, "联网前", "Before"), "before");
	put_side(&p, say(&p, "联网后", "After"), "after");
	return sheet_finish(p.sheet);
}
