/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of abi.h about services: frontends, their backends, rings, session affinity and source ranges.
 * Included by abi.h alone; the rules of that page hold here.
 */
#ifndef MILLRACE_ABI_SERVICE_H
#define MILLRACE_ABI_SERVICE_H

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

/* ---- serving: ARRAY of __u32. Who serves services on this node; see serving.h. ------------------ */

enum serving {
	SERVING_HELD = 0,    /* enum serving_hold */
	SERVING_ADOPTED = 1, /* enum serving_adopted */
	SERVING_MAX,
};

/* Why new connections to services are left to somebody else. */
enum serving_hold {
	HOLD_NONE = 0,  /* they are not: we serve */
	HOLD_START = 1, /* our programs do not stand everywhere yet */
	HOLD_BACK = 2,  /* handed back, until somebody says otherwise */
};

/* Which adopted flows may be under way. */
enum serving_adopted {
	ADOPTED_NONE = 0,
	ADOPTED_SOME = 1,
	ADOPTED_UDP = 2, /* of UDP as well, which may be of sockets that have no peer */
};

#endif
