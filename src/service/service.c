#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "service/control.h"
#include "service/http.h"
#include "service/listener.h"
#include "service/manager.h"
#include "service/service.h"

enum {
	CLIENTS_MAX = 16,   /* the one that waits longest goes for the next */
	TICK_MS = 200,      /* deadlines, the service manager */
	RELOAD_TICK_MS = 20,
	FIRST_CLIENT = 3,   /* in the poll set, behind wake and the listeners */
};

struct service {
	struct service_of of;
	struct listener control, metrics;
	struct manager manager;
	bool has_manager;
	pthread_t thread;
	int wake;
	atomic_bool is_ending;
	struct client *clients[CLIENTS_MAX]; /* oldest first */
	unsigned count;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- clients ---- */

static void drop_client(struct service *s, unsigned i)
{
	client_free(s->clients[i]);
	s->count--;
	memmove(&s->clients[i], &s->clients[i + 1], (s->count - i) * sizeof(*s->clients));
}

static void accept_client(struct service *s, const struct listener *l, enum client_kind kind)
{
	int fd = listener_accept(l);

	if (fd < 0)
		return;
	if (s->count == CLIENTS_MAX)
		drop_client(s, 0);
	s->clients[s->count++] = client_new(fd, kind, now_ms());
}

static void answer_next(struct service *s, struct client *c)
{
	size_t len;
	const char *request = client_request(c, &len);

	if (!request)
		return;
	if (c->kind == CLIENT_HTTP)
		http_answer(&s->of, c, request, len);
	else
		control_answer(&s->of, c, request, len);
	client_drop(c, len);
	c->deadline_ms += ANSWER_MS;
}

/* One answer at a time: the next request waits until it is taken. false: it is gone. */
static bool serve(struct service *s, struct client *c, short events)
{
	if (c->reload && !control_reloaded(&s->of, c))
		return !(events & (POLLHUP | POLLERR)) && now_ms() < c->deadline_ms;
	if (events & (POLLIN | POLLHUP | POLLERR) && !c->out.len && !client_read(c))
		return false;
	if (!c->out.len && !c->reload)
		answer_next(s, c);
	if (c->out.len && !client_write(c, now_ms()))
		return false;
	return now_ms() < c->deadline_ms;
}

/* ---- the thread ---- */

static unsigned fill(const struct service *s, struct pollfd *polls)
{
	polls[0] = (struct pollfd){ s->wake, POLLIN, 0 };
	polls[1] = (struct pollfd){ s->control.fd, POLLIN, 0 };
	polls[2] = (struct pollfd){ s->metrics.fd, POLLIN, 0 };
	for (unsigned i = 0; i < s->count; i++)
		polls[FIRST_CLIENT + i] = (struct pollfd){ s->clients[i]->fd,
			client_events(s->clients[i]), 0 };
	return FIRST_CLIENT + s->count;
}

static int wait_ms(const struct service *s)
{
	size_t len;

	for (unsigned i = 0; i < s->count; i++)
		if (s->clients[i]->reload)
			return RELOAD_TICK_MS;
		else if (!s->clients[i]->out.len && client_request(s->clients[i], &len))
			return 0;
	return s->count || s->has_manager ? TICK_MS : -1;
}

static void serve_all(struct service *s, const struct pollfd *polls)
{
	for (unsigned i = s->count; i-- > 0;)
		if (!serve(s, s->clients[i], polls[FIRST_CLIENT + i].revents))
			drop_client(s, i);
	if (polls[1].revents)
		accept_client(s, &s->control, CLIENT_CONTROL);
	if (polls[2].revents)
		accept_client(s, &s->metrics, CLIENT_HTTP);
}

static void *run(void *context)
{
	struct service *s = context;
	struct pollfd polls[FIRST_CLIENT + CLIENTS_MAX];

	while (!atomic_load(&s->is_ending)) {
		unsigned count = fill(s, polls);
		if (poll(polls, count, wait_ms(s)) < 0 && errno != EINTR)
			break;
		serve_all(s, polls);
		manager_tick(&s->manager, &s->of, now_ms());
	}
	return NULL;
}

/* Signals are the main thread's: they end its waits. */
static bool start(struct service *s)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		report_error("cannot start a thread for the control socket and metrics");
	return error == 0;
}

/* ---- beginning and end ---- */

bool service_check(const struct config *c)
{
	return !c->metrics_listen || listener_check_loopback(c->metrics_listen);
}

static bool open_all(struct service *s, const struct config *c)
{
	s->control.fd = s->metrics.fd = -1;
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->control_socket && !listener_open_unix(&s->control, c->control_socket))
		return false;
	if (c->metrics_listen && !listener_open_loopback(&s->metrics, c->metrics_listen))
		return false;
	s->has_manager = manager_open(&s->manager);
	return true;
}

static void close_all(struct service *s)
{
	while (s->count)
		drop_client(s, s->count - 1);
	listener_close(&s->control);
	listener_close(&s->metrics);
	if (s->has_manager)
		manager_close(&s->manager);
	if (s->wake >= 0)
		close(s->wake);
	free(s);
}

bool service_start(const struct service_of *of, struct service **service)
{
	struct service *s = mem_new(sizeof(*s));

	*service = NULL;
	s->of = *of;
	bool ok = open_all(s, of->config);
	bool is_wanted = s->control.fd >= 0 || s->metrics.fd >= 0 || s->has_manager;
	if (ok && is_wanted && start(s)) {
		*service = s;
		return true;
	}
	close_all(s);
	return ok && !is_wanted;
}

void service_stop(struct service *s)
{
	if (!s)
		return;
	atomic_store(&s->is_ending, true);
	(void)!write(s->wake, &(uint64_t){ 1 }, sizeof(uint64_t));
	pthread_join(s->thread, NULL);
	close_all(s);
}
