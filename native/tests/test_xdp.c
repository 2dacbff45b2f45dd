// SPDX-License-Identifier: Apache-2.0
/* The XDP program on uplinks, and the devices that XDP may send by. */
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <bpf/bpf.h>

#include "device.h"
#include "log.h"
#include "xdp_view.h"

#define NO_XDP WIRE_FEATURE_XDP /* to be done without */

/* What stands on the one device that has anything. */
static void check_listed(struct dataplane *dp, uint32_t ifindex, enum wire_xdp xdp, bool complete)
{
	struct wire_attachment found;

	CHECK_EQ(device__attachments(dp, &found), 1);
	CHECK_EQ(found.ifindex, ifindex);
	CHECK_EQ(found.role, WIRE_ROLE_UPLINK);
	CHECK_EQ(found.xdp, xdp);
	CHECK_EQ(found.complete, complete);
}

static void it_attaches_in_the_driver_and_detaches(void)
{
	uint32_t ifindex = xdp_view__uplink();
	struct dataplane *dp = test__open(bpffs, 0);

	CHECK(dataplane__features(dp) & WIRE_FEATURE_XDP);
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	check_listed(dp, ifindex, WIRE_XDP_CURRENT, false);
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_UPLINK), 0);
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	check_listed(dp, ifindex, WIRE_XDP_CURRENT, true);
	CHECK_EQ(xdp_view__programs(ifindex).attach_mode, XDP_ATTACHED_DRV);
	CHECK(xdp_view__is_port(ifindex));
	test__send(if_nametoindex("eth0"));
	device__await(dp, UPLINK_XDP, 1);
	device__await(dp, UPLINK_IN, 2);

	CHECK_EQ(dataplane__detach_xdp(dp, ifindex), 0);
	CHECK_EQ(dataplane__detach_xdp(dp, ifindex), 0);
	CHECK(!xdp_view__is_port(ifindex));
	check_listed(dp, ifindex, WIRE_XDP_NONE, true);
	test__send(if_nametoindex("eth0"));
	device__await(dp, UPLINK_IN, 4);
	CHECK_EQ(device__seen(dp, UPLINK_XDP), 1);

	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	CHECK_EQ(dataplane__detach(dp, ifindex, WIRE_ROLE_UPLINK), 0);
	xdp_view__check_nothing(dp, ifindex);
	dataplane__free(dp);
}

static void a_restart_replaces_it_without_a_gap(void)
{
	uint32_t ifindex = xdp_view__uplink(), before;
	struct dataplane *dp = test__open(bpffs, 0);

	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	dataplane__free(dp);
	before = xdp_view__programs(ifindex).drv_prog_id;
	test__send(if_nametoindex("eth0"));

	dp = test__open(bpffs, 0);
	device__await(dp, UPLINK_XDP, 1);
	check_listed(dp, ifindex, WIRE_XDP_OTHER, false);
	CHECK(xdp_view__is_port(ifindex));
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	CHECK(xdp_view__programs(ifindex).drv_prog_id != before);
	check_listed(dp, ifindex, WIRE_XDP_CURRENT, false);
	CHECK(xdp_view__is_port(ifindex));
	test__send(if_nametoindex("eth0"));
	device__await(dp, UPLINK_XDP, 2);
	dataplane__free(dp);
}

static void a_run_without_xdp_finds_and_removes_what_an_earlier_one_left(void)
{
	uint32_t ifindex = xdp_view__uplink();
	struct dataplane *dp = test__open(bpffs, 0);

	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	dataplane__free(dp);
	dp = test__open(bpffs, NO_XDP | CLSACT);
	CHECK(!(dataplane__features(dp) & (WIRE_FEATURE_XDP | WIRE_FEATURE_TCX)));
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), -EOPNOTSUPP);
	CHECK(strstr(log__text(), "when the agent started"));
	dataplane__free(dp);

	dp = test__open(bpffs, 0);
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	dataplane__free(dp);
	dp = test__open(bpffs, NO_XDP);
	check_listed(dp, ifindex, WIRE_XDP_OTHER, false);
	CHECK_EQ(dataplane__detach_xdp(dp, ifindex), 0);
	xdp_view__check_nothing(dp, ifindex);
	dataplane__free(dp);
}

/* The programs are told, before one stands there; those of another run do not know, and need not. */
static void a_trunk_stands_without_tc(void)
{
	uint32_t ifindex = xdp_view__uplink();
	struct dataplane *dp = test__open(bpffs, 0);
	struct wire_attachment found;

	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	test__send(if_nametoindex("eth0"));
	device__await(dp, UPLINK_XDP, 1);
	CHECK_EQ(test__counter(dp, TRUNK), 0);
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, WIRE_XDP_TRUNK), 0);
	test__send(if_nametoindex("eth0"));
	device__await(dp, UPLINK_XDP, 2);
	CHECK_EQ(test__counter(dp, TRUNK), 1);
	CHECK_EQ(device__attachments(dp, &found), 1);
	CHECK_EQ(found.tc, 0);
	CHECK_EQ(found.xdp, WIRE_XDP_CURRENT);
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_UPLINK), 0);
	CHECK_EQ(device__attachments(dp, &found), 1);
	CHECK_EQ(found.tc, 4);
	dataplane__free(dp);
}

static void a_device_that_goes_takes_link_and_port_along(void)
{
	uint32_t ifindex = xdp_view__uplink();
	struct dataplane *dp = test__open(bpffs, 0);
	struct wire_attachment none;

	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	test__shell("ip link del up0");
	CHECK_EQ(device__attachments(dp, &none), 0);
	CHECK(!xdp_view__is_port(ifindex));
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), -ENODEV);
	CHECK_EQ(dataplane__detach_xdp(dp, ifindex), 0);
	test__shell("ip link add up0 index %u type veth peer name eth0 && ip link set up0 up && "
	            "ip link set eth0 up",
	            ifindex);
	xdp_view__check_nothing(dp, ifindex);
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	check_listed(dp, ifindex, WIRE_XDP_CURRENT, false);
	dataplane__free(dp);
}

/* Its driver may run XDP and yet not send what comes from elsewhere. */
static void a_device_that_takes_no_frames_is_no_port(void)
{
	uint32_t ifindex = test__veth("up0", "eth0");
	struct dataplane *dp = test__open(bpffs, 0);

	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	/* Older kernels do not say what a driver takes. */
	CHECK_EQ(xdp_view__is_port(ifindex), !test__kernel_is(6, 3));
	if (!test__kernel_is(6, 3))
		return dataplane__free(dp);
	check_listed(dp, ifindex, WIRE_XDP_CURRENT, false);
	xdp_view__poll("eth0", true);
	check_listed(dp, ifindex, WIRE_XDP_CURRENT, false);
	CHECK(xdp_view__is_port(ifindex));
	xdp_view__poll("eth0", false);
	check_listed(dp, ifindex, WIRE_XDP_CURRENT, false);
	CHECK(!xdp_view__is_port(ifindex));
	dataplane__free(dp);
}

/* Somebody detaches the link by force: XDP elsewhere must not send by this device any more. */
static void a_link_that_was_torn_off_closes_its_port(void)
{
	uint32_t ifindex = xdp_view__uplink();
	struct dataplane *dp = test__open(bpffs, 0);
	_cleanup_fd_ int link = -1;
	char pin[64];

	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	snprintf(pin, sizeof(pin), XDP_LINK_PIN, ifindex);
	link = bpf_obj_get(pin);
	CHECK_EQ(bpf_link_detach(link), 0);
	CHECK(xdp_view__is_port(ifindex));
	xdp_view__check_nothing(dp, ifindex);
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	CHECK(xdp_view__is_port(ifindex));
	dataplane__free(dp);
}

static void a_link_of_another_namespace_is_not_taken_for_ours(void)
{
	uint32_t here = xdp_view__uplink(), there;
	struct dataplane *dp = test__open(bpffs, 0);
	struct wire_attachment none;
	int first_netns;

	CHECK_EQ(dataplane__attach_xdp(dp, here, 0), 0);
	first_netns = test__new_netns();
	there = xdp_view__uplink();
	CHECK_EQ(there, here);
	CHECK_EQ(device__attachments(dp, &none), 0);
	CHECK_EQ(dataplane__attach_xdp(dp, there, 0), 0);
	test__send(if_nametoindex("eth0"));
	device__await(dp, UPLINK_XDP, 1);
	dataplane__free(dp);
	close(first_netns);
}

static void cleanup_removes_every_trace(void)
{
	uint32_t ifindex = xdp_view__uplink();
	struct dataplane *dp = test__open(bpffs, 0);

	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_UPLINK), 0);
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	CHECK_EQ(dataplane__cleanup(bpffs), 0);
	CHECK_EQ(xdp_view__programs(ifindex).drv_prog_id, 0);
	CHECK(access(bpffs, F_OK));
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(it_attaches_in_the_driver_and_detaches),
		TEST(a_restart_replaces_it_without_a_gap),
		TEST(a_run_without_xdp_finds_and_removes_what_an_earlier_one_left),
		TEST(a_trunk_stands_without_tc),
		TEST(a_device_that_goes_takes_link_and_port_along),
		TEST(a_device_that_takes_no_frames_is_no_port),
		TEST(a_link_that_was_torn_off_closes_its_port),
		TEST(a_link_of_another_namespace_is_not_taken_for_ours),
		TEST(cleanup_removes_every_trace),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
