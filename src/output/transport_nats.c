/* A NATS server with JetStream: each line is a message of its own, on the subject
 * ironspan-alerts.SENSOR, and settled when the server has stored it. The id of a message is a
 * hash of the line, so that what is sent again within the stream's memory is stored once. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/hash.h"
#include "base/memory.h"
#include "output/line.h"
#include "output/nats_link.h"
#include "output/transport.h"

enum { CONNECT_MS = 3000, PATIENCE_MS = 10000, WAYS = 1024, WINDOW = 1 << 20, STEP_MS = 5 };

struct nats_transport {
	struct transport t;
	struct nats_link_config config;
	struct nats_link link;      /* stays over close(): the library connects again by itself */
	bool is_open;
	_Atomic(jsCtx *) js;        /* of this connect(); acknowledgements of others are late */
	atomic_uint_fast64_t acked; /* lines, since connect() */
	atomic_bool is_refused;     /* one was; those behind it do not count any more */
	uint64_t sent;              /* lines, since connect() */
	uint64_t ends[WAYS];        /* `given` behind line number i, at i % WAYS */
	uint64_t seen;              /* of acked, by settle() */
	int64_t seen_ms;            /* when that changed */
	char subject[128];
};

static struct nats_transport *nats_of(struct transport *t)
{
	return (struct nats_transport *)t;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
	struct timespec t = { .tv_nsec = ms * 1000000l };

	nanosleep(&t, NULL);
}

/* On a thread of the library, one line after the other in the order they were sent. */
static void on_ack(jsCtx *js, natsMsg *m, jsPubAck *ack, jsPubAckErr *error, void *closure)
{
	struct nats_transport *n = closure;

	(void)error;
	if (js == atomic_load(&n->js)) {
		if (!ack)
			atomic_store(&n->is_refused, true);
		else if (!atomic_load(&n->is_refused))
			atomic_fetch_add(&n->acked, 1);
	}
	natsMsg_Destroy(m);
}

/* ---- connecting ---- */

static void nats_close(struct transport *t)
{
	struct nats_transport *n = nats_of(t);
	jsCtx *js = atomic_exchange(&n->js, NULL);

	jsCtx_Destroy(js);
}

static bool open_stream(struct nats_transport *n)
{
	jsOptions o;
	jsCtx *js = NULL;

	jsOptions_Init(&o);
	o.PublishAsync.MaxPending = 2 * WAYS;
	o.PublishAsync.AckHandler = on_ack;
	o.PublishAsync.AckHandlerClosure = n;
	natsStatus s = natsConnection_JetStream(&js, n->link.connection, &o);
	if (s != NATS_OK)
		return transport_fail(&n->t, "%s", natsStatus_GetText(s));
	atomic_store(&n->js, js);
	return true;
}

static bool nats_connect(struct transport *t)
{
	struct nats_transport *n = nats_of(t);

	nats_close(t);
	t->given = t->settled = n->sent = n->seen = 0;
	atomic_store(&n->acked, 0);
	atomic_store(&n->is_refused, false);
	n->seen_ms = now_ms();
	if (!n->is_open && !(n->is_open = nats_link_open(&n->link, &n->config)))
		return transport_fail(t, "%s", n->link.why);
	for (int waited = 0; !nats_link_is_up(&n->link); waited += STEP_MS) {
		if (waited >= CONNECT_MS)
			return transport_fail(t, "the server is not there, or does not let us in");
		pause_ms(STEP_MS);
	}
	return open_stream(n);
}

/* ---- sending ---- */

static bool wait_for_room(struct nats_transport *n, int wait_ms)
{
	for (int waited = 0; n->sent - atomic_load(&n->acked) >= WAYS; waited += STEP_MS) {
		if ((wait_ms >= 0 && waited >= wait_ms) || atomic_load(&n->is_refused) ||
			!nats_link_is_up(&n->link))
			return false;
		pause_ms(STEP_MS);
	}
	return true;
}

static natsStatus publish(struct nats_transport *n, struct bytes line)
{
	char id[40];
	jsPubOptions o;

	snprintf(id, sizeof(id), "%016llx%016llx",
		(unsigned long long)hash_fast(line.at, line.len, 1),
		(unsigned long long)hash_fast(line.at, line.len, 2));
	jsPubOptions_Init(&o);
	o.MsgId = id;
	return js_PublishAsync(atomic_load(&n->js), n->subject, line.at, (int)line.len, &o);
}

static enum transport_state nats_send(struct transport *t, struct bytes lines, int wait_ms,
	size_t *taken)
{
	struct nats_transport *n = nats_of(t);
	struct bytes line;

	for (*taken = 0; line_next(&lines, &line); *taken += line.len) {
		if (!wait_for_room(n, wait_ms))
			return TRANSPORT_FULL;
		natsStatus s = publish(n, line);
		if (s == NATS_MAX_PAYLOAD) {
			t->refused++;
			continue;
		}
		if (s != NATS_OK) {
			transport_fail(t, "%s", natsStatus_GetText(s));
			return TRANSPORT_FAILED;
		}
		t->given += line.len;
		n->ends[n->sent++ % WAYS] = t->given;
	}
	return TRANSPORT_SENT;
}

static enum transport_state nats_settle(struct transport *t)
{
	struct nats_transport *n = nats_of(t);
	uint64_t acked = atomic_load(&n->acked);

	if (acked > n->seen || acked == n->sent)
		n->seen_ms = now_ms();
	n->seen = acked;
	if (acked > 0)
		t->settled = n->ends[(acked - 1) % WAYS];
	if (atomic_load(&n->is_refused))
		transport_fail(t, "no stream there stores ironspan-alerts, or it is full");
	else if (!nats_link_is_up(&n->link))
		transport_fail(t, "the server is away");
	else if (now_ms() - n->seen_ms > PATIENCE_MS)
		transport_fail(t, "the server does not answer");
	else
		return TRANSPORT_SENT;
	return TRANSPORT_FAILED;
}

static void nats_free(struct transport *t)
{
	struct nats_transport *n = nats_of(t);

	if (n->is_open)
		nats_link_close(&n->link);
	free(n);
}

static const struct transport_ops nats_ops = {
	.connect = nats_connect,
	.send = nats_send,
	.settle = nats_settle,
	.close = nats_close,
	.free = nats_free,
};

/* A name as one token of a subject. */
static void put_token(char *to, size_t size, const char *name)
{
	size_t i = 0;

	for (; name[i] && i + 1 < size; i++)
		to[i] = strchr(".*> \t", name[i]) || (uint8_t)name[i] < ' ' ? '_' : name[i];
	to[i] = '\0';
}

struct transport *transport_nats(const struct sink_config *c, const char *host)
{
	struct nats_transport *n = mem_new(sizeof(*n));
	char sensor[100];

	put_token(sensor, sizeof(sensor), host);
	snprintf(n->subject, sizeof(n->subject), "ironspan-alerts.%s", sensor);
	snprintf(n->t.name, sizeof(n->t.name), "%s", c->address);
	n->t.ops = &nats_ops;
	n->t.is_remote = true;
	n->t.window = WINDOW;
	n->config = (struct nats_link_config){ .url = c->address, .name = host, .user = c->user,
		.password_file = c->password_file, .ca_file = c->ca_file,
		.cert_file = c->cert_file, .key_file = c->key_file };
	return &n->t;
}
