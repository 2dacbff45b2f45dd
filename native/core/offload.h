/* SPDX-License-Identifier: Apache-2.0 */
/* What a NIC does to frames before XDP sees them. */
#ifndef MILLRACE_OFFLOAD_H
#define MILLRACE_OFFLOAD_H

#include <stdint.h>

/*
 * 0 if frames of the device, or of a bond's members, reach XDP with their VLAN tags. -EOPNOTSUPP, with a
 * sentence in the log for whoever runs the node, if one of them is set to take tags off: then a frame
 * of a VLAN looks like one of the untagged network.
 */
int offload__keeps_tags(uint32_t ifindex);

#endif
