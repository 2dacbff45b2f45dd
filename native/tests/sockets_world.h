/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real sockets under the real socket programs: a cgroup folder of the test's own, backends on the
 * loopback device, frontends with no route that leads anywhere.
 */
#ifndef MILLRACE_TEST_SOCKETS_WORLD_H
#define MILLRACE_TEST_SOCKETS_WORLD_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "abi.h"
#include "support.h"

/* How a client speaks: an IPv4 socket, an IPv6 one, an IPv6 one with ::ffff:a.b.c.d. */
enum speech { V4, V6, MAPPED, SPEECHES };

struct host {
	const char *v4, *v6;
};

extern const struct host vip, other_vip, external, backend_a, backend_b, loopback, loopback_5,
	unspecified;

#define SVC_ID    7
#define BACKEND_A 1
#define BACKEND_B 2
#define TIMEOUT_S 5

/* Mounts cgroup v2 where the tests find it, runs them, removes their folders. For main(). */
int world__run(const struct test *tests, size_t n);

/* This process enters a new cgroup folder, whose path is returned. */
const char *world__cgroup(void);

/* Opens the objects of that folder; both backends are there. The process is in a cgroup of its own. */
struct dataplane *world__open_objects(const char *objects, uint32_t without);

/* The same, of sockets the real ones, for devices small ones. */
struct dataplane *world__open(uint32_t without);

/* The same as the last, with the programs attached to that cgroup. */
struct dataplane *world__attached(uint32_t without);

/* Gives the network namespace of this thread the backends' addresses and a route to nowhere. */
void world__network(void);

/* Write entries of both families. The sets begin with backend A, then B. */
void world__backend(struct dataplane *dp, uint32_t id, const struct host *host, uint8_t flags,
                    uint16_t gen);
void world__frontend(struct dataplane *dp, const struct host *host, uint16_t port, int proto,
                     uint8_t flags, uint32_t n_all, uint32_t n_local);

/* Both protocols of a frontend with both backends. */
void world__service(struct dataplane *dp, const struct host *host, uint16_t port);

/* Sets a field of both protocols of a frontend that is there: four bytes at `offset` of its value. */
void world__change(struct dataplane *dp, const struct host *host, uint16_t port, size_t offset,
                   uint32_t value);

/* The node has these addresses. */
void world__node(struct dataplane *dp, const struct host *host);

/* The pod of this network namespace opts out, or in again. */
void world__opt_out(const struct dataplane *dp, bool out);

/* How many entries socks4 and socks6 hold. */
size_t world__entries(const struct dataplane *dp);

struct end {
	struct sockaddr_storage addr;
	socklen_t len;
};

struct end end_of(enum speech speech, const struct host *host, uint16_t port);
bool end_same(const struct end *a, const struct end *b);

/* A socket that waits for TIMEOUT_S at most. */
int world__socket(enum speech speech, int type);

/* A server at each backend; IPv4 for MAPPED. */
void world__serve_both(enum speech speech, int type, int servers[2]);
void world__close_both(const int servers[2]);

/* 0 or -errno. */
int world__connect(int fd, struct end to);

/* What getpeername says. */
struct end world__peer(int fd);

void world__check_peer(int fd, struct end wanted);

/* A new socket that does not wait; 0 or -errno. */
int world__connect_at_once(enum speech speech, int type, const struct host *host, uint16_t port);

/* Waits for one datagram at either server, answers it, and says which server it was. */
int world__answer(const int servers[2]);

#endif
