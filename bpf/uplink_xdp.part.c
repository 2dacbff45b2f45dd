// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A device that leads out of the node, in XDP: one family's half of uplink_xdp.bpf.c. */
#include "path_xdp.h"

int PROGRAM(xdp)(struct xdp_md *xdp)
{
	return path_xdp(xdp);
}

int PROGRAM(xdp_open)(struct xdp_md *xdp)
{
	return path_open_xdp(xdp);
}
