#include <stdio.h>
#include <time.h>

#include "base/report.h"
#include "collect.h"
#include "incident/time.h"
#include "output/nats_link.h"

#define NS 1000000000ll

enum { WAIT_MS = 500, KEEP_DAYS = 30, LINGER_MS = 50, IDLE_S = 60 };

struct run {
	struct collect *c;
	struct nats_link link;
	natsSubscription *alerts;
	bool was_told, was_told_unreal;
	uint64_t worked_ns; /* the last batch */
};

static void pause_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* Alerts stay in the stream for a while after they are done: a store that was lost can be made
 * anew from them. */
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
	o.Config.MaxAckPending = 16 * COLLECT_BATCH;
	natsStatus s = js_PullSubscribe(&r->alerts, r->link.js, "ironspan-alerts.>", "collectors",
		NULL, &o, NULL);
	return s == NATS_OK || nats_link_fail(&r->link, "collectors", s);
}

static void tell_away(struct run *r)
{
	if (!r->was_told)
		report_warning("message server: %s",
			r->link.why[0] ? r->link.why : "not reached, waited for");
	r->was_told = true;
}

static bool is_ready(struct run *r)
{
	if (!nats_link_is_up(&r->link) ||
		(!r->alerts && (!make_stream(r) || !subscribe(r)))) {
		tell_away(r);
		return false;
	}
	if (r->was_told)
		report_news("message server: reached");
	r->was_told = false;
	return true;
}

/* ---- a batch ---- */

static bool fetch(struct run *r, natsMsgList *list)
{
	natsStatus s = natsSubscription_Fetch(list, r->alerts, COLLECT_BATCH, WAIT_MS, NULL);

	if (s == NATS_OK || s == NATS_TIMEOUT)
		return true;
	nats_link_fail(&r->link, "ALERTS", s);
	tell_away(r);
	natsSubscription_Destroy(r->alerts); /* look whether it is there still */
	r->alerts = NULL;
	return false;
}

static void acknowledge(natsMsgList *list)
{
	for (int i = 0; i < list->Count; i++)
		natsMsg_Ack(list->Msgs[i], NULL);
}

static void tell_unreal(struct run *r)
{
	if (r->c->unreal > 0 && !r->was_told_unreal)
		report_warning("alerts of a replay or an exercise came; they are left out");
	r->was_told_unreal = r->c->unreal > 0;
}

/* Also with nothing to add: what has been quiet for long enough ends. */
static void work(struct run *r, natsMsgList *list)
{
	struct bytes lines[COLLECT_BATCH];
	uint64_t now_ns = time_now_ns();

	if (list->Count == 0 && now_ns < r->worked_ns + IDLE_S * (uint64_t)NS)
		return;
	for (int i = 0; i < list->Count; i++)
		lines[i] = (struct bytes){ (const uint8_t *)natsMsg_GetData(list->Msgs[i]),
			(size_t)natsMsg_GetDataLength(list->Msgs[i]) };
	if (collect_batch(r->c, lines, (unsigned)list->Count, now_ns))
		acknowledge(list);
	else
		pause_ms(1000);
	r->worked_ns = now_ns;
	tell_unreal(r);
}

static void loop(struct run *r, const volatile sig_atomic_t *stop)
{
	while (!*stop) {
		natsMsgList list = { 0 };
		if (!is_ready(r) || !fetch(r, &list)) {
			pause_ms(WAIT_MS);
			continue;
		}
		work(r, &list);
		if (list.Count < COLLECT_BATCH)
			pause_ms(LINGER_MS); /* many at once cost little more than one */
		natsMsgList_Destroy(&list);
	}
}

bool collect_run(struct collect *c, const struct collect_source *source,
	const volatile sig_atomic_t *stop)
{
	struct run r = { .c = c };
	struct nats_link_config config = { source->url, source->name, source->user,
		source->password_file, source->ca_file, source->cert_file, source->key_file };

	if (!nats_link_open(&r.link, &config)) {
		report_error("%s", r.link.why);
		return false;
	}
	loop(&r, stop);
	natsSubscription_Destroy(r.alerts);
	nats_link_close(&r.link);
	nats_Close();
	return true;
}
