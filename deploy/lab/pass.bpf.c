// SPDX-License-Identifier: Apache-2.0
/* XDP that lets everything through: it makes a veth receive what XDP on its peer sends back. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp.frags") int pass(struct xdp_md *xdp)
{
	(void)xdp;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Apache-2.0";
