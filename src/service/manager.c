#include <stdio.h>
#include <string.h>

#include "engine/view.h"
#include "service/manager.h"

enum { ANSWER_MS = 500, STATUS_MS = 10 * 1000 };

struct word {
	char status[160];
};

bool manager_open(struct manager *m)
{
	*m = (struct manager){ 0 };
	notify_open(&m->notify);
	return m->notify.fd >= 0;
}

static void look(void *context, const struct engine_view *v)
{
	struct word *w = context;

	snprintf(w->status, sizeof(w->status), "%s: %llu packets, %llu dropped, %llu alerts",
		health_states[v->state], (unsigned long long)v->now.source.packets,
		(unsigned long long)v->now.source.dropped, (unsigned long long)v->stage.alerts);
}

static int64_t interval_ms(const struct manager *m)
{
	int64_t watchdog = (int64_t)m->notify.watchdog_ms / 2;

	return watchdog && watchdog < STATUS_MS ? watchdog : STATUS_MS;
}

/* A sensor that does not answer is asked again with the next tick. */
static void show_life(struct manager *m, const struct service_of *of, int64_t now_ms)
{
	struct word w;

	if (now_ms < m->next_ms || !engine_ask(of->engine, look, &w, ANSWER_MS))
		return;
	notify_send(&m->notify, "%s%sSTATUS=%s", m->is_ready ? "" : "READY=1\n",
		m->notify.watchdog_ms ? "WATCHDOG=1\n" : "", w.status);
	m->is_ready = true;
	m->next_ms = now_ms + interval_ms(m);
}

static void tell_reload(struct manager *m, const struct service_of *of, int64_t now_ms)
{
	uint64_t asked = engine_reload_asked(of->engine);
	struct engine_reload what;

	if (asked > m->reload) {
		m->reload = asked;
		m->is_reloading = true;
		notify_send(&m->notify, "RELOADING=1\nMONOTONIC_USEC=%lld",
			(long long)now_ms * 1000);
	}
	if (!m->is_reloading || !engine_reload_done(of->engine, m->reload, &what))
		return;
	m->is_reloading = false;
	notify_send(&m->notify, "READY=1\nSTATUS=%s", what.ok ? "rules reloaded" :
		"the rules were not reloaded; those before stay");
}

void manager_tick(struct manager *m, const struct service_of *of, int64_t now_ms)
{
	if (m->notify.fd < 0)
		return;
	show_life(m, of, now_ms);
	if (m->is_ready)
		tell_reload(m, of, now_ms);
}

void manager_close(struct manager *m)
{
	notify_send(&m->notify, "STOPPING=1");
	notify_close(&m->notify);
}
