/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of abi.h about NetworkPolicy: who is who, which rules hold for whom, what is told of verdicts.
 *
 * address ─► class (peers, blocks): which peers of rules it is among
 * port ─► port class (port_cells): which ranges of rules it is in
 * pod ─► set (subjects): the rules of one direction, each of them a bit
 * {set, class} and {set, port class} ─► the rules whose peers, whose ports match; the lowest bit in both is the
 * rule that lets the packet through.
 *
 * Ids of classes, port classes and sets are hashes of what they say. So an entry of sets, set_peers and
 * set_ports never changes: another content is another entry, and an agent that starts again finds its own.
 * Included by abi.h alone; the rules of that page hold here.
 */
#ifndef MILLRACE_ABI_POLICY_H
#define MILLRACE_ABI_POLICY_H

/* Rules of a set are 64-bit words of bits; bit i is word i / 64, 1 << i % 64. */
#define POLICY_WORDS 4

/* Sets that one leads to by `next`: 16 × 256 rules for a pod and direction. */
#define POLICY_CHAIN 16

/*
 * Classes of addresses and ports are there twice. A pod's entry says which of the two counts for it, so
 * that the new ones are written beside the old, and take effect with the new sets in one store.
 */
#define POLICY_SIDES 2

/* ---- subjects4, subjects6: HASH address → what holds for the pod of this node that has it. -------- */

/* Its key is struct endpoint4_key or endpoint6_key. Written once the pod's veth has its programs, or at once if
 * the pod would be open until then. */
struct subject {
	__u64 ingress; /* set for connections to it; 0 = not isolated, everybody may */
	__u64 egress;  /* set for connections from it; 0 = not isolated */
	__u32 side;    /* 0 … POLICY_SIDES - 1: which classes these sets speak of */
	__u32 pad;
};
ABI_SIZE(subject, 24);

/* ---- peers4, peers6: HASH address → the class of a pod of the cluster, wherever it runs. ---------- */

/* Its key is struct endpoint4_key or endpoint6_key. What blocks say of the address is in it. */
struct peer {
	__u64 peer_class[POLICY_SIDES]; /* 0 = it is among no rule's peers */
};
ABI_SIZE(peer, 16);

/* ---- blocks4, blocks6: LPM_TRIE. Classes of the addresses that are no pods, by ipBlocks. ---------- */

struct block4_key {
	__u32 prefixlen; /* in bits of this family */
	__be32 addr;
};
ABI_SIZE(block4_key, 8);

struct block6_key {
	__u32 prefixlen;
	struct addr6 addr;
};
ABI_SIZE(block6_key, 20);

/* Its prefixes are all that occur in a cidr or except; the longest one says all about an address. */
struct block {
	__u64 peer_class[POLICY_SIDES];
};
ABI_SIZE(block, 16);

/* ---- port_cells: ARRAY. Port → port class, PORT_CELL ports in each element. ----------------------- */

enum port_proto {
	PORT_TCP = 0,
	PORT_UDP = 1,
	PORT_SCTP = 2,
	PORT_PROTOS = 3,
};

#define PORT_CELL       64
#define PORT_CELL_SHIFT 6
#define PORT_CELLS      1024 /* of a protocol and side */

/* Its index is (side * PORT_PROTOS + enum port_proto) * PORT_CELLS + (port >> PORT_CELL_SHIFT). */
struct port_cell {
	__u32 port_class
		[PORT_CELL]; /* of port (index % PORT_CELLS) * PORT_CELL + i; 0 = in no range */
};
ABI_SIZE(port_cell, 256);

/* ---- sets: HASH id → the rules of one direction of a pod that is isolated in it. ------------------ */

enum policy_set_flag {
	POLICY_SET_AUDIT = 1 << 0, /* what no rule lets through is reported, and let through */
};

struct policy_set_key {
	__u64 id; /* never 0 */
};
ABI_SIZE(policy_set_key, 8);

struct policy_set {
	__u64 any_peer4[POLICY_WORDS]; /* rules for every IPv4 peer, known or not */
	__u64 any_peer6[POLICY_WORDS]; /* likewise IPv6 */
	__u64 any_port
		[POLICY_WORDS]; /* rules for all ports and protocols, those without ports too */
	__u64 next;             /* the set with the rules that follow; 0 = none */
	__u32 flags;            /* enum policy_set_flag, in all sets of a chain alike */
	__u32 pad;
};
ABI_SIZE(policy_set, 112);

/* ---- set_peers: HASH. The rules of a set whose peers a class is among; absent = none. ------------- */

struct set_peer_key {
	__u64 set;
	__u64 peer_class;
};
ABI_SIZE(set_peer_key, 16);

/* ---- set_ports: HASH. The rules of a set whose ports a port class is among; absent = none. -------- */

struct set_port_key {
	__u64 set;
	__u32 port_class;
	__u32 pad;
};
ABI_SIZE(set_port_key, 16);

/* The value of set_peers and set_ports. */
struct rule_bits {
	__u64 word[POLICY_WORDS];
};
ABI_SIZE(rule_bits, 32);

/* ---- guard: ARRAY of one. What holds for all pods of this node. ----------------------------------- */

enum guard_flag {
	GUARD_ON = 1 << 0, /* policies have been in force once: what is not known is closed */
	GUARD_TELL_ALLOWED = 1 << 1,  /* somebody asks for events of what is let through, too */
	GUARD_JUDGE_TO_NODE = 1 << 2, /* egress to this node's own addresses needs a rule (D2) */
	GUARD_ALLOW_SELF =
		1 << 3, /* a pod may reach itself through a service without a rule (D4) */
	GUARD_CHANGING =
		1
		<< 4, /* the agent's own: access may be lost just now, the epoch is to be raised */
};

/* Blocks that the addresses of this node's pods are of; a pod of them without a subject is closed. */
#define GUARD_RANGES 4

struct guard {
	__u32 flags; /* enum guard_flag */
	__u32 epoch; /* never 0: flows of another one are judged again; raised when access may be lost */
	__be32 base4[GUARD_RANGES], mask4[GUARD_RANGES]; /* base with a mask of 0: none */
	struct addr6 base6[GUARD_RANGES], mask6[GUARD_RANGES];
};
ABI_SIZE(guard, 168);

/* ---- events: RINGBUF of struct event. What became of packets, for those who ask. ------------------ */

enum event_kind {
	EVENT_DROPPED = 1, /* the packet was dropped; `reason` says why */
	EVENT_DENIED = 2,  /* likewise, by policy: no rule of `set` lets it through */
	EVENT_ALLOWED =
		3, /* a connection was let through by `rule` of `set`, or needs none (set 0) */
	EVENT_AUDITED = 4, /* would be denied, and was let through: `set` is audited */
};

enum event_direction {
	EVENT_NO_DIRECTION = 0,
	EVENT_EGRESS = 1,
	EVENT_INGRESS = 2,
};

/* `event.rule` where no rule matched. */
#define EVENT_NO_RULE 0xffff

/* At most so many a second and CPU; the burst, too. What is over is counted (COUNTER_EVENTS_LOST). */
#define EVENT_RATE 1000

/* Addresses of IPv4 are written as IPv4-mapped IPv6 ones (::ffff:a.b.c.d). */
struct event {
	__u64 ns;  /* CLOCK_MONOTONIC */
	__u64 set; /* the set that decided, in a chain the one with the rule; 0 = none */
	struct addr6 client, server; /* who opens, and whom he means: after DNAT, before SNAT */
	struct addr6 frontend; /* what the packet was sent to; as `server` without a service */
	__be16 client_port, server_port,
		frontend_port; /* 0 for protocols without; echo: identifier */
	__u16 rule;            /* bit in the set, or EVENT_NO_RULE */
	__u32 svc;             /* svc.id if translated, else 0 */
	__u32 ifindex;         /* device of the hook */
	__u32 bytes;           /* of the packet */
	__u8 proto;            /* IPPROTO_* */
	__u8 kind;             /* enum event_kind */
	__u8 reason;           /* enum drop_reason, 0 for what was let through */
	__u8 direction; /* enum event_direction: whose set it is, the client's or the server's */
};
ABI_SIZE(event, 88);

#endif
