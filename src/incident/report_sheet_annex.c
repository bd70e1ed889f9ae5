/* A report's annexes for people. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/report_page.h"

/* One column of a table: where its value lies in a row and what group its words are of. */
struct column {
	const char *zh, *en, *pointer, *group; /* group NULL: as it is */
};

static char *list_of_words(const struct report_page *p, const json_t *list, const char *group)
{
	struct text t = { 0 };
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *word = page_label(p, group, json_string_value(one));
		text_str(&t, i ? page_say(p, "、", ", ") : "");
		text_str(&t, word ? word : "?");
	}
	text_char(&t, '\0');
	return t.at;
}

static const char score_why[] = "score_why";

static char *cell(const struct report_page *p, const json_t *row, const struct column *c)
{
	if (c->group == score_why)
		return page_told(p, score_why, document_string(row, "/factor"),
			document_at(row, "/facts"), document_string(row, "/why"));
	const json_t *value = document_at(row, c->pointer);

	if (c->group && json_is_array(value))
		return list_of_words(p, value, c->group);
	if (c->group && json_is_string(value))
		return mem_string(page_label(p, c->group, json_string_value(value)));
	return page_value(p, value);
}

static void put_row(const struct report_page *p, const json_t *row,
	const struct column *columns, unsigned count)
{
	char *cells[SHEET_COLUMNS_MAX];

	for (unsigned i = 0; i < count; i++)
		cells[i] = cell(p, row, &columns[i]);
	sheet_row(p->sheet, (const char *const *)cells);
	for (unsigned i = 0; i < count; i++)
		free(cells[i]);
}

static void put_table(const struct report_page *p, const char *title, const char *pointer,
	const struct column *columns, unsigned count)
{
	const char *heads[SHEET_COLUMNS_MAX];
	const json_t *list = document_at(p->report, pointer), *row;
	size_t i;

	sheet_heading(p->sheet, title);
	if (json_array_size(list) == 0) {
		sheet_paragraph(p->sheet, page_say(p, "无。", "None."));
		return;
	}
	for (unsigned k = 0; k < count; k++)
		heads[k] = page_say(p, columns[k].zh, columns[k].en);
	sheet_table(p->sheet, heads, count);
	json_array_foreach (list, i, row)
		put_row(p, row, columns, count);
}

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct column actor_columns[] = {
	{ "代号", "Name", "/ref", NULL },
	{ "地址", "Address", "/ip", NULL },
	{ "MAC", "MAC", "/mac", NULL },
	{ "区域", "Zone", "/zone", NULL },
	{ "已登记资产", "Registered", "/known_asset", NULL },
	{ "用户", "User", "/users", NULL },
};

static const struct column affected_columns[] = {
	{ "资产", "Asset", "/asset", NULL },
	{ "地址", "Address", "/ip", NULL },
	{ "角色", "Role", "/role", "role" },
	{ "型号", "Model", "/model", NULL },
	{ "区域", "Zone", "/zone", NULL },
	{ "等保级别", "MLPS", "/mlps_level", NULL },
	{ "安全控制器", "Safety", "/safety", NULL },
	{ "影响", "Effect", "/outcome", "effect" },
	{ "停止应答（秒）", "Silent (s)", "/loss_of_view_s", NULL },
	{ "责任部门", "Department", "/responsible/department", NULL },
	{ "责任人", "Person", "/responsible/person_id", NULL },
};

static const struct column change_columns[] = {
	{ "时间", "Time", "/at", NULL },
	{ "来源", "From", "/from", NULL },
	{ "用户", "User", "/user", NULL },
	{ "对象", "To", "/to", NULL },
	{ "协议", "Protocol", "/protocol", NULL },
	{ "操作", "Operation", "/verb", "verb" },
	{ "点位", "Point", "/point", NULL },
	{ "原值", "Before", "/value_before", NULL },
	{ "新值", "After", "/value", NULL },
	{ "结果", "Outcome", "/outcome", "outcome" },
};

static const struct column timeline_columns[] = {
	{ "时间", "Time", "/at", NULL },
	{ "类别", "Kind", "/kind", "line" },
	{ "内容", "What", "/what", NULL },
	{ "次数", "Times", "/count", NULL },
	{ "最后一次", "Last", "/last", NULL },
};

static const struct column clock_columns[] = {
	{ "规则", "Profile", "/profile", NULL },
	{ "对象", "Recipient", "/recipient", "clock_recipient" },
	{ "起算", "Began", "/t0", NULL },
	{ "期限", "Due", "/due", NULL },
	{ "状态", "Status", "/status", "clock_status" },
};

static const struct column evidence_columns[] = {
	{ "类型", "Type", "/type", NULL },
	{ "位置", "Where", "/ref", NULL },
	{ "SHA-256", "SHA-256", "/sha256", NULL },
	{ "字节", "Bytes", "/bytes", NULL },
	{ "保全", "Hold", "/hold", NULL },
};

static const struct column check_columns[] = {
	{ "门槛规则", "Threshold", "/rule", NULL },
	{ "是否适用", "Applies", "/applies", NULL },
	{ "理由", "Why", "/reason", "threshold_reason" },
	{ "条文核实程度", "Status of the rule", "/source_status", "source_status" },
};

static const struct column score_columns[] = {
	{ "因素", "Factor", "/factor", "score_factor" },
	{ "分", "Points", "/points", NULL },
	{ "理由", "Why", "/why", score_why },
};

static const struct column hidden_columns[] = {
	{ "资产", "Asset", "/asset", NULL },
	{ "缺口", "Gaps", "/gaps", NULL },
	{ "未能还原的字节", "Bytes not followed", "/blind_bytes", NULL },
	{ "未解析的字节", "Bytes not decoded", "/undecoded_bytes", NULL },
	{ "仅见单向", "One side seen", "/one_sided_flows", NULL },
	{ "中途接入", "Joined midway", "/midstream_flows", NULL },
	{ "加密", "Encrypted", "/encrypted_flows", NULL },
};

static const struct column sensor_columns[] = {
	{ "探针", "Sensor", "/sensor", NULL },
	{ "统计自", "From", "/from", NULL },
	{ "统计至", "Until", "/until", NULL },
	{ "完整", "Complete", "/complete", NULL },
	{ "采集的报文", "Packets seen", "/packets", NULL },
	{ "采集丢包", "Lost in capture", "/drops", NULL },
	{ "接口丢包", "Lost by the interface", "/missed", NULL },
	{ "链路中断（秒）", "Without a link (s)", "/blind_s", NULL },
	{ "探针停止（秒）", "Off (s)", "/off_s", NULL },
	{ "会话缺口", "Gaps", "/gaps", NULL },
	{ "未能还原的字节", "Bytes not followed", "/blind_bytes", NULL },
	{ "仅见单向", "One side seen", "/one_sided_flows", NULL },
};

/* "3 较大" */
static void put_proposed(const struct report_page *p)
{
	const json_t *proposed = document_at(p->report, "/annex/grade/proposed");
	const char *label = label_in(proposed, "label", p->language);
	char *level = page_value(p, json_object_get(proposed, "level"));
	char *text = level ? mem_printf("%s %s", level, label ? label : "") : NULL;

	sheet_fact(p->sheet, page_say(p, "程序建议级别", "Proposed level"), text);
	free(text);
	free(level);
}

/* "impact_class=control_accepted", in words. */
static char *basis_text(const struct report_page *p, const char *basis)
{
	const char *sign = strchr(basis, '=');

	if (!sign)
		return mem_string(page_label(p, "basis", basis));
	char *key = mem_printf("%.*s", (int)(sign - basis), basis);
	char *text = mem_printf(page_say(p, "%s：%s", "%s: %s"), page_label(p, "basis", key),
		page_label(p, "basis", sign + 1));
	free(key);
	return text;
}

static void put_basis(const struct report_page *p)
{
	const json_t *one;
	struct text t = { 0 };
	size_t i;

	json_array_foreach (document_at(p->report, "/annex/grade/proposed/basis"), i, one) {
		char *text = basis_text(p, json_is_string(one) ? json_string_value(one) : "?");
		text_str(&t, t.len ? page_say(p, "；", "; ") : "");
		text_str(&t, text);
		free(text);
	}
	text_char(&t, '\0');
	if (t.len > 1)
		sheet_fact(p->sheet, page_say(p, "依据", "Basis"), t.at);
	text_fini(&t);
}

static void put_grade(const struct report_page *p)
{
	sheet_heading(p->sheet, page_say(p, "级别建议", "Grade"));
	put_proposed(p);
	page_fact(p, page_say(p, "方法", "Method"),
		document_at(p->report, "/annex/grade/proposed/method"), false);
	put_basis(p);
	page_fact(p, page_say(p, "确认级别", "Confirmed level"),
		document_at(p->report, "/annex/grade/confirmed/level"), true);
	page_fact(p, page_say(p, "确认理由", "Why"),
		document_at(p->report, "/annex/grade/confirmed/reason"), false);
	page_fact(p, page_say(p, "研判优先分（0–100）", "Score for the analyst (0–100)"),
		document_at(p->report, "/annex/grade/score/value"), false);
	put_table(p, page_say(p, "门槛核对（空：需人工信息）",
		"Thresholds (empty: needs what a person knows)"),
		"/annex/grade/threshold_checks", check_columns, COUNT(check_columns));
	put_table(p, page_say(p, "优先分构成", "What the score is made of"),
		"/annex/grade/score/contributions", score_columns, COUNT(score_columns));
}

static void put_capture(const struct report_page *p)
{
	static const struct {
		const char *pointer, *zh, *en;
		bool always; /* else only where there is any */
	} rows[] = {
		{ "/from", "统计自", "Counted from", true },
		{ "/until", "统计至", "Counted until", true },
		{ "/packets", "采集的报文", "Packets seen", true },
		{ "/drops", "采集丢包", "Packets lost in capture", true },
		{ "/missed", "接口丢包", "Packets lost by the interface", true },
		{ "/unseen", "未检查即放行的报文", "Packets let through unseen", false },
		{ "/drops_near_alerts", "告警附近丢包", "Lost near the alerts", false },
		{ "/blind_s", "链路中断（秒）", "Without a link (s)", true },
		{ "/off_s", "探针停止（秒）", "Without a sensor (s)", false },
		{ "/cut_captures", "不完整的采集文件", "Capture files that end midway", false },
		{ "/shed", "因容量放弃的会话", "Sessions forgotten for want of room", false },
		{ "/gaps", "会话缺口", "Gaps in sessions", true },
		{ "/blind_bytes", "未能还原的字节", "Bytes that could not be followed", true },
		{ "/undecoded_bytes", "未解析的字节", "Bytes not decoded", true },
		{ "/one_sided_flows", "仅见单向的会话", "Flows of which one side was seen", true },
		{ "/midstream_flows", "中途接入的会话", "Flows joined midway", true },
		{ "/encrypted_flows", "加密的会话", "Encrypted flows", true },
		{ "/alerts", "事件告警数", "Alerts of the incident", true },
		{ "/alerts_at_hand", "本报告所依据的告警数", "Alerts that this report draws on",
			true },
	};
	const json_t *capture = document_at(p->report, "/annex/capture"), *limit;
	size_t i;

	sheet_heading(p->sheet, page_say(p, "采集完整性与盲区", "What was not seen"));
	for (i = 0; i < COUNT(rows); i++) {
		const json_t *value = document_at(capture, rows[i].pointer);
		char *text = page_value(p, value);
		if (rows[i].always || json_integer_value(value) > 0)
			sheet_fact(p->sheet, page_say(p, rows[i].zh, rows[i].en),
				text ? text : page_say(p, "未记录", "not recorded"));
		free(text);
	}
	if (json_array_size(document_at(capture, "/sensors")) > 0)
		put_table(p, page_say(p, "各探针", "Sensor by sensor"),
			"/annex/capture/sensors", sensor_columns, COUNT(sensor_columns));
	if (json_array_size(document_at(capture, "/assets")) > 0)
		put_table(p, page_say(p, "受影响资产的会话", "Of affected devices"),
			"/annex/capture/assets", hidden_columns, COUNT(hidden_columns));
	json_array_foreach (document_at(capture, "/limits"), i, limit)
		if (json_is_string(limit))
			sheet_item(p->sheet, json_string_value(limit));
}

void page_annex(const struct report_page *p)
{
	static const struct {
		const char *zh, *en, *pointer;
		const struct column *columns;
		unsigned count;
	} tables[] = {
		{ "可疑来源", "Suspected sources", "/annex/actors", actor_columns,
			COUNT(actor_columns) },
		{ "受影响资产与责任单位", "Affected assets and who answers for them",
			"/annex/affected", affected_columns, COUNT(affected_columns) },
		{ "数值变化（前后）", "Values before and after", "/annex/changes", change_columns,
			COUNT(change_columns) },
		{ "时间线", "Time line", "/annex/timeline", timeline_columns,
			COUNT(timeline_columns) },
		{ "报告时限", "Clocks", "/annex/clocks", clock_columns, COUNT(clock_columns) },
		{ "证据", "Evidence", "/annex/evidence", evidence_columns, COUNT(evidence_columns) },
	};

	if (!document_at(p->report, "/annex"))
		return;
	sheet_section(p->sheet, page_say(p, "附件：网络侧事实", "Annex: what the network shows"));
	for (unsigned i = 0; i < COUNT(tables); i++)
		put_table(p, page_say(p, tables[i].zh, tables[i].en), tables[i].pointer,
			tables[i].columns, tables[i].count);
	put_grade(p);
	put_capture(p);
}
