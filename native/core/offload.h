/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a NIC does to frames before XDP sees them. Of a bond its members are asked: they receive. An answer of no is
 * -EOPNOTSUPP, with a sentence in the log for whoever runs the node.
 */
#ifndef MILLRACE_OFFLOAD_H
#define MILLRACE_OFFLOAD_H

#include <stdint.h>

/*
 * 0 if frames reach XDP with their VLAN tags. A frame of a VLAN whose tag is taken off before looks like one of
 * the untagged network.
 */
int offload__keeps_tags(uint32_t ifindex);

/*
 * 0 if XDP takes no merging away that the stack could not do as well. A virtual machine's host hands virtio_net
 * segments of up to 64 KiB that were never cut into frames; with XDP it must cut them.
 */
int offload__keeps_merging(uint32_t ifindex);

#endif
