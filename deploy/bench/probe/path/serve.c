// SPDX-License-Identifier: Apache-2.0
/* The answering side: one thread for all conversations. */
#include "path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct peer {
	int fd;
	enum conversation conversation; /* 0 = it has not spoken yet */
	uint64_t bytes, first_ns, last_ns;
};

struct server {
	int epoll;
	struct peer tcp, udp;
};

static char buffer[256 * 1024];

static int socket__bind(int type, uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	/* Pods may have several addresses: a datagram is answered from the one it was sent to. */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 4096) < 0)) {
		perror("path_probe: cannot listen");
		return -1;
	}
	return fd;
}

static int server__watch(const struct server *server, struct peer *peer)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = peer };

	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, peer->fd, &event);
}

static void peer__close(struct peer *peer)
{
	close(peer->fd);
	free(peer);
}

static void server__accept(const struct server *server)
{
	int fd;

	while ((fd = accept4(server->tcp.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct peer *peer = calloc(1, sizeof(*peer));

		if (!peer || (peer->fd = fd, server__watch(server, peer)) < 0) {
			free(peer);
			close(fd);
		}
	}
}

static void peer__end(struct peer *peer)
{
	const struct received received = { peer->bytes, peer->last_ns - peer->first_ns };

	if (peer->conversation == CONVERSATION_STREAM)
		(void)!send(peer->fd, &received, sizeof(received), 0);
	peer__close(peer);
}

static void peer__receive(struct peer *peer)
{
	ssize_t n = recv(peer->fd, buffer, sizeof(buffer), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		peer__end(peer);
		return;
	}
	if (!peer->conversation)
		peer->conversation = (enum conversation)buffer[0];
	if (peer->conversation == CONVERSATION_STREAM) {
		peer->last_ns = now_ns();
		if (!peer->bytes)
			peer->first_ns = peer->last_ns;
		peer->bytes += (uint64_t)n;
		return;
	}
	if (send(peer->fd, buffer, 1, 0) != 1 || peer->conversation == CONVERSATION_ONCE)
		peer__close(peer);
}

/* The destination of the question, kept in the control data, becomes the source of the answer. */
static void server__answer_datagrams(const struct server *server)
{
	static struct mmsghdr messages[BATCH];
	static struct sockaddr_in from[BATCH];
	static struct iovec iov[BATCH];
	static char data[BATCH][DATAGRAM_BYTES];
	static char control[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))];
	int n;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], DATAGRAM_BYTES };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
			                               .msg_namelen = sizeof(from[i]),
			                               .msg_iov = &iov[i],
			                               .msg_iovlen = 1,
			                               .msg_control = control[i],
			                               .msg_controllen = sizeof(control[i]) };
	}
	n = recvmmsg(server->udp.fd, messages, BATCH, 0, NULL);
	for (int i = 0; i < n; i++) {
		struct cmsghdr *info = CMSG_FIRSTHDR(&messages[i].msg_hdr);

		if (info && info->cmsg_type == IP_PKTINFO)
			((struct in_pktinfo *)CMSG_DATA(info))->ipi_ifindex = 0;
	}
	if (n > 0)
		(void)!sendmmsg(server->udp.fd, messages, (unsigned int)n, 0);
}

static void server__loop(struct server *server)
{
	struct epoll_event events[64];

	while (!stopping) {
		int n = epoll_wait(server->epoll, events, 64, -1);

		for (int i = 0; i < n; i++) {
			struct peer *peer = events[i].data.ptr;

			if (peer == &server->tcp)
				server__accept(server);
			else if (peer == &server->udp)
				server__answer_datagrams(server);
			else
				peer__receive(peer);
		}
	}
}

int probe__serve(uint16_t port)
{
	struct server server = { .epoll = epoll_create1(EPOLL_CLOEXEC) };
	pid_t pid;

	server.tcp.fd = socket__bind(SOCK_STREAM, port);
	server.udp.fd = socket__bind(SOCK_DGRAM, port);
	if (server.epoll < 0 || server.tcp.fd < 0 || server.udp.fd < 0 ||
	    server__watch(&server, &server.tcp) < 0 || server__watch(&server, &server.udp) < 0)
		return 1;
	pid = fork();
	if (pid > 0)
		printf("%d\n", (int)pid);
	if (pid)
		return pid < 0;
	if (setsid() < 0 || !freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout))
		return 1;
	server__loop(&server);
	return 0;
}
