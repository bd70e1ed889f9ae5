/* Text without what must not be seen. */
#include <ctype.h>
#include <stdlib.h>

#include "base/memory.h"
#include "incident/redact_state.h"

static const char removed[] = "[…]";

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* PLC-02 is not in PLC-021. Only ASCII has such borders. */
static bool stands_alone(const char *text, const char *at, size_t len)
{
	bool joined_before = at > text && is_word(at[-1]) && is_word(at[0]);
	bool joined_behind = is_word(at[len - 1]) && is_word(at[len]);

	return !joined_before && !joined_behind;
}

static const struct redact_name *name_at(const struct redaction *r, const char *text,
	const char *at)
{
	unsigned first = (uint8_t)*at;

	for (unsigned i = r->names_from[first]; i < r->names_from[first + 1]; i++) {
		const struct redact_name *n = &r->names[i];
		if (strncmp(at, n->secret, n->len) == 0 && stands_alone(text, at, n->len))
			return n;
	}
	return NULL;
}

/* What stands here and must go: its length, or 0; `instead` is to be freed. */
static size_t look_at_name(const struct redaction *r, const char *text, const char *at,
	char **instead, const char **why)
{
	const struct redact_name *n = name_at(r, text, at);

	if (!n)
		return 0;
	*instead = mem_string(n->instead ? n->instead : removed);
	*why = n->why;
	return n->len;
}

/* The next address of the text, looked for once until it is passed. */
struct next_address {
	const char *at; /* NULL: none follows */
	size_t len;
	enum redact_found found;
	bool is_known;
};

static bool is_address_here(const struct redaction *r, const char *text, const char *at,
	struct next_address *next)
{
	if (!next->is_known || (next->at && next->at < at)) {
		next->found = redact_find(
			text, at, r->request->registers, &next->at, &next->len);
		if (next->found == REDACT_NOTHING)
			next->at = NULL;
		next->is_known = true;
	}
	return next->at == at;
}

static size_t look_at_address(const struct redaction *r, const char *text, const char *at,
	struct next_address *next, char **instead, const char **why)
{
	if (!is_address_here(r, text, at, next))
		return 0;
	enum redact_kind kind =
		next->found == REDACT_MAC ? REDACT_MAC_KIND : REDACT_INTERNAL_ADDRESS;
	if (r->kinds[kind].action == REDACT_KEEP)
		return 0;
	char *secret = mem_printf("%.*s", (int)next->len, at);
	*instead = r->kinds[kind].action == REDACT_PSEUDONYM ?
		redact_pseudonym(r, kind, secret) : mem_string(removed);
	*why = r->kinds[kind].why;
	free(secret);
	return next->len;
}

/* Values that the report's own sentences put in brackets: ⟨1200→1850⟩. */
static size_t look_at_values(const struct redaction *r, const char *at, char **instead,
	const char **why)
{
	const char *end = strncmp(at, "⟨", strlen("⟨")) == 0 ? strstr(at, "⟩") : NULL;

	if (!end || r->kinds[REDACT_PROCESS_VALUE].action == REDACT_KEEP)
		return 0;
	*instead = mem_string(removed);
	*why = r->kinds[REDACT_PROCESS_VALUE].why;
	return (size_t)(end - at) + strlen("⟩");
}

char *redact_text(const struct redaction *r, const char *text, const char **why)
{
	struct text t = { 0 };
	struct next_address next = { .is_known = false };
	bool changed = false;

	for (const char *at = text; *at;) {
		char *instead = NULL;
		const char *its = NULL;
		size_t len = look_at_name(r, text, at, &instead, &its);
		len = len ? len : look_at_address(r, text, at, &next, &instead, &its);
		len = len ? len : look_at_values(r, at, &instead, &its);
		if (len == 0) {
			text_char(&t, *at++);
			continue;
		}
		text_str(&t, instead);
		free(instead);
		at += len;
		*why = changed ? *why : its;
		changed = true;
	}
	text_char(&t, '\0');
	if (!changed)
		text_fini(&t);
	return changed ? t.at : NULL;
}
