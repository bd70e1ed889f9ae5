/* Turns the text of a value into the member of struct config that its row names. Lists are in
 * setting_list.c. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/report.h"
#include "engine/setting_value.h"

char *gift_keep(struct config *c, const char *s, size_t len)
{
	char *copy = arena_take(&c->memory, len + 1);
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

bool gift_refuse(const struct gift *g, const char *text, const char *wants)
{
	report_error("%s: %s is \"%s\"; it must be %s", g->where, g->key, text, wants);
	return false;
}

/* ---- texts and switches ---- */

static bool give_text(const struct gift *g)
{
	const char *text = gift_text(g);
	const char *kept = *text ? gift_keep(g->config, text, strlen(text)) : NULL;
	memcpy(gift_member(g), &kept, sizeof(kept));
	return true;
}

const struct name switch_words[] = {
	{ 1, "yes" }, { 1, "true" }, { 1, "on" }, { 0, "no" }, { 0, "false" }, { 0, "off" },
	{ 0, NULL },
};

/* A row has two words of its own. */
static bool refuse_word(const struct gift *g, const char *text, const struct name *words)
{
	char wants[64] = "yes or no";

	if (words)
		snprintf(wants, sizeof(wants), "%s or %s", words[0].text, words[1].text);
	return gift_refuse(g, text, wants);
}

static bool give_switch(const struct gift *g)
{
	const char *text = gift_text(g);
	const struct name *words = g->row->words ? g->row->words : switch_words;
	uint64_t on;

	if (!name_value(words, text, strlen(text), &on))
		return refuse_word(g, text, g->row->words);
	*(bool *)gift_member(g) = on;
	return true;
}

static bool give_word(const struct gift *g)
{
	const char *text = gift_text(g);
	struct text wants = { 0 };
	uint64_t value;

	if (name_value(g->row->words, text, strlen(text), &value)) {
		*(unsigned *)gift_member(g) = (unsigned)value;
		return true;
	}
	for (const struct name *w = g->row->words; w->text; w++)
		text_printf(&wants, "%s%s", w == g->row->words ? "" : w[1].text ? ", " : " or ",
			w->text);
	text_char(&wants, '\0');
	gift_refuse(g, text, wants.at);
	text_fini(&wants);
	return false;
}

/* ---- numbers ---- */

struct unit {
	const char *name;
	uint64_t factor;
};
static const struct unit no_units[] = { { "", 1 }, { NULL, 0 } };
static const struct unit size_units[] = {
	{ "", 1 }, { "b", 1 }, { "kb", 1 << 10 }, { "kib", 1 << 10 }, { "mb", 1 << 20 },
	{ "mib", 1 << 20 }, { "gb", 1 << 30 }, { "gib", 1 << 30 }, { NULL, 0 },
};
static const struct unit time_units[] = {
	{ "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60 * 1000 }, { "min", 60 * 1000 },
	{ "h", 3600 * 1000 }, { "d", 24 * 3600 * 1000 }, { NULL, 0 },
};

/* Digits, or hexadecimal with 0x; spaces, a unit. */
static bool parse_amount(const char *text, const struct unit *unit, uint64_t *amount)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	uint64_t number = strtoull(text, &end, strncasecmp(text, "0x", 2) == 0 ? 16 : 10);
	while (*end == ' ')
		end++;
	while (unit->name && strcasecmp(unit->name, end) != 0)
		unit++;
	return errno == 0 && unit->name && !__builtin_mul_overflow(number, unit->factor, amount);
}

static void store(const struct gift *g, uint64_t amount)
{
	uint16_t narrow = (uint16_t)amount;
	uint32_t usual = (uint32_t)amount;

	if (g->row->width == sizeof(narrow))
		memcpy(gift_member(g), &narrow, sizeof(narrow));
	else if (g->row->width == sizeof(usual))
		memcpy(gift_member(g), &usual, sizeof(usual));
	else
		memcpy(gift_member(g), &amount, sizeof(amount));
}

static const char *size_text(uint64_t size, char text[32])
{
	const char *unit = "";

	if (size >= 1 << 30 && size % (1 << 30) == 0)
		size >>= 30, unit = "gb";
	else if (size >= 1 << 10)
		size >>= 10, unit = "kb";
	snprintf(text, 32, "%" PRIu64 "%s", size, unit);
	return text;
}

static bool out_of_range(const struct gift *g)
{
	char low[32], high[32], wants[80];

	if (g->row->type == SETTING_SIZE) {
		size_text(g->row->low, low);
		size_text(g->row->high, high);
	} else {
		const char *unit = g->row->type == SETTING_SECONDS ? "s"
			: g->row->type == SETTING_MILLISECONDS     ? "ms"
								   : "";
		snprintf(low, sizeof(low), "%" PRIu64 "%s", g->row->low, unit);
		snprintf(high, sizeof(high), "%" PRIu64 "%s", g->row->high, unit);
	}
	snprintf(wants, sizeof(wants), "from %s to %s", low, high);
	return gift_refuse(g, gift_text(g), wants);
}

static bool give_amount(const struct gift *g, const struct unit *units, uint64_t per,
	const char *wants)
{
	uint64_t amount;

	if (!parse_amount(gift_text(g), units, &amount) || amount % per != 0)
		return gift_refuse(g, gift_text(g), wants);
	amount /= per;
	if (amount < g->row->low || amount > g->row->high)
		return out_of_range(g);
	store(g, amount);
	return true;
}

static bool give_count(const struct gift *g)
{
	return give_amount(g, no_units, 1, "a whole number");
}

static bool give_size(const struct gift *g)
{
	return give_amount(g, size_units, 1, "a size, such as 64mb, 512kb or 1gb");
}

static bool give_seconds(const struct gift *g)
{
	return give_amount(g, time_units, 1000, "a time in whole seconds, such as 30s, 5m or 1h");
}

static bool give_milliseconds(const struct gift *g)
{
	return give_amount(g, time_units, 1, "a time, such as 250ms or 1s");
}

/* ---- queues ---- */

static bool parse_queue(const char *text, const char **end, uint16_t *number)
{
	unsigned long n = 0;
	const char *at = text;

	for (; isdigit((unsigned char)*at) && n <= UINT16_MAX; at++)
		n = n * 10 + (unsigned long)(*at - '0');
	*end = at;
	*number = (uint16_t)n;
	return at > text && n <= UINT16_MAX;
}

/* "0", "0:3", or nothing. */
static bool give_queues(const struct gift *g)
{
	enum { QUEUES_MAX = 64 };
	const char *text = gift_text(g), *at = text;
	struct queue_range range = { 0 };
	uint16_t last;

	if (*text) {
		bool ok = parse_queue(at, &at, &range.first);
		last = range.first;
		if (ok && *at == ':')
			ok = parse_queue(at + 1, &at, &last);
		if (!ok || *at || last < range.first || last - range.first >= QUEUES_MAX)
			return gift_refuse(g, text, "a queue's number, such as 0, or at most 64 "
				"of them in a row, such as 0:3");
		range.count = (uint16_t)(last - range.first + 1);
	}
	memcpy(gift_member(g), &range, sizeof(range));
	return true;
}

/* ---- all types ---- */

static const struct {
	bool takes_list;
	bool (*give)(const struct gift *g);
} types[SETTING_TYPE_COUNT] = {
	[SETTING_TEXT] = { false, give_text },
	[SETTING_SWITCH] = { false, give_switch },
	[SETTING_COUNT] = { false, give_count },
	[SETTING_SIZE] = { false, give_size },
	[SETTING_SECONDS] = { false, give_seconds },
	[SETTING_MILLISECONDS] = { false, give_milliseconds },
	[SETTING_QUEUES] = { false, give_queues },
	[SETTING_LIST] = { true, give_list },
	[SETTING_EVENTS] = { true, give_events },
	[SETTING_VARIABLE] = { true, give_variable },
	[SETTING_PROTOCOL] = { false, give_protocol },
	[SETTING_WORD] = { false, give_word },
	[SETTING_EVENT_NAMES] = { true, give_event_names },
};

bool setting_give(struct config *c, const char *where, const char *key,
	const struct setting_value *value)
{
	struct gift g = { .config = c, .base = c, .where = where, .key = key, .value = value };

	g.row = setting_find(key, &g.name);
	if (!g.row) {
		setting_unknown(where, key);
		return false;
	}
	if (value->is_list && !types[g.row->type].takes_list) {
		report_error("%s: %s takes one value, not a list", where, key);
		return false;
	}
	if (strchr(g.row->key, '#'))
		g.base = gift_sink(&g);
	return g.base && types[g.row->type].give(&g);
}

bool setting_give_text(struct config *c, const char *where, const char *key, const char *text)
{
	struct setting_value value = { &text, 1, false };
	return setting_give(c, where, key, &value);
}

static void initialise_variables(struct config *c, const struct setting *row)
{
	char *all = mem_string(row->initial), *save = NULL;

	for (char *one = strtok_r(all, " ", &save); one; one = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(one, '=');
		int section = (int)strcspn(row->key, "*");
		char *key = mem_printf("%.*s%.*s", section, row->key, (int)(equals - one), one);
		setting_give_text(c, "settings", key, equals + 1);
		free(key);
	}
	free(all);
}

void settings_initialise(struct config *c)
{
	for (unsigned i = 0; i < setting_count; i++) {
		const struct setting *row = &settings[i];
		if (row->type == SETTING_VARIABLE)
			initialise_variables(c, row);
		else if (row->type != SETTING_PROTOCOL)
			setting_give_text(c, "settings", row->key, row->initial);
	}
}
