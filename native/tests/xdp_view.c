// SPDX-License-Identifier: Apache-2.0
#include "xdp_view.h"

#include <bpf/bpf.h>

#include "device.h"

struct bpf_xdp_query_opts xdp_view__programs(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, there);

	CHECK_EQ(bpf_xdp_query((int)ifindex, 0, &there), 0);
	return there;
}

bool xdp_view__is_port(uint32_t ifindex)
{
	_cleanup_fd_ int ports = bpf_obj_get("/sys/fs/bpf/pins/maps/tx_ports_v1");
	uint32_t value = 0;

	CHECK(ports >= 0);
	return !bpf_map_lookup_elem(ports, &ifindex, &value) && value == ifindex;
}

void xdp_view__check_nothing(struct dataplane *dp, uint32_t ifindex)
{
	struct bpf_xdp_query_opts there = xdp_view__programs(ifindex);
	struct wire_attachment none;
	char pin[64];

	CHECK_EQ(device__attachments(dp, &none), 0);
	snprintf(pin, sizeof(pin), XDP_LINK_PIN, ifindex);
	CHECK_EQ(there.drv_prog_id, 0);
	CHECK_EQ(there.skb_prog_id, 0);
	CHECK(access(pin, F_OK));
	CHECK(!xdp_view__is_port(ifindex));
}
