// SPDX-License-Identifier: Apache-2.0
/* Programs on devices, by tcx links, where the kernel has them (Linux 6.6), and by clsact filters. */
#include <net/if.h>

#include "device.h"
#include "tcx.h"

static void check_attach(uint32_t without)
{
	uint32_t ifindex = test__veth("pod0", "eth0");
	struct dataplane *dp = test__open(bpffs, without);
	struct wire_attachment none;
	bool tcx;

	CHECK_EQ(tcx__probe(&tcx), 0);
	CHECK_EQ(dataplane__features(dp) & WIRE_FEATURE_TCX, tcx ? ~without & WIRE_FEATURE_TCX : 0);
	CHECK_EQ(device__attachments(dp, &none), 0);
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), 0);
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), 0);
	device__check(dp, ifindex, WIRE_ROLE_POD, true);
	test__send(if_nametoindex("eth0"));
	test__send(ifindex);
	/* Each packet is seen by both families' programs, once. */
	CHECK_EQ(device__seen(dp, POD_IN), 2);
	CHECK_EQ(device__seen(dp, POD_OUT), 2);
	CHECK_EQ(device__seen(dp, UPLINK_IN), 0);
	CHECK_EQ(dataplane__detach(dp, ifindex, WIRE_ROLE_POD), 0);
	CHECK_EQ(dataplane__detach(dp, ifindex, WIRE_ROLE_POD), 0);
	CHECK_EQ(device__attachments(dp, &none), 0);
	test__send(if_nametoindex("eth0"));
	CHECK_EQ(device__seen(dp, POD_IN), 2);
	dataplane__free(dp);
}

/* A new process finds the old programs at work, replaces them, and no packet goes uncounted. */
static void check_restart(uint32_t without)
{
	uint32_t ifindex = test__veth("up0", "eth0");
	struct dataplane *dp = test__open(bpffs, without);

	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_UPLINK), 0);
	dataplane__free(dp);
	test__send(if_nametoindex("eth0"));

	dp = test__open(bpffs, without);
	CHECK_EQ(device__seen(dp, UPLINK_IN), 2);
	device__check(dp, ifindex, WIRE_ROLE_UPLINK, false);
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_UPLINK), 0);
	device__check(dp, ifindex, WIRE_ROLE_UPLINK, true);
	test__send(if_nametoindex("eth0"));
	test__send(ifindex);
	CHECK_EQ(device__seen(dp, UPLINK_IN), 4);
	CHECK_EQ(device__seen(dp, UPLINK_OUT), 2);
	CHECK_EQ(dataplane__detach(dp, ifindex, WIRE_ROLE_UPLINK), 0);
	dataplane__free(dp);
}

/* The number of a device that went may come again with another one. */
static void check_gone_device(uint32_t without)
{
	uint32_t ifindex = test__veth("pod0", "eth0");
	struct dataplane *dp = test__open(bpffs, without);
	struct wire_attachment none;

	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), 0);
	test__shell("ip link del pod0");
	CHECK_EQ(device__attachments(dp, &none), 0);
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), -ENODEV);
	test__shell("ip link add pod0 index %u type veth peer name eth0 && ip link set pod0 up && "
	            "ip link set eth0 up",
	            ifindex);
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), 0);
	device__check(dp, ifindex, WIRE_ROLE_POD, true);
	test__shell("ip link del pod0");
	CHECK_EQ(dataplane__detach(dp, ifindex, WIRE_ROLE_POD), 0);
	CHECK_EQ(dataplane__detach(dp, 4711, WIRE_ROLE_POD), 0);
	dataplane__free(dp);
}

static void check_two_namespaces(uint32_t without)
{
	const char *other_pins = "/sys/fs/bpf/other";
	uint32_t here = test__veth("pod0", "eth0");
	struct dataplane *first = test__open(bpffs, without), *second;
	struct wire_attachment none;
	int first_netns;
	uint32_t there;

	CHECK_EQ(dataplane__attach(first, here, WIRE_ROLE_POD), 0);
	first_netns = test__new_netns();
	there = test__veth("pod0", "eth0");
	CHECK_EQ(there, here);
	second = test__open(other_pins, without);
	CHECK_EQ(device__attachments(second, &none), 0);
	CHECK_EQ(dataplane__attach(second, there, WIRE_ROLE_POD), 0);
	test__send(if_nametoindex("eth0"));
	CHECK_EQ(device__seen(second, POD_IN), 2);
	CHECK_EQ(device__seen(first, POD_IN), 0);
	dataplane__free(second);
	CHECK_EQ(dataplane__cleanup(other_pins), 0);
	CHECK(access(other_pins, F_OK));

	test__enter_netns(first_netns);
	device__check(first, here, WIRE_ROLE_POD, true);
	test__send(if_nametoindex("eth0"));
	CHECK_EQ(device__seen(first, POD_IN), 2);
	dataplane__free(first);
	close(first_netns);
}

static void check_cleanup(uint32_t without)
{
	uint32_t pod = test__veth("pod0", "eth0"), uplink = test__veth("up0", "up1");
	struct dataplane *dp = test__open(bpffs, without);

	CHECK_EQ(dataplane__attach(dp, pod, WIRE_ROLE_POD), 0);
	CHECK_EQ(dataplane__attach(dp, uplink, WIRE_ROLE_UPLINK), 0);
	test__send(if_nametoindex("eth0"));
	CHECK_EQ(dataplane__cleanup(bpffs), 0);
	test__send(if_nametoindex("eth0"));
	CHECK_EQ(device__seen(dp, POD_IN), 2);
	CHECK(access(bpffs, F_OK));
	test__shell("! tc qdisc show | grep -q clsact");
	CHECK_EQ(dataplane__cleanup(bpffs), 0);
	dataplane__free(dp);
}

static void tcx_attaches_once_and_detaches(void)
{
	check_attach(0);
}

static void clsact_attaches_once_and_detaches(void)
{
	check_attach(CLSACT);
}

static void tcx_programs_are_replaced_without_a_gap(void)
{
	check_restart(0);
}

static void clsact_programs_are_replaced_without_a_gap(void)
{
	check_restart(CLSACT);
}

static void tcx_links_of_a_vanished_device_make_room(void)
{
	check_gone_device(0);
}

static void clsact_on_a_vanished_device_is_no_error(void)
{
	check_gone_device(CLSACT);
}

static void tcx_instances_do_not_touch_each_other(void)
{
	check_two_namespaces(0);
}

static void clsact_instances_do_not_touch_each_other(void)
{
	check_two_namespaces(CLSACT);
}

static void cleanup_removes_every_trace_of_tcx(void)
{
	check_cleanup(0);
}

static void cleanup_removes_every_trace_of_clsact(void)
{
	check_cleanup(CLSACT);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(tcx_attaches_once_and_detaches),
		TEST(clsact_attaches_once_and_detaches),
		TEST(tcx_programs_are_replaced_without_a_gap),
		TEST(clsact_programs_are_replaced_without_a_gap),
		TEST(tcx_links_of_a_vanished_device_make_room),
		TEST(clsact_on_a_vanished_device_is_no_error),
		TEST(tcx_instances_do_not_touch_each_other),
		TEST(clsact_instances_do_not_touch_each_other),
		TEST(cleanup_removes_every_trace_of_tcx),
		TEST(cleanup_removes_every_trace_of_clsact),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
