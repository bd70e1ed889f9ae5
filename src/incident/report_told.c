/* Sentences of the labels file, filled in: "{asset}：{criticality:basis}". */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/operation_text.h"
#include "incident/report_page.h"

enum { NAME = 32 };

/* What stands for {name} or {name:group}, to be freed. */
static char *fact_text(const struct report_page *p, const json_t *facts, const char *name,
	const char *group)
{
	const json_t *fact = json_object_get(facts, name);
	const char *word = json_string_value(fact);
	char *text = word && *group ? mem_string(page_label(p, group, word)) : NULL;

	if (!text && fact && !json_is_null(fact))
		text = value_text(fact);
	return text ? text : mem_string(page_say(p, "未登记", "not registered"));
}

/* The place behind the brace that ends here; NULL: it is no name. */
static const char *put_fact(const struct report_page *p, struct text *t, const char *at,
	const json_t *facts)
{
	const char *end = strchr(at, '}');
	char name[2 * NAME] = "", *colon;

	if (!end || end - at >= 2 * NAME)
		return NULL;
	memcpy(name, at, (size_t)(end - at));
	colon = strchr(name, ':');
	if (colon)
		*colon = '\0';
	char *text = fact_text(p, facts, name, colon ? colon + 1 : "");
	text_str(t, text);
	free(text);
	return end + 1;
}

static bool has_label(const struct report_page *p, const char *group, const char *code)
{
	const json_t *rows = json_object_get(json_object_get(p->labels, "groups"), group);

	return code && json_is_object(json_object_get(rows, code));
}

char *page_told(const struct report_page *p, const char *group, const char *code,
	const json_t *facts, const char *otherwise)
{
	struct text t = { 0 };

	if (!json_is_object(facts) || !has_label(p, group, code))
		return otherwise ? mem_string(otherwise) : NULL;
	for (const char *at = page_label(p, group, code); *at;) {
		const char *behind = *at == '{' ? put_fact(p, &t, at + 1, facts) : NULL;
		if (!behind)
			text_char(&t, *at++);
		else
			at = behind;
	}
	text_char(&t, '\0');
	return t.at;
}
