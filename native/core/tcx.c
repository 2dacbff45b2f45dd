// SPDX-License-Identifier: Apache-2.0
#include "tcx.h"

#include <limits.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>

#include "link.h"
#include "log.h"
#include "util.h"

/* Newer than the headers of the distribution may be. */
#define TCX_INGRESS    46
#define TCX_EGRESS     47
#define LINK_TYPE_TCX  11
#define LINKS_PER_HOOK 64 /* BPF_MPROG_MAX */

struct query_attr {
	__u32 ifindex;
	__u32 attach_type;
	__u32 query_flags;
	__u32 attach_flags;
	__aligned_u64 prog_ids;
	__u32 count;
	__u32 pad;
	__aligned_u64 prog_attach_flags;
	__aligned_u64 link_ids;
	__aligned_u64 link_attach_flags;
	__u64 revision;
};

static long sys_bpf(int command, void *attr, size_t size)
{
	long ret = syscall(__NR_bpf, command, attr, size);

	return ret < 0 ? -errno : ret;
}

static __u32 attach_type(bool egress)
{
	return egress ? TCX_EGRESS : TCX_INGRESS;
}

static int link_create(int prog_fd, uint32_t ifindex, bool egress)
{
	union bpf_attr attr = {};

	attr.link_create.prog_fd = (__u32)prog_fd;
	attr.link_create.target_fd = ifindex;
	attr.link_create.attach_type = attach_type(egress);
	return (int)sys_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
}

int tcx__probe(bool *known)
{
	/* r0 = 0; exit */
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	_cleanup_fd_ int prog = -1, link = -1;

	prog = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "millrace_probe", "GPL", insns,
	                     ARRAY_SIZE(insns), NULL);
	if (prog < 0)
		return log__error(-prog, "cannot load any BPF program: %s%s", strerror(-prog),
		                  prog == -EPERM
		                          ? "; the agent needs root, or CAP_BPF, CAP_NET_ADMIN "
		                            "and CAP_PERFMON"
		                          : "");
	link = link_create(prog, INT_MAX, false);
	/* Whoever took want of memory for an answer would attach filters beside the links of before. */
	if (link < 0 && link != -ENODEV && link != -EINVAL && link != -EOPNOTSUPP)
		return log__error(-link, "cannot tell whether this kernel knows tcx: %s",
		                  strerror(-link));
	*known = link >= 0 || link == -ENODEV;
	return 0;
}

/* Whether the link stands on the device of that number in this very network namespace. */
static int stands_here(const struct tcx_spot *spot, __u32 link_id, bool *stands)
{
	__u32 prog_ids[LINKS_PER_HOOK], link_ids[LINKS_PER_HOOK];
	struct query_attr attr = {
		.ifindex = spot->ifindex,
		.attach_type = attach_type(spot->egress),
		.prog_ids = (uintptr_t)prog_ids,
		.link_ids = (uintptr_t)link_ids,
		.count = LINKS_PER_HOOK,
	};
	long err = sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr));

	*stands = false;
	if (err == -ENODEV || err == -ENOENT)
		return 0;
	if (err)
		return log__error((int)-err, "cannot ask for the tcx programs of ifindex %u: %s",
		                  spot->ifindex, strerror((int)-err));
	for (__u32 i = 0; i < attr.count && i < LINKS_PER_HOOK; i++) {
		if (link_ids[i] == link_id)
			*stands = true;
	}
	return 0;
}

/* Opens the pinned link of the spot; -ENOENT if there is none that stands there. */
static int open_link(const struct tcx_spot *spot, int *out, struct link_info *info)
{
	_cleanup_fd_ int fd = -1;
	bool stands;
	int err = link__open(spot->pin, &fd, info);

	err = err ?: stands_here(spot, info->id, &stands);
	if (err)
		return err;
	if (!stands || info->type != LINK_TYPE_TCX || info->ifindex != spot->ifindex ||
	    info->attach_type != attach_type(spot->egress)) {
		/* Its device is gone, and the number may have gone to another one since. */
		err = link__detach(spot->pin);
		return err ?: -ENOENT;
	}
	*out = take_fd(&fd);
	return 0;
}

static int create(const struct tcx_spot *spot, int prog_fd)
{
	_cleanup_fd_ int fd = link_create(prog_fd, spot->ifindex, spot->egress);

	if (fd < 0)
		return log__error(-fd, "cannot attach a tcx link to ifindex %u %s: %s",
		                  spot->ifindex, spot->egress ? "egress" : "ingress",
		                  strerror(-fd));
	return link__pin(fd, spot->pin);
}

int tcx__attach(const struct tcx_spot *spot, int prog_fd, uint32_t prog_id, bool *created)
{
	_cleanup_fd_ int fd = -1;
	struct link_info info;
	int err = open_link(spot, &fd, &info);

	if (!err && info.prog_id != prog_id)
		err = link__update(fd, spot->pin, prog_fd);
	if (!err) {
		*created = false;
		return 0;
	}
	if (err != -ENOENT)
		return err;
	err = create(spot, prog_fd);
	if (!err)
		*created = true;
	return err;
}

int tcx__query(const struct tcx_spot *spot, uint32_t *prog_id)
{
	_cleanup_fd_ int fd = -1;
	struct link_info info;
	int err = open_link(spot, &fd, &info);

	if (!err)
		*prog_id = info.prog_id;
	return err;
}
