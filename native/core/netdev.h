/* SPDX-License-Identifier: Apache-2.0 */
/* What drivers say of themselves, by the kernel's netdev family of generic netlink (Linux 6.3). */
#ifndef MILLRACE_NETDEV_H
#define MILLRACE_NETDEV_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the device sends frames that XDP redirects to it: some drivers run XDP and do not, and a
 * veth does only while its other end polls. True where the kernel does not say. 0 or -errno.
 */
int netdev__takes_frames(uint32_t ifindex, bool *takes);

#endif
