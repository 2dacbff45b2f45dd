// SPDX-License-Identifier: Apache-2.0
#include "nl.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "log.h"
#include "util.h"

#define DUMP_BUFFER 65536

/* The kernel's own bound of error numbers. */
#define MAX_ERRNO 4095

int nl__open(int protocol, uint32_t groups)
{
	_cleanup_fd_ int fd = -1;
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int one = 1;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return log__error(errno, "cannot open a netlink socket: %s", strerror(errno));
	/* Lets the kernel filter dumps; kernels without it send everything. */
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return log__error(errno, "cannot bind a netlink socket: %s", strerror(errno));
	return take_fd(&fd);
}

static int request(int fd, uint16_t type, uint16_t flags, uint32_t seq, const void *body,
                   size_t len)
{
	struct {
		struct nlmsghdr header;
		char body[NL_BODY_MAX];
	} message = {
		.header.nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
		.header.nlmsg_type = type,
		.header.nlmsg_flags = NLM_F_REQUEST | flags,
		.header.nlmsg_seq = seq,
	};

	if (len > sizeof(message.body))
		return -EINVAL;
	memcpy(message.body, body, len);
	if (send(fd, &message, message.header.nlmsg_len, 0) < 0)
		return log__error(errno, "cannot send a netlink request: %s", strerror(errno));
	return 0;
}

int nl__request_dump(int fd, uint16_t type, uint32_t seq, const void *body, size_t len)
{
	return request(fd, type, NLM_F_DUMP, seq, body, len);
}

static int transact(int fd, uint16_t type, uint16_t flags, const void *body, size_t len)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr verdict;
		char rest[256];
	} answer;
	int err = request(fd, type, NLM_F_ACK | flags, 1, body, len);
	ssize_t got;

	if (err)
		return err;
	do
		got = recv(fd, &answer, sizeof(answer), 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	/* The request that it quotes may not fit. */
	if ((size_t)got < NLMSG_LENGTH(sizeof(answer.verdict)) ||
	    answer.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return nl__verdict(&answer.header);
}

int nl__request(int fd, uint16_t type, const void *body, size_t len)
{
	return transact(fd, type, 0, body, len);
}

int nl__create(int fd, uint16_t type, const void *body, size_t len)
{
	return transact(fd, type, NLM_F_CREATE | NLM_F_EXCL, body, len);
}

int nl__verdict(const struct nlmsghdr *message)
{
	const struct nlmsgerr *verdict = NLMSG_DATA(message);

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*verdict)) || verdict->error > 0 ||
	    verdict->error < -MAX_ERRNO)
		return -EPROTO;
	return verdict->error;
}

bool nl__get(const struct rtattr *attr, void *to, size_t len)
{
	if (!attr || RTA_PAYLOAD(attr) < len)
		return false;
	memcpy(to, RTA_DATA(attr), len);
	return true;
}

struct dump {
	nl_visit_fn visit;
	void *ctx;
	bool done;
	bool interrupted;
};

static int dump_message(struct dump *dump, const struct nlmsghdr *message)
{
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		dump->interrupted = true;
	if (message->nlmsg_type == NLMSG_DONE) {
		dump->done = true;
		return 0;
	}
	if (message->nlmsg_type == NLMSG_ERROR)
		return nl__verdict(message) ?: -EPROTO;
	return dump->visit(dump->ctx, message);
}

static int dump_receive(int fd, char *buffer, struct dump *dump)
{
	ssize_t got = recv(fd, buffer, DUMP_BUFFER, 0);
	size_t at = 0;
	int err = 0;

	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	/* Not by NLMSG_NEXT: the padding of the last message may be missing, and what is left below 0. */
	while (!err && !dump->done && at < (size_t)got) {
		const struct nlmsghdr *message = (const void *)(buffer + at);

		if (!NLMSG_OK(message, (size_t)got - at))
			break;
		err = dump_message(dump, message);
		at += NLMSG_ALIGN(message->nlmsg_len);
	}
	return err;
}

int nl__dump(int protocol, uint16_t type, const void *body, size_t len, nl_visit_fn visit,
             void *ctx)
{
	_cleanup_fd_ int fd = -1;
	_cleanup_free_ char *buffer = malloc(DUMP_BUFFER);
	struct dump dump = { .visit = visit, .ctx = ctx };
	int err;

	if (!buffer)
		return -ENOMEM;
	fd = nl__open(protocol, 0);
	if (fd < 0)
		return fd;
	err = nl__request_dump(fd, type, 1, body, len);
	while (!err && !dump.done)
		err = dump_receive(fd, buffer, &dump);
	return err ?: dump.interrupted ? -EINTR : 0;
}

static void sort_attributes(const struct rtattr *attr, size_t left, const struct rtattr **table,
                            size_t max)
{
	memset(table, 0, max * sizeof(*table));
	while (RTA_OK(attr, left)) {
		unsigned int type = attr->rta_type & NLA_TYPE_MASK;
		size_t used = RTA_ALIGN(attr->rta_len);

		if (type < max)
			table[type] = attr;
		if (used >= left) /* the last one's padding may be missing */
			break;
		left -= used;
		attr = (const void *)((const char *)attr + used);
	}
}

void nl__attributes(const struct nlmsghdr *message, size_t header_len, const struct rtattr **table,
                    size_t max)
{
	size_t used = NLMSG_SPACE(header_len);

	if (message->nlmsg_len < used) {
		memset(table, 0, max * sizeof(*table));
		return;
	}
	sort_attributes((const void *)((const char *)message + used), message->nlmsg_len - used,
	                table, max);
}

void nl__nested(const struct rtattr *outer, const struct rtattr **table, size_t max)
{
	sort_attributes(RTA_DATA(outer), RTA_PAYLOAD(outer), table, max);
}
