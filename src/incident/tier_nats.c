#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/disk.h"
#include "incident/document_take.h"
#include "incident/tier_nats.h"
#include "incident/tier_state.h"
#include "output/nats_link.h"

#define NS 1000000000ll

enum {
	LANES = 1 + ENVELOPE_LANES, /* receipts first */
	BATCH = 32,
	WAIT_MS = 500,              /* between two looks, when nothing comes */
	LOOKS = 120,                /* in vain: the streams themselves are looked at */
	AGAIN_S = 600,              /* without a receipt, it is published again */
	KEEP_DAYS = 30,             /* in streams */
	SUBJECT = 3 * ENVELOPE_NODE,
};

static const char *const lane_names[LANES] = { "r", "0", "1", "2", "3" };

/* What was published, and when. */
struct published {
	char uid[ENVELOPE_UID];
	uint64_t at_ns;
};

struct run {
	struct tier *t;
	struct nats_link link;
	natsSubscription *lanes[LANES];
	struct published *published;
	unsigned count;
	unsigned empty;          /* looks in vain, one after another */
	bool is_ready, was_told; /* streams are there; that they are not was told */
};

/* ---- streams ---- */

/* Named after the node: the server looks for a source's name among its own streams first. */
static void out_name(char name[ENVELOPE_NODE + 8], const char *node)
{
	snprintf(name, ENVELOPE_NODE + 8, "OUT-%s", node);
}

static bool out_stream(struct run *r)
{
	char subject[SUBJECT], name[ENVELOPE_NODE + 8];
	const char *subjects[] = { subject };
	jsStreamConfig c;

	snprintf(subject, sizeof(subject), "ironspan.%s.>", r->t->self.node);
	out_name(name, r->t->self.node);
	jsStreamConfig_Init(&c);
	c.Name = name;
	c.Subjects = subjects;
	c.SubjectsLen = 1;
	c.MaxAge = KEEP_DAYS * 86400 * NS;
	c.Discard = js_DiscardNew;
	c.Duplicates = 86400 * NS;
	c.MaxMsgSize = ENVELOPE_SIZE + 4096;
	return nats_link_stream(&r->link, &c);
}

struct source {
	char name[ENVELOPE_NODE + 8], filter[SUBJECT];
	char api[ENVELOPE_NODE + 16], deliver[ENVELOPE_NODE + 32];
	jsExternalStream external;
	jsStreamSource source;
};

static void fill_source(struct source *s, const struct tier *t, const struct envelope_end *peer)
{
	out_name(s->name, peer->node);
	snprintf(s->filter, sizeof(s->filter), "ironspan.%s.%s.>", peer->node, t->self.node);
	snprintf(s->api, sizeof(s->api), "$JS.%s.API", peer->node);
	snprintf(s->deliver, sizeof(s->deliver), "ironspan-deliver.%s", t->self.node);
	s->external = (jsExternalStream){ .APIPrefix = s->api, .DeliverPrefix = s->deliver };
	s->source = (jsStreamSource){ .Name = s->name, .FilterSubject = s->filter,
		.External = &s->external };
}

static bool in_stream(struct run *r)
{
	unsigned count = r->t->peer_count;
	struct source *sources = mem_array(count, sizeof(*sources));
	jsStreamSource **list = mem_array(count, sizeof(*list));
	jsStreamConfig c;

	for (unsigned i = 0; i < count; i++) {
		fill_source(&sources[i], r->t, &r->t->peers[i]);
		list[i] = &sources[i].source;
	}
	jsStreamConfig_Init(&c);
	c.Name = "IN";
	c.Sources = list;
	c.SourcesLen = (int)count;
	c.MaxAge = KEEP_DAYS * 86400 * NS;
	bool ok = nats_link_stream(&r->link, &c);
	free(list);
	free(sources);
	return ok;
}

static bool subscribe(struct run *r, unsigned lane)
{
	char subject[SUBJECT], durable[16];
	jsSubOptions o;

	if (r->lanes[lane])
		return true;
	snprintf(subject, sizeof(subject), "ironspan.*.%s.%s", r->t->self.node, lane_names[lane]);
	snprintf(durable, sizeof(durable), "lane-%s", lane_names[lane]);
	jsSubOptions_Init(&o);
	o.Stream = "IN";
	o.Config.Durable = durable;
	o.Config.AckPolicy = js_AckExplicit;
	o.Config.AckWait = 10 * NS;
	o.Config.FilterSubject = subject;
	natsStatus s = js_PullSubscribe(
		&r->lanes[lane], r->link.js, subject, durable, NULL, &o, NULL);
	return s == NATS_OK || nats_link_fail(&r->link, durable, s);
}

static bool make_ready(struct run *r)
{
	bool ok = out_stream(r) && in_stream(r);

	for (unsigned i = 0; ok && i < LANES; i++)
		ok = subscribe(r, i);
	return ok;
}

/* Whether the streams are there still is asked anew. */
static void leave(struct run *r)
{
	for (unsigned i = 0; i < LANES; i++) {
		natsSubscription_Destroy(r->lanes[i]);
		r->lanes[i] = NULL;
	}
	r->is_ready = false;
	r->empty = 0;
}

static void tell_away(struct run *r)
{
	if (!r->was_told)
		report_warning("message server: %s; what is to be sent waits",
			r->link.why[0] ? r->link.why : "not reached");
	r->was_told = true;
}

static bool is_ready(struct run *r)
{
	if (!nats_link_is_up(&r->link)) {
		tell_away(r);
		return false;
	}
	if (!r->is_ready && !(r->is_ready = make_ready(r))) {
		tell_away(r);
		return false;
	}
	if (r->was_told)
		report_news("message server: reached");
	r->was_told = false;
	return true;
}

/* ---- sending ---- */

static struct published *find(struct run *r, const char *uid)
{
	for (unsigned i = 0; i < r->count; i++)
		if (strcmp(r->published[i].uid, uid) == 0)
			return &r->published[i];
	return NULL;
}

static void remember(struct run *r, const char *uid, uint64_t now_ns)
{
	struct published *p = find(r, uid);

	if (!p) {
		r->published = mem_resize(r->published, (r->count + 1) * sizeof(*r->published));
		p = &r->published[r->count++];
		memcpy(p->uid, uid, ENVELOPE_UID);
	}
	p->at_ns = now_ns;
}

/* What does not wait any more need not be known. */
static void forget(struct run *r, const struct outbox_item *items, unsigned count)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < r->count; i++)
		for (unsigned k = 0; k < count; k++)
			if (strcmp(r->published[i].uid, items[k].uid) == 0) {
				r->published[kept++] = r->published[i];
				break;
			}
	r->count = kept;
}

static bool is_due(struct run *r, const struct outbox_item *item, uint64_t now_ns)
{
	const struct published *p = item->lane < ENVELOPE_LANES ? find(r, item->uid) : NULL;

	return !p || p->at_ns + AGAIN_S * NS < now_ns;
}

static const char *recipient(const struct outbox_item *item, const json_t *doc)
{
	const json_t *to = json_object_get(doc, "to");

	return json_string_value(item->lane == ENVELOPE_LANES ? to : json_object_get(to, "node"));
}

static bool publish(struct run *r, const struct outbox_item *item, const struct text *content)
{
	char subject[SUBJECT], id[SHA256_TEXT];
	jsPubOptions o;
	struct bytes b = { (const uint8_t *)content->at, content->len };
	json_t *doc = canonical_read(b);
	const char *to = recipient(item, doc);

	snprintf(subject, sizeof(subject), "ironspan.%s.%s.%s", r->t->self.node, to ? to : "none",
		lane_names[item->lane == ENVELOPE_LANES ? 0 : 1 + item->lane]);
	json_decref(doc);
	sha256_hex(b, id); /* an answer given once more is another message */
	jsPubOptions_Init(&o); /* without ExpectStream: it would be expected of IN as well */
	o.MsgId = item->lane == ENVELOPE_LANES ? id : item->uid;
	natsStatus s = js_Publish(NULL, r->link.js, subject, b.at, (int)b.len, &o, NULL);
	return s == NATS_OK || nats_link_fail(&r->link, subject, s);
}

static bool send_item(struct run *r, const struct outbox_item *item, uint64_t now_ns)
{
	struct text content = { 0 };
	bool ok = true;

	if (disk_read(&content, item->path, ENVELOPE_SIZE, true)) {
		ok = publish(r, item, &content);
		if (ok && item->lane == ENVELOPE_LANES)
			tier_receipt_left(r->t, item);
		else if (ok)
			remember(r, item->uid, now_ns);
	}
	text_fini(&content);
	return ok;
}

static struct outbox_item *waiting(struct run *r, unsigned *count)
{
	struct tier_work w;

	*count = 0;
	if (!tier_begin(&w, r->t))
		return NULL;
	struct outbox_item *items = outbox_list(&w.out, count);
	tier_end(&w);
	return items;
}

static void send_all(struct run *r, uint64_t now_ns)
{
	unsigned count;
	struct outbox_item *items = waiting(r, &count);

	forget(r, items, count);
	for (unsigned i = 0; i < count; i++)
		if (is_due(r, &items[i], now_ns) && !send_item(r, &items[i], now_ns)) {
			leave(r);
			tell_away(r);
			break;
		}
	free(items);
}

/* ---- receiving ---- */

static void told(const struct tier_incoming *in)
{
	if (in->outcome == TIER_REFUSED)
		report_warning("refused, and not answered: %s", in->why);
	else if (in->outcome == TIER_REJECTED)
		report_warning("%s: rejected: %s", in->uid, in->why);
	else if (in->outcome == TIER_SETTLED && in->why[0])
		report_warning("%s: rejected by its recipient: %s", in->uid, in->why);
}

/* Only what is on the disk is acknowledged; the rest comes again. */
static void receive(struct run *r, natsMsg *m)
{
	struct tier_incoming in;
	struct bytes b = { (const uint8_t *)natsMsg_GetData(m), (size_t)natsMsg_GetDataLength(m) };

	tier_receive(r->t, b, time_now_ns(), &in);
	told(&in);
	if (in.outcome != TIER_FAILED)
		natsMsg_Ack(m, NULL);
}

/* How many came; `wait_ms` for the first. */
static int receive_lane(struct run *r, unsigned lane, int wait_ms)
{
	natsMsgList list = { 0 };
	jsFetchRequest request;
	int count = 0;

	jsFetchRequest_Init(&request);
	request.Batch = BATCH;
	request.NoWait = wait_ms == 0;
	request.Expires = wait_ms * 1000000ll;
	natsStatus s = natsSubscription_FetchRequest(&list, r->lanes[lane], &request);
	if (s != NATS_OK && s != NATS_TIMEOUT)
		leave(r);
	for (; count < list.Count; count++)
		receive(r, list.Msgs[count]);
	natsMsgList_Destroy(&list);
	return count;
}

/* A lane is looked at when those before it are empty. */
static void receive_all(struct run *r, const volatile sig_atomic_t *stop)
{
	for (unsigned lane = 0; lane < LANES && r->is_ready && !*stop; lane++) {
		bool is_last = lane == LANES - 1;
		if (receive_lane(r, lane, is_last ? WAIT_MS : 0) > 0) {
			r->empty = 0;
			return;
		}
	}
	if (++r->empty >= LOOKS) /* a server that lost its disk says no more than that */
		leave(r);
}

/* ---- the loop ---- */

static void loop(struct run *r, struct tier_run *run)
{
	while (!*run->stop) {
		tier_run_look(run);
		if (!is_ready(r)) {
			tier_run_pause();
			continue;
		}
		send_all(r, time_now_ns());
		if (r->is_ready)
			receive_all(r, run->stop);
		else
			tier_run_pause();
	}
}

static char *path_in(const struct tier *t, const json_t *nats, const char *key)
{
	const char *path = json_string_value(json_object_get(nats, key));

	if (!path)
		return NULL;
	return path[0] == '/' ? mem_string(path) : tier_path(t, path, "", "");
}

static bool open_link(struct run *r)
{
	const json_t *nats = json_object_get(r->t->config, "nats");
	char *password = path_in(r->t, nats, "password_file"), *ca = path_in(r->t, nats, "ca");
	char *cert = path_in(r->t, nats, "cert"), *key = path_in(r->t, nats, "key");
	struct nats_link_config c = { json_string_value(json_object_get(nats, "url")),
		r->t->self.node, json_string_value(json_object_get(nats, "user")), password, ca,
		cert, key };
	bool ok = c.url && nats_link_open(&r->link, &c);

	if (!c.url)
		report_error("%s/tier.json: \"nats\" needs a \"url\"", r->t->folder);
	else if (!ok)
		report_error("%s", r->link.why);
	free(password);
	free(ca);
	free(cert);
	free(key);
	return ok;
}

bool tier_nats_run(struct tier_run *run)
{
	struct run r = { .t = run->t };

	if (!open_link(&r))
		return false;
	loop(&r, run);
	leave(&r);
	nats_link_close(&r.link);
	free(r.published);
	nats_Close();
	return true;
}

const char *tier_nats_version(void)
{
	return nats_GetVersion();
}
