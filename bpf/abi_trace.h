/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of abi.h about `millrace trace`: what trace.bpf.c tells of a made packet, in the order of its
 * walk. Included by abi.h alone; the rules of that page hold here.
 */
#ifndef MILLRACE_ABI_TRACE_H
#define MILLRACE_ABI_TRACE_H

/* What was met on the way. Each says that the fields it names are filled in. */
enum trace_step {
	TRACE_FLOW = 1 << 0, /* a flow was there, and the packet goes by it: state, flags, svc.id */
	TRACE_SERVICE = 1 << 1,   /* it is for a frontend: svc */
	TRACE_LOCAL_SET = 1 << 2, /* whose Local set was asked, not the Cluster set */
	TRACE_BACKEND = 1 << 3,   /* a backend: backend */
	TRACE_RING = 1 << 4,      /* chosen by the ring, as all nodes would choose */
	TRACE_KEPT = 1 << 5,      /* chosen since the client went there last (session affinity) */
	TRACE_PORT = 1 << 6,      /* the source port becomes a free one of the range: sport */
	TRACE_EGRESS = 1 << 7,    /* the client's pod was asked: egress */
	TRACE_INGRESS = 1 << 8,   /* the server's pod was asked: ingress */
	TRACE_ROUTE = 1 << 9,     /* the routing table was asked: route, and where it led */
	TRACE_OWN_NODE = 1 << 10, /* this host itself opens it, so that no rule is needed */
};

enum trace_way {
	TRACE_ENDS = 0,  /* dropped, or refused: reason */
	TRACE_STACK = 1, /* left to this host's stack, as `saddr` … `dport` say */
	TRACE_POD = 2,   /* straight to the pod behind out_ifindex */
	TRACE_HOST = 3,  /* to this host itself */
	TRACE_WIRE = 4,  /* by out_ifindex, to next_hop */
};

/* What one set says. */
struct trace_verdict {
	__u64 set;  /* the one that decided; 0 = the pod is not isolated */
	__u16 rule; /* bit in the set, or EVENT_NO_RULE */
	__u8 kind;  /* EVENT_ALLOWED, EVENT_DENIED or EVENT_AUDITED */
	__u8 pad[5];
};
ABI_SIZE(trace_verdict, 16);

/* Addresses of IPv4 are written as IPv4-mapped IPv6 ones. */
struct trace {
	__u32 steps; /* enum trace_step */
	__u8 way;    /* enum trace_way */
	__u8 reason; /* enum drop_reason; 0 = none */
	__u8 state;  /* enum flow_state of a flow that was there */
	__u8 pad;
	struct svc svc;
	struct addr6 saddr, daddr; /* as it leaves */
	__be16 sport, dport;
	__u32 backend; /* index into backends4 or backends6 */
	struct trace_verdict egress, ingress;
	__u16 flags; /* enum flow_flag of the flow, that which was there or the one it would open */
	__u8 mac[6]; /* of the next hop; all zero = not known yet */
	__u32 out_ifindex;
	__s32 route; /* BPF_FIB_LKUP_RET_* of linux/bpf.h */
	struct addr6 next_hop;
};
ABI_SIZE(trace, 152);

#endif
