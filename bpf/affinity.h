/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Session affinity: new connections of a client go where its last one went (S-150 … S-157). A record is
 * a hint and no more: where it is missing, too old, or names what is not in the set asked for, the
 * choice is made as without.
 */
#ifndef MILLRACE_AFFINITY_H
#define MILLRACE_AFFINITY_H

#include "count.h"
#include "flow.h"
#include "service.h"

#define AFFINITY CAT(affinity, IPV)

/* Clients that came last. Evicted ones choose anew. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, affinity_key_t);
	__type(value, struct affinity);
} AFFINITY __weak SEC(".maps");

/* A tick may have just begun when the record was made: one more, or it would end too early. */
static __always_inline bool affinity_is_over(const struct affinity *record, __u32 timeout_s)
{
	return flow_now() - record->seen > (timeout_s * 1000000000ULL >> FLOW_TICK_SHIFT) + 1;
}

/* Looks no further than the backend's flags: searching a set would take as long as the set is. */
static __always_inline bool affinity_is_usable(const struct affinity *record,
                                               const backend_t *backend, __u32 svc, bool local)
{
	__u8 needs = BACKEND_ACTIVE | (local ? BACKEND_CHOSEN_LOCAL : BACKEND_CHOSEN);

	return (backend->flags & needs) == needs && backend->svc == svc &&
	       backend->gen == record->gen;
}

/* The backend of the client's last connection, if it may have this one as well. */
static __noinline bool affinity_find(const struct svc *svc, const ip_t *client, bool local,
                                     struct choice *choice)
{
	affinity_key_t key = { .svc = svc->id, .addr = *client };
	struct affinity *record = bpf_map_lookup_elem(&AFFINITY, &key);
	backend_t *backend;

	if (!record || affinity_is_over(record, svc->affinity_s))
		return false;
	choice->id = record->backend;
	backend = bpf_map_lookup_elem(&BACKENDS, &choice->id);
	if (!backend || !affinity_is_usable(record, backend, svc->id, local))
		return false;
	choice->backend = *backend;
	count(COUNTER_AFFINITY_KEPT);
	return true;
}

/* A connection was opened, which begins the client's time anew. */
static __noinline void affinity_note(const ip_t *client, const struct choice *choice)
{
	affinity_key_t key = { .svc = choice->backend.svc, .addr = *client };
	struct affinity record = {
		.backend = choice->id,
		.gen = choice->backend.gen,
		.seen = flow_now(),
	};

	bpf_map_update_elem(&AFFINITY, &key, &record, BPF_ANY);
}

#endif
