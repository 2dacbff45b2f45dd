// SPDX-License-Identifier: Apache-2.0
#include "xdp_view.h"

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <bpf/bpf.h>

#include "device.h"

int xdp_view__pass(void)
{
	static const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "foreign", "GPL", pass, ARRAY_SIZE(pass), NULL);

	CHECK(fd >= 0);
	return fd;
}

void xdp_view__poll(const char *device, bool on)
{
	_cleanup_fd_ int pass = on ? xdp_view__pass() : -1;

	CHECK_EQ(bpf_xdp_attach((int)if_nametoindex(device), pass, XDP_FLAGS_DRV_MODE, NULL), 0);
	/* Attaching has turned GRO on, which polls as well, and stays. */
	if (!on)
		test__shell("ethtool -K %s gro off", device);
}

uint32_t xdp_view__uplink(void)
{
	uint32_t ifindex = test__veth("up0", "eth0");

	xdp_view__poll("eth0", true);
	return ifindex;
}

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
