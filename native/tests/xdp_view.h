/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel has of XDP, asked from outside of the library. */
#ifndef MILLRACE_TEST_XDP_VIEW_H
#define MILLRACE_TEST_XDP_VIEW_H

#include <bpf/libbpf.h>

#include "support.h"

/* The format of the pin of an uplink's XDP link, by ifindex. */
#define XDP_LINK_PIN "/sys/fs/bpf/pins/links/if%u_uplink_xdp"

/* A program that lets everything pass. */
int xdp_view__pass(void);

/* Has the device poll, which lets the other end of a veth take frames from XDP. */
void xdp_view__poll(const char *device, bool on);

/* test__veth("up0", "eth0") whose up0 takes frames. */
uint32_t xdp_view__uplink(void);

/* The programs on a device. */
struct bpf_xdp_query_opts xdp_view__programs(uint32_t ifindex);

/* Whether XDP may send by the device. */
bool xdp_view__is_port(uint32_t ifindex);

/* Nothing of XDP may be left there, and no other attachment be listed. */
void xdp_view__check_nothing(struct dataplane *dp, uint32_t ifindex);

#endif
