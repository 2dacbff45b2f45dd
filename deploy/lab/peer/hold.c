// SPDX-License-Identifier: Apache-2.0
/* Long connections: each asks, waits for its answer, pauses, asks again. */
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct connection {
	int fd; /* -1 = failed */
	bool waiting;
	bool stalled;
	uint64_t since_ms; /* waiting: when it asked; else: when its last answer came */
};

struct hold {
	const struct options *opts;
	struct connection *connections;
	int epoll;
	int failed_connects;
	int resets;
	int stalls;
	unsigned long exchanges;
	uint64_t longest_gap_ms;
	uint64_t paused_ms;
};

/* Longer without a look at the sockets, and nobody can say that it was the network. */
#define PAUSE_MS 500

static void connection__fail(struct hold *hold, struct connection *connection)
{
	hold->resets++;
	close(connection->fd);
	connection->fd = -1;
}

static void connection__ask(struct hold *hold, struct connection *connection, uint64_t now)
{
	if (send(connection->fd, "ask\n", 4, MSG_NOSIGNAL) != 4) {
		connection__fail(hold, connection);
		return;
	}
	connection->waiting = true;
	connection->stalled = false;
	connection->since_ms = now;
}

static void connection__receive(struct hold *hold, struct connection *connection, uint64_t now)
{
	char answer[ANSWER_MAX];
	ssize_t n;

	if (connection->fd < 0)
		return;
	n = recv(connection->fd, answer, sizeof(answer), 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		connection__fail(hold, connection);
		return;
	}
	if (answer[n - 1] != '\n')
		return;
	if (now - connection->since_ms > hold->longest_gap_ms)
		hold->longest_gap_ms = now - connection->since_ms;
	connection->waiting = false;
	connection->since_ms = now;
	hold->exchanges++;
}

static void connection__tick(struct hold *hold, struct connection *connection, uint64_t now)
{
	uint64_t elapsed = now - connection->since_ms;

	if (connection->fd < 0)
		return;
	if (!connection->waiting) {
		if (elapsed >= (uint64_t)hold->opts->interval_ms)
			connection__ask(hold, connection, now);
	} else if (!connection->stalled && elapsed > (uint64_t)hold->opts->timeout_ms) {
		connection->stalled = true;
		hold->stalls++;
	}
}

static void connection__open(struct hold *hold, struct connection *connection)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };

	connection->fd = client__socket(hold->opts);
	if (connection->fd >= 0 && client__connect(connection->fd, hold->opts) == OUTCOME_OK &&
	    epoll_ctl(hold->epoll, EPOLL_CTL_ADD, connection->fd, &event) == 0)
		return;
	hold->failed_connects++;
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
}

/* The machine, or this process, stood still: nobody has waited meanwhile. */
static void hold__pause(struct hold *hold, uint64_t ms)
{
	hold->paused_ms += ms;
	for (int i = 0; i < hold->opts->count; i++)
		hold->connections[i].since_ms += ms;
}

static void hold__loop(struct hold *hold)
{
	const uint64_t limit = (uint64_t)hold->opts->seconds * 1000;
	const uint64_t end = limit ? now_ms() + limit : UINT64_MAX;
	struct epoll_event events[256];
	uint64_t last = now_ms();

	while (!stopping && now_ms() < end) {
		int n = epoll_wait(hold->epoll, events, 256, 2);
		uint64_t now = now_ms();

		if (now - last > PAUSE_MS)
			hold__pause(hold, now - last);
		last = now;
		for (int i = 0; i < n; i++)
			connection__receive(hold, events[i].data.ptr, now);
		for (int i = 0; i < hold->opts->count; i++)
			connection__tick(hold, &hold->connections[i], now);
	}
}

int peer__hold(const struct options *opts)
{
	struct hold hold = { .opts = opts };
	int failed;

	hold.epoll = epoll_create1(EPOLL_CLOEXEC);
	hold.connections = calloc((size_t)opts->count, sizeof(*hold.connections));
	if (hold.epoll < 0 || !hold.connections) {
		perror("peer hold");
		return OUTCOME_ERROR;
	}
	for (int i = 0; i < opts->count && !stopping; i++)
		connection__open(&hold, &hold.connections[i]);
	puts("ready");
	hold__loop(&hold);
	printf("{\"connections\":%d,\"failed_connects\":%d,\"exchanges\":%lu,\"resets\":%d,"
	       "\"stalls\":%d,\"longest_gap_ms\":%llu,\"paused_ms\":%llu}\n",
	       opts->count, hold.failed_connects, hold.exchanges, hold.resets, hold.stalls,
	       (unsigned long long)hold.longest_gap_ms, (unsigned long long)hold.paused_ms);
	failed = hold.failed_connects + hold.resets + hold.stalls;
	free(hold.connections);
	close(hold.epoll);
	return failed || hold.exchanges < (unsigned long)opts->count ? OUTCOME_ERROR : OUTCOME_OK;
}
