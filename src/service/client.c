#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "service/client.h"

struct client *client_new(int fd, enum client_kind kind, int64_t now_ms)
{
	struct client *c = mem_new(sizeof(*c));

	c->fd = fd;
	c->kind = kind;
	c->deadline_ms = now_ms + REQUEST_MS;
	return c;
}

void client_free(struct client *c)
{
	close(c->fd);
	text_fini(&c->out);
	free(c);
}

short client_events(const struct client *c)
{
	if (c->reload)
		return 0;
	return c->out.len ? POLLOUT : POLLIN;
}

bool client_read(struct client *c)
{
	if (c->in_len == sizeof(c->in))
		return false;
	ssize_t n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, 0);
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	c->in_len += (size_t)n;
	return true;
}

/* A line; of HTTP, all up to the empty line. */
char *client_request(struct client *c, size_t *len)
{
	char *last = memchr(c->in, '\n', c->in_len);

	while (c->kind == CLIENT_HTTP && last) {
		size_t at = (size_t)(last - c->in) + 1;
		if (at < c->in_len && c->in[at] == '\r')
			at++;
		if (at < c->in_len && c->in[at] == '\n')
			break;
		last = memchr(last + 1, '\n', c->in_len - (size_t)(last + 1 - c->in));
	}
	if (!last)
		return NULL;
	*len = (size_t)(last - c->in) + 1;
	return c->in;
}

void client_drop(struct client *c, size_t len)
{
	memmove(c->in, c->in + len, c->in_len - len);
	c->in_len -= len;
}

bool client_write(struct client *c, int64_t now_ms)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.at + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		c->sent += (size_t)n;
	}
	text_fini(&c->out); /* a large answer need not stay */
	c->out = (struct text){ 0 };
	c->sent = 0;
	c->deadline_ms = now_ms + REQUEST_MS;
	return !c->ends;
}
