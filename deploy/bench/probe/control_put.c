// SPDX-License-Identifier: Apache-2.0
#include "control_put.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_BODY   (256 * 1024)
#define MAX_ANSWER (512 * 1024)
#define WRITTEN    "X-Event-Written-Ns:"
#define TIMEOUT_S  20

static char body[MAX_BODY], answer[MAX_ANSWER];

static int file__read(const char *path, size_t *length)
{
	FILE *file = fopen(path, "re");

	if (!file) {
		fprintf(stderr, "control_probe: cannot read %s: %s\n", path, strerror(errno));
		return -EIO;
	}
	*length = fread(body, 1, sizeof(body), file);
	fclose(file);
	if (*length == sizeof(body)) {
		fprintf(stderr, "control_probe: %s is too long\n", path);
		return -EFBIG;
	}
	return 0;
}

/* A connection to http://ADDRESS:PORT/…; path: where the rest begins. */
static int url__connect(const char *url, const char **path)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_S };
	struct sockaddr_in to = { .sin_family = AF_INET };
	char address[INET_ADDRSTRLEN];
	unsigned int port;
	int fd, used = 0;

	if (sscanf(url, "http://%15[0-9.]:%5u%n", address, &port, &used) != 2 || url[used] != '/' ||
	    inet_pton(AF_INET, address, &to.sin_addr) != 1) {
		fprintf(stderr, "control_probe: not http://ADDRESS:PORT/PATH: %s\n", url);
		return -EINVAL;
	}
	*path = url + used;
	to.sin_port = htons((uint16_t)port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
		fprintf(stderr, "control_probe: cannot connect to %s: %s\n", url, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -ECONNREFUSED;
	}
	return fd;
}

static int all__send(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);

		if (sent < 0)
			return -errno;
		data += sent;
		length -= (size_t)sent;
	}
	return 0;
}

/* Reads until the end of the headers. */
static int headers__read(int fd)
{
	size_t length = 0;

	while (length < sizeof(answer) - 1) {
		ssize_t got = recv(fd, answer + length, sizeof(answer) - 1 - length, 0);

		if (got <= 0)
			return got < 0 ? -errno : -ECONNRESET;
		length += (size_t)got;
		answer[length] = 0;
		if (strstr(answer, "\r\n\r\n"))
			return 0;
	}
	return -EFBIG;
}

static int written__find(uint64_t *written_ns)
{
	for (char *line = answer; line; line = strstr(line, "\r\n")) {
		line += strncmp(line, "\r\n", 2) == 0 ? 2 : 0;
		if (strncasecmp(line, WRITTEN, strlen(WRITTEN)) == 0) {
			*written_ns = strtoull(line + strlen(WRITTEN), NULL, 10);
			return 0;
		}
	}
	return -ENOMSG;
}

int put__send(const char *file, const char *url, uint64_t *written_ns)
{
	const char *path;
	char request[1024];
	size_t length;
	int fd, err;

	err = file__read(file, &length);
	if (err)
		return err;
	fd = url__connect(url, &path);
	if (fd < 0)
		return fd;
	snprintf(request, sizeof(request),
	         "PUT %s HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n"
	         "Content-Length: %zu\r\n\r\n",
	         path, length);
	err = all__send(fd, request, strlen(request));
	if (!err)
		err = all__send(fd, body, length);
	if (!err)
		err = headers__read(fd);
	if (!err)
		err = written__find(written_ns);
	if (err)
		fprintf(stderr, "control_probe: PUT %s failed: %s; answer: %.200s\n", url,
		        strerror(-err), answer);
	close(fd);
	return err;
}
