#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "command_audit.h"
#include "command_audit_parts.h"
#include "command_words.h"
#include "incident/sign.h"
#include "options.h"

static const char help[] =
	"The trail is the log of every decision and change: entries that hold the hash of the\n"
	"entry before, in DIR/audit.ndjson. A changed, missing or swapped line shows by itself;\n"
	"that the whole log was rewritten shows only beside a checkpoint kept elsewhere.\n"
	"\n"
	"  ironspan audit verify --log FILE [--checkpoint FILE --pub KEYS]\n"
	"                                     is it whole? names the first line that is not\n"
	"      --checkpoint FILE              the log must begin with what it stands for; may be\n"
	"                                     repeated\n"
	"      --pub KEYS                     whose checkpoints to believe: a .pub file, a file\n"
	"                                     with a key a line, or a folder of .pub files\n"
	"      --witness KEYS                 one of these must have cosigned each checkpoint\n"
	"      --json                         the findings as one object\n"
	"  ironspan audit checkpoint --log FILE --key FILE [--out FILE]\n"
	"                                     signs what the log is now; keep it elsewhere. An\n"
	"                                     older one in --out must agree with the log\n"
	"  ironspan audit request --log FILE --checkpoint FILE [--old N]\n"
	"                                     asks a witness that holds N entries to cosign it\n"
	"  ironspan audit cosign REQUEST --pub KEYS --key FILE --held DIR\n"
	"                                     what a witness does: prints its line, to append to\n"
	"                                     the checkpoint, which it keeps in DIR\n"
	"  ironspan audit key make FILE --name NAME\n"
	"                                     a key pair in FILE (0600) and FILE.pub\n"
	"  ironspan audit key show FILE       name and ids of a key\n"
	"\n"
	"Exit code 0: fine; 1: the log is not whole, a key or checkpoint does not fit; 2: could\n"
	"not run.\n";

const char *command_audit_help(void)
{
	return help;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} parts[] = {
	{ "verify", command_audit_verify },
	{ "checkpoint", command_audit_checkpoint },
	{ "request", command_audit_request },
	{ "cosign", command_audit_cosign },
	{ "key", command_audit_key },
};

int command_audit(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(parts) / sizeof(*parts); i++)
		if (strcmp(argv[1], parts[i].name) == 0)
			return parts[i].run(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	report_error("audit verify, checkpoint, request, cosign or key; see "
		"`ironspan audit --help`");
	return EXIT_CANNOT_RUN;
}

static int make_key(const struct command_words *w, const char *name)
{
	if (!command_needs(w, "--name", name))
		return EXIT_CANNOT_RUN;
	return sign_key_make(w->operands[1], name) ? EXIT_FINE : EXIT_MISTAKE;
}

static int show_key(const struct command_words *w)
{
	struct sign_key key;

	if (!sign_key_load_public(&key, w->operands[1]))
		return EXIT_MISTAKE;
	char *line = sign_key_line(&key);
	printf("name       %s\nalgorithm  %s\nkey id     %s\nnote id    %08x\ncosigner   %08x\n"
		"public     %s\n", key.name, sign_alg_name(&key), key.id,
		sign_note_id(&key, SIGN_NOTE), sign_note_id(&key, SIGN_COSIGN), line);
	free(line);
	return EXIT_FINE;
}

int command_audit_key(int argc, char **argv)
{
	struct command_words w = { "audit key", help };
	const char *name = NULL;
	const struct command_word rows[] = { { "name", .value = &name }, { NULL } };

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (w.count == 2 && strcmp(w.operands[0], "make") == 0)
		return make_key(&w, name);
	if (w.count == 2 && strcmp(w.operands[0], "show") == 0)
		return show_key(&w);
	report_error("audit key make FILE --name NAME, or audit key show FILE");
	return EXIT_CANNOT_RUN;
}
