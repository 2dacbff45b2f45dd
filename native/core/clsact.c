// SPDX-License-Identifier: Apache-2.0
#include "clsact.h"

#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "log.h"
#include "nl.h"
#include "util.h"

/* Ours among the filters of a device; IPv4 goes before IPv6, each leaves the other's alone. */
#define HANDLE     0x6d72
#define PRIORITY_4 0x6d72
#define PRIORITY_6 0x6d73

#define DUMP_TRIES 8

/* libbpf wants the padding of its structs to be zero. */
static void hook_of(struct bpf_tc_hook *hook, uint32_t ifindex, enum bpf_tc_attach_point point)
{
	memset(hook, 0, sizeof(*hook));
	hook->sz = sizeof(*hook);
	hook->ifindex = (int)ifindex;
	hook->attach_point = point;
}

static uint32_t priority_of(enum program_id program)
{
	return programs[program].family == 4 ? PRIORITY_4 : PRIORITY_6;
}

static void filter_of(struct bpf_tc_opts *filter, enum program_id program)
{
	memset(filter, 0, sizeof(*filter));
	filter->sz = sizeof(*filter);
	filter->handle = HANDLE;
	filter->priority = priority_of(program);
}

static enum bpf_tc_attach_point point_of(enum program_id program)
{
	return programs[program].egress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
}

static int program_name(uint32_t id, char name[BPF_OBJ_NAME_LEN])
{
	_cleanup_fd_ int fd = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int err;

	if (fd < 0)
		return fd;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (err)
		return err;
	memcpy(name, info.name, BPF_OBJ_NAME_LEN);
	name[BPF_OBJ_NAME_LEN - 1] = 0;
	return 0;
}

/* A filter of our handle and priority, whatever it is. */
struct place {
	uint32_t priority;
	bool taken;
	uint32_t prog_id; /* 0 = not a BPF program */
};

static int look(void *ctx, const struct nlmsghdr *message)
{
	const struct tcmsg *tc = NLMSG_DATA(message);
	const struct rtattr *attrs[TCA_OPTIONS + 1], *options[TCA_BPF_ID + 1];
	struct place *place = ctx;

	if (message->nlmsg_type != RTM_NEWTFILTER || tc->tcm_handle != HANDLE ||
	    tc->tcm_info >> 16 != place->priority)
		return 0;
	place->taken = true;
	nl__attributes(message, sizeof(*tc), attrs, ARRAY_SIZE(attrs));
	if (!attrs[TCA_OPTIONS] || !attrs[TCA_KIND] || strcmp(RTA_DATA(attrs[TCA_KIND]), "bpf"))
		return 0;
	nl__nested(attrs[TCA_OPTIONS], options, ARRAY_SIZE(options));
	if (options[TCA_BPF_ID])
		memcpy(&place->prog_id, RTA_DATA(options[TCA_BPF_ID]), sizeof(place->prog_id));
	return 0;
}

/* Shows the filters of one direction; none if the qdisc or the device is missing. */
static int dump_filters(uint32_t ifindex, bool egress, nl_visit_fn visit, void *ctx)
{
	const struct tcmsg request = {
		.tcm_ifindex = (int)ifindex,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS),
	};
	int err = nl__dump(NETLINK_ROUTE, RTM_GETTFILTER, &request, sizeof(request), visit, ctx);

	if (err == -ENODEV || err == -EINVAL)
		return 0;
	if (err)
		return log__error(-err, "cannot list the filters of ifindex %u: %s", ifindex,
		                  strerror(-err));
	return 0;
}

/*
 * The program in our place, and which of ours it is: PROGRAM_MAX if it is something else. -ENOENT
 * if the place is free.
 */
static int occupant(uint32_t ifindex, enum program_id program, uint32_t *prog_id,
                    enum program_id *who)
{
	struct place place = { .priority = priority_of(program) };
	char name[BPF_OBJ_NAME_LEN] = "";
	int err = dump_filters(ifindex, programs[program].egress, look, &place);

	if (err)
		return err;
	if (!place.taken)
		return -ENOENT;
	err = place.prog_id ? program_name(place.prog_id, name) : 0;
	if (err)
		return err == -ENOENT ? err
		                      : log__error(-err, "cannot ask for BPF program %u: %s",
		                                   place.prog_id, strerror(-err));
	*prog_id = place.prog_id;
	*who = program__find(name);
	return 0;
}

/* Whether the place is free for a filter of ours, or has an older one. */
static int check_place(uint32_t ifindex, enum program_id program, bool *vacant)
{
	enum program_id who;
	uint32_t id;
	int err = occupant(ifindex, program, &id, &who);

	if (err && err != -ENOENT)
		return err;
	if (!err && who == PROGRAM_MAX)
		return log__error(
			EBUSY,
			"ifindex %u has a foreign filter with our handle 0x%x and priority "
			"%u: remove it or move it elsewhere",
			ifindex, HANDLE, priority_of(program));
	*vacant = err == -ENOENT;
	return 0;
}

int clsact__attach(uint32_t ifindex, enum program_id program, int prog_fd, bool *created)
{
	struct bpf_tc_hook hook;
	struct bpf_tc_opts filter;
	bool vacant = false;
	int err;

	hook_of(&hook, ifindex, point_of(program));
	err = bpf_tc_hook_create(&hook);
	if (err && err != -EEXIST)
		return log__error(-err, "cannot create the clsact qdisc of ifindex %u: %s", ifindex,
		                  strerror(-err));
	err = check_place(ifindex, program, &vacant);
	if (err)
		return err;
	filter_of(&filter, program);
	filter.prog_fd = prog_fd;
	filter.flags = BPF_TC_F_REPLACE;
	err = bpf_tc_attach(&hook, &filter);
	if (err)
		return log__error(-err, "cannot attach %s to ifindex %u: %s",
		                  programs[program].name, ifindex, strerror(-err));
	*created = vacant;
	return 0;
}

int clsact__query(uint32_t ifindex, enum program_id program, uint32_t *prog_id)
{
	enum program_id who;
	uint32_t id;
	int err = occupant(ifindex, program, &id, &who);

	if (err)
		return err;
	if (who != program)
		return -ENOENT;
	*prog_id = id;
	return 0;
}

int clsact__detach(uint32_t ifindex, enum program_id program)
{
	struct bpf_tc_hook hook;
	struct bpf_tc_opts filter;
	uint32_t id;
	int err = clsact__query(ifindex, program, &id);

	if (err)
		return err == -ENOENT ? 0 : err;
	hook_of(&hook, ifindex, point_of(program));
	filter_of(&filter, program);
	err = bpf_tc_detach(&hook, &filter);
	if (err && err != -ENOENT && err != -ENODEV)
		return log__error(-err, "cannot detach %s from ifindex %u: %s",
		                  programs[program].name, ifindex, strerror(-err));
	return 0;
}

static int count_filter(void *ctx, const struct nlmsghdr *message)
{
	if (message->nlmsg_type == RTM_NEWTFILTER)
		++*(size_t *)ctx;
	return 0;
}

int clsact__release(uint32_t ifindex)
{
	struct bpf_tc_hook hook;
	size_t n = 0;
	int err = dump_filters(ifindex, false, count_filter, &n);

	err = err ?: dump_filters(ifindex, true, count_filter, &n);
	if (err)
		return err;
	hook_of(&hook, ifindex, BPF_TC_INGRESS | BPF_TC_EGRESS);
	err = n ? 0 : bpf_tc_hook_destroy(&hook);
	if (err && err != -ENOENT && err != -ENODEV && err != -EINVAL)
		return log__error(-err, "cannot remove the clsact qdisc of ifindex %u: %s", ifindex,
		                  strerror(-err));
	return 0;
}

struct devices {
	uint32_t *ifindexes;
	size_t n, room;
};

static int collect_device(void *ctx, const struct nlmsghdr *message)
{
	struct devices *devices = ctx;
	const struct tcmsg *tc = NLMSG_DATA(message);
	const struct rtattr *attrs[TCA_KIND + 1];

	if (message->nlmsg_type != RTM_NEWQDISC)
		return 0;
	nl__attributes(message, sizeof(*tc), attrs, ARRAY_SIZE(attrs));
	if (!attrs[TCA_KIND] || strcmp(RTA_DATA(attrs[TCA_KIND]), "clsact"))
		return 0;
	if (devices->n == devices->room) {
		size_t room = devices->room ? devices->room * 2 : 64;
		uint32_t *grown = reallocarray(devices->ifindexes, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		devices->ifindexes = grown;
		devices->room = room;
	}
	devices->ifindexes[devices->n++] = (uint32_t)tc->tcm_ifindex;
	return 0;
}

int clsact__devices(uint32_t **out, size_t *n)
{
	struct devices devices = {};
	struct tcmsg all = {};
	int err = -EINTR;

	/* A dump that was interrupted by a change may lack devices. */
	for (int try = 0; err == -EINTR && try < DUMP_TRIES; try++) {
		devices.n = 0;
		err = nl__dump(NETLINK_ROUTE, RTM_GETQDISC, &all, sizeof(all), collect_device,
		               &devices);
	}
	if (err) {
		free(devices.ifindexes);
		return log__error(-err, "cannot list the qdiscs: %s", strerror(-err));
	}
	*out = devices.ifindexes;
	*n = devices.n;
	return 0;
}
