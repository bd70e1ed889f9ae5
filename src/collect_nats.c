/* Alerts from a message server: one stream of all sensors, one durable consumer of all
 * collectors. */
#include <stdio.h>

#include "base/report.h"
#include "collect.h"
#include "output/nats_link.h"

#define NS 1000000000ll

enum { WAIT_MS = 500, KEEP_DAYS = 30, LOOKS = 20 };

struct run {
	struct collect *c;
	struct nats_link link;
	natsSubscription *alerts;
	unsigned empty; /* how often nothing came, one after another */
	bool was_told, is_empty;
};

/* Alerts stay in the stream for a while after they are done: a store that was lost can be
 * made anew from them. */
static bool make_stream(struct run *r)
{
	const char *subjects[] = { "ironspan-alerts.>" };
	jsStreamConfig c;

	jsStreamConfig_Init(&c);
	c.Name = "ALERTS";
	c.Subjects = subjects;
	c.SubjectsLen = 1;
	c.MaxAge = KEEP_DAYS * 86400 * NS;
	c.Duplicates = 3600 * NS;
	return nats_link_stream(&r->link, &c);
}

static bool subscribe(struct run *r)
{
	jsSubOptions o;

	jsSubOptions_Init(&o);
	o.Stream = "ALERTS";
	o.Config.Durable = "collectors";
	o.Config.AckPolicy = js_AckExplicit;
	o.Config.AckWait = COLLECT_PATIENCE_S * NS;
	o.Config.MaxAckPending = 4 * COLLECT_BATCH;
	natsStatus s = js_PullSubscribe(&r->alerts, r->link.js, "ironspan-alerts.>",
		"collectors", NULL, &o, NULL);
	return s == NATS_OK || nats_link_fail(&r->link, "collectors", s);
}

static bool tell_away(struct run *r)
{
	if (!r->was_told)
		report_warning("message server: %s",
			r->link.why[0] ? r->link.why : "not reached, waited for");
	r->was_told = true;
	return false;
}

static bool is_ready(struct run *r)
{
	if (!nats_link_is_up(&r->link) ||
		(!r->alerts && (!make_stream(r) || !subscribe(r))))
		return tell_away(r);
	if (r->was_told)
		report_news("message server: reached");
	r->was_told = false;
	return true;
}

/* Whether the stream is there still is asked anew. */
static void leave(struct run *r)
{
	natsSubscription_Destroy(r->alerts);
	r->alerts = NULL;
	r->empty = 0;
}

/* ---- a batch ---- */

static bool fetch(struct run *r, natsMsgList *list)
{
	natsStatus s =
		natsSubscription_Fetch(list, r->alerts, COLLECT_BATCH, WAIT_MS, NULL);

	if (s == NATS_OK || s == NATS_TIMEOUT)
		return true;
	nats_link_fail(&r->link, "ALERTS", s);
	leave(r);
	return tell_away(r);
}

static bool store(struct run *r, const natsMsgList *list)
{
	struct bytes lines[COLLECT_BATCH];
	unsigned count = (unsigned)list->Count;

	for (unsigned i = 0; i < count; i++)
		lines[i] =
			(struct bytes){ (const uint8_t *)natsMsg_GetData(list->Msgs[i]),
				(size_t)natsMsg_GetDataLength(list->Msgs[i]) };
	return collect_batch(r->c, lines, count, count == COLLECT_BATCH);
}

static void work(struct run *r)
{
	natsMsgList list = { 0 };

	if (!fetch(r, &list)) {
		collect_turn_end(r->c);
		return;
	}
	r->is_empty = list.Count == 0;
	r->empty = r->is_empty ? r->empty + 1 : 0;
	if (r->is_empty)
		collect_idle(r->c);
	else if (!store(r, &list))
		collect_turn_end(r->c); /* they come again */
	else
		for (int i = 0; i < list.Count; i++)
			natsMsg_Ack(list.Msgs[i], NULL);
	natsMsgList_Destroy(&list);
	if (r->empty >= LOOKS) /* a server that lost its disk says no more than that */
		leave(r);
}

static void loop(struct run *r)
{
	struct collect *c = r->c;

	while (!*c->stop && !(c->once && r->is_empty)) {
		bool ready = is_ready(r);
		if (!ready || !collect_turn(c)) {
			collect_turn_end(c);
			collect_pause(ready ? WAIT_MS / 5 : WAIT_MS);
			continue;
		}
		work(r);
		if (collect_turn_is_over(c))
			collect_turn_end(c);
	}
}

bool collect_server_run(struct collect *c, const struct collect_server *server)
{
	struct run r = { .c = c };
	struct nats_link_config config = { server->url, server->name, server->user,
		server->password_file, server->ca_file, server->cert_file,
		server->key_file };

	if (!nats_link_open(&r.link, &config)) {
		report_error("%s", r.link.why);
		return false;
	}
	loop(&r);
	natsConnection_FlushTimeout(
		r.link.connection, WAIT_MS); /* the last acknowledgements */
	natsSubscription_Destroy(r.alerts);
	nats_link_close(&r.link);
	nats_Close();
	return true;
}
