/* The system calls that the sensor makes, and no others: what an intruder who found a flaw in it
 * would do next (start a program, trace another, load a module, open a strange socket) ends it.
 *
 * The list was found by tracing real runs of all modes and is grouped by what needs it; it names
 * calls that newer C libraries use for the same. Ending is by SIGSYS, and the kernel logs the
 * number of the call (journalctl -k, "type=1326"). */
#ifndef IRONSPAN_SYSCALL_FILTER_H
#define IRONSPAN_SYSCALL_FILTER_H

#include "engine/config.h"

/* For this thread and those it starts. false after a reported error. A kernel without seccomp is
 * a warning. */
bool syscall_filter_install(enum seccomp_mode mode);

#endif
