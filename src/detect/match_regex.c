/* PCRE2 behind regex.h. */
#include <hs/hs.h>
#include <limits.h>
#include <stdlib.h>
#include <threads.h>

#include "detect/regex.h"

enum { MATCH_LIMIT = 10000, DEPTH_LIMIT = 1000 };

struct regex {
	pcre2_code *code;
	pcre2_match_context *context;
	const char *expression;
	uint32_t options;
};

const struct regex *regex_new(struct arena *arena, struct bytes expression, uint32_t options,
	char *why, size_t why_len)
{
	int error;
	size_t at;
	pcre2_code *code = pcre2_compile(expression.at, expression.len, options, &error, &at, NULL);
	if (!code) {
		pcre2_get_error_message(error, (PCRE2_UCHAR *)why, why_len);
		return NULL;
	}
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* where there is none, it is interpreted */
	struct regex *r = arena_take(arena, sizeof(*r));
	char *text = arena_take(arena, expression.len + 1);
	memcpy(text, expression.at, expression.len);
	text[expression.len] = 0;
	r->expression = text;
	r->options = options;
	r->code = code;
	r->context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(r->context, MATCH_LIMIT);
	pcre2_set_depth_limit(r->context, DEPTH_LIMIT);
	return r;
}

bool regex_is_anchored(const struct regex *r)
{
	return r->options & PCRE2_ANCHORED;
}

void regex_free(const struct regex *r)
{
	pcre2_code_free(r->code);
	pcre2_match_context_free(r->context);
}

/* Loosely (HS_FLAG_PREFILTER): the expression itself decides afterwards. */
const char *regex_scannable(const struct regex *r, bool is_relative, unsigned *hs_flags)
{
	enum { KNOWN = PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_MULTILINE | PCRE2_DOLLAR_ENDONLY |
		PCRE2_UNGREEDY };
	hs_expr_info_t *info = NULL;
	hs_compile_error_t *error = NULL;
	bool looks_at_start = strchr(r->expression, '^') || strstr(r->expression, "\\A") ||
		strstr(r->expression, "(?<") || strstr(r->expression, "\\b");
	if (r->options & ~(uint32_t)KNOWN || (is_relative && looks_at_start))
		return NULL;
	*hs_flags = HS_FLAG_PREFILTER | HS_FLAG_SINGLEMATCH |
		(r->options & PCRE2_CASELESS ? HS_FLAG_CASELESS : 0) |
		(r->options & PCRE2_DOTALL ? HS_FLAG_DOTALL : 0) |
		(r->options & PCRE2_MULTILINE ? HS_FLAG_MULTILINE : 0);
	bool is_fine = hs_expression_info(r->expression, *hs_flags, &info, &error) == HS_SUCCESS &&
		info->min_width > 0;
	free(info);
	hs_free_compile_error(error);
	return is_fine ? r->expression : NULL;
}

unsigned regex_reach(const char *expression, unsigned hs_flags)
{
	hs_expr_info_t *info = NULL;
	hs_compile_error_t *error = NULL;
	unsigned reach = UINT_MAX;
	if (hs_expression_info(expression, hs_flags, &info, &error) == HS_SUCCESS)
		reach = info->max_width;
	free(info);
	hs_free_compile_error(error);
	return reach;
}

/* ---- scratch of a thread ---- */

static once_flag once = ONCE_FLAG_INIT;
static tss_t scratch_key;

static void free_scratch(void *scratch)
{
	pcre2_match_data_free(scratch);
}

static void make_key(void)
{
	tss_create(&scratch_key, free_scratch);
}

static pcre2_match_data *scratch(void)
{
	call_once(&once, make_key);
	pcre2_match_data *data = tss_get(scratch_key);
	if (!data) {
		data = pcre2_match_data_create(1, NULL);
		tss_set(scratch_key, data);
	}
	return data;
}

enum regex_result regex_find(const struct regex *r, struct bytes data, size_t start,
	struct regex_match *m)
{
	pcre2_match_data *found = scratch();
	if (!found)
		return REGEX_GAVE_UP;
	int result = pcre2_match(r->code, data.at, data.len, start, 0, found, r->context);
	if (result < 0)
		return result == PCRE2_ERROR_NOMATCH ? REGEX_NONE : REGEX_GAVE_UP;
	const size_t *ends = pcre2_get_ovector_pointer(found);
	*m = (struct regex_match){ ends[0], ends[1] };
	return REGEX_FOUND;
}
