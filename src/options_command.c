/* Which command the words without a dash are. */
#include <unistd.h>

#include "base/report.h"
#include "engine/nearest.h"
#include "options.h"

static const struct {
	const char *words;
	enum command command;
} commands[] = {
	{ "fields", COMMAND_FIELDS },
	{ "rules check", COMMAND_RULES_CHECK },
	{ "rules show", COMMAND_RULES_SHOW },
	{ "rules test", COMMAND_RULES_TEST },
	{ "settings", COMMAND_SETTINGS },
	{ "help", COMMAND_HELP },
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static bool unknown_command(const char *word)
{
	struct nearest n = { .word = word };
	char first[32];

	if (access(word, F_OK) == 0) {
		report_error("%s is no command; to read a capture: ironspan -r %s", word, word);
		return false;
	}
	for (unsigned i = 0; i < COMMANDS; i++) {
		snprintf(first, sizeof(first), "%.*s", (int)strcspn(commands[i].words, " "),
			commands[i].words);
		if (strcmp(first, word) == 0) {
			report_error("did you mean `ironspan %s`?", commands[i].words);
			return false;
		}
		nearest_offer(&n, first);
	}
	report_error("unknown command \"%s\"%s%s%s; `ironspan --help` lists all of them", word,
		n.best[0] ? ", perhaps \"" : "", n.best, n.best[0] ? "\"" : "");
	return false;
}

/* How many operands the command's words take up; 0 if they are not there. */
static int match_words(const struct options *o, const char *words)
{
	int count = 0;

	while (*words) {
		size_t len = strcspn(words, " ");
		if (count == o->operand_count || strlen(o->operands[count]) != len ||
			memcmp(o->operands[count], words, len) != 0)
			return 0;
		words += len + (words[len] == ' ');
		count++;
	}
	return count;
}

static bool find_command(struct options *o)
{
	if (o->operand_count == 0 || o->command == COMMAND_HELP || o->command == COMMAND_VERSION)
		return true;
	for (unsigned i = 0; i < COMMANDS; i++) {
		int count = match_words(o, commands[i].words);
		if (count > 0) {
			o->command = commands[i].command;
			o->operands += count;
			o->operand_count -= count;
			return true;
		}
	}
	return unknown_command(o->operands[0]);
}

static bool check_operands(const struct options *o)
{
	static const struct {
		int least, most;
		const char *wants;
	} counts[] = {
		[COMMAND_FIELDS] = { 0, 1, "fields takes at most one protocol" },
		[COMMAND_RULES_CHECK] = { 1, INT32_MAX, "rules check needs a rule file" },
		[COMMAND_RULES_SHOW] = { 1, INT32_MAX, "rules show needs a sid" },
		[COMMAND_RULES_TEST] = { 1, INT32_MAX, "rules test needs a sid" },
		[COMMAND_SETTINGS] = { 0, 0, "settings takes nothing more" },
	};
	bool is_replay = o->command == COMMAND_REPLAY;
	bool has_json = o->command == COMMAND_FIELDS || o->command == COMMAND_RULES_CHECK ||
		(is_replay && o->profile);

	if (o->json && !has_json) {
		report_error("--json goes with `fields`, `rules check` and --profile-rules");
		return false;
	}
	if (o->profile && !is_replay && o->command < COMMAND_HELP) {
		report_error("--profile-rules goes without a command, when packets are read");
		return false;
	}
	if (o->command >= sizeof(counts) / sizeof(*counts) || !counts[o->command].wants)
		return true;
	if (o->operand_count >= counts[o->command].least &&
		o->operand_count <= counts[o->command].most)
		return true;
	report_error("%s; see `ironspan --help`", counts[o->command].wants);
	return false;
}

bool options_find_command(struct options *o)
{
	return find_command(o) && check_operands(o);
}
