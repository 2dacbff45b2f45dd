// SPDX-License-Identifier: Apache-2.0
/* Where the XDP program cannot stand: what is said, and that nothing stays behind. */
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <bpf/bpf.h>

#include "device.h"
#include "fault.h"
#include "log.h"
#include "offload.h"
#include "xdp_view.h"

/* Refused while somebody else's program stands there in @mode, and taken once it has gone. */
static void check_busy(uint32_t mode, int err, const char *text)
{
	uint32_t ifindex = test__veth("up0", "eth0"), id;
	struct dataplane *dp = test__open(bpffs, 0);
	_cleanup_fd_ int foreign = xdp_view__pass();
	char named[32];

	CHECK_EQ(bpf_xdp_attach((int)ifindex, foreign, mode, NULL), 0);
	id = xdp_view__programs(ifindex).prog_id;
	log__reset();
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), err);
	CHECK(strstr(log__text(), "somebody else"));
	snprintf(named, sizeof(named), "(id %u, ", id);
	CHECK(strstr(log__text(), named));
	CHECK(strstr(log__text(), text));
	CHECK_EQ(xdp_view__programs(ifindex).prog_id, id);
	CHECK(!xdp_view__is_port(ifindex));
	CHECK_EQ(bpf_xdp_detach((int)ifindex, mode, NULL), 0);
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	dataplane__free(dp);
}

static void a_program_of_somebody_else_stays(void)
{
	check_busy(XDP_FLAGS_DRV_MODE, -EBUSY, "native mode");
}

static void a_generic_program_of_somebody_else_stays(void)
{
	check_busy(XDP_FLAGS_SKB_MODE, -EEXIST, "generic mode");
}

static void a_driver_without_xdp_is_named_and_gets_no_generic_one(void)
{
	struct dataplane *dp = test__open(bpffs, 0);
	uint32_t lo = if_nametoindex("lo");

	CHECK_EQ(dataplane__attach_xdp(dp, lo, 0), -EOPNOTSUPP);
	CHECK(strstr(log__text(), "driver has no native XDP"));
	xdp_view__check_nothing(dp, lo);
	dataplane__free(dp);
}

static void too_large_an_mtu_is_named(void)
{
	uint32_t ifindex = test__veth("up0", "eth0");
	struct dataplane *dp = test__open(bpffs, 0);

	test__shell("ip link set eth0 mtu 9000");
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), -ERANGE);
	CHECK(strstr(log__text(), "MTU"));
	xdp_view__check_nothing(dp, ifindex);
	test__shell("ip link set eth0 mtu 1500");
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	dataplane__free(dp);
}

/* A tag that is taken off before XDP makes a frame of a VLAN one of the untagged network. */
static void a_device_that_strips_tags_is_named_and_left(void)
{
	uint32_t ifindex = xdp_view__uplink();
	struct dataplane *dp = test__open(bpffs, 0);

	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	log__reset();
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, WIRE_XDP_TAGS), -EOPNOTSUPP);
	CHECK(strstr(log__text(), "up0 strips VLAN tags before XDP; ethtool -K up0 rxvlan off"));
	xdp_view__check_nothing(dp, ifindex);
	test__shell("ethtool -K up0 rxvlan off");
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, WIRE_XDP_TAGS), 0);
	CHECK(xdp_view__is_port(ifindex));
	test__shell("ethtool -K up0 rxvlan on");
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, WIRE_XDP_TAGS), -EOPNOTSUPP);
	xdp_view__check_nothing(dp, ifindex);
	dataplane__free(dp);
}

/* It is the members that receive; the setting of what they are members of says nothing. */
static void the_members_of_a_device_are_asked_in_its_place(void)
{
	uint32_t master;

	test__veth("up0", "eth0");
	test__shell("ip link add br0 type bridge && ip link set up0 master br0");
	master = if_nametoindex("br0");
	log__reset();
	CHECK_EQ(offload__keeps_tags(master), -EOPNOTSUPP);
	CHECK(strstr(log__text(), "ethtool -K up0 rxvlan off"));
	test__shell("ethtool -K up0 rxvlan off");
	CHECK_EQ(offload__keeps_tags(master), 0);
	CHECK_EQ(offload__keeps_tags(INT32_MAX), -ENODEV);
}

static void a_failed_attach_leaves_nothing_behind(void)
{
	static const int commands[] = { BPF_LINK_CREATE, BPF_OBJ_PIN, BPF_MAP_UPDATE_ELEM };
	uint32_t ifindex = xdp_view__uplink();
	struct dataplane *dp = test__open(bpffs, 0);

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		fault__set(commands[i], 0, ENOSPC);
		CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), -ENOSPC);
		fault__clear();
		xdp_view__check_nothing(dp, ifindex);
	}
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	dataplane__free(dp);

	/* The program of an earlier run goes rather than stay behind. */
	dp = test__open(bpffs, 0);
	fault__set(BPF_LINK_UPDATE, 0, EINVAL);
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), -EINVAL);
	fault__clear();
	xdp_view__check_nothing(dp, ifindex);
	dataplane__free(dp);
}

static void a_kernel_that_refuses_the_program_goes_without(void)
{
	char folder[] = "/tmp/millrace-test-XXXXXX";
	struct dataplane *dp;
	int err;

	CHECK(mkdtemp(folder));
	test__shell("ln -s " FIXTURES "/*.bpf.o %s && "
	            "ln -sf " BUILD_DIR "/fixture_refused/uplink_xdp.bpf.o %s/",
	            folder, folder);
	dp = test__open_objects(bpffs, folder, NULL);
	CHECK(!(dataplane__features(dp) & WIRE_FEATURE_XDP));
	CHECK(strstr(dataplane__xdp_error(dp), "the kernel refuses"));
	CHECK(strstr(dataplane__xdp_error(dp), "invalid access to packet"));
	dataplane__free(dp);
	dp = test__open(bpffs, 0);
	CHECK(!dataplane__xdp_error(dp));
	dataplane__free(dp);

	/* A distribution without the object is broken, which is something else. */
	test__shell("rm %s/uplink_xdp.bpf.o", folder);
	dp = NULL;
	err = dataplane__open(&dp, &(struct dataplane_opts){ .sz = sizeof(struct dataplane_opts),
	                                                     .bpffs = bpffs,
	                                                     .objects = folder });
	test__shell("rm -r %s", folder);
	CHECK_EQ(err, -ENOENT);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_program_of_somebody_else_stays),
		TEST(a_generic_program_of_somebody_else_stays),
		TEST(a_driver_without_xdp_is_named_and_gets_no_generic_one),
		TEST(too_large_an_mtu_is_named),
		TEST(a_device_that_strips_tags_is_named_and_left),
		TEST(the_members_of_a_device_are_asked_in_its_place),
		TEST(a_failed_attach_leaves_nothing_behind),
		TEST(a_kernel_that_refuses_the_program_goes_without),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
