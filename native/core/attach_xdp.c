// SPDX-License-Identifier: Apache-2.0
#include "attach_xdp.h"

#include <string.h>

#include <bpf/bpf.h>

#include "abi.h"
#include "link.h"
#include "log.h"
#include "netdev.h"
#include "offload.h"
#include "util.h"
#include "xdp.h"

#define TX_PORTS "tx_ports"
#define TRUNKS   "trunks"

static int open_port(struct dataplane *dp, uint32_t ifindex)
{
	const struct map *ports = mapset__find(&dp->maps, TX_PORTS);
	int err = ports ? bpf_map_update_elem(ports->fd, &ifindex, &ifindex, BPF_ANY) : -ENOENT;

	return err ? log__error(-err, "cannot add ifindex %u to the map " TX_PORTS ": %s", ifindex,
	                        strerror(-err))
	           : 0;
}

/* By the pin: programs of an earlier run may stand there while this one has no XDP. */
static int close_port(const struct bpffs *fs, uint32_t ifindex)
{
	_cleanup_fd_ int ports = -1;
	char path[PATH_MAX];
	int err;

	bpffs__map_path(fs, TX_PORTS, ABI_TX_PORTS_VERSION, path);
	ports = bpf_obj_get(path);
	if (ports == -ENOENT)
		return 0;
	err = ports < 0 ? ports : bpf_map_delete_elem(ports, &ifindex);
	if (err && err != -ENOENT)
		return log__error(-err, "cannot remove ifindex %u from %s: %s", ifindex, path,
		                  strerror(-err));
	return 0;
}

/* A port is open while the device both has the program and takes frames. */
static int set_port(struct dataplane *dp, uint32_t ifindex)
{
	bool takes = false;
	int err = netdev__takes_frames(ifindex, &takes);

	return err ?: takes ? open_port(dp, ifindex) : close_port(&dp->fs, ifindex);
}

int attach_xdp__query(struct dataplane *dp, uint32_t ifindex, uint32_t *prog_id)
{
	char pin[PATH_MAX];
	int err;

	bpffs__link_path(&dp->fs, ifindex, PROGRAM_UPLINK_XDP, pin);
	err = xdp__query(pin, ifindex, prog_id);
	if (err == -ENOENT)
		return close_port(&dp->fs, ifindex) ?: err;
	/* What the device takes may have changed since. */
	if (!err && *prog_id == dp->loaded[PROGRAM_UPLINK_XDP].id)
		err = set_port(dp, ifindex);
	return err;
}

int attach_xdp__detach(const struct bpffs *fs, uint32_t ifindex)
{
	char pin[PATH_MAX];
	int err = close_port(fs, ifindex);

	bpffs__link_path(fs, ifindex, PROGRAM_UPLINK_XDP, pin);
	return err ?: link__detach(pin);
}

/* Has the programs ask, with every untagged packet, whether the device is an uplink. */
static int know_trunk(struct dataplane *dp)
{
	const struct map *trunks = mapset__find(&dp->maps, TRUNKS);
	uint32_t zero = 0, one = 1;
	int err = trunks ? bpf_map_update_elem(trunks->fd, &zero, &one, BPF_ANY) : -ENOENT;

	return err ? log__error(-err, "cannot write the map " TRUNKS ": %s", strerror(-err)) : 0;
}

int dataplane__attach_xdp(struct dataplane *dp, uint32_t ifindex, uint32_t use)
{
	const struct program *program = &dp->loaded[PROGRAM_UPLINK_XDP];
	char pin[PATH_MAX];
	int err = 0;

	if (program->fd < 0)
		return log__error(
			EOPNOTSUPP,
			"the kernel refused the XDP program when the agent started: its log says why");
	bpffs__link_path(&dp->fs, ifindex, PROGRAM_UPLINK_XDP, pin);
	if (use & WIRE_XDP_TAGS)
		err = offload__keeps_tags(ifindex);
	if (!err && use & WIRE_XDP_AUTO)
		err = offload__keeps_merging(ifindex);
	if (!err && use & WIRE_XDP_TRUNK)
		err = know_trunk(dp);
	err = err ?: xdp__attach(pin, ifindex, program);
	err = err ?: set_port(dp, ifindex);
	/* An older program of ours must not stay behind a failed update. */
	if (err)
		attach_xdp__detach(&dp->fs, ifindex);
	return err;
}

const char *dataplane__xdp_error(const struct dataplane *dp)
{
	return dp->xdp_error;
}

int dataplane__detach_xdp(struct dataplane *dp, uint32_t ifindex)
{
	return attach_xdp__detach(&dp->fs, ifindex);
}
