/* What is reached over a socket: syslog by UDP, TCP or TLS, and Unix sockets as Suricata has
 * them (a line a datagram, or lines one after the other).
 *
 * A stream keeps what it could not send of a line and sends it first. What the other end's
 * machine has not acknowledged when a connection breaks is not settled, and the outlet sends
 * it again, and with it the last of what it has, which its program may not have read. Of
 * datagrams nobody says whether they arrived; one that was refused is known a moment later, so
 * they settle after that moment. */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "output/line.h"
#include "output/syslog.h"
#include "output/tls.h"

enum { CONNECT_MS = 3000, REFUSAL_MS = 50 };
/* A receiver's buffer for datagrams is small, and what it has no room for is gone. */
enum { STREAM_WINDOW = 1 << 20, UDP_WINDOW = 64 << 10 };

struct socket_transport {
	struct transport t;
	int fd, type;         /* SOCK_STREAM or SOCK_DGRAM */
	const char *path;     /* of a Unix socket; NULL: the peer */
	struct peer peer;
	struct tls *tls;      /* NULL: plain */
	bool is_syslog;
	struct syslog syslog;
	struct text out;      /* of what was taken, the rest from `out_at` on is still to go */
	size_t out_at;
	uint64_t marked;      /* datagrams: `given` some time ago */
	int64_t marked_ms;
};

static struct socket_transport *socket_of(struct transport *t)
{
	return (struct socket_transport *)t;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void socket_close(struct transport *t)
{
	struct socket_transport *s = socket_of(t);

	if (s->tls)
		tls_close(s->tls);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	text_clear(&s->out);
	s->out_at = 0;
}

static bool socket_connect(struct transport *t)
{
	struct socket_transport *s = socket_of(t);

	socket_close(t);
	t->given = t->settled = s->marked = 0;
	if (s->tls)
		tls_reload(s->tls);
	s->fd = s->path ? peer_connect_unix(t, s->path, s->type)
			: peer_connect(t, &s->peer, s->type, CONNECT_MS);
	if (s->fd < 0)
		return false;
	int on = 1;
	setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (!s->tls || tls_connect(s->tls, t, s->fd, CONNECT_MS))
		return true;
	socket_close(t);
	return false;
}

/* ---- sending ---- */

/* As tls_write(): how many bytes, 0 when there is no room now, -1 with `why`. */
static ssize_t put(struct socket_transport *s, struct bytes b, short *events)
{
	if (s->tls)
		return tls_write(s->tls, &s->t, b, events);
	ssize_t n = send(s->fd, b.at, b.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	*events = POLLOUT;
	if (n >= 0)
		return n;
	if (errno == EMSGSIZE && s->type == SOCK_DGRAM) {
		s->t.refused++;
		return (ssize_t)b.len;
	}
	if (errno == EAGAIN || errno == EINTR || (errno == ENOBUFS && s->type == SOCK_DGRAM))
		return 0;
	transport_fail(&s->t, "%s", strerror(errno));
	return -1;
}

static enum transport_state drain(struct socket_transport *s, int wait_ms)
{
	while (s->out_at < s->out.len) {
		struct pollfd p = { .fd = s->fd };
		struct bytes rest = { (uint8_t *)s->out.at + s->out_at, s->out.len - s->out_at };
		ssize_t n = put(s, rest, &p.events);
		if (n < 0)
			return TRANSPORT_FAILED;
		s->out_at += (size_t)n;
		if (n == 0 && poll(&p, 1, wait_ms) == 0)
			return TRANSPORT_FULL;
	}
	text_clear(&s->out);
	s->out_at = 0;
	return TRANSPORT_SENT;
}

static void spell(struct socket_transport *s, struct bytes line)
{
	if (s->is_syslog)
		syslog_message(&s->syslog, line, s->type == SOCK_STREAM, &s->out);
	else
		text_put(&s->out, line.at, line.len);
	s->t.given += s->out.len;
}

/* A line is taken once the one before is out; what waits then is this line's. */
static enum transport_state socket_send(struct transport *t, struct bytes lines, int wait_ms,
	size_t *taken)
{
	struct socket_transport *s = socket_of(t);
	struct bytes line;

	for (*taken = 0;; *taken += line.len) {
		enum transport_state state = drain(s, wait_ms);
		if (state == TRANSPORT_FULL && *taken > 0 && lines.len == 0)
			return TRANSPORT_SENT;
		if (state != TRANSPORT_SENT || !line_next(&lines, &line))
			return state;
		spell(s, line);
	}
}

/* ---- what has arrived ---- */

static bool listen_for_end(struct socket_transport *s)
{
	char rest[256];
	ssize_t n;

	if (s->tls)
		return tls_listen(s->tls, &s->t);
	while ((n = recv(s->fd, rest, sizeof(rest), MSG_DONTWAIT)) > 0)
		;
	if (n == 0 && s->type == SOCK_STREAM)
		return transport_fail(&s->t, "closed by the other end");
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return transport_fail(&s->t, "%s", strerror(errno));
	return true;
}

static void settle_datagrams(struct socket_transport *s)
{
	int64_t now = now_ms();

	if (now - s->marked_ms < REFUSAL_MS)
		return;
	s->t.settled = s->marked;
	s->marked = s->t.given;
	s->marked_ms = now;
}

static enum transport_state socket_settle(struct transport *t)
{
	struct socket_transport *s = socket_of(t);
	int waiting = 0;

	if (drain(s, 0) == TRANSPORT_FAILED || !listen_for_end(s))
		return TRANSPORT_FAILED;
	if (s->type == SOCK_DGRAM && !s->path)
		settle_datagrams(s);
	else if (s->type == SOCK_DGRAM)
		t->settled = t->given;
	else if (s->out.len == 0 && ioctl(s->fd, SIOCOUTQ, &waiting) == 0 && waiting == 0)
		t->settled = t->given;
	return TRANSPORT_SENT;
}

static void socket_free(struct transport *t)
{
	struct socket_transport *s = socket_of(t);

	tls_free(s->tls);
	text_fini(&s->out);
	free(s);
}

static const struct transport_ops socket_ops = {
	.connect = socket_connect,
	.send = socket_send,
	.settle = socket_settle,
	.close = socket_close,
	.free = socket_free,
};

static struct socket_transport *new_socket(const char *name, int type)
{
	struct socket_transport *s = mem_new(sizeof(*s));

	s->t.ops = &socket_ops;
	s->t.is_remote = true;
	s->t.window = STREAM_WINDOW;
	s->fd = -1;
	s->type = type;
	snprintf(s->t.name, sizeof(s->t.name), "%s", name);
	return s;
}

struct transport *transport_unix(const struct sink_config *c)
{
	struct socket_transport *s = new_socket(c->path,
		c->type == SINK_UNIX_DGRAM ? SOCK_DGRAM : SOCK_STREAM);

	s->path = c->path;
	s->t.is_unread = true;
	return &s->t;
}

/* ---- syslog ---- */

static const struct {
	const char *scheme, *port;
	int type;
	bool has_tls;
} schemes[] = {
	{ "udp", "514", SOCK_DGRAM, false },
	{ "tcp", "514", SOCK_STREAM, false },
	{ "tls", "6514", SOCK_STREAM, true },
};

struct transport *transport_syslog(const struct sink_config *c, const char *host)
{
	struct socket_transport *s = new_socket(c->address, SOCK_STREAM);
	unsigned i = 0, count = sizeof(schemes) / sizeof(*schemes);

	s->is_syslog = true;
	syslog_init(&s->syslog, c->facility, c->enterprise, host);
	peer_parse(&s->peer, c->address); /* which was checked with the configuration */
	while (i + 1 < count && strcmp(schemes[i].scheme, s->peer.scheme) != 0)
		i++;
	s->type = schemes[i].type;
	s->t.window = s->type == SOCK_DGRAM ? UDP_WINDOW : STREAM_WINDOW;
	s->t.is_unread = s->type == SOCK_STREAM; /* without a connection none breaks */
	if (!*s->peer.port)
		strcpy(s->peer.port, schemes[i].port);
	if (!schemes[i].has_tls || (s->tls = tls_new(c, &s->peer)) != NULL)
		return &s->t;
	socket_free(&s->t);
	return NULL;
}
