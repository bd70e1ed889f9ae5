/* What the user is told: when a destination fails, when it loses events, when it works again. */
#include <inttypes.h>

#include "base/report.h"
#include "output/outlet_state.h"

enum { QUIET_MS = 60 * 1000 }; /* between two pieces of bad news */

uint64_t outlet_lost(const struct outlet *o, enum line_value value)
{
	return o->counters.lost[value] + o->queue.lost[value] + o->spool_lost[value];
}

static bool may_tell(struct outlet *o)
{
	int64_t now = outlet_now_ms();

	if (o->told_ms && now - o->told_ms < QUIET_MS)
		return false;
	o->told_ms = now;
	return true;
}

void outlet_tell_down(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	bool is_new = !o->counters.is_down;
	o->counters.outages += is_new;
	o->counters.is_down = true;
	pthread_mutex_unlock(&o->lock);
	if (!is_new)
		return;
	o->down_since_ms = outlet_now_ms();
	if (may_tell(o)) {
		o->is_told = true;
		report_warning("%s: %s; events wait", o->transport->name, o->transport->why);
	}
}

static void new_losses(struct outlet *o, uint64_t lost[LINE_VALUES])
{
	pthread_mutex_lock(&o->lock);
	for (unsigned i = 0; i < LINE_VALUES; i++)
		lost[i] = outlet_lost(o, i) - o->told_lost[i];
	pthread_mutex_unlock(&o->lock);
}

void outlet_tell_loss(struct outlet *o)
{
	uint64_t lost[LINE_VALUES];

	if (o->is_loss_told)
		return;
	new_losses(o, lost);
	if (lost[LINE_EVENT] + lost[LINE_ALERT] == 0 || (!o->is_told && !may_tell(o)))
		return;
	o->is_loss_told = true;
	report_warning("%s: %s; %s are lost", o->transport->name,
		o->has_refused ? "lines too long for a datagram" : "too much waits",
		lost[LINE_ALERT] ? "events and alerts" : "events");
}

static void tell_sums(struct outlet *o)
{
	uint64_t lost[LINE_VALUES];

	new_losses(o, lost);
	if (lost[LINE_EVENT] + lost[LINE_ALERT] == 0)
		report_news("%s: works again, nothing was lost", o->transport->name);
	else
		report_warning("%s: works again; %" PRIu64 " events and %" PRIu64
			" alerts were lost", o->transport->name, lost[LINE_EVENT],
			lost[LINE_ALERT]);
	for (unsigned i = 0; i < LINE_VALUES; i++)
		o->told_lost[i] += lost[i];
	o->is_told = o->is_loss_told = false;
}

/* A destination that was only too slow works again when nothing waits. */
void outlet_tell_up(struct outlet *o)
{
	pthread_mutex_lock(&o->lock);
	bool was_down = o->counters.is_down, is_empty = queue_is_empty(&o->queue);
	o->counters.is_down = false;
	pthread_mutex_unlock(&o->lock);
	if ((was_down && o->is_told) || (o->is_loss_told && is_empty))
		tell_sums(o);
}
