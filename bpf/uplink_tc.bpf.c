// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A device that leads out of the node.
 *
 *   uplink_in   from outside: NodePort, externalIP, LoadBalancer; replies of remote backends
 *   uplink_out  to outside: services asked by this host itself, replies of its own processes
 */
#include "path.h"

SEC("tc")
int PROGRAM(uplink_in)(struct __sk_buff *skb)
{
	return path_tc(skb, HOOK_UPLINK_IN);
}

SEC("tc")
int PROGRAM(uplink_out)(struct __sk_buff *skb)
{
	return path_tc(skb, HOOK_UPLINK_OUT);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
