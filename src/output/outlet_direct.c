/* In replay, a file or standard output: the caller writes, and waits for the disk. */
#include "base/report.h"
#include "output/line.h"
#include "output/outlet_state.h"

/* A reader that went away is the user's choice, not an error. */
static void report_failure(struct outlet *o, bool is_gone)
{
	o->is_broken = true;
	if (is_gone)
		report_note("%s: %s", o->transport->name, o->transport->why);
	else
		report_error("%s: %s; events are lost from here on", o->transport->name,
			o->transport->why);
}

static void take_reopen(struct outlet *o)
{
	struct transport *t = o->transport;

	if (!atomic_exchange_explicit(&o->reopen, false, memory_order_relaxed))
		return;
	direct_flush(o);
	if (t->ops->connect(t))
		o->is_broken = false;
	else
		report_error("%s: %s", t->name, t->why);
}

/* The buffer does not keep the lines' values; their types tell them. */
static void count_lost(struct outlet *o, struct bytes lines)
{
	struct bytes line;

	while (line_next(&lines, &line)) {
		struct bytes type = line_event_type(line);
		bool is_alert = (type.len == 5 && memcmp(type.at, "alert", 5) == 0) ||
			(type.len == 8 && memcmp(type.at, "incident", 8) == 0);
		o->counters.lost[is_alert ? LINE_ALERT : LINE_EVENT]++;
	}
}

static bool put_out(struct outlet *o, struct bytes b)
{
	struct transport *t = o->transport;
	size_t taken = 0;
	enum transport_state state = TRANSPORT_SENT;

	if (!o->is_broken)
		state = t->ops->send(t, b, -1, &taken);
	if (state != TRANSPORT_SENT)
		report_failure(o, state == TRANSPORT_GONE);
	o->counters.lines += line_count((struct bytes){ b.at, taken });
	o->counters.bytes += taken;
	count_lost(o, (struct bytes){ b.at + taken, b.len - taken });
	return taken == b.len;
}

bool direct_flush(struct outlet *o)
{
	struct bytes b = { o->buffer, o->buffered };

	o->buffered = 0;
	bool ok = b.len ? put_out(o, b) : !o->is_broken;
	take_reopen(o);
	return ok;
}

bool direct_write(struct outlet *o, struct bytes lines)
{
	if (o->buffered + lines.len > DIRECT_BUFFER || lines.len >= DIRECT_BUFFER / 2)
		direct_flush(o);
	if (o->is_broken || lines.len >= DIRECT_BUFFER / 2)
		return lines.len ? put_out(o, lines) : !o->is_broken;
	if (lines.len)
		memcpy(o->buffer + o->buffered, lines.at, lines.len);
	o->buffered += lines.len;
	return o->transport->is_terminal ? direct_flush(o) : true;
}
