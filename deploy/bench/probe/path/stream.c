// SPDX-License-Identifier: Apache-2.0
/* One connection: many small requests, or bulk data. */
#include "path.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define SAMPLES_MAX 4000000

int stream__connect(const struct sockaddr_in *target)
{
	const struct timeval patience = { .tv_sec = 1 };
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
	    connect(fd, (const struct sockaddr *)target, sizeof(*target)) == 0)
		return fd;
	perror("path_probe: cannot connect");
	if (fd >= 0)
		close(fd);
	return -1;
}

static int compare(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static size_t latency__sample(int fd, uint64_t limit_ns, uint32_t *samples)
{
	const uint64_t start = now_ns();
	uint64_t last = start;
	size_t count = 0;

	while (!stopping && last - start < limit_ns && count < SAMPLES_MAX) {
		char byte = CONVERSATION_ECHO;
		uint64_t now;

		if (send(fd, &byte, 1, 0) != 1 || recv(fd, &byte, 1, 0) != 1)
			break;
		now = now_ns();
		samples[count++] = (uint32_t)(now - last);
		last = now;
	}
	return count;
}

int probe__latency(const struct load *load)
{
	uint32_t *samples = malloc(SAMPLES_MAX * sizeof(*samples));
	int fd = samples ? stream__connect(&load->target) : -1;
	size_t count = fd < 0 ? 0 : latency__sample(fd, load->ns, samples);

	if (count) {
		qsort(samples, count, sizeof(*samples), compare);
		printf("latency_p50 %.2f\nlatency_p99 %.2f\n", samples[(count - 1) / 2] / 1e3,
		       samples[(count - 1) * 99 / 100] / 1e3);
	}
	if (fd >= 0)
		close(fd);
	free(samples);
	return count == 0;
}

int probe__stream(const struct load *load)
{
	static char block[128 * 1024];
	struct received received = { 0 };
	const uint64_t start = now_ns();
	int fd = stream__connect(&load->target);

	if (fd < 0)
		return 1;
	memset(block, CONVERSATION_STREAM, sizeof(block));
	while (!stopping && now_ns() - start < load->ns &&
	       send(fd, block, sizeof(block), MSG_NOSIGNAL) > 0)
		continue;
	shutdown(fd, SHUT_WR);
	if (recv(fd, &received, sizeof(received), MSG_WAITALL) != sizeof(received) || !received.ns)
		received = (struct received){ .ns = 1 };
	close(fd);
	printf("stream %.3f\n", (double)received.bytes * 8 / (double)received.ns);
	return received.bytes == 0;
}
