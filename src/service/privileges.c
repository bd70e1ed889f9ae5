#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/report.h"
#include "service/privileges.h"

static const struct {
	int capability;
	bool of_live, of_queues, of_root;
} kept[] = {
	{ CAP_NET_RAW, true, true, false },
	{ CAP_NET_ADMIN, false, true, false },
	{ CAP_DAC_OVERRIDE, false, false, true },
};

/* Whom to become; NULL: nobody else. */
static const struct passwd *find_user(const struct config *c, bool *ok)
{
	*ok = true;
	if (!c->run_as)
		return NULL;
	const struct passwd *user = getpwnam(c->run_as);
	if (!user) {
		report_error("run-as: there is no user \"%s\"", c->run_as);
		*ok = false;
	} else if (user->pw_uid == geteuid()) {
		return NULL;
	} else if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID)) {
		report_error("run-as: only root can become \"%s\"", c->run_as);
		*ok = false;
	}
	return *ok ? user : NULL;
}

/* Into libcap-ng's notes; those that are there already, and needed. */
static void choose(const struct config *c, bool stays_root)
{
	bool has[sizeof(kept) / sizeof(*kept)];
	bool is_live = c->input_count == 0, has_queues = is_live && c->queues.count > 0;

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		has[i] = capng_have_capability(CAPNG_PERMITTED, (unsigned)kept[i].capability);
	capng_clear(CAPNG_SELECT_ALL);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (has[i] && ((is_live && kept[i].of_live) || (has_queues && kept[i].of_queues) ||
				(stays_root && kept[i].of_root)))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				(unsigned)kept[i].capability);
}

/* Its files, such as compiled rules, are that user's. */
static bool become(const struct passwd *user)
{
	int error = capng_change_id((int)user->pw_uid, (int)user->pw_gid,
		CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);

	if (error) {
		report_error("run-as: cannot become \"%s\" (libcap-ng: %d): %s", user->pw_name,
			error, strerror(errno));
		return false;
	}
	setenv("HOME", user->pw_dir, 1);
	unsetenv("XDG_CACHE_HOME");
	return true;
}

/* The bounding set is root's to change. */
static bool reduce(bool may_bound)
{
	if ((!may_bound || capng_apply(CAPNG_SELECT_BOUNDS) == 0) &&
		capng_apply(CAPNG_SELECT_CAPS) == 0 && capng_apply(CAPNG_SELECT_AMBIENT) == 0)
		return true;
	report_error("cannot give up capabilities: %s", strerror(errno));
	return false;
}

bool privileges_drop(const struct config *c)
{
	bool ok;

	capng_get_caps_process();
	bool may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	const struct passwd *user = find_user(c, &ok);
	if (!ok)
		return false;
	choose(c, !user && geteuid() == 0);
	ok = user ? become(user) : reduce(may_bound);
	if (ok && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		report_warning("cannot rule out new privileges: %s", strerror(errno));
	return ok;
}
