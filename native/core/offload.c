// SPDX-License-Identifier: Apache-2.0
#include "offload.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#include "log.h"
#include "netmon_parse.h"
#include "nl.h"
#include "util.h"

#define DUMP_TRIES 8

static int strips_tags(const char *name, bool *strips)
{
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq request = { .ifr_data = (void *)&flags };

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request))
		return log__error(errno, "cannot ask for the offloads of %s: %s", name,
		                  strerror(errno));
	*strips = flags.data & ETH_FLAG_RXVLAN;
	return 0;
}

static int keeps_tags(const char *name)
{
	bool strips = false;
	int err = strips_tags(name, &strips);

	if (err || !strips)
		return err;
	return log__error(EOPNOTSUPP, "%s strips VLAN tags before XDP; ethtool -K %s rxvlan off",
	                  name, name);
}

struct members {
	uint32_t master;
	bool any;
};

static int look_at_member(void *ctx, const struct nlmsghdr *message)
{
	struct members *members = ctx;
	union netmon_record record;

	if (!netmon__parse(message, &record) || record.link.master != members->master)
		return 0;
	members->any = true;
	return keeps_tags((const char *)record.link.name);
}

int offload__keeps_tags(uint32_t ifindex)
{
	const struct ifinfomsg all = {};
	struct members members = { .master = ifindex };
	char name[IF_NAMESIZE];
	int err = -EINTR;

	if (!if_indextoname(ifindex, name))
		return log__error(ENODEV, "there is no device of ifindex %u", ifindex);
	for (int try = 0; err == -EINTR && try < DUMP_TRIES; try++)
		err = nl__dump(NETLINK_ROUTE, RTM_GETLINK, &all, sizeof(all), look_at_member,
		               &members);
	/* A bond's own setting says nothing: its members receive. */
	return err || members.any ? err : keeps_tags(name);
}
