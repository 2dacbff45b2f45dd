// SPDX-License-Identifier: Apache-2.0
/*
 * One socket for long: it asks, waits for the answer, pauses, asks again. A UDP socket whose call
 * fails is connected again, as a DNS client would. On SIGTERM it asks once more, so that the
 * summary tells who answers in the end.
 */
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 16
#define TRIES     3

struct keep {
	const struct options *opts;
	int fd;
	unsigned long exchanges;
	int aborted; /* calls that failed because the socket was ended */
	int failures;
	int timeouts;
	int n;
	char names[NAMES_MAX][64]; /* who answered, in turn */
};

/* A socket that is ended tells it twice: a send finds no peer, and the error waits for the next call. */
static void keep__failed(struct keep *keep, int err)
{
	if (err == ECONNABORTED || err == EDESTADDRREQ)
		keep->aborted++;
	else
		keep->failures++;
	if (keep->opts->udp && client__connect(keep->fd, keep->opts) != OUTCOME_OK)
		keep->failures++;
}

static void keep__answered(struct keep *keep, const char *answer)
{
	char name[64];

	keep->exchanges++;
	if (sscanf(answer, "%63s", name) != 1)
		return;
	if (keep->n && !strcmp(keep->names[keep->n - 1], name))
		return;
	if (keep->n < NAMES_MAX)
		memcpy(keep->names[keep->n++], name, sizeof(name));
}

/* False if a call failed; the socket may be asked again. */
static bool keep__exchange(struct keep *keep)
{
	const struct options *opts = keep->opts;
	const struct sockaddr *to = (const struct sockaddr *)&opts->target.sa;
	char answer[ANSWER_MAX];
	ssize_t n;

	if (sendto(keep->fd, "ask\n", 4, MSG_NOSIGNAL, opts->unconnected ? to : NULL,
	           opts->unconnected ? opts->target.len : 0) != 4) {
		keep__failed(keep, errno);
		return false;
	}
	if (!socket__await(keep->fd, POLLIN, opts->timeout_ms)) {
		keep->timeouts++;
		client__tell(keep->fd, "no answer");
		return true;
	}
	n = recv(keep->fd, answer, sizeof(answer) - 1, 0);
	if (n <= 0) {
		keep__failed(keep, n ? errno : ECONNRESET);
		return false;
	}
	answer[n] = 0;
	keep__answered(keep, answer);
	return true;
}

static void keep__print(const struct keep *keep)
{
	printf("{\"exchanges\":%lu,\"aborted\":%d,\"failures\":%d,\"timeouts\":%d,\"names\":[",
	       keep->exchanges, keep->aborted, keep->failures, keep->timeouts);
	for (int i = 0; i < keep->n; i++)
		printf("%s\"%s\"", i ? "," : "", keep->names[i]);
	puts("]}");
}

int peer__keep(const struct options *opts)
{
	struct keep keep = { .opts = opts, .fd = client__socket(opts) };
	bool last;

	if (keep.fd < 0 || client__connect(keep.fd, opts) != OUTCOME_OK) {
		perror("peer keep");
		return OUTCOME_ERROR;
	}
	keep__exchange(&keep);
	puts("ready");
	do {
		last = stopping;
		for (int i = 0; i < TRIES && !keep__exchange(&keep); i++)
			;
		if (!last)
			poll(NULL, 0, opts->interval_ms);
	} while (!last);
	keep__print(&keep);
	close(keep.fd);
	return keep.failures || keep.timeouts ? OUTCOME_ERROR : OUTCOME_OK;
}
