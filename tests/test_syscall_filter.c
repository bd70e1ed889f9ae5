/* What the filter for system calls lets pass, and what ends the process: each in a child. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/syscall_filter.h"
#include "test.h"

enum { FINE, FAILED };

/* ---- what a sensor does ---- */

static void *nothing(void *context)
{
	return context;
}

static int thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0 ? FINE :
		FAILED;
}

static int file(void)
{
	char path[] = "/tmp/ironspan-filter-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0 && fchmod(fd, 0640) == 0 &&
		unlink(path) == 0;

	return ok ? FINE : FAILED;
}

static int name(void)
{
	struct addrinfo *found = NULL;

	if (getaddrinfo("localhost", "514", NULL, &found) == 0)
		freeaddrinfo(found);
	return FINE; /* whether it is known or not */
}

static int sockets(void)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (socket(families[i], SOCK_DGRAM, 0) < 0 && errno != EAFNOSUPPORT)
			return FAILED;
	return FINE;
}

static int strange_socket(void)
{
	return socket(AF_BLUETOOTH, SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT ? FINE : FAILED;
}

/* ---- what an intruder does ---- */

static int start_program(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static int make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(FINE);
	return pid > 0 ? FINE : FAILED;
}

static int type_a_command(void)
{
	ioctl(-1, TIOCSTI, "x");
	return FINE;
}

/* The kernel looks at the lower half of the number. */
static int type_it_in_disguise(void)
{
	syscall(SYS_ioctl, -1, 0x100000000ul | TIOCSTI, "x");
	return FINE;
}

static int leave_namespace(void)
{
	unshare(CLONE_NEWNS);
	return FINE;
}

static int mount_something(void)
{
	mount("none", "/nowhere", "tmpfs", 0, NULL);
	return FINE;
}

static int become_root(void)
{
	syscall(SYS_setresuid, 0, 0, 0);
	return FINE;
}

static int load_module(void)
{
	syscall(SYS_init_module, NULL, 0, "");
	return FINE;
}

static int trace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	return FINE;
}

static int read_another(void)
{
	syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
	return FINE;
}

/* The sanitizers trace and start processes themselves. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#define IS_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define IS_SANITIZED false
#endif

static const struct {
	const char *what;
	int (*run)(void);
	bool is_refused, is_the_sanitizers;
} cases[] = {
	{ "a thread", thread, false, false },
	{ "a file", file, false, false },
	{ "a name", name, false, false },
	{ "sockets", sockets, false, false },
	{ "a strange socket does not exist", strange_socket, false, false },
	{ "a program", start_program, true, false },
	{ "a process", make_process, true, true },
	{ "a command for the terminal", type_a_command, true, false },
	{ "the same in disguise", type_it_in_disguise, true, false },
	{ "a namespace", leave_namespace, true, false },
	{ "a file system", mount_something, true, false },
	{ "another user", become_root, true, false },
	{ "a module", load_module, true, false },
	{ "another process, traced", trace, true, true },
	{ "another process, read", read_another, true, false },
};

/* How a child ends that does this behind the filter. */
static int end_of(enum seccomp_mode mode, int (*run)(void))
{
	int status = 0;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		if (!syscall_filter_install(mode))
			_exit(99);
		_exit(run());
	}
	waitpid(pid, &status, 0);
	return status;
}

static bool is_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool is_fine(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == FINE;
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (IS_SANITIZED && cases[i].is_the_sanitizers)
			continue;
		int status = end_of(SECCOMP_YES, cases[i].run);
		CHECK(cases[i].is_refused ? is_killed(status) : is_fine(status), "%s: %x",
			cases[i].what, (unsigned)status);
		status = end_of(SECCOMP_LOG, cases[i].run);
		CHECK(is_fine(status), "%s, logged: %x", cases[i].what, (unsigned)status);
		if (cases[i].run != strange_socket) {
			status = end_of(SECCOMP_NO, cases[i].run);
			CHECK(is_fine(status), "%s, no filter: %x", cases[i].what,
				(unsigned)status);
		}
	}
	return test_end();
}
