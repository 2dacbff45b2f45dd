/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The uplinks as VLANs of TRUNK (run->vlan). */
#ifndef MILLRACE_TESTS_STEP_VLAN_H
#define MILLRACE_TESTS_STEP_VLAN_H

#include "objects.h"

/* The VLAN id of an uplink. */
uint16_t uplink_vid(uint32_t uplink);

/* Runs an XDP program on a packet of an uplink, which comes by TRUNK with a tag. 0, or -errno. */
int vlan_run(int program, struct test_run *run);

#endif
