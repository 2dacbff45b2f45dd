// SPDX-License-Identifier: Apache-2.0
/* The asking side: a new socket for each request, one at a time. */
#include "peer.h"
#include "sctp.h"

#include <errno.h>
#include <linux/udp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAMES_MAX 16

struct stream_stats {
	int attempts;
	int outcomes[OUTCOME_MAX];
	int ended; /* sockets that were ended under a request, which was then asked anew */
	uint64_t longest_ms;
	struct {
		char name[64];
		int answers;
	} names[NAMES_MAX];
};

static enum outcome request__send(int fd, const struct options *opts)
{
	static char request[65536];
	const int size = opts->size ? opts->size : 4;
	const int segments = opts->segments ? opts->segments : 1;

	memset(request, '.', sizeof(request));
	for (int i = 1; i <= segments && i * size <= (int)sizeof(request); i++)
		request[i * size - 1] = '\n';
	if (segments > 1 && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)) < 0)
		return outcome_of_errno(errno);
	if (sendto(fd, request, (size_t)(size * segments), 0,
	           opts->unconnected ? (const struct sockaddr *)&opts->target.sa : NULL,
	           opts->unconnected ? opts->target.len : 0) < 0)
		return outcome_of_errno(errno);
	return OUTCOME_OK;
}

static enum outcome address__check(const struct address *seen, const struct options *opts)
{
	if (seen->len == opts->target.len && memcmp(&seen->sa, &opts->target.sa, seen->len) == 0)
		return OUTCOME_OK;
	fprintf(stderr, "peer: the socket shows another address than the one asked for\n");
	return OUTCOME_ERROR;
}

static enum outcome answer__receive(int fd, const struct options *opts, char *answer)
{
	struct address from = { .len = sizeof(from.sa) };
	ssize_t n;

	if (!socket__await(fd, POLLIN, opts->timeout_ms))
		return OUTCOME_TIMEOUT;
	n = recvfrom(fd, answer, ANSWER_MAX - 1, 0, (struct sockaddr *)&from.sa, &from.len);
	if (n < 0)
		return outcome_of_errno(errno);
	if (n == 0)
		return OUTCOME_RESET;
	if (opts->udp && address__check(&from, opts) != OUTCOME_OK)
		return OUTCOME_ERROR;
	answer[n] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	return OUTCOME_OK;
}

/* Sockets see what they asked for, whoever translates. */
static enum outcome peer__check(int fd, const struct options *opts)
{
	struct address peer = { .len = sizeof(peer.sa) };

	if (opts->unconnected)
		return OUTCOME_OK;
	/* The connection may have been reset meanwhile. */
	if (getpeername(fd, (struct sockaddr *)&peer.sa, &peer.len) < 0)
		return errno == ENOTCONN ? OUTCOME_OK : outcome_of_errno(errno);
	return address__check(&peer, opts);
}

/* Whether each failure is worth a line: not where it is what is asked for. */
static bool tells;

/* One socket, one request, one answer for each segment; `answer` holds the last. */
static enum outcome request__run(const struct options *opts, char *answer)
{
	const int answers = opts->segments ? opts->segments : 1;
	enum outcome outcome;
	int fd;

	if (opts->sctp)
		return sctp__request(opts, answer);
	fd = client__socket(opts);
	if (fd < 0) {
		fprintf(stderr, "peer: cannot make the client socket: %s\n", strerror(-fd));
		return OUTCOME_ERROR;
	}
	outcome = client__connect(fd, opts);
	if (outcome == OUTCOME_OK)
		outcome = peer__check(fd, opts);
	if (outcome == OUTCOME_OK)
		outcome = request__send(fd, opts);
	for (int i = 0; outcome == OUTCOME_OK && i < answers; i++)
		outcome = answer__receive(fd, opts, answer);
	if (outcome != OUTCOME_OK && tells)
		client__tell(fd, outcome_name(outcome));
	close(fd);
	return outcome;
}

/*
 * As a resolver does: a UDP socket that is ended while it waits (ECONNABORTED, S-160) has a successor at once,
 * and that must be answered.
 */
static enum outcome request__insist(const struct options *opts, char *answer, int *ended)
{
	enum outcome outcome;

	errno = 0;
	outcome = request__run(opts, answer);
	if (outcome == OUTCOME_OK || !opts->udp || errno != ECONNABORTED)
		return outcome;
	(*ended)++;
	return request__run(opts, answer);
}

int peer__ask(const struct options *opts)
{
	struct options each = *opts;
	enum outcome worst = OUTCOME_OK;
	char answer[ANSWER_MAX];

	for (int i = 0; i < opts->count && !stopping; i++) {
		enum outcome outcome = request__run(&each, answer);

		if (opts->source_port)
			each.source_port++;
		if (outcome == OUTCOME_OK)
			puts(answer);
		else
			printf("%s\n", outcome_name(outcome));
		if (outcome != OUTCOME_OK)
			worst = outcome;
	}
	return (int)worst;
}

static void stats__count_name(struct stream_stats *stats, const char *answer)
{
	size_t len = strcspn(answer, " ");

	for (int i = 0; i < NAMES_MAX; i++) {
		if (stats->names[i].answers == 0)
			snprintf(stats->names[i].name, sizeof(stats->names[i].name), "%.*s",
			         (int)len, answer);
		if (strlen(stats->names[i].name) == len &&
		    strncmp(stats->names[i].name, answer, len) == 0) {
			stats->names[i].answers++;
			return;
		}
	}
}

static void stats__print(const struct stream_stats *stats, int failed)
{
	printf("{\"attempts\":%d,\"failed\":%d,\"ended\":%d", stats->attempts, failed,
	       stats->ended);
	for (int i = 0; i < OUTCOME_MAX; i++)
		if (i != OUTCOME_USAGE)
			printf(",\"%s\":%d", outcome_name((enum outcome)i), stats->outcomes[i]);
	printf(",\"longest_ms\":%llu,\"names\":{", (unsigned long long)stats->longest_ms);
	for (int i = 0; i < NAMES_MAX && stats->names[i].answers; i++)
		printf("%s\"%s\":%d", i ? "," : "", stats->names[i].name, stats->names[i].answers);
	puts("}}");
}

static void stream__sleep_until(uint64_t ms)
{
	struct timespec at = { .tv_sec = (time_t)(ms / 1000),
		               .tv_nsec = (long)(ms % 1000) * 1000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

int peer__stream(const struct options *opts)
{
	struct stream_stats stats = { 0 };
	const uint64_t start = now_ms();
	const uint64_t end = opts->seconds ? start + (uint64_t)opts->seconds * 1000 : UINT64_MAX;
	char answer[ANSWER_MAX];
	int failed;

	tells = true;
	puts("ready");
	while (!stopping && now_ms() < end) {
		uint64_t begin = now_ms(), took;
		enum outcome outcome = request__insist(opts, answer, &stats.ended);

		took = now_ms() - begin;
		stats.attempts++;
		stats.outcomes[outcome]++;
		if (took > stats.longest_ms)
			stats.longest_ms = took;
		if (outcome == OUTCOME_OK)
			stats__count_name(&stats, answer);
		stream__sleep_until(begin + 1000 / (uint64_t)opts->rate);
	}
	failed = stats.attempts - stats.outcomes[OUTCOME_OK];
	stats__print(&stats, failed);
	return failed || !stats.attempts ? OUTCOME_ERROR : OUTCOME_OK;
}
