#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "command_tier.h"
#include "command_tier_parts.h"
#include "incident/disk.h"
#include "incident/notice.h"
#include "incident/tier_checkpoint.h"
#include "incident/tier_folder.h"
#include "incident/tier_run.h"
#include "incident/time.h"
#include "options.h"

static const char help[] =
	"A node of the reporting tiers: enterprise, province, state. DIR is the node's folder;\n"
	"who it is and whom it talks with stands in DIR/tier.json (see the manual).\n"
	"\n"
	"  ironspan tier run DIR              sends and receives through the message server\n"
	"                                     and the folders of tier.json, until Ctrl-C\n"
	"  ironspan tier send DIR FILE --to NODE [--type TYPE]\n"
	"                                     keeps a document to be sent: an approved report, or\n"
	"                                     --type incident, indicator, stats\n"
	"      --lane 0|1|2|3                 what goes first; by the document if not said\n"
	"      --expires SECONDS              given up after this without a receipt (7 days)\n"
	"  ironspan tier notice DIR --to NODE --level red|orange|yellow|blue --title T --text T\n"
	"                                     warns the nodes below; --to may be repeated\n"
	"      --ack-by TIME --report-back-by TIME\n"
	"                                     RFC 3339\n"
	"      --indicators NAME              what it refers to\n"
	"  ironspan tier ack DIR NOTICE [--report UID]\n"
	"                                     acknowledges a notice; with --report closes it\n"
	"  ironspan tier checkpoint DIR       signs what the trails are now, for the tier above; run\n"
	"                                     and export do so each hour\n"
	"  ironspan tier status DIR [--json]  what waits, what became of it, what is owed\n"
	"  ironspan tier export DIR FOLDER [--to NODE] [--one-way]\n"
	"                                     writes what waits to a folder, for a USB stick or a\n"
	"                                     gateway; --one-way: no receipt will come back\n"
	"  ironspan tier import DIR FOLDER [--remove]\n"
	"                                     receives what such a folder holds\n"
	"\n"
	"  --by PERSON                        who does this, for the trail (the user's name)\n"
	"\n"
	"Exit code 0: done; 1: refused, with the reason; 2: could not run.\n";

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static int run(struct tier *t, const struct tier_words *w)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	(void)w;
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return tier_run(t, &stop) ? EXIT_FINE : EXIT_CANNOT_RUN;
}

/* ---- what people do ---- */

int tier_refused(const char *what, const char *why)
{
	if (why)
		report_error("%s: %s", what, why);
	return why ? EXIT_MISTAKE : EXIT_CANNOT_RUN;
}

static json_t *load_document(const char *path)
{
	struct text text = { 0 };
	json_t *doc = NULL;

	if (disk_read(&text, path, ENVELOPE_SIZE / 2, false)) {
		doc = canonical_read((struct bytes){ (const uint8_t *)text.at, text.len });
		if (!doc)
			report_error("%s: not a JSON object, or a key stands twice", path);
	}
	text_fini(&text);
	return doc;
}

static int send_document(struct tier *t, const struct tier_words *w)
{
	struct tier_letter letter = { .type = w->type ? w->type : "report", .lane = w->lane_number,
		.lives_s = w->expires_s, .by = w->by };
	char uid[ENVELOPE_UID];
	const char *why = NULL;

	if (w->to.count != 1) {
		report_error("tier send needs one --to NODE");
		return EXIT_CANNOT_RUN;
	}
	json_t *body = load_document(w->operands[0]);
	if (!body)
		return EXIT_CANNOT_RUN;
	letter.to = w->to.at[0];
	letter.body = body;
	bool ok = tier_send(t, &letter, time_now_ns(), uid, &why);
	json_decref(body);
	if (!ok)
		return tier_refused(w->operands[0], why);
	puts(uid);
	return EXIT_FINE;
}

static int notice(struct tier *t, const struct tier_words *w)
{
	struct notice_text n = { w->level, w->title, w->text, w->indicators, w->ack_by_ns,
		w->report_back_by_ns };
	char uid[ENVELOPE_UID];
	const char *why = NULL;

	if (!w->level || !w->title || !w->text || w->to.count == 0) {
		report_error("tier notice needs --to, --level, --title and --text");
		return EXIT_CANNOT_RUN;
	}
	if (!notice_issue(t, &n, w->to.at, w->to.count, w->by, time_now_ns(), uid, &why))
		return tier_refused("notice", why);
	puts(uid);
	return EXIT_FINE;
}

static int ack(struct tier *t, const struct tier_words *w)
{
	const char *why = NULL;

	if (!notice_answer(t, w->operands[0], w->by, w->report, time_now_ns(), &why))
		return tier_refused(w->operands[0], why);
	return EXIT_FINE;
}

static int checkpoint(struct tier *t, const struct tier_words *w)
{
	int count = tier_checkpoints(t, time_now_ns(), true);

	(void)w;
	if (count < 0)
		return EXIT_MISTAKE;
	printf("%d checkpoints wait to be sent\n", count);
	return EXIT_FINE;
}

/* ---- folders ---- */

static int export_to(struct tier *t, const struct tier_words *w)
{
	struct tier_export e = { .folder = w->operands[0],
		.to = w->to.count ? w->to.at[0] : NULL, .one_way = w->one_way };
	int count = tier_export(t, &e, time_now_ns());

	if (count < 0)
		return EXIT_CANNOT_RUN;
	printf("%d files written to %s\n", count, e.folder);
	return EXIT_FINE;
}

static void tell_import(void *context, const char *path, const struct tier_incoming *in)
{
	static const char *const words[] = {
		[TIER_ACCEPTED] = "accepted", [TIER_DUPLICATE] = "was here before",
		[TIER_REJECTED] = "rejected", [TIER_SETTLED] = "receipt",
		[TIER_LATE] = "late", [TIER_NOT_OURS] = "left", [TIER_REFUSED] = "refused", [TIER_FAILED] = "failed",
	};
	bool *refused = context;

	*refused = *refused || in->outcome == TIER_REJECTED || in->outcome == TIER_REFUSED;
	printf("%s: %s%s%s\n", path, words[in->outcome], in->why[0] ? ": " : "", in->why);
}

static int import_from(struct tier *t, const struct tier_words *w)
{
	bool refused = false;

	struct tier_import i = { .folder = w->operands[0], .remove = w->remove,
		.told = tell_import, .context = &refused };
	if (!tier_import(t, &i, time_now_ns()))
		return EXIT_CANNOT_RUN;
	return refused ? EXIT_MISTAKE : EXIT_FINE;
}

/* ---- words ---- */

static const struct {
	const char *name;
	int operands; /* behind DIR */
	int (*run)(struct tier *t, const struct tier_words *w);
} parts[] = {
	{ "run", 0, run }, { "send", 1, send_document }, { "notice", 0, notice },
	{ "ack", 1, ack }, { "checkpoint", 0, checkpoint },
	{ "status", 0, tier_status }, { "export", 1, export_to },
	{ "import", 1, import_from },
};

static int run_part(unsigned part, struct tier_words *w)
{
	struct tier t;
	int code = EXIT_MISTAKE;

	if (tier_open(&t, w->folder))
		code = parts[part].run(&t, w);
	tier_close(&t);
	return code;
}

static int with_words(unsigned part, int argc, char **argv)
{
	struct passwd *user = getpwuid(getuid());
	struct tier_words w = { .by = user ? user->pw_name : "unknown" };
	int code = tier_words_read(&w, help, argc, argv);

	if (code != TIER_WORDS_FINE)
		return code;
	if (w.count == parts[part].operands)
		return run_part(part, &w);
	report_error("tier %s needs the node's folder%s; see `ironspan tier --help`",
		parts[part].name, parts[part].operands ? " and one word more" : " and no more");
	return EXIT_CANNOT_RUN;
}

int command_tier(int argc, char **argv)
{
	for (unsigned i = 0; argc > 1 && i < sizeof(parts) / sizeof(*parts); i++)
		if (strcmp(argv[1], parts[i].name) == 0)
			return with_words(i, argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	report_error("tier run, send, notice, ack, checkpoint, status, export or import; see "
		     "`ironspan tier --help`");
	return EXIT_CANNOT_RUN;
}
