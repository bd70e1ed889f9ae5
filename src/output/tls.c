#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/report.h"
#include "output/tls.h"

struct tls {
	const struct sink_config *config;
	struct peer peer;
	SSL_CTX *context;
	SSL *ssl; /* NULL: not connected */
};

/* What OpenSSL said last; its queue is empty afterwards. */
static const char *last_words(void)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;

	ERR_clear_error();
	return reason ? reason : error ? strerror((int)ERR_GET_REASON(error)) : "no reason given";
}

/* A key with a password cannot be used: there is nobody to ask. */
static int no_password(char *text, int size, int is_writing, void *context)
{
	(void)text, (void)size, (void)is_writing, (void)context;
	return -1;
}

static const char *load_files(SSL_CTX *context, const struct sink_config *c)
{
	if (c->ca_file ? !SSL_CTX_load_verify_file(context, c->ca_file)
		       : !SSL_CTX_set_default_verify_paths(context))
		return c->ca_file ? c->ca_file : "the system's certificates";
	if (c->cert_file && SSL_CTX_use_certificate_chain_file(context, c->cert_file) != 1)
		return c->cert_file;
	if (c->key_file && (SSL_CTX_use_PrivateKey_file(context, c->key_file,
			SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(context) != 1))
		return c->key_file;
	return NULL;
}

/* NULL: `wrong` says which file, and OpenSSL's queue why. */
static SSL_CTX *new_context(const struct sink_config *c, const char **wrong)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	*wrong = "TLS cannot start";
	if (!context)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_default_passwd_cb(context, no_password);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
	*wrong = load_files(context, c);
	if (!*wrong)
		return context;
	SSL_CTX_free(context);
	return NULL;
}

struct tls *tls_new(const struct sink_config *c, const struct peer *p)
{
	const char *wrong;
	SSL_CTX *context = new_context(c, &wrong);

	if (!context) {
		report_error("%s: %s: %s", c->address, wrong, last_words());
		return NULL;
	}
	struct tls *s = mem_new(sizeof(*s));
	s->config = c;
	s->peer = *p;
	s->context = context;
	return s;
}

void tls_reload(struct tls *s)
{
	const char *wrong;
	SSL_CTX *context = new_context(s->config, &wrong);

	if (!context)
		return;
	SSL_CTX_free(s->context);
	s->context = context;
}

static bool set_name(SSL *ssl, const struct peer *p)
{
	if (p->is_ip)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), p->host) == 1;
	return SSL_set_tlsext_host_name(ssl, p->host) == 1 && SSL_set1_host(ssl, p->host) == 1;
}

/* What to poll for; 0: there was an error. */
static short events_of(const SSL *ssl, int result)
{
	int error = SSL_get_error(ssl, result);

	return error == SSL_ERROR_WANT_READ ? POLLIN : error == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
}

static bool refuse(struct tls *s, struct transport *t)
{
	long verdict = SSL_get_verify_result(s->ssl);

	if (verdict != X509_V_OK)
		return transport_fail(t, "its certificate: %s",
			X509_verify_cert_error_string(verdict));
	return transport_fail(t, "TLS: %s", last_words());
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool shake_hands(struct tls *s, struct transport *t, int fd, int wait_ms)
{
	int64_t end = now_ms() + wait_ms;

	for (int result; (result = SSL_connect(s->ssl)) != 1;) {
		struct pollfd p = { .fd = fd, .events = events_of(s->ssl, result) };
		int64_t left = end - now_ms();
		if (!p.events)
			return refuse(s, t);
		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			return transport_fail(t, "TLS: no answer to our hello");
	}
	return true;
}

bool tls_connect(struct tls *s, struct transport *t, int fd, int wait_ms)
{
	tls_close(s);
	ERR_clear_error();
	s->ssl = SSL_new(s->context);
	if (!s->ssl || !set_name(s->ssl, &s->peer) || SSL_set_fd(s->ssl, fd) != 1)
		return transport_fail(t, "TLS: %s", last_words());
	return shake_hands(s, t, fd, wait_ms);
}

ssize_t tls_write(struct tls *s, struct transport *t, struct bytes b, short *events)
{
	size_t done;

	ERR_clear_error();
	int result = SSL_write_ex(s->ssl, b.at, b.len, &done);
	if (result == 1)
		return (ssize_t)done;
	*events = events_of(s->ssl, result);
	if (*events)
		return 0;
	refuse(s, t);
	return -1;
}

bool tls_listen(struct tls *s, struct transport *t)
{
	char rest[256];
	size_t len;
	int result;

	ERR_clear_error();
	while ((result = SSL_read_ex(s->ssl, rest, sizeof(rest), &len)) == 1)
		;
	if (events_of(s->ssl, result))
		return true;
	if (SSL_get_error(s->ssl, result) == SSL_ERROR_ZERO_RETURN)
		return transport_fail(t, "closed by the other end");
	return refuse(s, t);
}

void tls_close(struct tls *s)
{
	if (!s->ssl)
		return;
	if (SSL_is_init_finished(s->ssl))
		SSL_shutdown(s->ssl);
	SSL_free(s->ssl);
	s->ssl = NULL;
	ERR_clear_error();
}

void tls_free(struct tls *s)
{
	if (!s)
		return;
	tls_close(s);
	SSL_CTX_free(s->context);
	free(s);
}
