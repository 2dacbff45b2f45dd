/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of abi.h about flows: connection tracking and NAT, what room is left in it, and datagrams in fragments.
 * Included by abi.h alone; the rules of that page hold here.
 */
#ifndef MILLRACE_ABI_FLOW_H
#define MILLRACE_ABI_FLOW_H

/* ---- flows4, flows6: LRU_HASH. Connection tracking and NAT in one table. ---------------------- */

/*
 * The tuple of a packet as it arrives at the hook. ICMP echo uses its identifier as both ports,
 * so that request and reply are each other's swapped tuple, as with TCP, UDP and SCTP.
 */
struct flow4_key {
	__be32 saddr, daddr;
	__be16 sport, dport;
	__u8 proto; /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP (echo only) */
	__u8 pad[3];
};
ABI_SIZE(flow4_key, 16);

struct flow6_key {
	struct addr6 saddr, daddr;
	__be16 sport, dport;
	__u8 proto; /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMPV6 (echo only) */
	__u8 pad[3];
};
ABI_SIZE(flow6_key, 40);

/* What is said of TCP holds for SCTP, whose chunks count as the flags that mean the same (sctp.h). */
enum flow_state {
	FLOW_STATE_NEW = 1,      /* packets seen in one direction only */
	FLOW_STATE_ANSWERED = 5, /* TCP: answered, and the opener has not taken it up: of a SYN with
				  * a forged source there is nobody who would */
	FLOW_STATE_ESTABLISHED = 2, /* packets seen in both directions, or picked up mid-flow */
	FLOW_STATE_CLOSING = 3,     /* TCP: one side has sent FIN */
	FLOW_STATE_CLOSED = 4,      /* TCP: both sides have sent FIN, or RST was seen */
	/* Policies have changed, and it may be no more. Kept, not judged (epoch 0): what its ends go on saying
	 * would be taken for another flow. */
	FLOW_STATE_DENIED = 6,
};

enum flow_flag {
	FLOW_REPLY = 1 << 0, /* the half that translates packets back to the opener */
	FLOW_PLAIN = 1 << 1, /* no translation: tracked only, and delivered by the stack */
	FLOW_STACK = 1 << 2, /* delivered by the stack; its replies are translated at pod egress */
	FLOW_SNAT = 1 << 3,  /* the opener's source address or port is rewritten */
	FLOW_HAIRPIN = 1 << 4, /* a pod that reached itself through a service */
	FLOW_LOCAL = 1 << 5,   /* this half delivers to the pod behind out_ifindex */
	FLOW_HOST = 1 << 6,    /* this half delivers to this host's own stack */
	FLOW_FIN = 1 << 7,     /* TCP: this direction has sent FIN */
	FLOW_MIDFLOW = 1 << 8, /* TCP: created by a packet other than SYN */
	FLOW_DIRECT =
		1 << 9, /* with FLOW_PLAIN: both ends are pods of the cluster, and once the flow
				* is established its packets pass this host's stack by */
	FLOW_OWN_NODE = 1 << 10, /* opened by this host's own stack: no rule is needed (D1) */
	FLOW_ADOPTED =
		1 << 11, /* with FLOW_PLAIN: to a service, or from its backend, and translated by
				  * the host's connection tracking for somebody else (serving) */
};

/* flow.in_ifindex: which device may carry this half's packets, besides an ifindex. */
#define IFINDEX_OUTSIDE 0          /* any uplink, or this host's stack; never a pod */
#define IFINDEX_ANY     0xffffffff /* any device: the veth of that pod is not known */

/*
 * One direction of a connection, complete by itself: the tuple that the packet has when it leaves.
 * That tuple swapped is the key of the other half.
 */
struct flow4 {
	__u32 seen; /* coarse monotonic clock in ticks of 2^30 ns; see FLOW_TICK_SHIFT */
	__u8 state; /* enum flow_state */
	__u8 pad;
	__u16 flags;         /* enum flow_flag */
	__be32 saddr, daddr; /* after translation */
	__be16 sport, dport; /* after translation; the identifier twice for ICMP echo */
	__u16 addr_csum;     /* one's-complement difference of the addresses: IP and L4 checksum */
	__u16 port_csum;     /* one's-complement difference of the ports: L4 checksum */
	__u32 svc;           /* svc.id, 0 = no service */
	__u32 backend;       /* index into backends4, 0 = none */
	__u16 backend_gen;   /* backend4.gen when it was chosen */
	__u16 pad2;
	__u32 epoch;       /* guard.epoch that it was judged in; 0 = not judged yet */
	__u32 in_ifindex;  /* device this half's packets come from, or IFINDEX_* */
	__u32 out_ifindex; /* device they leave by; 0 = ask the FIB */
};
ABI_SIZE(flow4, 48);

struct flow6 {
	__u32 seen;
	__u8 state;
	__u8 pad;
	__u16 flags;
	struct addr6 saddr, daddr;
	__be16 sport, dport;
	__u16 addr_csum;
	__u16 port_csum;
	__u32 svc;
	__u32 backend;
	__u16 backend_gen;
	__u16 pad2;
	__u32 epoch;
	__u32 in_ifindex;
	__u32 out_ifindex;
};
ABI_SIZE(flow6, 72);

/* flow.seen = CLOCK_MONOTONIC_COARSE >> FLOW_TICK_SHIFT: one tick is 1.07 s. */
#define FLOW_TICK_SHIFT 30

/* ---- room4, room6: ARRAY of one struct room. How many entries the flow table still takes. ------- */

/*
 * An LRU that is full evicts what has not been used for a moment: an idle connection rather than the
 * SYN of a flood. So it is kept from filling up. gc counts the entries and writes what is left, the
 * packet programs subtract what they insert, and who is no longer let in is up to them.
 */
struct room {
	__s64 left; /* entries that may be inserted before flows are limited; below 0: they are */
	__u32 reserve; /* entries beyond that, for services that pods and this host ask */
	__u32 rate;  /* flows from outside, per second and CPU, that may come out of the reserve */
	__u32 low;   /* with less left, gc is due, and ends flows early that nobody has taken up */
	__u32 stamp; /* tick of the last gc; 0 = there was none */
};
ABI_SIZE(room, 24);

/* Without gc for so many ticks nobody knows what is left, and nothing is limited. */
#define ROOM_STALE_TICKS 60

/* Entries that a CPU may have inserted without having subtracted them yet. */
#define ROOM_BATCH 32

/* Under pressure: ticks without a packet after which such flows end, if they would not earlier. */
#define ROOM_UNANSWERED_TICKS 5
#define ROOM_CLOSED_TICKS     2

/* Half of the limit used up: likewise for closed flows, which are kept for their source ports' sake. */
#define ROOM_HALF_CLOSED_TICKS 10

/* And for those that one side has closed: 120 s, which is what conntrack gives a FIN that waits. */
#define ROOM_HALF_CLOSING_TICKS 112

/* ---- frags4, frags6: LRU_HASH. Datagrams in fragments, whose first one has come by. ------------- */

/*
 * What the fragments of one datagram have in common. Private to the packet programs.
 */
struct frag4_key {
	__be32 saddr, daddr;
	__u32 ifindex; /* the pod's device at pod_in; 0 = outside, or this host's stack */
	__be16 id;
	__u8 proto;
	__u8 pad;
};
ABI_SIZE(frag4_key, 16);

/* Without the protocol: only the first fragment's header is sure to name it (RFC 8200, section 4.5). */
struct frag6_key {
	struct addr6 saddr, daddr;
	__u32 ifindex;
	__be32 id;
};
ABI_SIZE(frag6_key, 40);

/* What only the first fragment tells. */
struct frag {
	__u32 seen;          /* as flow.seen, when the first fragment came by */
	__be16 sport, dport; /* as in the flow's key */
	__u8 proto;
	__u8 pad[3];
};
ABI_SIZE(frag, 12);

/* Ticks after which receivers give up waiting (RFC 791: 30 s): an older entry is another datagram's. */
#define FRAG_TICKS 28

#endif
