// SPDX-License-Identifier: Apache-2.0
/* In place of the pod programs: counts what comes in as 0 (IPv4) or 1 (IPv6), what goes out as 2, 3. */
#include "fixture.h"

const volatile struct config config;

SEC("tc") int F(pod_in)(struct __sk_buff *skb)
{
	(void)skb;
	return config.reject_rate ? count(IPV == 4 ? 0 : 1) : -1;
}

SEC("tc") int F(pod_out)(struct __sk_buff *skb)
{
	(void)skb;
	return config.reject_rate ? count(IPV == 4 ? 2 : 3) : -1;
}
