// SPDX-License-Identifier: Apache-2.0
#include "netmon.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "log.h"
#include "netmon_parse.h"
#include "nl.h"
#include "util.h"

#define GROUPS                                                                                     \
	(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |               \
	 RTMGRP_IPV6_ROUTE)
#define RECEIVE_BUFFER (8 << 20)
#define DATAGRAM_SIZE  131072

/* The dumps that make a snapshot, one after the other. */
enum stage {
	STAGE_START, /* a snapshot is due */
	STAGE_LINKS,
	STAGE_ADDRESSES,
	STAGE_ROUTES4,
	STAGE_ROUTES6,
	STAGE_FOLLOW, /* it is complete */
};

struct netmon {
	int fd;
	int receive_buffer;
	enum stage stage;
	uint32_t seq;     /* of the dump that is running */
	bool interrupted; /* the running dump is inconsistent: repeat it */
	bool refresh;     /* take a snapshot once the queue is empty */
	bool sent_end;    /* in STAGE_FOLLOW: WIRE_EVENT_END is out */
	size_t got, at;   /* what of the datagram is still to be read */
	char datagram[DATAGRAM_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* Where the caller's records go. */
struct sink {
	char *next;
	size_t room;
};

static bool sink_full(const struct sink *sink)
{
	return sink->room < sizeof(union netmon_record);
}

static void sink_put(struct sink *sink, const union netmon_record *record)
{
	memcpy(sink->next, record, record->event.size);
	sink->next += record->event.size;
	sink->room -= record->event.size;
}

static void sink_mark(struct sink *sink, __u16 type)
{
	union netmon_record mark = { .event = { .type = type, .size = sizeof(mark.event) } };

	sink_put(sink, &mark);
}

static int open_socket(int receive_buffer)
{
	_cleanup_fd_ int fd = nl__open(NETLINK_ROUTE, GROUPS);

	if (fd < 0)
		return fd;
	/* The second works without privilege, but not beyond net.core.rmem_max. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof(receive_buffer)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
	return take_fd(&fd);
}

int netmon__open(struct netmon **out, const struct netmon_opts *opts)
{
	size_t buffer = OPTS_OR(opts, receive_buffer, 0) ?: RECEIVE_BUFFER;
	_cleanup_free_ struct netmon *monitor = calloc(1, sizeof(*monitor));

	if (!monitor)
		return -ENOMEM;
	monitor->receive_buffer = buffer > INT32_MAX ? INT32_MAX : (int)buffer;
	monitor->fd = open_socket(monitor->receive_buffer);
	if (monitor->fd < 0)
		return monitor->fd;
	*out = take_ptr(monitor);
	return 0;
}

void netmon__free(struct netmon *monitor)
{
	if (!monitor)
		return;
	fd__close(&monitor->fd);
	free(monitor);
}

/* Messages were lost: begins again with a new socket, so that no old dump is in the way. */
static int restart(struct netmon *monitor)
{
	int fd = open_socket(monitor->receive_buffer);

	if (fd < 0)
		return fd;
	fd__close(&monitor->fd);
	monitor->fd = fd;
	monitor->stage = STAGE_START;
	monitor->got = monitor->at = 0;
	return 0;
}

static int request(struct netmon *monitor)
{
	const struct ifinfomsg links = { .ifi_family = AF_UNSPEC };
	const struct ifaddrmsg addresses = { .ifa_family = AF_UNSPEC };
	const struct rtmsg routes = {
		.rtm_family = monitor->stage == STAGE_ROUTES4 ? AF_INET : AF_INET6,
		.rtm_table = RT_TABLE_MAIN,
	};

	monitor->seq++;
	monitor->interrupted = false;
	switch (monitor->stage) {
	case STAGE_LINKS:
		return nl__request_dump(monitor->fd, RTM_GETLINK, monitor->seq, &links,
		                        sizeof(links));
	case STAGE_ADDRESSES:
		return nl__request_dump(monitor->fd, RTM_GETADDR, monitor->seq, &addresses,
		                        sizeof(addresses));
	default:
		return nl__request_dump(monitor->fd, RTM_GETROUTE, monitor->seq, &routes,
		                        sizeof(routes));
	}
}

static int begin_snapshot(struct netmon *monitor, struct sink *sink)
{
	monitor->stage = STAGE_LINKS;
	monitor->refresh = false;
	monitor->sent_end = false;
	sink_mark(sink, WIRE_EVENT_BEGIN);
	return request(monitor);
}

/* The running dump has ended. */
static int next_stage(struct netmon *monitor)
{
	if (!monitor->interrupted)
		monitor->stage++;
	return monitor->stage == STAGE_FOLLOW ? 0 : request(monitor);
}

static bool of_our_dump(const struct netmon *monitor, const struct nlmsghdr *message)
{
	return monitor->stage != STAGE_FOLLOW && message->nlmsg_seq == monitor->seq;
}

static int take_message(struct netmon *monitor, const struct nlmsghdr *message, struct sink *sink)
{
	union netmon_record record;
	bool dumped = of_our_dump(monitor, message);

	if (dumped && message->nlmsg_flags & NLM_F_DUMP_INTR)
		monitor->interrupted = true;
	if (message->nlmsg_type == NLMSG_DONE)
		return dumped ? next_stage(monitor) : 0;
	if (message->nlmsg_type == NLMSG_ERROR && dumped) {
		int err = nl__verdict(message);

		/* A family that the kernel was built or booted without has nothing to dump. */
		if (err == -EOPNOTSUPP || err == -EAFNOSUPPORT || err == -ENOENT)
			return next_stage(monitor);
		return err ? log__error(-err, "netlink refused a dump: %s", strerror(-err)) : 0;
	}
	if (!dumped && netmon__hides_changes(message))
		monitor->refresh = true;
	if (netmon__parse(message, &record))
		sink_put(sink, &record);
	return 0;
}

/* Reads on in the datagram until it is used up or the sink is full. */
static int take_datagram(struct netmon *monitor, struct sink *sink)
{
	while (monitor->at < monitor->got && !sink_full(sink)) {
		const struct nlmsghdr *message = (const void *)(monitor->datagram + monitor->at);
		size_t left = monitor->got - monitor->at;
		int err;

		if (!NLMSG_OK(message, left)) {
			monitor->at = monitor->got;
			return 0;
		}
		err = take_message(monitor, message, sink);
		if (err)
			return err;
		monitor->at += NLMSG_ALIGN(message->nlmsg_len);
	}
	return 0;
}

/* Fetches the next datagram; -EAGAIN if there is none. */
static int receive(struct netmon *monitor)
{
	struct sockaddr_nl from = {};
	struct iovec iov = { .iov_base = monitor->datagram, .iov_len = DATAGRAM_SIZE };
	struct msghdr header = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t got = recvmsg(monitor->fd, &header, MSG_DONTWAIT);

	if (got < 0 && errno == ENOBUFS)
		return restart(monitor);
	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	if (header.msg_flags & MSG_TRUNC)
		return restart(monitor);
	/* Other processes may send to our socket; only the kernel is believed. */
	monitor->got = from.nl_pid ? 0 : (size_t)got;
	monitor->at = 0;
	return 0;
}

/* One step; -EAGAIN when nothing is left to do without waiting. */
static int step(struct netmon *monitor, struct sink *sink)
{
	int err;

	if (monitor->at < monitor->got)
		return take_datagram(monitor, sink);
	if (monitor->stage == STAGE_START)
		return begin_snapshot(monitor, sink);
	if (monitor->stage == STAGE_FOLLOW && !monitor->sent_end) {
		monitor->sent_end = true;
		sink_mark(sink, WIRE_EVENT_END);
		return 0;
	}
	err = receive(monitor);
	if (err == -EAGAIN && monitor->stage == STAGE_FOLLOW && monitor->refresh)
		return begin_snapshot(monitor, sink);
	return err;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_readable(const struct netmon *monitor, int64_t deadline, bool forever)
{
	struct pollfd readable = { .fd = monitor->fd, .events = POLLIN };
	int64_t left = deadline - now_ms();
	int ready = poll(&readable, 1, forever ? -1 : left > 0 ? (int)left : 0);

	if (ready < 0 && errno != EINTR)
		return log__error(errno, "cannot wait for netlink: %s", strerror(errno));
	return ready == 0 ? -ETIMEDOUT : 0;
}

int netmon__poll(struct netmon *monitor, int timeout_ms, void *records, size_t room, size_t *len)
{
	struct sink sink = { .next = records, .room = room };
	int64_t deadline = now_ms() + timeout_ms;
	int err = 0;

	if (room < NETMON_MIN_ROOM)
		return -EINVAL;
	while (!err && !sink_full(&sink)) {
		err = step(monitor, &sink);
		if (err == -EAGAIN && sink.room == room)
			err = wait_readable(monitor, deadline, timeout_ms < 0);
	}
	if (err && err != -EAGAIN && err != -ETIMEDOUT)
		return log__error(-err, "cannot follow the network: %s", strerror(-err));
	*len = room - sink.room;
	return 0;
}
