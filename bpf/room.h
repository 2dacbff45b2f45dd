/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who may still open a flow when the table fills up; see struct room in abi.h.
 *
 *   left ≥ 0           everybody
 *   left ≥ -reserve    services for pods and this host; outside a few a second; plain flows pass
 *                      without an entry
 *   below              nobody: the next entry could evict a flow that is in use
 */
#ifndef MILLRACE_ROOM_H
#define MILLRACE_ROOM_H

#include "bucket.h"
#include "flow.h"

#define ROOM_CPU CAT(room_cpu, IPV)

/* This CPU's part, private to the programs. */
struct room_cpu {
	__s64 taken; /* entries not yet subtracted from room.left */
	struct bucket outside;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct room_cpu);
} ROOM_CPU __weak SEC(".maps");

enum room_guest {
	ROOM_OUTSIDE, /* a service flow from outside */
	ROOM_INSIDE, /* a service flow of a pod or of this host; a pod's own, if policies need its entry */
	ROOM_PLAIN, /* one that works without an entry, too */
};

static __always_inline bool room_allows(const struct room *room, struct room_cpu *cpu,
                                        enum room_guest guest)
{
	__s64 left = *(const volatile __s64 *)&room->left;

	if (left >= 0)
		return true;
	if (guest == ROOM_PLAIN || left < -(__s64)room->reserve)
		return false;
	return guest == ROOM_INSIDE || bucket_take(&cpu->outside, room->rate);
}

/*
 * Takes the room of one pair. CPUs subtract in batches, or they would fight for one cache line with
 * every SYN. Where no gc has been for a minute nobody would ever add again: then there is no limit.
 */
static __noinline bool room_take(enum room_guest guest)
{
	__u32 zero = 0;
	struct room *room = bpf_map_lookup_elem(&ROOM, &zero);
	struct room_cpu *cpu = bpf_map_lookup_elem(&ROOM_CPU, &zero);

	if (!room || !cpu || !room_is_kept(room, flow_now()))
		return true;
	if (!room_allows(room, cpu, guest))
		return false;
	cpu->taken += 2;
	if (cpu->taken >= ROOM_BATCH) {
		__sync_fetch_and_add(&room->left, -cpu->taken);
		cpu->taken = 0;
	}
	return true;
}

/* What was taken on this CPU and not used. If it has been subtracted already, gc will find it. */
static __noinline void room_give_back(void)
{
	__u32 zero = 0;
	struct room_cpu *cpu = bpf_map_lookup_elem(&ROOM_CPU, &zero);

	if (cpu && cpu->taken > 0)
		cpu->taken -= 2;
}

#endif
