/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path_probe: the load of deploy/bench/path. IPv4, one thread, bounded in time and count.
 *
 * The first byte that a client sends on a TCP connection says what the server does with it.
 */
#ifndef MILLRACE_BENCH_PATH_H
#define MILLRACE_BENCH_PATH_H

#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>

enum conversation {
	CONVERSATION_ONCE = 'o',   /* one byte back, then the server closes */
	CONVERSATION_ECHO = 'e',   /* one byte back for each read, until the client closes */
	CONVERSATION_STREAM = 's', /* all is taken; at its end `struct received` goes back */
};

/* What a stream's server saw, in its own byte order: both ends are the same machine. */
struct received {
	uint64_t bytes;
	uint64_t ns; /* from the first byte to the last */
};

/* A small request: with Ethernet, IPv4 and UDP headers a frame of 64 bytes less checksum. */
#define DATAGRAM_BYTES 18
#define BATCH          32

struct load {
	struct sockaddr_in target;
	uint64_t ns;   /* how long */
	int in_flight; /* connections or datagrams at a time */
};

uint64_t now_ns(void);
/* Set by SIGTERM, SIGINT, and an alarm that bounds every run. */
extern volatile sig_atomic_t stopping;

/* A connected TCP socket that sends at once and waits no longer than a second, or -1. */
int stream__connect(const struct sockaddr_in *target);

/* Each prints lines "METRIC VALUE" and returns an exit status. */
int probe__serve(uint16_t port);
int probe__connections(const struct load *load);
int probe__latency(const struct load *load);
int probe__stream(const struct load *load);
int probe__datagrams(const struct load *load);

#endif
