/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ways that a connection to a service can take. A TEST_WALKS test runs once for each of them:
 * one condition, every arrow.
 */
#ifndef MILLRACE_TESTS_WALK_H
#define MILLRACE_TESTS_WALK_H

#include "test.h"

enum way {
	BY_FIB,   /* redirected to the next hop, with its MACs */
	BY_PEER,  /* redirected into the pod's namespace */
	BY_NEIGH, /* redirected to a pod through neighbour resolution */
	BY_HOST,  /* redirected into this host, as if it came from the uplink */
	IN_PLACE, /* rewritten, goes on where it was going */
};

struct leg {
	enum program program;
	struct tuple in, out;
	enum way way;
	uint32_t dev;      /* where it goes to, unless IN_PLACE */
	bool by_uplink;    /* passes uplink_in untouched before */
	uint16_t flags;    /* of the half, besides FLOW_REPLY */
	uint32_t from, to; /* the half's in_ifindex and out_ifindex */
};

struct walk {
	const char *name;
	struct leg request, reply;
	enum host frontend;
	uint16_t port;
	uint8_t backend_flags;
};

extern const struct walk walks[];
extern const uint32_t nwalks;

/* Writes the walk's service and expects nothing yet. */
void walk_serve(struct run *r);
/* Sends the first packet and expects the pair. */
void walk_open(struct run *r);
/* Sends the answer to it. */
void walk_answer(struct run *r);
/* Opens, answers, and takes the answer up: the connection is established. */
void walk_establish(struct run *r);
/* A packet of the request or reply leg that comes out translated. Extra counters by `counts`. */
#define walk_send(r, leg, ...) walk_send_(r, leg, (struct segment){ __VA_ARGS__ }, NULL)
void walk_send_(struct run *r, const struct leg *leg, struct segment s, const uint64_t *counts);
struct pkt walk_packet(struct run *r, const struct leg *leg, struct segment s);
struct pkt walk_result(struct run *r, const struct leg *leg, const struct pkt *in,
                       struct segment s);
struct expect walk_expectation(struct run *r, const struct leg *leg, const struct pkt *in,
                               struct segment s);
/* A leg that was not looked at for long: its next packet is the first in a tick. */
void walk_age(struct run *r, const struct leg *leg);
/* Expects both halves in this state. */
void walk_expect(struct run *r, uint8_t state);

#endif
