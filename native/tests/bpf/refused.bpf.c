// SPDX-License-Identifier: Apache-2.0
/* A program that the verifier refuses: it writes through a pointer that may be NULL. */
#define IPV 4
#include "fixture.h"

SEC("tc") int pod_in4(struct __sk_buff *skb)
{
	struct svc4_key key = {};
	struct svc *found = bpf_map_lookup_elem(&svcs4, &key);

	(void)skb;
	found->id = 1;
	return -1;
}

SEC("tc") int pod_out4(struct __sk_buff *skb)
{
	return (int)skb->len;
}
