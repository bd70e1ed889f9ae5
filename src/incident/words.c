/* Words that incidents count in bits: tactics in the order of an attack, effects in that of
 * their table; what the tables do not have comes behind. */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/state.h"

static_assert(WORDS_MAX == 64, "a bit each");

/* "Impair Process Control" as "impair-process-control". */
static char *spell(const char *name, size_t len)
{
	char *word = mem_new(len + 1);
	for (size_t i = 0; i < len; i++)
		word[i] = name[i] == ' ' ? '-' : (char)tolower((unsigned char)name[i]);
	return word;
}

/* The word's bit, a new one if there is room; 0: there is none. Takes the word. */
static uint64_t bit_of(char **words, unsigned *count, char *word)
{
	for (unsigned i = 0; i < *count; i++)
		if (strcmp(words[i], word) == 0) {
			free(word);
			return UINT64_C(1) << i;
		}
	if (*count == WORDS_MAX) {
		free(word);
		return 0;
	}
	words[*count] = word;
	return UINT64_C(1) << (*count)++;
}

uint64_t tactics_of(struct incidents *i, const char *names)
{
	uint64_t bits = 0;
	while (*names) {
		size_t len = strcspn(names, ",");
		if (len > 0 && len < ID_TEXT)
			bits |= bit_of(i->tactics, &i->tactic_count, spell(names, len));
		names += len + strspn(names + len, ", ");
	}
	return bits;
}

uint64_t effect_bit(struct incidents *i, const char *word)
{
	return *word && strlen(word) < ID_TEXT
		? bit_of(i->effects, &i->effect_count, mem_string(word)) : 0;
}

void tactics_load(struct incidents *i, const char *attack_file)
{
	json_error_t error;
	const json_t *name;
	size_t n;
	if (!attack_file)
		return;
	json_t *root = json_load_file(attack_file, JSON_REJECT_DUPLICATES, &error);
	if (!root) {
		report_warning("%s:%d: %s", attack_file, error.line, error.text);
		return;
	}
	json_array_foreach(json_object_get(root, "tactics"), n, name)
		tactics_of(i, json_is_string(name) ? json_string_value(name) : "");
	i->tactics_ordered = i->tactic_count;
	json_decref(root);
}

void words_fini(struct incidents *i)
{
	for (unsigned n = 0; n < i->tactic_count; n++)
		free(i->tactics[n]);
	for (unsigned n = 0; n < i->effect_count; n++)
		free(i->effects[n]);
}
