/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer: the traffic tool of the lab. It answers requests, asks, and holds connections open, and
 * says what it saw: who answered, and from which source address it was reached.
 */
#ifndef MILLRACE_LAB_PEER_H
#define MILLRACE_LAB_PEER_H

#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* How one request ended. The value is also the exit status of `peer ask`. */
enum outcome {
	OUTCOME_OK = 0,
	OUTCOME_ERROR = 1,
	OUTCOME_USAGE = 2,
	OUTCOME_REFUSED = 3,
	OUTCOME_TIMEOUT = 4,
	OUTCOME_RESET = 5,
	OUTCOME_UNREACHABLE = 6,
	OUTCOME_MAX,
};

const char *outcome_name(enum outcome outcome);

/* The outcome that an errno of connect, send or recv stands for. */
enum outcome outcome_of_errno(int err);

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

struct options {
	const char *name;      /* serve: what the answers say */
	int tcp_port;          /* serve: 0 = no TCP */
	int udp_port;          /* serve: 0 = no UDP */
	int sctp_port;         /* serve: 0 = no SCTP */
	bool background;       /* serve: return once the sockets are bound */
	struct address target; /* all but serve */
	struct address source; /* len 0 = any address */
	int source_port;       /* 0 = any */
	bool udp;
	bool sctp;        /* ask */
	bool unconnected; /* ask: UDP without connect; the answer must come from the target */
	bool mapped;      /* ask an IPv4 target from an IPv6 socket, as ::ffff:a.b.c.d */
	int count;        /* ask: requests; hold: connections */
	int size;         /* bytes of a UDP request, or of SCTP's INIT */
	int segments;     /* UDP: requests handed to the kernel in one piece (GSO) */
	int rate;         /* stream: new connections per second; flood: packets */
	int seconds;      /* at most so long; 0 = until SIGTERM */
	int timeout_ms;   /* of one connect or one answer; hold: what counts as a stall */
	int interval_ms;  /* hold, keep: pause between two requests of a connection */
};

int options__parse(struct options *opts, int argc, char **argv);

/* net.c */
uint64_t now_ms(void);
/* True once `events` are there. A signal to stop does not cut a request short: it is finished first. */
bool socket__await(int fd, short events, int timeout_ms);
int address__parse(struct address *addr, const char *text, int port);
/* An IPv4 address becomes ::ffff:a.b.c.d. */
void address__map(struct address *addr);
/* "ADDRESS PORT", a mapped IPv4 address printed as IPv4. */
void address__format(const struct sockaddr_in6 *addr, char *out, size_t size);
/* A socket bound as the options say; a negative errno on failure. */
int client__socket(const struct options *opts);
enum outcome client__connect(int fd, const struct options *opts);
/* Says on stderr what became of a request, when, and from which port: to be found in logs and captures. */
void client__tell(int fd, const char *what);

/* The commands; each returns an exit status. */
int peer__serve(const struct options *opts);
int peer__ask(const struct options *opts);
int peer__stream(const struct options *opts);
int peer__hold(const struct options *opts);
int peer__flood(const struct options *opts);
int peer__keep(const struct options *opts);

/* Set by SIGTERM and SIGINT. */
extern volatile sig_atomic_t stopping;

#define ANSWER_MAX 160

#endif
