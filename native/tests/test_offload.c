// SPDX-License-Identifier: Apache-2.0
/* Which devices receive dearer with XDP. The NIC of a virtual machine is made up here, by what it says of itself. */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "device.h"
#include "ethtool.h"
#include "log.h"
#include "offload.h"
#include "xdp_view.h"

#define FEATURES 40
#define PLACE    37 /* of rx-gro-hw */

/* What up0 says: NULL for what a veth does. */
static struct {
	const char *driver;
	bool merges;
	bool is_old; /* has not heard of that */
	int err;     /* of all that it is asked */
} nic;

static void say_features(struct ethtool_gfeatures *features)
{
	for (uint32_t i = 0; i < features->size; i++)
		features->features[i].active = 0;
	features->features[PLACE / 32].active = nic.merges ? 1U << PLACE % 32 : ~(1U << PLACE % 32);
}

static int say(void *command)
{
	struct ethtool_drvinfo *info = command;
	struct ethtool_sset_info *sets = command;
	struct ethtool_gstrings *names = command;

	switch (*(uint32_t *)command) {
	case ETHTOOL_GDRVINFO:
		snprintf(info->driver, sizeof(info->driver), "%s", nic.driver);
		break;
	case ETHTOOL_GSSET_INFO:
		sets->data[0] = FEATURES;
		break;
	case ETHTOOL_GSTRINGS:
		for (uint32_t i = 0; i < names->len; i++)
			snprintf((char *)&names->data[i * ETH_GSTRING_LEN], ETH_GSTRING_LEN,
			         i == PLACE && !nic.is_old ? "rx-gro-hw" : "feature-%u", i);
		break;
	case ETHTOOL_GFEATURES:
		say_features(command);
		break;
	default:
		nic.err = EOPNOTSUPP;
	}
	errno = nic.err;
	return nic.err ? -1 : 0;
}

/* In the place of libc's. */
int ioctl(int fd, unsigned long request, ...)
{
	struct ifreq *asked;
	va_list args;

	va_start(args, request);
	asked = va_arg(args, struct ifreq *);
	va_end(args);
	if (request == SIOCETHTOOL && nic.driver && !strcmp(asked->ifr_name, "up0"))
		return say(asked->ifr_data);
	return (int)syscall(SYS_ioctl, fd, request, asked);
}

static void virtio_that_is_handed_segments_goes_without(void)
{
	uint32_t ifindex = xdp_view__uplink();
	struct dataplane *dp = test__open(bpffs, 0);

	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, WIRE_XDP_AUTO), 0);
	nic.driver = "virtio_net";
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, WIRE_XDP_AUTO), 0);
	nic.merges = true;
	log__reset();
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, WIRE_XDP_AUTO), -EOPNOTSUPP);
	CHECK(strstr(log__text(), "hands up0 whole segments"));
	CHECK(strstr(log__text(), "--xdp native"));
	xdp_view__check_nothing(dp, ifindex);
	/* Who asks for it has it. */
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	CHECK(xdp_view__is_port(ifindex));
	dataplane__free(dp);
}

static void a_kernel_that_does_not_know_the_feature_is_taken_at_its_word(void)
{
	uint32_t ifindex = test__veth("up0", "eth0");

	nic.driver = "virtio_net";
	nic.merges = true;
	CHECK_EQ(offload__keeps_merging(ifindex), -EOPNOTSUPP);
	nic.is_old = true;
	CHECK_EQ(offload__keeps_merging(ifindex), 0);
}

/* Those merge what has been frames: the stack can do that as well. */
static void other_drivers_may_merge(void)
{
	uint32_t ifindex = test__veth("up0", "eth0");

	nic.driver = "bnxt_en";
	nic.merges = true;
	CHECK_EQ(offload__keeps_merging(ifindex), 0);
	CHECK_EQ(offload__keeps_merging(if_nametoindex("lo")), 0);
}

static void the_members_of_a_bond_are_asked(void)
{
	uint32_t master;

	test__veth("up0", "eth0");
	test__shell("ip link add br0 type bridge && ip link set up0 master br0");
	master = if_nametoindex("br0");
	CHECK_EQ(offload__keeps_merging(master), 0);
	nic.driver = "virtio_net";
	nic.merges = true;
	CHECK_EQ(offload__keeps_merging(master), -EOPNOTSUPP);
	CHECK(strstr(log__text(), "up0"));
	CHECK_EQ(offload__keeps_merging(INT32_MAX), -ENODEV);
}

static void what_a_device_does_not_answer_is_told(void)
{
	uint32_t ifindex = test__veth("up0", "eth0");

	nic.driver = "virtio_net";
	nic.err = EIO;
	CHECK_EQ(offload__keeps_merging(ifindex), -EIO);
	CHECK(strstr(log__text(), "cannot ask how up0 is set up: "));
	/* It has no name for its driver. */
	nic.err = EOPNOTSUPP;
	CHECK_EQ(offload__keeps_merging(ifindex), 0);
}

/* The kernel's own answers, of a device that is one. */
static void a_veth_says_what_it_is(void)
{
	bool has;

	test__veth("up0", "eth0");
	CHECK_EQ(ethtool__has_driver("up0", "veth", &has), 0);
	CHECK(has);
	CHECK_EQ(ethtool__has_driver("up0", "virtio_net", &has), 0);
	CHECK(!has);
	test__shell("ethtool -K up0 gro on");
	CHECK_EQ(ethtool__has_feature("up0", "rx-gro", &has), 0);
	CHECK(has);
	test__shell("ethtool -K up0 gro off");
	CHECK_EQ(ethtool__has_feature("up0", "rx-gro", &has), 0);
	CHECK(!has);
	CHECK_EQ(ethtool__has_feature("up0", "no-such-feature", &has), 0);
	CHECK(!has);
	CHECK_EQ(ethtool__has_feature("up9", "rx-gro", &has), -ENODEV);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(virtio_that_is_handed_segments_goes_without),
		TEST(a_kernel_that_does_not_know_the_feature_is_taken_at_its_word),
		TEST(other_drivers_may_merge),
		TEST(the_members_of_a_bond_are_asked),
		TEST(what_a_device_does_not_answer_is_told),
		TEST(a_veth_says_what_it_is),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
