// SPDX-License-Identifier: Apache-2.0
#include "offload.h"

#include <linux/ethtool.h>
#include <net/if.h>

#include "ethtool.h"
#include "log.h"
#include "netmon_parse.h"
#include "nl.h"
#include "util.h"

#define DUMP_TRIES 8

/* Asks one device; 0, or why not. */
typedef int (*question_fn)(const char *name);

static int keeps_tags(const char *name)
{
	uint32_t flags;
	int err = ethtool__flags(name, &flags);

	if (err || !(flags & ETH_FLAG_RXVLAN))
		return err;
	return log__error(EOPNOTSUPP, "%s strips VLAN tags before XDP; ethtool -K %s rxvlan off",
	                  name, name);
}

static int keeps_merging(const char *name)
{
	bool is_virtio, merges = false;
	int err = ethtool__has_driver(name, "virtio_net", &is_virtio);

	if (!err && is_virtio)
		err = ethtool__has_feature(name, "rx-gro-hw", &merges);
	if (err || !merges)
		return err;
	return log__error(
		EOPNOTSUPP,
		"the host of this virtual machine hands %s whole segments (rx-gro-hw), which XDP "
		"would have it cut into frames; --xdp native attaches there, too",
		name);
}

struct members {
	uint32_t master;
	question_fn question;
	bool any;
};

static int look_at_member(void *ctx, const struct nlmsghdr *message)
{
	struct members *members = ctx;
	union netmon_record record;

	if (!netmon__parse(message, &record) || record.link.master != members->master)
		return 0;
	members->any = true;
	return members->question((const char *)record.link.name);
}

static int ask_receivers(uint32_t ifindex, question_fn question)
{
	const struct ifinfomsg all = {};
	struct members members = { .master = ifindex, .question = question };
	char name[IF_NAMESIZE];
	int err = -EINTR;

	if (!if_indextoname(ifindex, name))
		return log__error(ENODEV, "there is no device of ifindex %u", ifindex);
	for (int try = 0; err == -EINTR && try < DUMP_TRIES; try++)
		err = nl__dump(NETLINK_ROUTE, RTM_GETLINK, &all, sizeof(all), look_at_member,
		               &members);
	/* A bond's own setting says nothing: its members receive. */
	return err || members.any ? err : question(name);
}

int offload__keeps_tags(uint32_t ifindex)
{
	return ask_receivers(ifindex, keeps_tags);
}

int offload__keeps_merging(uint32_t ifindex)
{
	return ask_receivers(ifindex, keeps_merging);
}
