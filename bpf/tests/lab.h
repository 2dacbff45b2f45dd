/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The node that the fixtures play on: a network namespace of the test process with devices,
 * addresses, routes and permanent neighbours, so that bpf_fib_lookup answers. Nothing outside of
 * the namespace is touched, and it goes away with the process.
 *
 *	 CLIENT, WORLD ── GW ─┐                        ┌─ PODA  POD_A
 *	 FAR_POD ── PEER_NODE ┼─ UP0 ┌──────────┐ ─────┼─ PODB  POD_B
 *	           SILENT (?) ┘      │   NODE   │      └─ PODC  POD_C
 *	 SIDE_POD ── SIDE_NODE ─ UP1 └──────────┘      (UP1 takes 9000 bytes, all others 1500)
 *	                       TRUNK                   has no address and leads nowhere
 */
#ifndef MILLRACE_TESTS_LAB_H
#define MILLRACE_TESTS_LAB_H

#include "pkt.h"

/* Devices; the value is the ifindex. */
enum {
	UP0 = 10,
	UP1 = 11,
	TRUNK = 12,
	PODA = 20,
	PODB = 21,
	PODC = 22,
};

/* Everyone who has an address. */
enum host {
	NOBODY,
	NODE,      /* this node, on UP0 */
	NODE_1,    /* this node, on UP1 */
	GW,        /* default router, on UP0 */
	PEER_NODE, /* another node, on UP0 */
	SIDE_NODE, /* another node, on UP1 */
	CLIENT,    /* outside, behind GW */
	CLIENT_2,
	WORLD, /* a backend outside of the cluster, behind GW */
	POD_A,
	POD_B,
	POD_C,
	FAR_POD, /* a pod of PEER_NODE */
	FAR_POD_2,
	SIDE_POD, /* a pod of SIDE_NODE */
	SILENT,   /* a pod behind a router that has not been resolved */
	LOST,     /* an unreachable route */
	VIP,      /* ClusterIPs */
	VIP_2,
	EXT_IP,  /* an externalIP */
	LB_IP,   /* a LoadBalancer VIP */
	BRIDGED, /* a pod of this node whose device is not known; routed by PODC */
	LINK_A,  /* addresses of the link, of POD_A and BRIDGED */
	LINK_B,
	GROUP,   /* of the link */
	ANYBODY, /* whom a DHCP client asks */
	HOST_MAX,
};

struct addr addr_of(int family, enum host host);
const char *host_name(enum host host);

/* The address of a device, and of the machine at its other end that the packet goes to. */
struct mac dev_mac(uint32_t ifindex);
struct mac host_mac(enum host host);

/* Enters a new network namespace and builds the lab in it. 0, or -1 after a message. */
int lab_open(void);

#endif
