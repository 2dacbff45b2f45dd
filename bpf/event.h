/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What became of packets, told to who reads the ring. Limited per CPU, since a flood of drops would
 * cost more to tell than to drop; what is not told is counted.
 */
#ifndef MILLRACE_EVENT_H
#define MILLRACE_EVENT_H

#include "bucket.h"
#include "ctx.h"
#include "packet.h"

#define event_drop GLOBAL(event_drop)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events __weak SEC(".maps");

/* Private to the programs. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bucket);
} event_bucket __weak SEC(".maps");

static __always_inline void event_write_ip(struct addr6 *to, const ip_t *ip)
{
#if IPV == 4
	*to = (struct addr6){ { 0, 0, bpf_htonl(0xffff), *ip } };
#else
	*to = *ip;
#endif
}

/* An event with all zero but what the context says, or NULL: over the rate, or nobody reads. */
static __always_inline struct event *event_begin(ctx_t *ctx)
{
	__u32 zero = 0;
	struct bucket *bucket = bpf_map_lookup_elem(&event_bucket, &zero);
	struct event *event = NULL;

	if (bucket && bucket_take(bucket, EVENT_RATE))
		event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count(COUNTER_EVENTS_LOST);
		return NULL;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->ns = bpf_ktime_get_ns();
	event->rule = EVENT_NO_RULE;
	event->ifindex = ctx_ifindex(ctx);
	event->bytes = ctx_len(ctx);
	return event;
}

/* A packet that ends without a verdict. Whom it was meant for is what its sender says. */
__noinline int event_drop(ctx_t *ctx, const flow_key_t *key, __u32 reason)
{
	struct event *event;

	if (!key)
		return 0;
	event = event_begin(ctx);
	if (!event)
		return 0;
	event_write_ip(&event->client, &key->saddr);
	event_write_ip(&event->server, &key->daddr);
	event->frontend = event->server;
	event->client_port = key->sport;
	event->server_port = key->dport;
	event->frontend_port = key->dport;
	event->proto = key->proto;
	event->kind = EVENT_DROPPED;
	event->reason = reason;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* A packet with a tuple ends: counted, and told. */
static __always_inline int drop_packet(ctx_t *ctx, const flow_key_t *key, enum drop_reason reason)
{
	event_drop(ctx, key, reason);
	return drop(ctx, reason);
}

#endif
