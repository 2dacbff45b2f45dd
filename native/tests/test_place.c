// SPDX-License-Identifier: Apache-2.0
/* Places on devices that are contested: by others, by an earlier way of attaching, by a failure. */
#include <linux/bpf.h>
#include <net/if.h>

#include "device.h"
#include "fault.h"
#include "log.h"

/* A link that stands in another network namespace is not ours, whatever its number. */
static void a_link_of_another_namespace_is_not_taken_for_ours(void)
{
	uint32_t here = test__veth("pod0", "eth0"), there;
	struct dataplane *dp = test__open(bpffs, 0);
	struct wire_attachment none;
	int first_netns;

	CHECK_EQ(dataplane__attach(dp, here, WIRE_ROLE_POD), 0);
	first_netns = test__new_netns();
	there = test__veth("pod0", "eth0");
	CHECK_EQ(there, here);
	CHECK_EQ(device__attachments(dp, &none), 0);
	CHECK_EQ(dataplane__attach(dp, there, WIRE_ROLE_POD), 0);
	test__send(if_nametoindex("eth0"));
	CHECK_EQ(device__seen(dp, POD_IN), 2);
	dataplane__free(dp);
	close(first_netns);
}

static void a_failed_attach_leaves_nothing_behind(void)
{
	uint32_t ifindex = test__veth("pod0", "eth0");
	struct dataplane *dp = test__open(bpffs, 0);
	struct wire_attachment none;

	for (int step = 0; step < 4; step++) {
		log__reset();
		fault__set(BPF_LINK_CREATE, step, ENOMEM);
		CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), -ENOMEM);
		fault__set(BPF_OBJ_PIN, step, ENOSPC);
		CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), -ENOSPC);
		fault__clear();
		CHECK_EQ(device__attachments(dp, &none), 0);
	}
	test__send(if_nametoindex("eth0"));
	CHECK_EQ(device__seen(dp, POD_IN), 0);
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), 0);
	dataplane__free(dp);
}

static void changing_the_way_of_attaching_leaves_one(void)
{
	uint32_t ifindex = test__veth("pod0", "eth0");

	for (int round = 0; round < 4; round++) {
		struct dataplane *dp = test__open(bpffs, round % 2 ? CLSACT : 0);
		uint64_t before = device__seen(dp, POD_IN);

		CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), 0);
		device__check(dp, ifindex, WIRE_ROLE_POD, true);
		test__send(if_nametoindex("eth0"));
		CHECK_EQ(device__seen(dp, POD_IN) - before, 2);
		dataplane__free(dp);
	}
}

static void clsact_of_others_is_left_alone(void)
{
	uint32_t ifindex = test__veth("pod0", "eth0");
	struct dataplane *dp = test__open(bpffs, CLSACT);

	test__shell("tc qdisc add dev pod0 clsact && "
	            "tc filter add dev pod0 egress pref 9 bpf bytecode '1,6 0 0 0'");
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), 0);
	CHECK_EQ(dataplane__detach(dp, ifindex, WIRE_ROLE_POD), 0);
	test__shell("tc filter show dev pod0 egress | grep -q bytecode");

	/* Somebody's filter in our very place. */
	test__shell("tc filter add dev pod0 ingress pref %u handle 0x%x bpf bytecode '1,6 0 0 0'",
	            0x6d72, 0x6d72);
	CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), -EBUSY);
	CHECK(strstr(log__text(), "foreign filter"));
	CHECK_EQ(dataplane__cleanup(bpffs), 0);
	test__shell("tc filter show dev pod0 ingress | grep -q bytecode");
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_link_of_another_namespace_is_not_taken_for_ours),
		TEST(a_failed_attach_leaves_nothing_behind),
		TEST(changing_the_way_of_attaching_leaves_one),
		TEST(clsact_of_others_is_left_alone),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
