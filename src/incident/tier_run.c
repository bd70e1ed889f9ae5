#include <time.h>

#include "base/report.h"
#include "incident/tier_checkpoint.h"
#include "incident/tier_nats.h"
#include "incident/tier_run.h"
#include "incident/time.h"

enum { PAUSE_MS = 500, EXPIRE_S = 10 };

static void expire(struct tier_run *r, uint64_t now_ns)
{
	if (now_ns - r->expired_ns < EXPIRE_S * UINT64_C(1000000000))
		return;
	unsigned count = tier_expire(r->t, now_ns);
	if (count > 0)
		report_warning("%u envelopes expired without a receipt; they are in %s/out/dead",
			count, r->t->folder);
	r->expired_ns = now_ns;
}

void tier_run_look(struct tier_run *r)
{
	uint64_t now_ns = time_now_ns();

	expire(r, now_ns);
	tier_checkpoints(r->t, now_ns, false);
	tier_watch_look(r->watch, now_ns);
}

void tier_run_pause(void)
{
	struct timespec t = { .tv_nsec = PAUSE_MS * 1000000L };

	nanosleep(&t, NULL);
}

static bool run_folders(struct tier_run *r)
{
	while (!*r->stop) {
		tier_run_look(r);
		tier_run_pause();
	}
	return true;
}

bool tier_run(struct tier *t, const volatile sig_atomic_t *stop)
{
	unsigned folders;
	struct tier_run r = { .t = t, .watch = tier_watch_new(t, &folders), .stop = stop };
	bool has_server = json_object_get(t->config, "nats") != NULL;
	bool ok = false;

	if (!r.watch)
		return false;
	if (!has_server && folders == 0)
		report_error("%s/tier.json: nothing to send through; it needs \"nats\": {\"url\": "
			"…} or \"folders\": [{\"out\": …}, {\"in\": …}]", t->folder);
	else
		ok = has_server ? tier_nats_run(&r) : run_folders(&r);
	tier_watch_free(r.watch);
	return ok;
}
