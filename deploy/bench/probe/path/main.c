// SPDX-License-Identifier: Apache-2.0
#include "path.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SERVE_LIMIT_S 7200
#define SPARE_S       10

volatile sig_atomic_t stopping;

static const char usage[] =
	"usage: path_probe serve PORT\n"
	"       path_probe connections|latency|stream|datagrams ADDRESS PORT MS [IN-FLIGHT]\n"
	"\n"
	"serve prints its process id and answers TCP and UDP in the background.\n"
	"connections  new TCP connections, one byte there, one back: connections (per second)\n"
	"latency      one byte there and back on one connection: latency_p50, latency_p99 (us)\n"
	"stream       one TCP connection, bulk data, as received: stream (Gbit/s)\n"
	"datagrams    small UDP requests on one socket: datagrams (answers per second), lost\n"
	"connections and datagrams keep IN-FLIGHT (8, 32) under way, and print what failed.\n";

static const struct {
	const char *name;
	int (*run)(const struct load *load);
	int in_flight;
} loads[] = {
	{ "connections", probe__connections, 8 },
	{ "latency", probe__latency, 1 },
	{ "stream", probe__stream, 1 },
	{ "datagrams", probe__datagrams, BATCH },
};

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void on_stop(int sig)
{
	(void)sig;
	stopping = 1;
}

static bool number__parse(const char *text, int max, int *out)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < 1 || value > max) {
		fprintf(stderr, "path_probe: %s is not a number from 1 to %d\n", text, max);
		return false;
	}
	*out = (int)value;
	return true;
}

static int load__run(size_t i, int argc, char **argv)
{
	struct load load = { .target.sin_family = AF_INET, .in_flight = loads[i].in_flight };
	int port, ms;

	if (argc < 5 || argc > 6 || !number__parse(argv[3], 65535, &port) ||
	    !number__parse(argv[4], 600000, &ms) ||
	    (argc == 6 && !number__parse(argv[5], 256, &load.in_flight)))
		return 2;
	if (inet_pton(AF_INET, argv[2], &load.target.sin_addr) != 1) {
		fprintf(stderr, "path_probe: %s is not an IPv4 address\n", argv[2]);
		return 2;
	}
	load.target.sin_port = htons((uint16_t)port);
	load.ns = (uint64_t)ms * 1000000;
	alarm((unsigned int)ms / 1000 + SPARE_S);
	return loads[i].run(&load);
}

static int serve__run(int argc, char **argv)
{
	int port;

	if (argc != 3 || !number__parse(argv[2], 65535, &port))
		return 2;
	alarm(SERVE_LIMIT_S);
	return probe__serve((uint16_t)port);
}

int main(int argc, char **argv)
{
	struct sigaction stop = { .sa_handler = on_stop };

	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGALRM, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "serve") == 0)
		return serve__run(argc, argv);
	for (size_t i = 0; argc > 1 && i < sizeof(loads) / sizeof(loads[0]); i++)
		if (strcmp(argv[1], loads[i].name) == 0)
			return load__run(i, argc, argv);
	fputs(usage, stderr);
	return 2;
}
