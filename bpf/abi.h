/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one definition of everything that crosses the kernel boundary: keys, values, enums, counters.
 *
 * Included by the BPF programs and by native/; the Java accessors are generated from its BTF at
 * build time, and the hash of that BTF is stamped into every artifact, so two sides built from
 * different versions of this page refuse to talk to each other.
 *
 * Rules of the page:
 *  - __be16/__be32 and struct addr6 are in network byte order, all else in host byte order.
 *  - Padding is explicit, named pad*, and always zero: keys are compared as bytes.
 *  - Every struct asserts its size. A changed layout is a new map version (ABI_MAPS below).
 *  - Entries are replaced, not edited. Exceptions: seen, state, flags and the ifindexes of a flow.
 */
#ifndef MILLRACE_ABI_H
#define MILLRACE_ABI_H

#include <linux/types.h>

#define ABI_SIZE(type, size)                                                                       \
	_Static_assert(sizeof(struct type) == (size), #type " changed size: bump its map version")

/*
 * Map versions: the pin of a map is "<name>_v<version>". Bump when the layout or the meaning of a
 * key or value changes.
 */
#define ABI_FLOWS_VERSION     1
#define ABI_SVCS_VERSION      4
#define ABI_SLOTS_VERSION     3
#define ABI_BACKENDS_VERSION  1
#define ABI_AFFINITY_VERSION  1
#define ABI_ENDPOINTS_VERSION 1
#define ABI_DEVS_VERSION      1
#define ABI_COUNTERS_VERSION  1
#define ABI_FRAGS_VERSION     1
#define ABI_SOCKS_VERSION     1
#define ABI_ROOM_VERSION      1
#define ABI_TX_PORTS_VERSION  1
#define ABI_VLANS_VERSION     1
#define ABI_CLUSTER_VERSION   1
#define ABI_RANGES_VERSION    1
#define ABI_POLICY_VERSION    1
#define ABI_NEXT_HOPS_VERSION 1
#define ABI_SERVING_VERSION   1

/* An IPv6 address, network byte order. */
struct addr6 {
	__be32 w[4];
};
ABI_SIZE(addr6, 16);

#include "abi_flow.h"
#include "abi_node.h"
#include "abi_policy.h"
#include "abi_service.h"
#include "abi_sock.h"
#include "abi_trace.h"

/* ---- drops: PERCPU_ARRAY indexed by enum drop_reason. ------------------------------------------ */

/* Why a packet was dropped. `millrace drops` prints the name without DROP_, in lower case. */
enum drop_reason {
	DROP_NONE = 0,
	DROP_MALFORMED,         /* headers cut short or contradicting each other, to a ClusterIP */
	DROP_FRAGMENT,          /* an IP fragment to a ClusterIP, and the first one of its datagram,
				 * which alone has the ports, did not come before it; or the
				 * first one of an SCTP packet whose ports would change */
	DROP_EXT_HEADERS,       /* more than six IPv6 extension headers, to a ClusterIP */
	DROP_UNKNOWN_PROTOCOL,  /* neither TCP, UDP, SCTP nor ICMP, to a ClusterIP */
	DROP_CHECKSUM_ZERO,     /* UDP over IPv6 without a checksum, to a service */
	DROP_NO_ENDPOINT,       /* no endpoint anywhere, answered with ICMP port unreachable */
	DROP_UNKNOWN_PORT,      /* unknown port of a ClusterIP, answered likewise */
	DROP_REJECT_LIMIT,      /* as the two above, but over the rate of answers */
	DROP_NO_LOCAL_ENDPOINT, /* traffic policy Local, endpoints elsewhere only (S-050…S-053) */
	DROP_BACKEND_INVALID,   /* a slot that names no active backend of the right service */
	DROP_NO_FLOW,           /* TCP or SCTP to a service, neither SYN or INIT nor a known flow */
	DROP_SNAT_EXHAUSTED,    /* no free source port after SNAT_TRIES tries */
	DROP_SNAT_ADDRESS,      /* no address of this family to translate the source to */
	DROP_FLOW_INSERT,       /* the flow table refused the entry */
	DROP_WRONG_DEVICE,      /* a pod sent a packet that belongs to another device's flow */
	DROP_NO_ROUTE,          /* the FIB has no way to the backend or client */
	DROP_TTL,               /* TTL or hop limit spent on a translated packet */
	DROP_HOST_LOOP,         /* this host to its own address through a service: needs the socket
				 * hooks */
	DROP_REWRITE,           /* the packet could not be written */
	DROP_FLOW_LIMIT,        /* the flow table has no room for another flow; see struct room */
	DROP_SOURCE_RANGE,      /* not of those who may ask this load balancer address (S-112) */
	DROP_POLICY_EGRESS,     /* no rule lets the pod that sends reach this peer and port */
	DROP_POLICY_INGRESS, /* no rule of the pod that it is for lets this peer reach this port */
	DROP_UNGUARDED,      /* from or to an address of this node's pods whose policies are not in
			      * force yet */
	DROP_SPOOFED,        /* a pod sent from an address that is not its own */
	DROP_TAGGED,         /* a pod sent a frame with a VLAN tag, in which policies see nothing */
	DROP_REASON_MAX,
};

struct drop_count {
	__u64 packets;
	__u64 bytes;
};
ABI_SIZE(drop_count, 16);

/* ---- counters: PERCPU_ARRAY of __u64 indexed by enum counter. ---------------------------------- */

enum counter {
	COUNTER_TRANSLATED = 0,  /* packets rewritten */
	COUNTER_FLOWS_CREATED,   /* pairs inserted for services */
	COUNTER_FLOWS_PLAIN,     /* pairs inserted without translation */
	COUNTER_FLOWS_MIDFLOW,   /* of these, begun by TCP other than SYN, SCTP other than INIT */
	COUNTER_FLOWS_HEALED,    /* missing halves inserted again */
	COUNTER_FLOWS_RESTEERED, /* flows moved because their backend is gone */
	COUNTER_SNAT_TRIES,      /* source ports of the range found taken */
	COUNTER_PORTS_REMAPPED, /* flows whose source port was taken by another flow to the backend */
	COUNTER_REJECTS_SENT,   /* ICMP port unreachable sent */
	COUNTER_NEIGHBOUR_MISSES,  /* packets handed to neighbour resolution */
	COUNTER_SOCKETS_CONNECTED, /* connects led to a backend */
	COUNTER_SOCKETS_SENT,      /* unconnected UDP sockets given a backend for a frontend */
	COUNTER_SOCKETS_RESTEERED, /* of these, because the one before is gone */
	COUNTER_SOCKETS_REFUSED, /* connects refused: no endpoint, or unknown port of a ClusterIP */
	COUNTER_PLAIN_UNTRACKED, /* plain packets let through without an entry, for want of room */
	COUNTER_PLAIN_DIRECT,    /* plain packets that passed this host's stack by */
	COUNTER_AFFINITY_KEPT,   /* new flows and sockets led to where their client went last */
	COUNTER_NEIGHBOURS_USED, /* packets sent by way of the neighbour layer to keep the neighbour */
	COUNTER_POLICY_AUDITED,  /* connections let through that audited policies would deny */
	COUNTER_POLICY_REJUDGED, /* flows judged again, since policies have changed */
	COUNTER_EVENTS_LOST,     /* events not told: over the rate, or nobody read them in time */
	COUNTER_SERVICES_HELD,   /* pairs inserted for services that are left to somebody else */
	COUNTER_MAX,
};

/* Source ports tried before DROP_SNAT_EXHAUSTED. */
#define SNAT_TRIES 32

/* ---- config: rodata of every packet program, written by the loader before load. ---------------- */

enum config_flag {
	CONFIG_SET_RETVAL = 1 << 0, /* bpf_set_retval works at the socket hooks (Linux 6.1) */
	CONFIG_DIRECT = 1 << 1,     /* established flows between pods pass this host's stack by */
};

struct config {
	__u16 snat_port_min, snat_port_max; /* inclusive, host byte order */
	__u32 reject_rate;                  /* rejects per second and CPU; also the burst */
	__u64 host_cookie; /* SO_NETNS_COOKIE of this node's namespace, 0 = not known */
	__u32 flags;       /* enum config_flag */
	__u32 pad;
};
ABI_SIZE(config, 24);

/* ---- gc: context of the syscall program gc4/gc6. ----------------------------------------------- */

enum flow_timeout {
	TIMEOUT_TCP_NEW = 0,
	TIMEOUT_TCP_ESTABLISHED,
	TIMEOUT_TCP_CLOSING,
	TIMEOUT_TCP_CLOSED,
	TIMEOUT_UDP_NEW,
	TIMEOUT_UDP_ESTABLISHED,
	TIMEOUT_ICMP,
	TIMEOUT_MAX,
};

struct gc_args {
	__u32 timeout[TIMEOUT_MAX]; /* in: ticks without a packet in either direction */
	__u32 limit;                /* in: entries up to which everybody may insert */
	__u32 reserve, rate, low;   /* in: of struct room */
	__u32 pressure;             /* out: 1 = less than `low` was left, and flows ended early */
	__u32 oldest;               /* out: ticks since the last packet of the idlest kept entry */
	__u64 scanned;              /* out: entries looked at */
	__u64 live;                 /* out: entries kept */
	__u64 expired;              /* out: entries deleted with their other half */
	__u64 orphans;              /* out: entries deleted alone, the other half was evicted */
	__s64 left;                 /* out: room.left afterwards */
};
ABI_SIZE(gc_args, 96);

#endif
