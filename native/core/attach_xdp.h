/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XDP program of an uplink together with the uplink's entry in tx_ports. XDP sends packets out
 * only by devices that have one, so it must never outlive the program: a driver without one drops
 * what it is given.
 */
#ifndef MILLRACE_ATTACH_XDP_H
#define MILLRACE_ATTACH_XDP_H

#include "dataplane_internal.h"

/* The id of our program there, or -ENOENT; then there is no entry, either. */
int attach_xdp__query(struct dataplane *dp, uint32_t ifindex, uint32_t *prog_id);

/* Takes both off; what is not there is no error. */
int attach_xdp__detach(const struct bpffs *fs, uint32_t ifindex);

#endif
