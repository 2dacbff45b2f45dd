// SPDX-License-Identifier: Apache-2.0
/* An XDP program that the verifier refuses: it reads beyond the packet. */
#define IPV 4
#include "fixture.h"

SEC("xdp") int uplink_xdp(struct xdp_md *ctx)
{
	return *(int *)(long)ctx->data;
}
