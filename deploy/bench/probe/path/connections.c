// SPDX-License-Identifier: Apache-2.0
/* New connections: a fixed number under way, each replaced when its answer has come. */
#include "path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_FLIGHT_MAX 256
#define STUCK_NS      200000000ULL

struct attempt {
	int fd;
	bool asked;
	uint64_t since_ns;
};

struct run {
	const struct load *load;
	struct attempt attempts[IN_FLIGHT_MAX];
	int epoll;
	unsigned long done, failed;
};

static void attempt__start(struct run *run, struct attempt *attempt, uint64_t now)
{
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = attempt };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*attempt = (struct attempt){ .fd = fd, .since_ns = now };
	if (fd >= 0 &&
	    (connect(fd, (const struct sockaddr *)&run->load->target, sizeof(run->load->target)) ==
	             0 ||
	     errno == EINPROGRESS) &&
	    epoll_ctl(run->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		return;
	run->failed++;
	if (fd >= 0)
		close(fd);
	attempt->fd = -1;
}

static void attempt__end(struct run *run, struct attempt *attempt, bool ok, uint64_t now)
{
	close(attempt->fd);
	if (ok)
		run->done++;
	else
		run->failed++;
	attempt__start(run, attempt, now);
}

static void attempt__step(struct run *run, struct attempt *attempt, uint64_t now)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = attempt };
	char byte = CONVERSATION_ONCE;

	if (attempt->asked) {
		attempt__end(run, attempt, recv(attempt->fd, &byte, 1, 0) == 1, now);
		return;
	}
	if (send(attempt->fd, &byte, 1, 0) != 1 ||
	    epoll_ctl(run->epoll, EPOLL_CTL_MOD, attempt->fd, &event) < 0) {
		attempt__end(run, attempt, false, now);
		return;
	}
	attempt->asked = true;
}

/* Who waits so long at the end has lost a packet: a SYN is sent again after a second only. */
static bool attempt__is_stuck(const struct attempt *attempt, uint64_t now)
{
	return attempt->fd >= 0 && now - attempt->since_ns > STUCK_NS;
}

/* What else is under way at the end counts neither as done nor as failed. */
static uint64_t run__loop(struct run *run)
{
	const uint64_t start = now_ns();
	struct epoll_event events[64];
	uint64_t now = start;

	for (int i = 0; i < run->load->in_flight; i++)
		attempt__start(run, &run->attempts[i], now);
	while (!stopping && now - start < run->load->ns) {
		int n = epoll_wait(run->epoll, events, 64, 10);

		now = now_ns();
		for (int i = 0; i < n; i++)
			attempt__step(run, events[i].data.ptr, now);
	}
	return now - start;
}

int probe__connections(const struct load *load)
{
	struct run run = { .load = load, .epoll = epoll_create1(EPOLL_CLOEXEC) };
	uint64_t ns;

	if (run.epoll < 0) {
		perror("path_probe: epoll");
		return 1;
	}
	ns = run__loop(&run);
	for (int i = 0; i < load->in_flight; i++) {
		run.failed += attempt__is_stuck(&run.attempts[i], now_ns());
		if (run.attempts[i].fd >= 0)
			close(run.attempts[i].fd);
	}
	close(run.epoll);
	printf("connections %.1f\nfailed_connections %lu\n", (double)run.done * 1e9 / (double)ns,
	       run.failed);
	return run.done == 0;
}
