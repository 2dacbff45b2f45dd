/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs on devices by pinned tcx links (Linux 6.6). libbpf 1.1 does not know them, so they go
 * through the bpf system call.
 */
#ifndef MILLRACE_TCX_H
#define MILLRACE_TCX_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the kernel knows tcx links, found by asking for one on a device that cannot exist. */
int tcx__probe(bool *known);

/* What stands where; the place of one program. */
struct tcx_spot {
	const char *pin; /* path */
	uint32_t ifindex;
	bool egress;
};

/*
 * Puts the program at the spot: updates the pinned link atomically if it stands there, else creates
 * and pins one. *@created tells which. 0 or -errno; on failure nothing has changed.
 */
int tcx__attach(const struct tcx_spot *spot, int prog_fd, uint32_t prog_id, bool *created);

/*
 * The id of the program whose link is pinned and stands at the spot in this network namespace.
 * -ENOENT if there is none; a pin whose device is gone is removed, for it can never stand again.
 */
int tcx__query(const struct tcx_spot *spot, uint32_t *prog_id);

#endif
