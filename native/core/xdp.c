// SPDX-License-Identifier: Apache-2.0
#include "xdp.h"

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "link.h"
#include "log.h"
#include "util.h"

#define LINK_TYPE_XDP 6

/* The programs on the device, zeroes if there is no such device. */
static int query(uint32_t ifindex, struct bpf_xdp_query_opts *out)
{
	int err;

	memset(out, 0, sizeof(*out));
	out->sz = sizeof(*out);
	err = bpf_xdp_query((int)ifindex, 0, out);
	if (err && err != -ENODEV)
		return log__error(-err, "cannot ask for the XDP program of ifindex %u: %s", ifindex,
		                  strerror(-err));
	return 0;
}

/* Opens the pinned link; -ENOENT if there is none that stands there. */
static int open_link(const char *pin, uint32_t ifindex, int *out, struct link_info *info)
{
	_cleanup_fd_ int fd = -1;
	struct bpf_xdp_query_opts there;
	int err = link__open(pin, &fd, info);

	err = err ?: query(ifindex, &there);
	if (err)
		return err;
	/* The link names a number, of whichever namespace; the device names the program. */
	if (info->type != LINK_TYPE_XDP || info->ifindex != ifindex ||
	    there.drv_prog_id != info->prog_id) {
		err = link__detach(pin);
		return err ?: -ENOENT;
	}
	*out = take_fd(&fd);
	return 0;
}

static int explain_busy(uint32_t ifindex, int err)
{
	struct bpf_xdp_query_opts there;
	uint32_t id;

	if (query(ifindex, &there))
		return err;
	id = there.drv_prog_id ?: there.skb_prog_id ?: there.hw_prog_id;
	if (!id)
		return log__error(-err, "an XDP program stands on a device above or below it");
	return log__error(-err, "an XDP program of somebody else stands on it (id %u, %s mode)", id,
	                  there.drv_prog_id   ? "native"
	                  : there.skb_prog_id ? "generic"
	                                      : "offloaded");
}

/* Says what the kernel means; its own text does not reach those who create links. */
static int explain(uint32_t ifindex, int err)
{
	char name[IF_NAMESIZE];

	if (!if_indextoname(ifindex, name))
		return log__error(ENODEV, "there is no device of ifindex %u", ifindex);
	switch (-err) {
	case EOPNOTSUPP:
		return log__error(-err, "its driver has no native XDP, or not with the offloads "
		                        "that are on (LRO)");
	case EBUSY:
	case EEXIST:
		return explain_busy(ifindex, err);
	case EINVAL:
	case ERANGE:
	case E2BIG:
		return log__error(-err,
		                  "its driver refuses XDP as the device is set up (%s): the MTU of "
		                  "it or of its peer is too large, or LRO is on",
		                  strerror(-err));
	case ENOMEM:
		return log__error(-err, "its driver has too few queues or memory for XDP");
	default:
		return log__error(-err, "the kernel refuses an XDP link there: %s", strerror(-err));
	}
}

static int create(const char *pin, uint32_t ifindex, int prog_fd)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_DRV_MODE);
	_cleanup_fd_ int fd = bpf_link_create(prog_fd, (int)ifindex, BPF_XDP, &opts);

	return fd < 0 ? explain(ifindex, fd) : link__pin(fd, pin);
}

int xdp__attach(const char *pin, uint32_t ifindex, const struct program *program)
{
	_cleanup_fd_ int fd = -1;
	struct link_info info;
	int err = open_link(pin, ifindex, &fd, &info);

	if (!err && info.prog_id != program->id)
		err = link__update(fd, pin, program->fd);
	return err == -ENOENT ? create(pin, ifindex, program->fd) : err;
}

int xdp__query(const char *pin, uint32_t ifindex, uint32_t *prog_id)
{
	_cleanup_fd_ int fd = -1;
	struct link_info info;
	int err = open_link(pin, ifindex, &fd, &info);

	if (!err)
		*prog_id = info.prog_id;
	return err;
}
