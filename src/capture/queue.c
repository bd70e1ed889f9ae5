#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <libnetfilter_queue/libnetfilter_queue.h>

#include "base/report.h"
#include "capture/queue.h"

#define SECOND UINT64_C(1000000000)

enum {
	MESSAGE_MAX = 256,    /* one of ours */
	ANSWER_MS = 1000,
	PACKET_MIN = 512,     /* memory of the least packet in the socket */
	HELD_MAX = 16 * 1024, /* more than the engine's batches hold */
	COPY_MAX = 0xffff,
};

/* ---- opening ---- */

/* Whether the kernel lists the queue: then somebody has it. *last gets its newest id. */
static bool is_listed(uint16_t number, uint32_t *last)
{
	FILE *list = fopen("/proc/net/netfilter/nfnetlink_queue", "re");
	char line[256];
	bool found = false;
	unsigned other;

	while (list && !found && fgets(line, sizeof(line), list))
		found = sscanf(line, "%u %*u %*u %*u %*u %*u %*u %u", &other, last) == 2 &&
			other == number;
	if (list)
		fclose(list);
	return found;
}

static bool tell_refusal(uint16_t number, int error)
{
	uint32_t last;

	if ((error == EPERM || error == EBUSY) && is_listed(number, &last))
		report_error("queue %u belongs to another program", number);
	else if (error == EPERM)
		report_error("queue %u: no permission; run as root, or with the capability "
			     "CAP_NET_ADMIN", number);
	else if (error == EPROTONOSUPPORT)
		report_error("queue %u: this kernel has no nfnetlink_queue", number);
	else
		report_error("queue %u: %s", number, strerror(error));
	return false;
}

/* All in one message, so that no packet comes before the queue is as it should be. */
static size_t put_request(char *buf, uint16_t number, const struct queue_config *c)
{
	struct nlmsghdr *m = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, number);
	uint32_t flags = NFQA_CFG_F_GSO | (c->is_open ? NFQA_CFG_F_FAIL_OPEN : 0);

	m->nlmsg_flags |= NLM_F_ACK;
	nfq_nlmsg_cfg_put_cmd(m, AF_INET, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_params(m, NFQNL_COPY_PACKET, COPY_MAX);
	nfq_nlmsg_cfg_put_qmaxlen(m, (uint32_t)(2 * c->memory / PACKET_MIN) + HELD_MAX);
	mnl_attr_put_u32(m, NFQA_CFG_FLAGS, htonl(flags));
	mnl_attr_put_u32(m, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN));
	return m->nlmsg_len;
}

/* Packets that came before the answer pass: nobody looks at them. */
static int await_answer(struct queue *q)
{
	struct pollfd ready = { q->fd, POLLIN, 0 };
	uint8_t *room = mem_new(QUEUED_MAX);
	struct queued packet;
	size_t used;
	int error = -1;

	while (error < 0) {
		if (poll(&ready, 1, ANSWER_MS) <= 0) {
			error = ETIMEDOUT;
			break;
		}
		enum queue_read got = queue_read(q, room, &packet, &used);
		const struct nlmsghdr *m = (const struct nlmsghdr *)room;
		if (got == QUEUE_OTHER && m->nlmsg_type == NLMSG_ERROR)
			error = -((const struct nlmsgerr *)mnl_nlmsg_get_payload(m))->error;
		else if (got == QUEUE_BROKEN)
			error = EIO;
	}
	free(room);
	return error;
}

/* The kernel doubles the number for its own needs; FORCE goes beyond the system's
 * limit. */
static void set_memory(const struct queue *q, size_t memory)
{
	int bytes = (int)(memory / 2);

	if (setsockopt(q->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
		setsockopt(q->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

bool queue_open(struct queue *q, uint16_t number, const struct queue_config *config)
{
	char request[MESSAGE_MAX];

	*q = (struct queue){ .number = number, .is_open = config->is_open, .fd = -1 };
	q->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!q->socket || mnl_socket_bind(q->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return tell_refusal(number, errno);
	q->fd = mnl_socket_get_fd(q->socket);
	set_memory(q, config->memory);
	size_t len = put_request(request, number, config);
	int error = mnl_socket_sendto(q->socket, request, len) < 0 ? errno : await_answer(q);
	return error ? tell_refusal(number, error) : true;
}

/* ---- reading ---- */

static uint32_t get_u32(struct nlattr *const *attributes, unsigned which)
{
	return attributes[which] ? ntohl(mnl_attr_get_u32(attributes[which])) : 0;
}

static uint64_t time_of(const struct nlattr *a)
{
	if (!a || mnl_attr_get_payload_len(a) < sizeof(struct nfqnl_msg_packet_timestamp))
		return 0;
	const uint8_t *at = mnl_attr_get_payload(a);
	return be64_at(at) * SECOND + be64_at(at + 8) * 1000;
}

/* A bridge's port, or the interface. */
static uint32_t iface_of(struct nlattr *const *attributes)
{
	uint32_t port = get_u32(attributes, NFQA_IFINDEX_PHYSINDEV);

	return port ? port : get_u32(attributes, NFQA_IFINDEX_INDEV);
}

static bool understand(const struct nlmsghdr *m, struct queued *out)
{
	struct nlattr *at[NFQA_MAX + 1] = { NULL };

	if (nfq_nlmsg_parse(m, at) < 0 || !at[NFQA_PACKET_HDR])
		return false;
	const struct nfqnl_msg_packet_hdr *head = mnl_attr_get_payload(at[NFQA_PACKET_HDR]);
	*out = (struct queued){ .id = ntohl(head->packet_id), .mark = get_u32(at, NFQA_MARK),
		.iface = iface_of(at), .time_ns = time_of(at[NFQA_TIMESTAMP]),
		.is_unsummed = get_u32(at, NFQA_SKB_INFO) & NFQA_SKB_CSUMNOTREADY };
	if (at[NFQA_PAYLOAD])
		out->frame = (struct bytes){ mnl_attr_get_payload(at[NFQA_PAYLOAD]),
			mnl_attr_get_payload_len(at[NFQA_PAYLOAD]) };
	uint32_t len = get_u32(at, NFQA_CAP_LEN); /* only where it was cut */
	out->wire_len = len > out->frame.len ? len : (uint32_t)out->frame.len;
	return true;
}

static enum queue_read no_message(const struct queue *q)
{
	if (errno == EAGAIN || errno == EINTR)
		return QUEUE_EMPTY;
	if (errno == ENOBUFS)
		return QUEUE_OVERRUN;
	report_error("queue %u: %s", q->number, strerror(errno));
	return QUEUE_BROKEN;
}

static bool is_packet(const struct nlmsghdr *m)
{
	return m->nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET);
}

enum queue_read queue_read(struct queue *q, uint8_t *room, struct queued *out,
	size_t *used)
{
	ssize_t len = mnl_socket_recvfrom(q->socket, room, QUEUED_MAX);
	const struct nlmsghdr *m = (const struct nlmsghdr *)room;

	*used = 0;
	if (len < 0)
		return no_message(q);
	if (!mnl_nlmsg_ok(m, (int)len) || !is_packet(m) || !understand(m, out))
		return QUEUE_OTHER;
	q->missed += out->id - q->last_id - 1;
	q->last_id = out->id;
	*used = MNL_ALIGN((size_t)len);
	return QUEUE_PACKET;
}

/* ---- settling ---- */

static size_t put_settlement(char *buf, uint16_t number, const struct settlement *s)
{
	struct nlmsghdr *m = nfq_nlmsg_put(buf, NFQNL_MSG_VERDICT_BATCH, number);

	nfq_nlmsg_verdict_put(m, (int)s->up_to, (int)s->verdict);
	if (s->has_mark)
		nfq_nlmsg_verdict_put_mark(m, s->mark);
	return MNL_ALIGN(m->nlmsg_len);
}

void queue_settle(struct queue *q, const struct settlement *list, unsigned count)
{
	enum { ROOM = 8192 };
	char buf[ROOM] __attribute__((aligned(8)));
	size_t len = 0;

	for (unsigned i = 0; i < count; i++) {
		len += put_settlement(buf + len, q->number, &list[i]);
		if (len + MESSAGE_MAX <= ROOM && i + 1 < count)
			continue;
		mnl_socket_sendto(q->socket, buf, len); /* refused only without memory */
		len = 0;
	}
}

void queue_close(struct queue *q)
{
	struct settlement all = { .up_to = q->last_id + INT32_MAX / 2, .verdict = NF_ACCEPT };
	char request[MESSAGE_MAX];
	uint32_t last;

	if (!q->socket)
		return;
	if (q->is_open)
		queue_settle(q, &all, 1);
	if (is_listed(q->number, &last))
		q->missed += last - q->last_id; /* they found no room, or nobody read them */
	struct nlmsghdr *m = nfq_nlmsg_put(request, NFQNL_MSG_CONFIG, q->number);
	nfq_nlmsg_cfg_put_cmd(m, AF_INET, NFQNL_CFG_CMD_UNBIND);
	mnl_socket_sendto(q->socket, request, m->nlmsg_len);
	mnl_socket_close(q->socket);
	q->socket = NULL;
	q->fd = -1;
}
