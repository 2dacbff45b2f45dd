/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From a destination to a backend: two hash lookups at most, then two array reads. */
#ifndef MILLRACE_SERVICE_H
#define MILLRACE_SERVICE_H

#include "flow_hash.h"
#include "hook.h"
#include "maps.h"
#include "packet.h"

static __always_inline struct svc *svc_find(ip_t addr, __be16 port, __u8 proto)
{
	svc_key_t key = { .addr = addr, .port = port, .proto = proto };

	return bpf_map_lookup_elem(&SVCS, &key);
}

/* The frontend a packet is for; an SVC_ADDRESS entry where only the address matches. */
static __always_inline struct svc *svc_find_packet(const flow_key_t *key)
{
	struct svc *svc = NULL;

	/* Echo identifiers are no ports. */
	if (key->proto != FAMILY_ICMP)
		svc = svc_find(key->daddr, key->dport, key->proto);
	if (svc && svc->flags & SVC_SOCKET)
		return NULL;
	return svc ? svc : svc_find(key->daddr, 0, 0);
}

/*
 * The Local set where a traffic policy says so; see rows S-071 … S-073 and S-084. @inside: who asks is
 * a pod or this host.
 */
static __always_inline bool svc_wants_local(const struct svc *svc, bool inside)
{
	return svc->flags & SVC_LOCAL || (svc->flags & SVC_LOCAL_EXTERNAL && !inside);
}

static __always_inline struct slots svc_set(const struct svc *svc, bool local)
{
	return local ? svc->local : svc->all;
}

struct choice {
	__u32 id; /* index into BACKENDS */
	backend_t backend;
	__u32 reply_in_ifindex; /* filled in by open_flow */
};

/* With affinity a client goes to one backend, by whichever node it comes in. */
static __noinline __u32 ring_hash(const struct svc *svc, const flow_key_t *key)
{
	flow_key_t client = {};

	if (!svc->affinity_s)
		return flow_hash(key);
	client.saddr = key->saddr;
	return flow_hash(&client);
}

/* The slot in `all` that the ring leads a flow to; slot 0, which is nobody's, if it was not written. */
static __always_inline __u32 ring_slot(const struct svc *svc, const flow_key_t *key)
{
	__u32 at = ring_hash(svc, key) % svc->ring.count;
	__u32 shift = svc->all.count <= RING_BYTE_MAX ? RING_BYTE_SHIFT : RING_WORD_SHIFT;
	__u32 index = svc->ring.base + (at >> shift);
	__u32 bits = 64 >> shift, place;
	__u64 *slot = bpf_map_lookup_elem(&slots, &index);

	if (!slot)
		return 0;
	place = *slot >> (at % (1U << shift)) * bits & ((1U << bits) - 1);
	return place && place <= svc->all.count ? svc->all.base + place - 1 : 0;
}

/*
 * The slot for a new flow from a set that is not empty. From outside, where the flow may come by
 * another node tomorrow, as all nodes would choose; else uniformly at random (S-034).
 */
static __always_inline __u32 svc_slot(const struct svc *svc, struct slots set, enum hook hook,
                                      const flow_key_t *key)
{
	if (hook == HOOK_UPLINK_IN && svc->algo == SVC_ALGO_MAGLEV)
		return ring_slot(svc, key);
	return set.base + bpf_get_prandom_u32() % set.count;
}

/*
 * The backend in a slot. False if the slot or the backend is not what the frontend promises: the
 * control plane writes backends before slots before frontends, so this is a fault to be counted, not
 * a race to be waited out. A backend that is not active any more will do: it was when the frontend
 * was read, and who cannot stay moves with its next packet.
 */
static __always_inline bool svc_pick(const struct svc *svc, __u32 index, struct choice *choice)
{
	__u64 *slot = bpf_map_lookup_elem(&slots, &index);
	backend_t *found;

	if (!slot)
		return false;
	choice->id = *slot;
	found = bpf_map_lookup_elem(&BACKENDS, &choice->id);
	if (!choice->id || !found || found->svc != svc->id)
		return false;
	choice->backend = *found;
	return true;
}

#endif
