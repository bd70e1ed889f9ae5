/* Word to the service manager: whom it goes to, and that nobody is waited for. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "service/notify.h"
#include "test.h"

/* A socket of this name that is listened at; "@" stands for the abstract namespace's zero. */
static int listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, name);
	if (*name == '@')
		address.sun_path[0] = '\0';
	socklen_t len = (socklen_t)(sizeof(address) - sizeof(address.sun_path) + strlen(name));
	CHECK(bind(fd, (struct sockaddr *)&address, len) == 0, "%s", name);
	return fd;
}

static void hears(const char *name)
{
	int fd = listen_at(name);
	char text[600] = "";
	struct notify n;

	setenv("NOTIFY_SOCKET", name, 1);
	notify_open(&n);
	notify_send(&n, "READY=%d\nSTATUS=%s", 1, "well");
	ssize_t len = recv(fd, text, sizeof(text) - 1, 0);
	CHECK(len > 0 && strcmp(text, "READY=1\nSTATUS=well") == 0, "%s: \"%s\"", name, text);
	for (unsigned i = 0; i < 10000; i++) /* more than anybody keeps, and nobody reads */
		notify_send(&n, "WATCHDOG=1");
	notify_close(&n);
	notify_send(&n, "WATCHDOG=1");
	close(fd);
}

static void nobody(const char *name)
{
	struct notify n;

	if (name)
		setenv("NOTIFY_SOCKET", name, 1);
	else
		unsetenv("NOTIFY_SOCKET");
	notify_open(&n);
	CHECK(n.fd < 0, "%s", name ? name : "none");
	notify_send(&n, "READY=1");
	notify_close(&n);
}

static void watchdog(const char *usec, const char *pid, uint64_t want_ms)
{
	struct notify n;

	usec ? setenv("WATCHDOG_USEC", usec, 1) : unsetenv("WATCHDOG_USEC");
	pid ? setenv("WATCHDOG_PID", pid, 1) : unsetenv("WATCHDOG_PID");
	notify_open(&n);
	CHECK(n.watchdog_ms == want_ms, "%s for %s: %llu", usec ? usec : "none",
		pid ? pid : "anybody", (unsigned long long)n.watchdog_ms);
	notify_close(&n);
}

int main(void)
{
	char folder[] = "/tmp/ironspan-notify-XXXXXX", path[64], abstract[64], pid[16], far[200];

	CHECK(mkdtemp(folder), "a folder");
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(abstract, sizeof(abstract), "@ironspan-notify-%d", (int)getpid());
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	memset(far, 'x', sizeof(far) - 1);
	far[0] = '/';
	far[sizeof(far) - 1] = '\0';
	hears(path);
	hears(abstract);
	nobody(NULL);
	nobody("");
	nobody("relative");
	nobody("/nowhere/socket");
	nobody(far);
	int fd = listen_at(abstract);
	setenv("NOTIFY_SOCKET", abstract, 1);
	watchdog(NULL, NULL, 0);
	watchdog("20000000", NULL, 20000);
	watchdog("20000000", pid, 20000);
	watchdog("20000000", "1", 0);
	watchdog("x", NULL, 0);
	close(fd);
	unlink(path);
	rmdir(folder);
	return test_end();
}
