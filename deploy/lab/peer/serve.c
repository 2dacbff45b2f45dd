// SPDX-License-Identifier: Apache-2.0
/* The answering side: TCP, UDP and SCTP, both families, one thread. */
#include "peer.h"
#include "sctp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct server {
	const char *name;
	int epoll;
	int tcp;
	int udp;
	int sctp_port;
	int sctp[2]; /* IPv4, IPv6 */
};

static int socket__listen(int type, int port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1, off = 0;

	if (fd < 0)
		return -errno;
	/* The packet's own destination becomes the answer's source: hosts have many addresses. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 1024) < 0)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int server__watch(const struct server *server, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int server__open(struct server *server, int type, int port, int *out)
{
	int fd;

	if (port == 0)
		return 0;
	fd = socket__listen(type, port);
	if (fd < 0) {
		fprintf(stderr, "peer: cannot listen on port %d: %s\n", port, strerror(-fd));
		return fd;
	}
	*out = fd;
	return server__watch(server, fd);
}

static int server__open_sctp(struct server *server)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int err = 0;

	for (int i = 0; i < 2 && server->sctp_port && !err; i++) {
		server->sctp[i] = sctp__listen(families[i]);
		err = server->sctp[i] < 0 ? server->sctp[i]
		                          : server__watch(server, server->sctp[i]);
	}
	if (err)
		fprintf(stderr, "peer: cannot serve SCTP: %s\n", strerror(-err));
	return err;
}

static void server__accept(const struct server *server)
{
	int fd = accept4(server->tcp, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0 && server__watch(server, fd) < 0)
		close(fd);
}

static int answer__format(const struct server *server, const struct sockaddr_in6 *from,
                          size_t bytes, char *out, size_t size)
{
	char client[80];

	address__format(from, client, sizeof(client));
	return snprintf(out, size, "%s %s %zu\n", server->name, client, bytes);
}

/* One answer per line received; the connection ends with the client's FIN, or an error. */
static void connection__serve(const struct server *server, int fd)
{
	struct sockaddr_in6 from;
	socklen_t from_len = sizeof(from);
	char in[4096], out[ANSWER_MAX];
	ssize_t n = recv(fd, in, sizeof(in), 0);
	int len;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || getpeername(fd, (struct sockaddr *)&from, &from_len) < 0) {
		close(fd);
		return;
	}
	len = answer__format(server, &from, (size_t)n, out, sizeof(out));
	for (ssize_t i = 0; i < n; i++) {
		if (in[i] == '\n' && send(fd, out, (size_t)len, 0) != len) {
			close(fd);
			return;
		}
	}
}

/* The answer is as long as the question: whoever sends datagrams that need fragments gets such back. */
static void datagram__serve(const struct server *server)
{
	static char in[65536];
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct sockaddr_in6 from;
	struct iovec iov = { .iov_base = in, .iov_len = sizeof(in) };
	struct msghdr msg = { .msg_name = &from,
		              .msg_namelen = sizeof(from),
		              .msg_iov = &iov,
		              .msg_iovlen = 1,
		              .msg_control = control,
		              .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(server->udp, &msg, 0);
	int len;
	struct cmsghdr *info = n < 0 ? NULL : CMSG_FIRSTHDR(&msg);

	if (n < 0)
		return;
	if (info && info->cmsg_type == IPV6_PKTINFO)
		((struct in6_pktinfo *)CMSG_DATA(info))->ipi6_ifindex = 0;
	len = answer__format(server, &from, (size_t)n, in, sizeof(in));
	iov.iov_len = (size_t)(n > len ? n : len);
	if (sendmsg(server->udp, &msg, 0) < 0 && errno != EAGAIN)
		perror("peer: cannot answer a datagram");
}

static void server__loop(const struct server *server)
{
	struct epoll_event events[64];

	while (!stopping) {
		int n = epoll_wait(server->epoll, events, 64, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == server->tcp)
				server__accept(server);
			else if (fd == server->udp)
				datagram__serve(server);
			else if (fd == server->sctp[0] || fd == server->sctp[1])
				sctp__serve(fd, server->sctp_port, server->name);
			else
				connection__serve(server, fd);
		}
	}
}

/* The parent returns once the child is sure to answer; it prints the child's process id. */
static int server__background(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid > 0) {
		printf("%d\n", (int)pid);
		fflush(stdout);
		_exit(0);
	}
	if (setsid() < 0 || !freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout))
		return -errno;
	return 0;
}

int peer__serve(const struct options *opts)
{
	struct server server = { .name = opts->name,
		                 .tcp = -1,
		                 .udp = -1,
		                 .sctp_port = opts->sctp_port,
		                 .sctp = { -1, -1 } };

	if (!opts->name || (!opts->tcp_port && !opts->udp_port && !opts->sctp_port)) {
		fputs("peer serve: needs --name and --tcp-port, --udp-port or --sctp-port\n",
		      stderr);
		return OUTCOME_USAGE;
	}
	server.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (server.epoll < 0 ||
	    server__open(&server, SOCK_STREAM, opts->tcp_port, &server.tcp) < 0 ||
	    server__open(&server, SOCK_DGRAM, opts->udp_port, &server.udp) < 0 ||
	    server__open_sctp(&server) < 0)
		return OUTCOME_ERROR;
	if (opts->background && server__background() < 0)
		return OUTCOME_ERROR;
	/* Bounded even if whoever started it was killed; SIGALRM ends the process. */
	alarm(opts->seconds ? (unsigned int)opts->seconds : 3600);
	server__loop(&server);
	return OUTCOME_OK;
}
