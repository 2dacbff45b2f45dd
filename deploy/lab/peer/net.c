// SPDX-License-Identifier: Apache-2.0
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const outcome_names[OUTCOME_MAX] = {
	[OUTCOME_OK] = "answered",
	[OUTCOME_ERROR] = "error",
	[OUTCOME_USAGE] = "usage",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_TIMEOUT] = "timed out",
	[OUTCOME_RESET] = "reset",
	[OUTCOME_UNREACHABLE] = "unreachable",
};

const char *outcome_name(enum outcome outcome)
{
	return outcome < OUTCOME_MAX ? outcome_names[outcome] : "unknown";
}

enum outcome outcome_of_errno(int err)
{
	switch (err) {
	case 0:
		return OUTCOME_OK;
	case ECONNREFUSED:
		return OUTCOME_REFUSED;
	case ETIMEDOUT:
	case EAGAIN:
		return OUTCOME_TIMEOUT;
	case ECONNRESET:
	case EPIPE:
		return OUTCOME_RESET;
	case EHOSTUNREACH:
	case ENETUNREACH:
		return OUTCOME_UNREACHABLE;
	default:
		return OUTCOME_ERROR;
	}
}

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

int address__parse(struct address *addr, const char *text, int port)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	if (port < 0 || port > 65535)
		return -EINVAL;
	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1) {
		memcpy(&addr->sa, &in4, sizeof(in4));
		addr->len = sizeof(in4);
		return 0;
	}
	if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1) {
		memcpy(&addr->sa, &in6, sizeof(in6));
		addr->len = sizeof(in6);
		return 0;
	}
	return -EINVAL;
}

void address__map(struct address *addr)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)&addr->sa;
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (addr->sa.ss_family != AF_INET)
		return;
	in6.sin6_port = in4->sin_port;
	in6.sin6_addr.s6_addr16[5] = 0xffff;
	in6.sin6_addr.s6_addr32[3] = in4->sin_addr.s_addr;
	memcpy(&addr->sa, &in6, sizeof(in6));
	addr->len = sizeof(in6);
}

void address__format(const struct sockaddr_in6 *addr, char *out, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	if (IN6_IS_ADDR_V4MAPPED(&addr->sin6_addr))
		inet_ntop(AF_INET, &addr->sin6_addr.s6_addr[12], text, sizeof(text));
	else
		inet_ntop(AF_INET6, &addr->sin6_addr, text, sizeof(text));
	snprintf(out, size, "%s %u", text, ntohs(addr->sin6_port));
}

static int client__bind(int fd, const struct options *opts)
{
	struct address from = opts->source;
	const int on = 1;

	if (from.len == 0 && opts->source_port == 0)
		return 0;
	if (from.len == 0) {
		from.sa.ss_family = opts->target.sa.ss_family;
		from.len = opts->target.len;
	}
	/* sin_port and sin6_port lie at the same offset. */
	((struct sockaddr_in *)&from.sa)->sin_port = htons((uint16_t)opts->source_port);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	return bind(fd, (struct sockaddr *)&from.sa, from.len) < 0 ? -errno : 0;
}

int client__socket(const struct options *opts)
{
	int type = opts->udp ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(opts->target.sa.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = client__bind(fd, opts);
	if (err < 0) {
		close(fd);
		return err;
	}
	return fd;
}

void client__tell(int fd, const char *what)
{
	struct sockaddr_in6 own = { .sin6_family = AF_UNSPEC };
	socklen_t len = sizeof(own);
	struct timespec now;
	char text[32] = "";

	/* sin_port and sin6_port lie at the same offset. */
	getsockname(fd, (struct sockaddr *)&own, &len);
	clock_gettime(CLOCK_REALTIME, &now);
	strftime(text, sizeof(text), "%T", gmtime(&now.tv_sec));
	fprintf(stderr, "peer: %s.%03ld: from port %u: %s\n", text, now.tv_nsec / 1000000,
	        ntohs(own.sin6_port), what);
}

#define AWAIT_STEP_MS 200

/* Step by step: of a time in which the machine stood still only one step counts. */
bool socket__await(int fd, short events, int timeout_ms)
{
	struct pollfd wait = { .fd = fd, .events = events };
	uint64_t begun;
	int n, waited;

	do {
		begun = now_ms();
		n = poll(&wait, 1, timeout_ms < AWAIT_STEP_MS ? timeout_ms : AWAIT_STEP_MS);
		waited = (int)(now_ms() - begun);
		timeout_ms -= waited < AWAIT_STEP_MS ? waited : AWAIT_STEP_MS;
	} while (timeout_ms > 0 && (n == 0 || (n < 0 && errno == EINTR)));
	return n > 0;
}

enum outcome client__connect(int fd, const struct options *opts)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (opts->unconnected)
		return OUTCOME_OK;
	if (connect(fd, (const struct sockaddr *)&opts->target.sa, opts->target.len) == 0)
		return OUTCOME_OK;
	if (errno != EINPROGRESS)
		return outcome_of_errno(errno);
	if (!socket__await(fd, POLLOUT, opts->timeout_ms))
		return OUTCOME_TIMEOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return outcome_of_errno(errno);
	return outcome_of_errno(err);
}
