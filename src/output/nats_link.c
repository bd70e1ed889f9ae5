#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/nats_link.h"

enum { RECONNECT_MS = 1000, TIMEOUT_MS = 3000, PING_MS = 10000, PINGS_OUT = 2 };

bool nats_link_fail(struct nats_link *l, const char *what, natsStatus status)
{
	const char *last = nats_GetLastError(NULL);

	snprintf(l->why, sizeof(l->why), "%s: %s", what,
		last && *last ? last : natsStatus_GetText(status));
	return false;
}

/* One line; a file that others may read is refused. */
static bool read_password(struct nats_link *l, const char *path, char *out, size_t size)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is_ours = fd >= 0 && fstat(fd, &st) == 0 && !(st.st_mode & 077);
	ssize_t len = is_ours ? read(fd, out, size - 1) : -1;
	int error = errno;

	if (fd >= 0)
		close(fd);
	if (len < 0) {
		snprintf(l->why, sizeof(l->why), "%s: %s", path, fd >= 0 && !is_ours ?
			"its mode lets others see the password; chmod 600 it" : strerror(error));
		return false;
	}
	out[len] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return true;
}

static natsStatus set_user(struct nats_link *l, natsOptions *o, const struct nats_link_config *c)
{
	char password[256] = "";

	if (!c->user)
		return NATS_OK;
	if (c->password_file && !read_password(l, c->password_file, password, sizeof(password)))
		return NATS_INVALID_ARG;
	natsStatus s = natsOptions_SetUserInfo(o, c->user, password);
	explicit_bzero(password, sizeof(password));
	return s;
}

static natsStatus set_tls(natsOptions *o, const struct nats_link_config *c)
{
	natsStatus s = NATS_OK;

	if (c->ca_file || c->cert_file || strncmp(c->url, "tls:", 4) == 0)
		s = natsOptions_SetSecure(o, true);
	if (s == NATS_OK && c->ca_file)
		s = natsOptions_LoadCATrustedCertificates(o, c->ca_file);
	if (s == NATS_OK && c->cert_file)
		s = natsOptions_LoadCertificatesChain(o, c->cert_file, c->key_file);
	return s;
}

static natsStatus set_patience(natsOptions *o)
{
	natsStatus s = natsOptions_SetMaxReconnect(o, -1);

	if (s == NATS_OK)
		s = natsOptions_SetReconnectWait(o, RECONNECT_MS);
	if (s == NATS_OK)
		s = natsOptions_SetTimeout(o, TIMEOUT_MS);
	if (s == NATS_OK)
		s = natsOptions_SetPingInterval(o, PING_MS);
	if (s == NATS_OK)
		s = natsOptions_SetMaxPingsOut(o, PINGS_OUT);
	if (s == NATS_OK)
		s = natsOptions_SetReconnectBufSize(o, 0); /* what waits, waits with us */
	if (s == NATS_OK)
		s = natsOptions_SetFailRequestsOnDisconnect(o, true);
	return s;
}

/* libnats needs a callback to connect in the background; nats_link_is_up() tells. */
static void on_connected(natsConnection *connection, void *closure)
{
	(void)connection;
	(void)closure;
}

static natsStatus set_all(struct nats_link *l, natsOptions *o, const struct nats_link_config *c)
{
	natsStatus s = natsOptions_SetURL(o, c->url);

	if (s == NATS_OK && c->name)
		s = natsOptions_SetName(o, c->name);
	if (s == NATS_OK)
		s = set_user(l, o, c);
	if (s == NATS_OK)
		s = set_tls(o, c);
	if (s == NATS_OK)
		s = set_patience(o);
	if (s == NATS_OK)
		s = natsOptions_SetRetryOnFailedConnect(o, true, on_connected, NULL);
	return s;
}

bool nats_link_open(struct nats_link *l, const struct nats_link_config *c)
{
	natsOptions *o = NULL;
	jsOptions js;

	*l = (struct nats_link){ 0 };
	natsStatus s = natsOptions_Create(&o);
	if (s == NATS_OK)
		s = set_all(l, o, c);
	if (s == NATS_OK)
		s = natsConnection_Connect(&l->connection, o);
	if (s == NATS_NOT_YET_CONNECTED)
		s = NATS_OK;
	natsOptions_Destroy(o);
	if (s == NATS_OK)
		s = jsOptions_Init(&js);
	js.Wait = TIMEOUT_MS;
	if (s == NATS_OK)
		s = natsConnection_JetStream(&l->js, l->connection, &js);
	if (s == NATS_OK)
		return true;
	if (!l->why[0])
		nats_link_fail(l, c->url, s);
	nats_link_close(l);
	return false;
}

bool nats_link_is_up(const struct nats_link *l)
{
	return natsConnection_Status(l->connection) == NATS_CONN_STATUS_CONNECTED;
}

void nats_link_close(struct nats_link *l)
{
	jsCtx_Destroy(l->js);
	natsConnection_Destroy(l->connection);
	l->js = NULL;
	l->connection = NULL;
}

bool nats_link_stream(struct nats_link *l, jsStreamConfig *stream)
{
	jsErrCode error = 0;
	natsStatus s = js_AddStream(NULL, l->js, stream, NULL, &error);

	if (s != NATS_OK && error == JSStreamNameExistErr)
		s = js_UpdateStream(NULL, l->js, stream, NULL, &error);
	return s == NATS_OK || nats_link_fail(l, stream->Name, s);
}
