#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/report.h"
#include "base/text.h"
#include "command_ctl.h"
#include "command_words.h"
#include "engine/nearest.h"
#include "options.h"
#include "service/control.h"

enum { PATIENCE_MS = 15 * 1000, RELOAD_MS = 6 * 60 * 1000, ANSWER_MAX = 64 * 1024 * 1024 };

static const char help[] =
	"usage: ironspan ctl COMMAND [--socket PATH] [--json]\n"
	"\n"
	"Asks a sensor that runs with control.socket set. Its user, its group and root may.\n"
	"\n"
	"  status             how it is, what it reads, rules and outputs\n"
	"  stats              its counters\n"
	"  interfaces         where packets come from\n"
	"  assets             the devices it has seen\n"
	"  reload             load the rules anew; tells whether they run, or why not\n"
	"  rotate             open log files anew, after they were moved\n"
	"  shutdown           end, with all that was found written\n"
	"\n"
	"      --socket PATH  its socket (" CONTROL_SOCKET ")\n"
	"      --json         the answer as JSON, one object a line\n"
	"      --help         this text\n"
	"\n"
	"Exit code\n"
	"  0  it did\n"
	"  1  it would not, and said why\n"
	"  2  there is no sensor, or we may not ask it\n";

static const char *const commands[] = { "status", "stats", "interfaces", "assets", "reload",
	"rotate", "shutdown" };

/* ---- the socket ---- */

static int refuse(const char *path, const char *why)
{
	report_error("%s: %s", path, why);
	return -1;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return refuse(path, strerror(ENAMETOOLONG));
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	int error = errno;
	if (fd >= 0)
		close(fd);
	return refuse(path, error == ECONNREFUSED || error == ENOENT ?
		"no sensor listens there; is control.socket set?" : strerror(error));
}

/* One line, or what there is of it at the end. */
static bool read_line(int fd, int wait_ms, struct text *line)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char part[16 * 1024];

	while (line->len < ANSWER_MAX && poll(&p, 1, wait_ms) > 0) {
		ssize_t n = recv(fd, part, sizeof(part), 0);
		if (n <= 0)
			return false;
		text_put(line, part, (size_t)n);
		if (part[n - 1] == '\n')
			return true;
	}
	return false;
}

static json_t *ask(int fd, const char *path, const char *command, json_int_t place)
{
	struct text line = { 0 };
	int wait_ms = strcmp(command, "reload") == 0 ? RELOAD_MS : PATIENCE_MS;
	json_t *answer = NULL;

	text_printf(&line, "{\"command\":\"%s\",\"place\":%lld}\n", command, (long long)place);
	bool ok = send(fd, line.at, line.len, MSG_NOSIGNAL) == (ssize_t)line.len;
	text_clear(&line);
	if (ok && read_line(fd, wait_ms, &line))
		answer = json_loadb(line.at, line.len, 0, NULL);
	if (!json_is_object(answer)) {
		json_decref(answer);
		answer = NULL;
		refuse(path, "the sensor does not answer");
	}
	text_fini(&line);
	return answer;
}

/* ---- what it answers ---- */

/* Devices come some at a time. One heard of meanwhile may come twice. */
static bool add_devices(int fd, const char *path, json_t *answer)
{
	json_t *all = json_object_get(answer, "assets");
	json_int_t place = json_integer_value(json_object_get(answer, "next"));

	while (place) {
		json_t *more = ask(fd, path, "assets", place);
		json_t *rest = json_object_get(more, "answer");
		json_array_extend(all, json_object_get(rest, "assets"));
		place = json_integer_value(json_object_get(rest, "next"));
		bool ok = json_is_object(rest);
		json_decref(more);
		if (!ok)
			break;
	}
	json_object_del(answer, "next");
	return place == 0;
}

static int show(json_t *all, bool as_json)
{
	json_t *answer = json_object_get(all, "answer");

	if (as_json) {
		json_dumpf(all, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (answer) {
		ctl_print(stdout, answer);
	}
	if (json_is_true(json_object_get(all, "ok")))
		return EXIT_FINE;
	const char *why = json_string_value(json_object_get(all, "error"));
	if (!as_json)
		report_error("%s", why ? why : "the sensor refused");
	return EXIT_MISTAKE;
}

static int run(const char *command, const char *path, bool as_json)
{
	int fd = connect_to(path), code = EXIT_CANNOT_RUN;

	if (fd < 0)
		return code;
	json_t *all = ask(fd, path, command, 0);
	json_t *answer = json_object_get(all, "answer");
	bool ok = all && (strcmp(command, "assets") != 0 || !answer ||
		add_devices(fd, path, answer));
	if (ok)
		code = show(all, as_json);
	json_decref(all);
	close(fd);
	return code;
}

/* ---- the command ---- */

static bool is_known(const char *word)
{
	struct nearest n = { .word = word };

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i], word) == 0)
			return true;
		nearest_offer(&n, commands[i]);
	}
	report_error("ctl: unknown command \"%s\"%s%s%s; see `ironspan ctl --help`", word,
		n.best[0] ? ", perhaps \"" : "", n.best, n.best[0] ? "\"" : "");
	return false;
}

int command_ctl(int argc, char **argv)
{
	struct command_words w = { "ctl", help };
	const char *path = CONTROL_SOCKET;
	bool as_json = false;
	const struct command_word rows[] = {
		{ "socket", .value = &path }, { "json", .flag = &as_json }, { NULL },
	};

	if (!command_words_read(&w, rows, argc, argv))
		return w.exit_code;
	if (w.count != 1) {
		report_error("ctl needs one command; see `ironspan ctl --help`");
		return EXIT_CANNOT_RUN;
	}
	return is_known(w.operands[0]) ? run(w.operands[0], path, as_json) : EXIT_CANNOT_RUN;
}
