// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The events of a step: all that were told, field by field. */
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define READ_MAX 8

static struct event events[READ_MAX];
static uint32_t nevents;

static int take(void *ctx, void *data, size_t size)
{
	(void)ctx;
	if (nevents < READ_MAX && size == sizeof(events[0]))
		memcpy(&events[nevents], data, size);
	nevents++;
	return 0;
}

static void read_all(struct run *r)
{
	static struct ring_buffer *ring;

	if (!ring)
		ring = ring_buffer__new(r->o->table[EVENTS], take, NULL, NULL);
	if (!ring)
		abort();
	nevents = 0;
	ring_buffer__consume(ring);
}

void told_discard(struct run *r)
{
	read_all(r);
}

uint32_t told_count(struct run *r)
{
	read_all(r);
	return nevents;
}

uint32_t told_take(struct run *r, struct event *to, uint32_t max)
{
	read_all(r);
	for (uint32_t i = 0; i < nevents && i < max && i < READ_MAX; i++)
		to[i] = events[i];
	return nevents;
}

/* An address as events have it. */
static struct addr6 written(int family, const uint8_t *addr)
{
	struct addr6 out = {};

	if (family == AF_INET) {
		out.w[2] = htonl(0xffff);
		memcpy(&out.w[3], addr, 4);
	} else {
		memcpy(&out, addr, 16);
	}
	return out;
}

static struct addr6 written_host(struct run *r, enum host host)
{
	struct addr addr = addr_of(r->family, host);

	return written(r->family, addr.b);
}

#define SAME(field)                                                                                \
	do {                                                                                       \
		if (memcmp(&got->field, &want.field, sizeof(want.field)))                          \
			fail(r, "%s:%d: event: other " #field, file, line);                        \
	} while (0)

static void compare(struct run *r, const char *file, int line, const struct event *got,
                    const struct event *told)
{
	struct event want = *told;

	want.ifindex = r->last.ifindex;
	want.bytes = r->last.in.len;
	if (got->kind != want.kind || got->reason != want.reason)
		fail(r, "%s:%d: event of kind %u, reason %u, wanted %u, %u", file, line, got->kind,
		     got->reason, want.kind, want.reason);
	if (got->set != want.set || got->rule != want.rule || got->direction != want.direction)
		fail(r, "%s:%d: event: set %llx rule %u direction %u, wanted %llx, %u, %u", file,
		     line, (unsigned long long)got->set, got->rule, got->direction,
		     (unsigned long long)want.set, want.rule, want.direction);
	SAME(client);
	SAME(server);
	SAME(frontend);
	SAME(client_port);
	SAME(server_port);
	SAME(frontend_port);
	SAME(svc);
	SAME(ifindex);
	SAME(bytes);
	SAME(proto);
	if (!got->ns)
		fail(r, "%s:%d: event without a time", file, line);
}

/* A drop without a verdict: the addresses of the packet, and of what follows them what the program read. */
static void compare_drop(struct run *r, const char *file, int line, const struct event *got,
                         enum drop_reason reason)
{
	bool v4 = r->family == AF_INET;
	const uint8_t *ip = r->last.in.data + ETH_LEN;
	uint32_t alen = v4 ? 4 : 16, at = v4 ? 12 : 8;
	struct event want = *got;

	want.kind = EVENT_DROPPED;
	want.reason = reason;
	want.set = 0;
	want.rule = EVENT_NO_RULE;
	want.direction = EVENT_NO_DIRECTION;
	want.svc = 0;
	want.client = written(r->family, ip + at);
	want.server = written(r->family, ip + at + alen);
	want.frontend = want.server;
	want.frontend_port = want.server_port;
	compare(r, file, line, got, &want);
}

static void compare_told(struct run *r, const char *file, int line, const struct event *got,
                         const struct told *told, enum drop_reason reason)
{
	bool as_flow = told->to.dst == NOBODY;
	uint8_t proto = r->proto == IPPROTO_ICMP && r->family == AF_INET6 ? IPPROTO_ICMPV6
	                                                                  : r->proto;

	if (told->any_flow) {
		if (got->kind != told->kind)
			fail(r, "%s:%d: event of kind %u", file, line, got->kind);
		return;
	}

	compare(r, file, line, got,
	        &(struct event){
			.kind = told->kind,
			.reason = told->kind == EVENT_DENIED ? reason : 0,
			.direction = told->direction,
			.set = told->set,
			.rule = told->rule,
			.client = written_host(r, told->flow.src),
			.server = written_host(r, told->flow.dst),
			.frontend = written_host(r, as_flow ? told->flow.dst : told->to.dst),
			.client_port = htons(told->flow.sport),
			.server_port = htons(told->flow.dport),
			.frontend_port = htons(as_flow ? told->flow.dport : told->to.dport),
			.svc = told->svc,
			.proto = told->proto ?: proto,
		});
}

void told_check(struct run *r, const char *file, int line, const struct expect *want)
{
	uint32_t n = 0;

	read_all(r);
	for (uint32_t i = 0; i < nevents && i < READ_MAX; i++) {
		if (n < TOLD_MAX && want->told[n].kind)
			compare_told(r, file, line, &events[i], &want->told[n++], want->drop);
		else if (i == n && want->drop)
			compare_drop(r, file, line, &events[i], want->drop);
		else
			fail(r, "%s:%d: an event of kind %u that nobody expects", file, line,
			     events[i].kind);
	}
	if ((n < TOLD_MAX && want->told[n].kind) || (!n && want->drop && !nevents))
		fail(r, "%s:%d: %u events, and one is missing", file, line, nevents);
}
