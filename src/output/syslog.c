#include <stdio.h>

#include "base/names.h"
#include "output/line.h"
#include "output/sink_config.h"
#include "output/syslog.h"

enum { HOST_MAX = 255, MSGID_MAX = 32 }; /* RFC 5424, section 6 */
enum { ALERT = 1, ERROR = 3, WARNING = 4, NOTICE = 5, INFORMATIONAL = 6 };

const struct name syslog_facilities[] = {
	{ 0, "kern" }, { 1, "user" }, { 2, "mail" }, { 3, "daemon" }, { 4, "auth" },
	{ 5, "syslog" }, { 6, "lpr" }, { 7, "news" }, { 8, "uucp" }, { 9, "cron" },
	{ 10, "authpriv" }, { 11, "ftp" }, { 12, "ntp" }, { 13, "audit" }, { 14, "alert" },
	{ 15, "clock" }, { 16, "local0" }, { 17, "local1" }, { 18, "local2" },
	{ 19, "local3" }, { 20, "local4" }, { 21, "local5" }, { 22, "local6" },
	{ 23, "local7" }, { 0, NULL },
};

/* PRINTUSASCII */
static size_t printable(char *to, size_t max, struct bytes from)
{
	size_t len = from.len < max ? from.len : max;

	for (size_t i = 0; i < len; i++)
		to[i] = (char)(from.at[i] > ' ' && from.at[i] < 127 ? from.at[i] : '_');
	return len;
}

void syslog_init(struct syslog *s, unsigned facility, unsigned enterprise, const char *host)
{
	struct bytes name = { (const uint8_t *)host, strlen(host) };

	s->facility = facility;
	s->enterprise = enterprise;
	s->host[printable(s->host, HOST_MAX, name)] = '\0';
}

static bool is_word(struct bytes b, const char *word)
{
	return b.len == strlen(word) && memcmp(b.at, word, b.len) == 0;
}

/* The number of an alert's severity, or of the gravest in an incident, as it is spelled; empty
 * where there is none. */
static struct bytes severity_of(struct bytes line, struct bytes type, struct bytes ot)
{
	struct bytes inside, severity = { NULL, 0 };
	bool is_there = is_word(type, "incident")
		? line_member(ot, "incident", &inside) && line_member(inside, "alerts", &inside)
		: line_member(line, "alert", &inside);

	if (is_there)
		line_member(inside, "severity", &severity);
	return severity;
}

static unsigned level_of(struct bytes type, struct bytes severity)
{
	static const unsigned levels[] = { ALERT, ALERT, ERROR, WARNING };

	if (severity.len == 1 && severity.at[0] >= '0' && severity.at[0] <= '3')
		return levels[severity.at[0] - '0'];
	return severity.len == 0 && (is_word(type, "anomaly") || is_word(type, "asset") ||
		is_word(type, "health")) ? NOTICE : INFORMATIONAL;
}

/* 2004-08-26T12:12:19.148970+0000 becomes 2004-08-26T12:12:19.148970Z. */
static void put_time(struct bytes time, struct text *out)
{
	if (time.len < 6) {
		text_char(out, '-');
		return;
	}
	struct bytes zone = { time.at + time.len - 5, 5 };
	text_put(out, time.at, time.len - 5);
	if (is_word(zone, "+0000")) {
		text_char(out, 'Z');
		return;
	}
	text_put(out, zone.at, 3);
	text_char(out, ':');
	text_put(out, zone.at + 3, 2);
}

/* JSON escapes the quote and the backslash as structured data does; the bracket it does not. */
static void put_param(const char *name, struct bytes value, struct text *out)
{
	if (value.len == 0)
		return;
	text_char(out, ' ');
	text_str(out, name);
	text_lit(out, "=\"");
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == ']')
			text_char(out, '\\');
		text_char(out, (char)value.at[i]);
	}
	text_char(out, '"');
}

static void put_data(const struct syslog *s, struct bytes ot, struct bytes severity,
	struct text *out)
{
	struct bytes uid = line_string(ot, "uid"), zone = line_string(ot, "zone");

	if (uid.len + zone.len + severity.len == 0) {
		text_char(out, '-');
		return;
	}
	text_printf(out, "[ironspan@%u", s->enterprise);
	put_param("uid", uid, out);
	put_param("sev", severity, out);
	put_param("zone", zone, out);
	text_char(out, ']');
}

static void put_message(const struct syslog *s, struct bytes line, struct text *out)
{
	char msgid[MSGID_MAX + 1];
	struct bytes type = line_event_type(line), ot = { NULL, 0 };

	line_member(line, "ot", &ot);
	struct bytes severity = severity_of(line, type, ot);
	msgid[printable(msgid, MSGID_MAX, type)] = '\0';
	text_printf(out, "<%u>1 ", s->facility * 8 + level_of(type, severity));
	put_time(line_string(line, "timestamp"), out);
	text_printf(out, " %s ironspan - %s ", *s->host ? s->host : "-", *msgid ? msgid : "-");
	put_data(s, ot, severity, out);
	text_char(out, ' ');
	text_put(out, line.at, line.len - 1); /* without '\n' */
}

void syslog_message(const struct syslog *s, struct bytes line, bool is_framed, struct text *out)
{
	enum { DIGITS = 12 }; /* room for the length, which is known afterwards */
	char digits[DIGITS + 1];
	size_t begin = out->len;

	if (!is_framed) {
		put_message(s, line, out);
		return;
	}
	text_put(out, "            ", DIGITS);
	put_message(s, line, out);
	size_t len = out->len - begin - DIGITS;
	size_t used = (size_t)snprintf(digits, sizeof(digits), "%zu ", len);
	memmove(out->at + begin + used, out->at + begin + DIGITS, len);
	memcpy(out->at + begin, digits, used);
	out->len = begin + used + len;
}
