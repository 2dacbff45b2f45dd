/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the address that a socket asks for to a frontend, and to what becomes of the call. */
#ifndef MILLRACE_SOCK_CHOOSE_H
#define MILLRACE_SOCK_CHOOSE_H

#include "affinity.h"
#include "endpoint.h"
#include "maps_sock.h"
#include "ranges.h"
#include "service.h"
#include "serving.h"
#include "sock_addr.h"

#define ECONNREFUSED_ 111

/* What socket programs return. */
#define SOCK_REJECT  0
#define SOCK_PROCEED 1

enum sock_verdict {
	SOCK_TAKE,   /* a backend was chosen */
	SOCK_LEAVE,  /* the packet path decides */
	SOCK_REFUSE, /* nobody serves this */
};

static __always_inline bool sock_is_host(struct bpf_sock_addr *ctx)
{
	return config.host_cookie && bpf_get_netns_cookie(ctx) == config.host_cookie;
}

/*
 * Sockets that a backend's address would not suit. A socket of a device: the packet path knows where
 * devices lead. One bound to loopback: only what listens there is within its reach. A pod's TCP socket
 * with a port of its choice: another one may have a connection from that port to the same backend, and
 * on the way the second one gets another port.
 */
static __always_inline bool sock_is_tied(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;

	return !sk || sk->bound_dev_if || ip_is_loopback(sock_source(sk)) ||
	       (ctx->protocol == IPPROTO_TCP && sk->src_port && !sock_is_host(ctx));
}

static __always_inline bool sock_opted_out(struct bpf_sock_addr *ctx)
{
	struct sock_off_key key = { .netns = bpf_get_netns_cookie(ctx) };

	return bpf_map_lookup_elem(&sock_off, &key);
}

/* Who is asking decides, and which address a pod will have is not known before there is a packet. */
static __always_inline bool sock_is_nameless(struct bpf_sock_addr *ctx, const struct svc *svc)
{
	return (svc->affinity_s || svc->ranges) && !sock_is_host(ctx);
}

/*
 * Whether this host is among those who may ask: with the address that the socket is bound to, or the
 * node's. Another one that routing gives it is known to the packet path, which is asked if this is not.
 */
static __noinline bool sock_may_ask(__u32 list, const ip_t *bound)
{
	ip_t node;

	if (!ip_is_zero(*bound))
		return range_has(list, bound);
	return node_address(0, &node) && range_has(list, &node);
}

/*
 * The frontend that a call asks for; NULL if it is to be left alone. On loopback only sockets of this
 * host find one, at the one address that the control plane writes. Connecting to no address at all
 * means loopback, and `want` is set so: it is what the socket shall see as its peer.
 */
static __always_inline struct svc *sock_frontend(struct bpf_sock_addr *ctx, struct sock_end *want)
{
	__u8 proto = ctx->protocol;
	struct sock_end key = *want;
	struct svc *svc;

	if (ip_is_loopback(key.addr) || ip_is_zero(key.addr)) {
		if (!sock_is_host(ctx))
			return NULL;
		key.addr = IP_LOOPBACK;
		if (ip_is_zero(want->addr))
			want->addr = IP_LOOPBACK;
	}
	svc = svc_find(key.addr, key.port, proto);
	if (!svc)
		svc = svc_find(key.addr, 0, 0);
	if (!svc || sock_is_nameless(ctx, svc))
		return NULL;
	return !sock_opted_out(ctx) && !sock_is_tied(ctx) ? svc : NULL;
}

/* All sockets of this host are one client, those that ask on loopback included (S-156). */
static __noinline bool sock_recall_backend(const struct svc *svc, bool local, struct choice *choice)
{
	ip_t host;

	return node_address(0, &host) && affinity_find(svc, &host, local, choice);
}

static __noinline void sock_note_backend(const struct choice *choice)
{
	ip_t host;

	if (node_address(0, &host))
		affinity_note(&host, choice);
}

static __always_inline enum sock_verdict sock_choose(struct bpf_sock_addr *ctx,
                                                     const struct svc *svc, struct choice *choice)
{
	bool local = svc_wants_local(svc, true);
	struct slots set = svc_set(svc, local);

	if (serving_is_held())
		return SOCK_LEAVE;
	if (svc->flags & SVC_ADDRESS)
		return svc->flags & SVC_REJECT ? SOCK_REFUSE : SOCK_LEAVE;
	if (!svc->all.count)
		return SOCK_REFUSE;
	if (svc->ranges) {
		ip_t bound = ctx->sk ? sock_source(ctx->sk) : (ip_t){};

		if (!sock_may_ask(svc->ranges, &bound))
			return SOCK_LEAVE;
	}
	/* Dropped there, with its reason: the client shall retry (S-054). */
	if (!set.count)
		return SOCK_LEAVE;
	if (svc->affinity_s && sock_recall_backend(svc, local, choice))
		return SOCK_TAKE;
	return svc_pick(svc, svc_slot(svc, set, HOOK_SOCKET, NULL), choice) ? SOCK_TAKE
	                                                                    : SOCK_LEAVE;
}

/* Fails the call. Kernels that cannot say why let it proceed: the packet path rejects it. */
static __always_inline int sock_refuse(void)
{
	if (!(config.flags & CONFIG_SET_RETVAL))
		return SOCK_PROCEED;
	bpf_set_retval(-ECONNREFUSED_);
	count(COUNTER_SOCKETS_REFUSED);
	return SOCK_REJECT;
}

#endif
