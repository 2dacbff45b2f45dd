// SPDX-License-Identifier: Apache-2.0
#include "netdev.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>

#include "log.h"
#include "nl.h"

/* Newer than the headers of the distribution may be. */
#define NETDEV_CMD_DEV_GET      1
#define NETDEV_A_IFINDEX        1
#define NETDEV_A_XDP_FEATURES   3
#define NETDEV_XDP_ACT_NDO_XMIT (1 << 2)

#define DUMP_TRIES 8

static int dump(uint16_t type, const struct genlmsghdr *header, nl_visit_fn visit, void *ctx)
{
	int err = -EINTR;

	for (int try = 0; err == -EINTR && try < DUMP_TRIES; try++)
		err = nl__dump(NETLINK_GENERIC, type, header, sizeof(*header), visit, ctx);
	return err;
}

static int look_for_family(void *ctx, const struct nlmsghdr *message)
{
	const struct rtattr *attrs[CTRL_ATTR_FAMILY_NAME + 1];
	static const char wanted[] = "netdev";
	char name[sizeof(wanted)];

	nl__attributes(message, GENL_HDRLEN, attrs, CTRL_ATTR_FAMILY_NAME + 1);
	if (nl__get(attrs[CTRL_ATTR_FAMILY_NAME], name, sizeof(name)) &&
	    !memcmp(name, wanted, sizeof(name)))
		nl__get(attrs[CTRL_ATTR_FAMILY_ID], ctx, sizeof(uint16_t));
	return 0;
}

struct wanted {
	uint32_t ifindex;
	uint64_t features;
	bool found;
};

static int look_for_device(void *ctx, const struct nlmsghdr *message)
{
	const struct rtattr *attrs[NETDEV_A_XDP_FEATURES + 1];
	struct wanted *wanted = ctx;
	uint64_t features;
	uint32_t ifindex;

	nl__attributes(message, GENL_HDRLEN, attrs, NETDEV_A_XDP_FEATURES + 1);
	if (!nl__get(attrs[NETDEV_A_IFINDEX], &ifindex, sizeof(ifindex)) ||
	    !nl__get(attrs[NETDEV_A_XDP_FEATURES], &features, sizeof(features)) ||
	    ifindex != wanted->ifindex)
		return 0;
	wanted->features = features;
	wanted->found = true;
	return 0;
}

int netdev__takes_frames(uint32_t ifindex, bool *takes)
{
	const struct genlmsghdr families = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	const struct genlmsghdr devices = { .cmd = NETDEV_CMD_DEV_GET, .version = 1 };
	struct wanted wanted = { .ifindex = ifindex };
	uint16_t family = 0;
	int err = dump(GENL_ID_CTRL, &families, look_for_family, &family);

	if (!err && family)
		err = dump(family, &devices, look_for_device, &wanted);
	if (err)
		return log__error(-err, "cannot ask what ifindex %u can do with XDP: %s", ifindex,
		                  strerror(-err));
	*takes = !wanted.found || wanted.features & NETDEV_XDP_ACT_NDO_XMIT;
	return 0;
}
