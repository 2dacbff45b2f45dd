/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random policies as rules, and what they say: a slow model that asks rule by rule and knows of no bits. */
#ifndef MILLRACE_TESTS_POLICY_MODEL_H
#define MILLRACE_TESTS_POLICY_MODEL_H

#include "policy.h"
#include "property.h"

#define RULES_MAX  24
#define CLASSES    6 /* 0 = among no rule's peers */
#define BLOCKS_MAX 10
#define RANGES_MAX 6

/* A rule as a policy would have it. */
struct rule {
	uint16_t bit;
	bool any_peer[2], any_port, peers[CLASSES], ports[RANGES_MAX + 1];
};

struct model_set {
	uint64_t id, next;
	uint32_t n;
	struct rule rules[RULES_MAX];
};

#define SETS_MAX 6

struct model {
	struct model_set sets[SETS_MAX];
	uint64_t ingress, egress; /* of POD_B, of POD_A */
	uint32_t side;
	bool audit;
	struct {
		struct addr addr;
		uint32_t len, peer_class[POLICY_SIDES];
	} blocks[BLOCKS_MAX];
	uint32_t nblocks;
	int32_t pods[HOST_MAX][POLICY_SIDES]; /* -1: no entry of its own */
	struct {
		uint16_t from, to;
		uint32_t port_class;
	} ranges[RANGES_MAX];
	uint32_t nranges;
};

/* Who talks to whom. */
#define ENDS 8
extern const enum host ends[ENDS];

bool one_in(uint64_t *rng, uint32_t n);
void random_model(struct run *r, struct model *m, uint64_t *rng);

/* What must be told of one direction; false: nobody is asked. */
bool model_verdict(struct run *r, const struct model *m, uint64_t id, enum host peer_host,
                   uint16_t port, struct event *want);

#endif
