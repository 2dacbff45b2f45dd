// SPDX-License-Identifier: Apache-2.0
/* In place of the uplink programs: counts as 4 … 7. */
#include "fixture.h"

const volatile struct config config;

SEC("tc") int F(uplink_in)(struct __sk_buff *skb)
{
	(void)skb;
	return config.reject_rate ? count(IPV == 4 ? 4 : 5) : -1;
}

SEC("tc") int F(uplink_out)(struct __sk_buff *skb)
{
	(void)skb;
	return config.reject_rate ? count(IPV == 4 ? 6 : 7) : -1;
}
