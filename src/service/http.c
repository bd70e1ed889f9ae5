#include "engine/view.h"
#include "service/http.h"

enum { WAIT_MS = 1000 };

#define TEXT_PLAIN "text/plain; charset=utf-8"
#define PROMETHEUS "text/plain; version=0.0.4; charset=utf-8"

static void answer(struct client *c, const char *status, const char *type, bool has_body,
	const struct text *body)
{
	text_printf(&c->out, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"Cache-Control: no-store\r\nConnection: close\r\n\r\n", status, type, body->len);
	if (has_body)
		text_put(&c->out, body->at, body->len);
	c->ends = true;
}

static void refuse(struct client *c, const char *status, bool has_body)
{
	struct text body = { 0 };

	text_printf(&body, "%s\n", status);
	answer(c, status, TEXT_PLAIN, has_body, &body);
	text_fini(&body);
}

static void show(void *context, const struct engine_view *v)
{
	view_metrics(v, context);
}

static void metrics(const struct service_of *of, struct client *c, bool has_body)
{
	struct text body = { 0 };

	if (engine_ask(of->engine, show, &body, WAIT_MS))
		answer(c, "200 OK", PROMETHEUS, has_body, &body);
	else
		refuse(c, "503 Service Unavailable", has_body);
	text_fini(&body);
}

/* One word of the first line; what follows it, up to the end of the line. */
static struct bytes word(struct bytes *line)
{
	const uint8_t *end = memchr(line->at, ' ', line->len);
	struct bytes w = { line->at, end ? (size_t)(end - line->at) : line->len };
	size_t gone = w.len + (end != NULL);

	line->at += gone;
	line->len -= gone;
	return w;
}

static bool is(struct bytes w, const char *text)
{
	return w.len == strlen(text) && memcmp(w.at, text, w.len) == 0;
}

static struct bytes first_line(const char *request, size_t len)
{
	const char *end = memchr(request, '\n', len);
	size_t line = end ? (size_t)(end - request) : len;

	if (line && request[line - 1] == '\r')
		line--;
	return (struct bytes){ (const uint8_t *)request, line };
}

void http_answer(const struct service_of *of, struct client *c, const char *request, size_t len)
{
	struct bytes line = first_line(request, len);
	struct bytes method = word(&line), target = word(&line), version = word(&line);
	const uint8_t *query = memchr(target.at, '?', target.len);
	bool is_head = is(method, "HEAD");

	if (query)
		target.len = (size_t)(query - target.at);
	if (version.len < 7 || memcmp(version.at, "HTTP/1.", 7) != 0)
		refuse(c, "400 Bad Request", true);
	else if (!is_head && !is(method, "GET"))
		refuse(c, "405 Method Not Allowed", true);
	else if (!is(target, "/metrics"))
		refuse(c, "404 Not Found", !is_head);
	else
		metrics(of, c, !is_head);
}
