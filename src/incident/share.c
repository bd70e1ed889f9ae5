#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "incident/document.h"
#include "incident/share_parts.h"

static const struct {
	const char *tlp, *id;
} markings[] = {
	{ "white", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9" },
	{ "green", "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da" },
	{ "amber", "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82" },
	{ "red", "marking-definition--5e57c739-391a-4eb3-b6be-7d92ca15ed24" },
};

const char *share_tlp_id(const char *tlp)
{
	for (unsigned i = 0; i < sizeof(markings) / sizeof(*markings); i++)
		if (strcmp(markings[i].tlp, tlp) == 0)
			return markings[i].id;
	return NULL;
}

const char *share_tlp_of(const char *marking_id)
{
	for (unsigned i = 0; i < sizeof(markings) / sizeof(*markings); i++)
		if (strcmp(markings[i].id, marking_id) == 0)
			return markings[i].tlp;
	return NULL;
}

bool share_is_any(const char *s, const char *words)
{
	char *word = s ? mem_printf(" %s ", s) : NULL;
	bool found = word && strstr(words, word);

	free(word);
	return found;
}

bool share_is_live(const json_t *incident)
{
	const char *origin = document_string(incident, "/origin");

	return origin && strcmp(origin, "live") == 0;
}

json_int_t share_level(const json_t *incident)
{
	json_int_t level;

	if (document_integer(incident, "/grade/confirmed/level", &level) ||
		document_integer(incident, "/grade/proposed/level", &level))
		return level;
	return 0;
}

void share_copy(json_t *to, const char *key, const json_t *from, const char *pointer)
{
	const char *s = document_string(from, pointer);

	if (s)
		json_object_set_new(to, key, json_string(s));
}
