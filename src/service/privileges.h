/* What the process may do once it has read its configuration, before it looks at rules or
 * packets.
 *
 * With run-as it becomes that user, with the user's groups and no other. Whoever it runs as, it
 * keeps those capabilities only that its work needs while it runs, if it had them: CAP_NET_RAW to
 * open an interface that comes back, CAP_NET_ADMIN too for the kernel's queues, nothing for
 * captures. Root that stays root keeps CAP_DAC_OVERRIDE, because folders of others are where
 * users of sudo have their logs. No program that it could start would get more than it has
 * (PR_SET_NO_NEW_PRIVS).
 *
 * At start, before there are threads. */
#ifndef IRONSPAN_PRIVILEGES_H
#define IRONSPAN_PRIVILEGES_H

#include "engine/config.h"

/* false after a reported error: there is no such user, or we may not become it. */
bool privileges_drop(const struct config *c);

#endif
