// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The frame around a program under test. BPF_PROG_TEST_RUN can neither set skb->tc_index nor tell
 * where a redirect leads, so a test run goes through this program: it sets tc_index, dirties the
 * tail room, and calls the program under test, which is the one that production loads, unmodified.
 * A tail call out of a subprogram comes back to the subprogram's caller, who then reads the rest.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_core_read.h>

#include "frame.h"

#define TAIL_DIRT 64

struct bpf_redirect_info___frame {
	__u32 flags;
	__u64 tgt_index;
} __attribute__((preserve_access_index));

struct bpf_net_context___frame {
	struct bpf_redirect_info___frame ri;
} __attribute__((preserve_access_index));

struct task_struct___frame {
	struct bpf_net_context___frame *bpf_net_context;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, FRAME_TARGETS);
	__type(key, __u32);
	__type(value, __u32);
} frame_target SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, FRAME_TARGETS);
	__type(key, __u32);
	__type(value, __u32);
} frame_target_xdp SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct frame_io);
} frame_io SEC(".maps");

/* Leaves 0xff behind the packet's end, so that a read past it cannot pass for padding. */
static __always_inline void tail_dirty(struct __sk_buff *skb)
{
	__u8 dirt[TAIL_DIRT];
	__u32 len = skb->len;

	__builtin_memset(dirt, 0xff, sizeof(dirt));
	if (bpf_skb_change_tail(skb, len + TAIL_DIRT, 0))
		return;
	bpf_skb_store_bytes(skb, len, dirt, sizeof(dirt), 0);
	bpf_skb_change_tail(skb, len, 0);
}

/* Volatile, or the compiler concludes that the call can only return this value. */
static __noinline int target_call(struct __sk_buff *skb, __u32 target)
{
	volatile int no_target = FRAME_NO_TARGET;

	bpf_tail_call(skb, &frame_target, target);
	return no_target;
}

/* What the redirect helpers have noted for the kernel (struct bpf_redirect_info, since 6.10). */
static __always_inline void redirect_read(struct frame_after *after)
{
	struct task_struct___frame *task = (void *)bpf_get_current_task();

	if (!bpf_core_field_exists(task->bpf_net_context))
		return;
	after->redirect_known = 1;
	after->redirect_ifindex = BPF_CORE_READ(task, bpf_net_context, ri.tgt_index);
	after->redirect_flags = BPF_CORE_READ(task, bpf_net_context, ri.flags);
}

SEC("tc")
int frame_enter(struct __sk_buff *skb)
{
	struct frame_io *io;
	__u32 key = 0;
	int action;

	io = bpf_map_lookup_elem(&frame_io, &key);
	if (!io)
		return FRAME_NO_TARGET;
	if (io->before.cut)
		bpf_skb_change_tail(skb, io->before.cut, 0);
	tail_dirty(skb);
	if (io->before.tag)
		bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), io->before.tag & 0xffff);
	skb->tc_index = io->before.tc_index;
	action = target_call(skb, io->before.target);
	io->after.runs++;
	io->after.tc_index = skb->tc_index;
	redirect_read(&io->after);
	return action;
}

static __always_inline void tail_dirty_xdp(struct xdp_md *xdp)
{
	__u8 dirt[TAIL_DIRT];
	__u32 len = xdp->data_end - xdp->data;

	__builtin_memset(dirt, 0xff, sizeof(dirt));
	if (bpf_xdp_adjust_tail(xdp, TAIL_DIRT))
		return;
	bpf_xdp_store_bytes(xdp, len, dirt, sizeof(dirt));
	bpf_xdp_adjust_tail(xdp, -TAIL_DIRT);
}

static __noinline int target_call_xdp(struct xdp_md *xdp, __u32 target)
{
	volatile int no_target = FRAME_NO_TARGET;

	bpf_tail_call(xdp, &frame_target_xdp, target);
	return no_target;
}

SEC("xdp.frags")
int frame_enter_xdp(struct xdp_md *xdp)
{
	struct frame_io *io;
	__u32 key = 0;
	int action;

	io = bpf_map_lookup_elem(&frame_io, &key);
	if (!io)
		return FRAME_NO_TARGET;
	tail_dirty_xdp(xdp);
	action = target_call_xdp(xdp, io->before.target);
	io->after.runs++;
	redirect_read(&io->after);
	return action;
}

/* Stands on the uplinks: a device without a program has no receive queue that a test run could name. */
SEC("xdp.frags")
int frame_stand(struct xdp_md *xdp __attribute__((unused)))
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
