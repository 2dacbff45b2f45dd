/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The address that a socket call brings or returns. An IPv6 socket that speaks IPv4 gives addresses
 * of the form ::ffff:a.b.c.d: at the IPv6 hooks the programs of either family look at their own kind
 * only, and `mapped` says that this is one of IPv4 on an IPv6 hook.
 */
#ifndef MILLRACE_SOCK_ADDR_H
#define MILLRACE_SOCK_ADDR_H

#include "family.h"

struct sock_end {
	ip_t addr;
	__be16 port;
};

static __always_inline bool addr_is_mapped(struct bpf_sock_addr *ctx)
{
	return !ctx->user_ip6[0] && !ctx->user_ip6[1] && ctx->user_ip6[2] == bpf_htonl(0xffff);
}

#if IPV == 4

#define SOCK_HOOK(call) "cgroup/" call "4"

#define IP_LOOPBACK bpf_htonl(0x7f000001)

static __always_inline bool ip_is_loopback(ip_t a)
{
	return bpf_ntohl(a) >> 24 == 127;
}

/* False if the address is not of our family. */
static __always_inline bool end_read(struct bpf_sock_addr *ctx, bool mapped, struct sock_end *end)
{
	if (mapped && !addr_is_mapped(ctx))
		return false;
	end->addr = mapped ? ctx->user_ip6[3] : ctx->user_ip4;
	end->port = ctx->user_port;
	return true;
}

static __always_inline void end_write(struct bpf_sock_addr *ctx, bool mapped,
                                      const struct sock_end *end)
{
	if (mapped)
		ctx->user_ip6[3] = end->addr;
	else
		ctx->user_ip4 = end->addr;
	ctx->user_port = end->port;
}

/* The address that the socket is bound to, if any. */
static __always_inline ip_t sock_source(const struct bpf_sock *sk)
{
	return sk->src_ip4;
}

#else

#define SOCK_HOOK(call) "cgroup/" call "6"

#define IP_LOOPBACK ((ip_t){ .w = { 0, 0, 0, bpf_htonl(1) } })

static __always_inline bool ip_is_loopback(ip_t a)
{
	return ip_equal(a, IP_LOOPBACK);
}

static __always_inline bool end_read(struct bpf_sock_addr *ctx, bool mapped __attribute__((unused)),
                                     struct sock_end *end)
{
	if (addr_is_mapped(ctx))
		return false;
	end->addr.w[0] = ctx->user_ip6[0];
	end->addr.w[1] = ctx->user_ip6[1];
	end->addr.w[2] = ctx->user_ip6[2];
	end->addr.w[3] = ctx->user_ip6[3];
	end->port = ctx->user_port;
	return true;
}

static __always_inline void end_write(struct bpf_sock_addr *ctx,
                                      bool mapped __attribute__((unused)),
                                      const struct sock_end *end)
{
	ctx->user_ip6[0] = end->addr.w[0];
	ctx->user_ip6[1] = end->addr.w[1];
	ctx->user_ip6[2] = end->addr.w[2];
	ctx->user_ip6[3] = end->addr.w[3];
	ctx->user_port = end->port;
}

static __always_inline ip_t sock_source(const struct bpf_sock *sk)
{
	return (ip_t){ .w = { sk->src_ip6[0], sk->src_ip6[1], sk->src_ip6[2], sk->src_ip6[3] } };
}

#endif

#endif
