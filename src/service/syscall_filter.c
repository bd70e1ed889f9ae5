#include <errno.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/report.h"
#include "service/syscall_filter.h"

#if defined(__has_feature)
#define HAS(feature) __has_feature(feature)
#else
#define HAS(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	HAS(address_sanitizer) || HAS(thread_sanitizer)
enum { IS_SANITIZED = true };
#else
enum { IS_SANITIZED = false };
#endif

static const char *const allowed[] = {
	/* memory */
	"brk", "madvise", "membarrier", "mmap", "mprotect", "mremap", "munmap",
	/* threads, time, waiting */
	"clock_getres", "clock_gettime", "clock_nanosleep", "epoll_create1", "epoll_ctl",
	"epoll_pwait", "epoll_wait", "eventfd2", "exit", "exit_group", "futex", "futex_waitv",
	"gettid", "gettimeofday", "nanosleep", "pause", "poll", "ppoll", "pselect6", "restart_syscall",
	"rseq", "sched_getaffinity", "sched_yield", "select", "set_robust_list", "time",
	/* signals; kill and wait4 end the watchdog's process */
	"kill", "pidfd_send_signal", "rt_sigaction", "rt_sigpending", "rt_sigprocmask",
	"rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "sigaltstack", "tgkill", "wait4",
	"waitid",
	/* who and where we are */
	"getcwd", "getegid", "geteuid", "getgid", "getgroups", "getpid", "getppid",
	"getrandom", "getresgid", "getresuid", "getrusage", "getuid", "prlimit64", "getrlimit",
	"sysinfo", "uname",
	/* files: rules, captures, logs, spools, evidence, databases */
	"access", "chmod", "close", "close_range", "copy_file_range", "dup", "dup2", "dup3",
	"faccessat", "faccessat2", "fadvise64", "fallocate", "fchmod", "fchmodat", "fchown",
	"fcntl", "fdatasync", "flock", "fstat", "fstatfs", "fsync", "ftruncate", "getdents64",
	"lseek", "lstat", "mkdir", "mkdirat", "newfstatat", "open", "openat", "pipe", "pipe2",
	"pread64", "preadv", "pwrite64", "pwritev", "pwritev2", "read", "readlink", "readlinkat",
	"readv", "rename", "renameat", "renameat2", "rmdir", "sendfile", "stat", "statfs", "statx",
	"sync_file_range", "truncate", "umask", "unlink", "unlinkat", "utimensat", "write", "writev",
	/* sockets; of which families is below */
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt",
	"listen", "recvfrom", "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto",
	"setsockopt", "shutdown",
};

/* The sanitizers' own: LeakSanitizer stops and traces the threads of its process. */
static const char *const of_sanitizers[] = {
	"clone", "getdents", "personality", "prctl", "ptrace", "sched_setaffinity",
};

/* The rest of the domains does not exist for us. */
static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET };

/* Of descriptors and terminals what asks; TIOCSTI, for one, types commands into a terminal. */
static const unsigned long asked[] = { TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, SIOCOUTQ };

static bool allow(scmp_filter_ctx filter, const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	/* One that this architecture, or this library, does not know is made by nobody. */
	return number < 0 || seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) == 0;
}

static bool allow_all(scmp_filter_ctx filter, const char *const *names, size_t count)
{
	bool ok = true;

	for (size_t i = 0; i < count; i++)
		ok = allow(filter, names[i]) && ok;
	return ok;
}

static bool add_sockets(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp pair = SCMP_A0(SCMP_CMP_EQ, AF_UNIX);
	const int last = AF_MAX > 64 ? AF_MAX : 64;
	bool ok = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1,
		&pair) == 0;

	for (int family = 0; family < last; family++) {
		const struct scmp_arg_cmp is = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family);
		uint32_t action = SCMP_ACT_ERRNO(EAFNOSUPPORT);
		for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
			if (families[i] == family)
				action = SCMP_ACT_ALLOW;
		ok = seccomp_rule_add_array(filter, action, SCMP_SYS(socket), 1, &is) == 0 && ok;
	}
	return ok;
}

static bool add_ioctls(scmp_filter_ctx filter)
{
	enum { SOCKETS = 0x8900 }; /* of sockets and interfaces: SIOC… */
	const struct scmp_arg_cmp socket = SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffff00, SOCKETS);
	bool ok = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
		&socket) == 0;

	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		const struct scmp_arg_cmp is = SCMP_A1(SCMP_CMP_EQ, asked[i]);
		ok = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			&is) == 0 && ok;
	}
	return ok;
}

/* Threads, no processes. The arguments of clone3() lie in memory, where a filter cannot look;
 * told that it does not exist, the C library takes clone(). */
static bool add_threads(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	const struct scmp_arg_cmp name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME);

	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
		(IS_SANITIZED || seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			&thread) == 0) &&
		(IS_SANITIZED || seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			&name) == 0);
}

static bool fill(scmp_filter_ctx filter)
{
	return allow_all(filter, allowed, sizeof(allowed) / sizeof(*allowed)) &&
		(!IS_SANITIZED || allow_all(filter, of_sanitizers,
			sizeof(of_sanitizers) / sizeof(*of_sanitizers))) &&
		add_sockets(filter) && add_ioctls(filter) && add_threads(filter);
}

bool syscall_filter_install(enum seccomp_mode mode)
{
	if (mode == SECCOMP_NO)
		return true;
	scmp_filter_ctx filter = seccomp_init(mode == SECCOMP_LOG ? SCMP_ACT_LOG :
		SCMP_ACT_KILL_PROCESS);
	bool ok = filter && fill(filter);

	int error = ok ? seccomp_load(filter) : 0;
	seccomp_release(filter);
	if (!ok)
		report_error("seccomp: the filter cannot be made");
	else if (error)
		report_warning("seccomp: no filter for system calls: %s", strerror(-error));
	return ok;
}
