/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XDP program on devices, by pinned links and in the driver only: the kernel's generic mode is
 * slower than tc and sees every packet twice.
 */
#ifndef MILLRACE_XDP_H
#define MILLRACE_XDP_H

#include <stdint.h>

#include "program.h"

/*
 * Puts the program on the device: updates the pinned link atomically if it stands there, else
 * creates and pins one. 0 or -errno, with a sentence in the log for whoever runs the node.
 */
int xdp__attach(const char *pin, uint32_t ifindex, const struct program *program);

/*
 * The id of the program whose link is pinned and stands on the device of that number in this
 * network namespace. -ENOENT if there is none; a pin that cannot stand again is removed.
 */
int xdp__query(const char *pin, uint32_t ifindex, uint32_t *prog_id);

#endif
