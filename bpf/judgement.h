/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A connection before the judge: who its ends are, and what has been said of it. */
#ifndef MILLRACE_JUDGEMENT_H
#define MILLRACE_JUDGEMENT_H

#include "policy.h"

#define JUDGEMENTS CAT(judgements, IPV)

/* Per CPU, for the stack's sake. */
struct judgement {
	ip_t client, server, frontend;
	__be16 client_port, server_port, frontend_port;
	__u8 proto;
	bool own_node; /* this host's own stack opened it: no rule is needed (D1) */
	bool named;    /* somebody asks which rules let it through */
	__u32 svc;
	__u32 in_dev, out_dev;        /* the pod's device that the packet comes by, or goes to */
	__u32 client_dev, server_dev; /* that of either end, if the packet is met there */
	struct verdict egress, ingress;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct judgement);
} JUDGEMENTS SEC(".maps");

/* Who opened it, whom he asked for and who serves it: either half knows. */
static __noinline void judgement_read(struct judgement *j, const flow_key_t *key,
                                      const flow_t *flow)
{
	bool reply = flow->flags & FLOW_REPLY;

	j->client = reply ? flow->daddr : key->saddr;
	j->client_port = reply ? flow->dport : key->sport;
	j->server = reply ? key->saddr : flow->daddr;
	j->server_port = reply ? key->sport : flow->dport;
	j->frontend = reply ? flow->saddr : key->daddr;
	j->frontend_port = reply ? flow->sport : key->dport;
	j->proto = key->proto;
	j->svc = flow->svc;
	j->own_node = flow->flags & FLOW_OWN_NODE;
	j->client_dev = reply ? j->out_dev : j->in_dev;
	j->server_dev = reply ? j->in_dev : j->out_dev;
}

/* One picked up in its middle may have been opened by either end. */
static __noinline void judgement_turn(struct judgement *j)
{
	ip_t client = j->server;
	__be16 port = j->server_port;
	__u32 dev = j->server_dev;

	j->server_dev = j->client_dev;
	j->client_dev = dev;
	j->server = j->client;
	j->server_port = j->client_port;
	j->client = client;
	j->client_port = port;
	j->frontend = j->server;
	j->frontend_port = j->server_port;
	/* The pod's side of what this host began. */
	j->own_node |= endpoint_is(endpoint_find(client), ENDPOINT_HOST);
}

#endif
