#include <cap-ng.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "capture/watchdog.h"

enum { LOOK_MS = 50 };

/* Shared between the two processes. */
struct pulse {
	atomic_uint beats, taken, settled;
	atomic_bool is_watched;
};

struct watchdog {
	struct pulse *pulse;
	pid_t pid;
};

/* ---- in the process beside the sensor ---- */

struct look {
	unsigned beats, taken, settled;
};

static struct look look_at(struct pulse *p)
{
	return (struct look){ atomic_load(&p->beats), atomic_load(&p->taken),
		atomic_load(&p->settled) };
}

static bool is_well(const struct look *now, const struct look *before)
{
	bool nothing_held = now->taken == now->settled;

	return now->beats != before->beats &&
		(nothing_held || now->settled != before->settled);
}

/* The signals of a terminal, and of those who reach all processes of a service, are for the
 * sensor. */
static void stand_aside(int sensor)
{
	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	prctl(PR_SET_NAME, "ironspan-watch");
	capng_clear(CAPNG_SELECT_ALL);
	capng_apply(CAPNG_SELECT_CAPS); /* the sensor is our own user's */
	dup2(sensor, STDIN_FILENO); /* the one file that is needed beside stderr */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
}

/* Looks are counted, not time: a machine that sleeps is no sensor that stalls. */
static void watch(struct pulse *p)
{
	struct pollfd sensor = { STDIN_FILENO, POLLIN, 0 };
	struct look before = look_at(p);

	for (unsigned stalled = 0; stalled < WATCHDOG_STALL_MS / LOOK_MS;) {
		if (poll(&sensor, 1, LOOK_MS) > 0)
			return; /* it has ended */
		struct look now = look_at(p);
		bool fine = !atomic_load(&p->is_watched) || is_well(&now, &before);
		stalled = fine ? 0 : stalled + 1;
		before = now;
	}
	if (pidfd_send_signal(STDIN_FILENO, SIGKILL, NULL, 0) == 0)
		report_error("the sensor held packets and did nothing for %d ms: it is ended, "
			     "so that traffic flows", WATCHDOG_STALL_MS);
}

/* ---- in the sensor ---- */

static bool start(struct watchdog *w)
{
	int sensor = pidfd_open(getpid(), 0);

	if (sensor < 0)
		return false;
	w->pid = fork();
	if (w->pid == 0) {
		stand_aside(sensor);
		watch(w->pulse);
		_exit(0);
	}
	close(sensor);
	return w->pid > 0;
}

struct watchdog *watchdog_start(void)
{
	struct watchdog *w = mem_new(sizeof(*w));

	w->pulse = mmap(NULL, sizeof(*w->pulse), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->pulse != MAP_FAILED && start(w))
		return w;
	report_error("cannot start the watchdog: %s", strerror(errno));
	if (w->pulse != MAP_FAILED)
		munmap(w->pulse, sizeof(*w->pulse));
	free(w);
	return NULL;
}

void watchdog_beat(struct watchdog *w)
{
	if (!w)
		return;
	atomic_fetch_add_explicit(&w->pulse->beats, 1, memory_order_relaxed);
	atomic_store_explicit(&w->pulse->is_watched, true, memory_order_relaxed);
}

void watchdog_took(struct watchdog *w, unsigned count)
{
	if (w && count)
		atomic_fetch_add_explicit(&w->pulse->taken, count, memory_order_relaxed);
}

void watchdog_settled(struct watchdog *w, unsigned count)
{
	if (w && count)
		atomic_fetch_add_explicit(&w->pulse->settled, count, memory_order_relaxed);
}

void watchdog_rest(struct watchdog *w)
{
	if (w)
		atomic_store_explicit(&w->pulse->is_watched, false, memory_order_relaxed);
}

void watchdog_stop(struct watchdog *w)
{
	if (!w)
		return;
	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	munmap(w->pulse, sizeof(*w->pulse));
	free(w);
}
