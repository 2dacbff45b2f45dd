/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of abi.h about the node: who has which address, its devices, their VLANs and next hops.
 * Included by abi.h alone; the rules of that page hold here.
 */
#ifndef MILLRACE_ABI_NODE_H
#define MILLRACE_ABI_NODE_H

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

#endif
