// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The host side of a pod's veth. One program for all pods: who the pod is stands in the maps.
 *
 *   pod_in   from the pod: services are translated here, replies of the pod translated back
 *   pod_out  to the pod, from the stack: replies that went by the stack are translated back
 */
#include "path.h"

SEC("tc")
int PROGRAM(pod_in)(struct __sk_buff *skb)
{
	return path_tc(skb, HOOK_POD_IN);
}

SEC("tc")
int PROGRAM(pod_out)(struct __sk_buff *skb)
{
	return path_tc(skb, HOOK_POD_OUT);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
