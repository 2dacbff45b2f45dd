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

/* An IPv6 address, network byte order. */
struct addr6 {
	__be32 w[4];
};
ABI_SIZE(addr6, 16);

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

/* ---- svcs4, svcs6: HASH. Frontends. ------------------------------------------------------------ */

/*
 * A frontend: ClusterIP, externalIP, LoadBalancer VIP, or node address with a nodePort.
 * port 0 and proto 0: the address as such, found when no port matches (SVC_ADDRESS).
 */
struct svc4_key {
	__be32 addr;
	__be16 port;
	__u8 proto;
	__u8 pad;
};
ABI_SIZE(svc4_key, 8);

struct svc6_key {
	struct addr6 addr;
	__be16 port;
	__u8 proto;
	__u8 pad;
};
ABI_SIZE(svc6_key, 20);

enum svc_algo {
	SVC_ALGO_RANDOM = 0, /* a uniformly random slot per flow */
	SVC_ALGO_MAGLEV =
		1, /* outside clients: the slot of `ring` that the flow's hash names, on all
			      * nodes the same; pods and this host: random. Never with SVC_LOCAL…,
			      * as each node has its own Local set */
};

enum svc_flag {
	SVC_ADDRESS = 1 << 0,        /* an address-only entry: unknown port of a service address */
	SVC_REJECT = 1 << 1,         /* with SVC_ADDRESS: reject (ClusterIP), else leave it alone */
	SVC_LOCAL = 1 << 2,          /* internalTrafficPolicy Local: always the local set */
	SVC_LOCAL_EXTERNAL = 1 << 3, /* externalTrafficPolicy Local: the local set for outside
				      * clients, the cluster set for pods and this host (S-071, S-072) */
	SVC_SOCKET = 1 << 4, /* a loopback address with a nodePort: for sockets of this host;
				      * packets do not find it (S-093 … S-095) */
};

/* A run in slots: of backend ids slots[base] … slots[base + count - 1]. base 0 if it is empty. */
struct slots {
	__u32 base, count;
};
ABI_SIZE(slots, 8);

struct svc {
	__u32 id;   /* names the ServicePort, the same for all its frontends; never 0 but for
			     * SVC_ADDRESS entries */
	__u8 algo;  /* enum svc_algo */
	__u8 flags; /* enum svc_flag */
	__u16 pad;
	__u32 affinity_s;   /* session affinity timeout in seconds; 0 = none */
	struct slots all;   /* the Cluster set; empty = no endpoint anywhere: reject */
	struct slots local; /* the Local set; empty while `all` is not: drop */
	struct slots ring;  /* SVC_ALGO_MAGLEV: count is that of its places, see below */
	__u32 ranges;       /* list in ranges4 or ranges6 of who may ask; 0 = everybody */
};
ABI_SIZE(svc, 40);

/*
 * The place of a flow from outside is hash % ring.count, where the hash is MurmurHash3 (32 bit) with
 * this seed over flow4_key or flow6_key, taken as big-endian words. With session affinity all of the
 * key but saddr is zero, so that a client has one place. All nodes must agree on it, whatever their
 * kernel, byte order and version: changing it moves flows while nodes are upgraded.
 */
#define RING_HASH_SEED 0

/*
 * What stands in a place is n for slots[all.base + n - 1], and 0 if it was not written. Places are of 8
 * bits where `all` has up to RING_BYTE_MAX backends, else of 16, and lie in the slots from ring.base
 * on, 8 or 4 in each, the first in its lowest bits.
 */
#define RING_BYTE_MAX   255
#define RING_BYTE_SHIFT 3
#define RING_WORD_MAX   65535
#define RING_WORD_SHIFT 2

/*
 * ---- slots: ARRAY of __u64, mmapable. An arena of runs, of backend ids or of a ring's places. 0 = not
 * written. The kernel pads the elements of an array to 8 bytes, so smaller ones would save nothing.
 */

/* ---- backends4, backends6: ARRAY. Index = backend id; id 0 is reserved and means none. --------- */

enum backend_flag {
	BACKEND_ACTIVE =
		1 << 0, /* in use; absent = removed: UDP flows re-steer, others go on. The rest
				   * of the entry stays until nobody can be on the way to it, then
				   * svc is 0 and gen is raised: free */
	BACKEND_LOCAL = 1 << 1,   /* runs on this node (endpoint.nodeName is ours) */
	BACKEND_CLUSTER = 1 << 2, /* inside the cluster CIDR or a node address: reached without the
				   * host's masquerading, so the stack may be bypassed */
	/* Of ServicePorts with session affinity only. */
	BACKEND_CHOSEN = 1 << 3,       /* in the Cluster set of its ServicePort */
	BACKEND_CHOSEN_LOCAL = 1 << 4, /* in the Local set */
	/* Reserved: nobody sets it yet. */
	BACKEND_LEAVING = 1 << 5, /* in neither any more, and removed in a moment */
};

struct backend4 {
	__be32 addr;
	__be16 port;
	__u8 proto; /* as its ServicePort */
	__u8 flags; /* enum backend_flag */
	__u32 svc;  /* svc.id of the one ServicePort it belongs to */
	__u16 gen;  /* raised when the id is freed; survives in the freed entry */
	__u16 pad;
};
ABI_SIZE(backend4, 16);

struct backend6 {
	struct addr6 addr;
	__be16 port;
	__u8 proto;
	__u8 flags;
	__u32 svc;
	__u16 gen;
	__u16 pad;
};
ABI_SIZE(backend6, 28);

/* ---- affinity4, affinity6: LRU_HASH. Where clients of ServicePorts with session affinity went last. */

/* Private to the programs. All frontends of a ServicePort share the records of its clients (S-150). */
struct affinity4_key {
	__u32 svc;   /* svc.id */
	__be32 addr; /* of the client; of this host's sockets the node's primary one */
};
ABI_SIZE(affinity4_key, 8);

struct affinity6_key {
	__u32 svc;
	struct addr6 addr;
};
ABI_SIZE(affinity6_key, 20);

/*
 * Counts for svc.affinity_s after the client's last new connection, while the backend is of this
 * generation and in the set that is asked for.
 */
struct affinity {
	__u32 backend; /* index into backends4 or backends6 */
	__u16 gen;     /* backend4.gen when it was chosen */
	__u16 pad;
	__u32 seen; /* as flow.seen, when a connection was opened last (S-152) */
};
ABI_SIZE(affinity, 12);

/* ---- endpoints4, endpoints6: HASH address → who has it on this node. --------------------------- */

enum endpoint_flag {
	ENDPOINT_POD = 1 << 0,  /* a pod of this node */
	ENDPOINT_HOST = 1 << 1, /* an address of this node itself (hostNetwork pods included) */
};

struct endpoint4_key {
	__be32 addr;
};
ABI_SIZE(endpoint4_key, 4);

struct endpoint6_key {
	struct addr6 addr;
};
ABI_SIZE(endpoint6_key, 16);

struct endpoint {
	__u32 ifindex; /* host side of the pod's veth; 0 = not known (bridge), ask the FIB */
	__u32 flags;   /* enum endpoint_flag */
};
ABI_SIZE(endpoint, 8);

/* ---- cluster4, cluster6: LPM_TRIE. The blocks that the cluster's pods have their addresses of. -- */

struct cluster4_key {
	__u32 prefixlen; /* in bits of this family */
	__be32 addr;
};
ABI_SIZE(cluster4_key, 8);

struct cluster6_key {
	__u32 prefixlen;
	struct addr6 addr;
};
ABI_SIZE(cluster6_key, 20);

struct cluster {
	__u32 inside; /* 1 */
};
ABI_SIZE(cluster, 4);

/* ---- ranges4, ranges6: LPM_TRIE. Lists of blocks: who may ask a frontend (svc.ranges). ---------- */

/* A list never changes while a frontend names it: another content is another list. */
struct range4_key {
	__u32 prefixlen; /* RANGE_LIST_BITS and those of the block */
	__u32 list;      /* never 0 */
	__be32 addr;
};
ABI_SIZE(range4_key, 12);

struct range6_key {
	__u32 prefixlen;
	__u32 list;
	struct addr6 addr;
};
ABI_SIZE(range6_key, 24);

/* A key is compared from its beginning, and always with the whole of its list. */
#define RANGE_LIST_BITS 32

struct range {
	__u32 inside; /* 1 */
};
ABI_SIZE(range, 4);

/* ---- devs: HASH ifindex → device. Key 0 holds the node's primary addresses. -------------------- */

enum dev_role {
	DEV_NODE = 0, /* the entry with key 0 */
	DEV_UPLINK = 1,
	DEV_POD = 2,
	DEV_OTHER =
		3, /* neither, and no bridge of pods: what comes by it is no pod's of this node */
};

enum dev_flag {
	DEV_OWNED =
		1 << 0, /* with DEV_POD: endpoints name it, and so all that its pod may send from */
};

struct dev_key {
	__u32 ifindex;
};
ABI_SIZE(dev_key, 4);

struct dev {
	__be32 addr4;       /* SNAT source for what leaves by this device; 0 = use key 0's */
	struct addr6 addr6; /* likewise */
	__u8 mac[6];
	__u8 role;  /* enum dev_role */
	__u8 flags; /* enum dev_flag */
};
ABI_SIZE(dev, 28);

/* ---- vlans: HASH. What a tag means to XDP, which sees frames before the kernel takes tags off. ---- */

/*
 * {device, VLAN id} → the uplink whose frames come in there with that tag; {that uplink, 0} → the
 * device below it and the tag that its frames leave with. A bond's frames come in by its members.
 */
struct vlan_key {
	__u32 ifindex;
	__u16 vid; /* 1 … 4094, 0 = the question for the way out */
	__u16 pad;
};
ABI_SIZE(vlan_key, 8);

struct vlan {
	__u32 ifindex;
	__u16 vid;
	__u16 pad;
};
ABI_SIZE(vlan, 8);

/* ---- next_hops: ARRAY by hash. When a neighbour was last used as the kernel would; see next_hop.h. */

#define NEXT_HOPS 1024

struct next_hop {
	__u32 seen;   /* tick when that was, or when a packet was first sent there; 0 = never */
	__u32 wanted; /* 1 = XDP has let a packet go up that is to be sent so */
};
ABI_SIZE(next_hop, 8);

/* ---- socks4, socks6: LRU_HASH. What the socket programs have translated for UDP, by socket. ----- */

enum sock_kind {
	SOCK_REVERSE = 1, /* key: a backend; value: the frontend that the socket has asked for */
	SOCK_FORWARD =
		2, /* key: a frontend; value: the backend that datagrams of an unconnected UDP
			   * socket to it go to */
};

enum sock_flag {
	SOCK_CONNECTED = 1 << 0, /* made by connect: the socket knows no other peer */
};

struct sock4_key {
	__u64 cookie; /* of the socket */
	__be32 addr;
	__be16 port;
	__u8 kind; /* enum sock_kind */
	__u8 pad;
};
ABI_SIZE(sock4_key, 16);

struct sock6_key {
	__u64 cookie;
	struct addr6 addr;
	__be16 port;
	__u8 kind;
	__u8 pad[5];
};
ABI_SIZE(sock6_key, 32);

struct sock4 {
	__be32 addr;
	__be16 port;
	__u16 backend_gen; /* backend4.gen when it was chosen */
	__u32 backend;     /* index into backends4 */
	__u32 svc;         /* svc.id */
	__u8 proto;        /* IPPROTO_UDP */
	__u8 flags;        /* enum sock_flag */
	__u16 pad;
};
ABI_SIZE(sock4, 20);

struct sock6 {
	struct addr6 addr;
	__be16 port;
	__u16 backend_gen;
	__u32 backend;
	__u32 svc;
	__u8 proto;
	__u8 flags;
	__u16 pad;
};
ABI_SIZE(sock6, 32);

/* ---- sock_last4, sock_last6: SK_STORAGE. What a socket was led to last: what to take out of socks4 or
 * socks6 for a UDP one, the name of the peer of a TCP one whose place in sock_tcp is another's. All zero:
 * nothing. ---------------------------------------------------------------------------------------- */

struct sock4_last {
	__be32 addr, backend_addr; /* of the frontend; of the backend */
	__be16 port, backend_port;
};
ABI_SIZE(sock4_last, 12);

struct sock6_last {
	struct addr6 addr, backend_addr;
	__be16 port, backend_port;
};
ABI_SIZE(sock6_last, 36);

/* ---- sock_tcp4, sock_tcp6: ARRAY by socket cookie % SOCK_TCP_PLACES. What TCP sockets were led to. - */

#define SOCK_TCP_PLACES 65536

struct sock4_tcp {
	__u64 cookie; /* whose place it is until he is closed; 0 = nobody's */
	struct sock4_last last;
	__u32 pad;
};
ABI_SIZE(sock4_tcp, 24);

struct sock6_tcp {
	__u64 cookie;
	struct sock6_last last;
	__u32 pad;
};
ABI_SIZE(sock6_tcp, 48);

/* ---- sock_off: HASH. Network namespaces whose sockets are left alone: pods that must see the VIP. */

struct sock_off_key {
	__u64 netns; /* SO_NETNS_COOKIE */
};
ABI_SIZE(sock_off_key, 8);

struct sock_off {
	__u32 off; /* 1 */
};
ABI_SIZE(sock_off, 4);

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
	COUNTER_MAX,
};

/* Source ports tried before DROP_SNAT_EXHAUSTED. */
#define SNAT_TRIES 32

#include "abi_policy.h"
#include "abi_trace.h"

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
