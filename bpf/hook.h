/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a program stands, and what the steps of its path say to each other. */
#ifndef MILLRACE_HOOK_H
#define MILLRACE_HOOK_H

#include "family.h"

enum hook {
	HOOK_POD_IN,     /* tc ingress of a pod's veth: from the pod */
	HOOK_POD_OUT,    /* tc egress of a pod's veth: to the pod */
	HOOK_UPLINK_IN,  /* tc ingress of an uplink: from outside */
	HOOK_UPLINK_OUT, /* tc egress of an uplink: to outside */
	HOOK_SOCKET,     /* cgroup: a call of a pod or of this host, before there is any packet */
};

/* skb->pkt_type, from linux/if_packet.h, which user headers cannot be mixed with here. */
#define PACKET_HOST_      0
#define PACKET_OTHERHOST_ 3

/* What a step of the path may say besides a tc action. */
#define PATH_DELIVER 100 /* deliver the packet as the flow says */
#define PATH_REMAP   101 /* the flow needs another source port first */
#define PATH_SEND    102 /* the packet has been rewritten as the flow says: send it */
#define PATH_DIRECT  103 /* a plain packet that passes the stack by */
#define PATH_LOOSE   104 /* it belongs to no flow, and goes on as it is if policies let it */
#define PATH_ANEW    106 /* its entry has made way */
#define PATH_JUDGE   105 /* policies have changed since the packet's flow was judged */

static __always_inline bool hook_is_ingress(enum hook hook)
{
	return hook == HOOK_POD_IN || hook == HOOK_UPLINK_IN;
}

#endif
