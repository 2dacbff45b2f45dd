/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * VLAN tags in XDP. Programs cannot stand natively on a VLAN device: they stand on the one below it
 * and see its frames tagged. There each part of uplink_xdp exists twice, for frames with a tag and
 * without, so that neither pays for the other.
 */
#ifndef MILLRACE_VLAN_H
#define MILLRACE_VLAN_H

#include <stddef.h>
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

#define VLAN_VID_BITS 0x0fff

struct tagged_header {
	__u8 dmac[ETH_ALEN], smac[ETH_ALEN];
	__be16 tpid, tci, proto;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct vlan_key);
	__type(value, struct vlan);
} vlans __weak SEC(".maps");

/* The VLAN device of the frame at hand. Parts are told nothing but the context. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} vlan_now __weak SEC(".maps");

/*
 * Not 0 where the program stands on a device that is no uplink, for its VLANs' sake: untagged frames
 * are not ours there. Set by the loader, and only a hint that devs is to be asked with every packet.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} trunks __weak SEC(".maps");

static __always_inline struct vlan *vlan_find(__u32 ifindex, __u16 vid)
{
	struct vlan_key key = { .ifindex = ifindex, .vid = vid };

	return bpf_map_lookup_elem(&vlans, &key);
}

/* False if tagged frames of that device and VLAN are nobody's here. */
static __always_inline bool vlan_arrive(__u32 ifindex, __u16 vid)
{
	struct vlan *vlan = vid ? vlan_find(ifindex, vid) : NULL;
	__u32 zero = 0, *now = bpf_map_lookup_elem(&vlan_now, &zero);

	if (!vlan || !now)
		return false;
	*now = vlan->ifindex;
	return true;
}

static __always_inline __u32 vlan_arrived(void)
{
	__u32 zero = 0, *now = bpf_map_lookup_elem(&vlan_now, &zero);

	return now ? *now : 0;
}

static __always_inline bool vlan_has_trunks(void)
{
	__u32 zero = 0, *any = bpf_map_lookup_elem(&trunks, &zero);

	return any && *any;
}

#endif
