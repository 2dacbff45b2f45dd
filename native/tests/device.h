/* SPDX-License-Identifier: Apache-2.0 */
/* What the fixtures' programs on a device have seen. */
#ifndef MILLRACE_TEST_DEVICE_H
#define MILLRACE_TEST_DEVICE_H

#include "support.h"

#define CLSACT WIRE_FEATURE_TCX /* to be done without */

/* Counters of the fixtures. */
enum {
	POD_IN = 0,
	POD_OUT = 2,
	UPLINK_IN = 4,
	UPLINK_OUT = 6,
	UPLINK_XDP = 8, /* on a device that is in tx_ports */
	TRUNK = 12,     /* uplink_xdp, once there is a device with it that is no uplink */
};

/* How many programs of a pair (IPv4 and IPv6) have seen packets, times those packets. */
uint64_t device__seen(const struct dataplane *dp, uint32_t first);

/*
 * Waits until that many have been seen; more are a failure. XDP on a veth makes it receive by NAPI,
 * which may come a moment later.
 */
void device__await(const struct dataplane *dp, uint32_t first, uint64_t packets);

/* How many attachments there are; one of them is in @only. */
size_t device__attachments(struct dataplane *dp, struct wire_attachment *only);

/* There must be exactly this one. */
void device__check(struct dataplane *dp, uint32_t ifindex, enum wire_role role, bool complete);

#endif
