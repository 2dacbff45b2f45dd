// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Socket calls of pods and of this host, translated before there is any packet: the socket itself is
 * led to a backend, and sees the frontend as its peer. What these programs leave alone, the packet
 * path serves.
 */
#include "sock_choose.h"
#include "sock_table.h"

/* At the IPv6 hooks the IPv4 object has programs for IPv6 sockets that speak IPv4. */
#define PLAIN  false
#define MAPPED true

/* The entries of a UDP socket; false if there is no room for them. */
static __always_inline bool sock_enter(struct bpf_sock_addr *ctx, __u8 flags,
                                       const struct sock_end *want, const struct sock_end *backend,
                                       const struct choice *choice)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);
	sock_t value;

	sock_fill(&value, choice, ctx->protocol, flags);
	if (sock_put(cookie, SOCK_REVERSE, backend, want, &value))
		return false;
	return flags & SOCK_CONNECTED || !sock_put(cookie, SOCK_FORWARD, want, backend, &value);
}

/* Leads a call to the chosen backend. False if it could not be remembered, and so must not be. */
static __always_inline bool sock_lead(struct bpf_sock_addr *ctx, bool mapped, __u8 flags,
                                      const struct svc *svc, const struct sock_end *want,
                                      const struct choice *choice)
{
	struct sock_end backend = { .addr = choice->backend.addr, .port = choice->backend.port };

	if (!sock_note(ctx, want, &backend))
		return false;
	if (ctx->protocol == IPPROTO_UDP && !sock_enter(ctx, flags, want, &backend, choice))
		return false;
	if (svc->affinity_s)
		sock_note_backend(choice);
	end_write(ctx, mapped, &backend);
	return true;
}

/* A socket that connects anew has another peer, be it the backend that it was led to before. */
static __always_inline void sock_begin(struct bpf_sock_addr *ctx)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);
	bool udp = ctx->protocol == IPPROTO_UDP;
	sock_last_t *last = udp ? sock_last(ctx->sk) : sock_last_tcp(ctx->sk, cookie);

	if (!last)
		return;
	if (udp)
		sock_forget(cookie, last);
	__builtin_memset(last, 0, sizeof(*last));
}

/*
 * UDP is not refused: as from the packet path, the error comes with the first datagram, and a socket
 * that was there before the endpoints is served once they come (S-163).
 */
static __always_inline int sock_connect(struct bpf_sock_addr *ctx, bool mapped)
{
	struct sock_end want;
	struct choice choice;
	struct svc *svc;

	if (ctx->protocol != IPPROTO_TCP && ctx->protocol != IPPROTO_UDP)
		return SOCK_PROCEED;
	if (!end_read(ctx, mapped, &want))
		return SOCK_PROCEED;
	sock_begin(ctx);
	svc = sock_frontend(ctx, &want);
	if (!svc)
		return SOCK_PROCEED;
	switch (sock_choose(ctx, svc, &choice)) {
	case SOCK_TAKE:
		if (sock_lead(ctx, mapped, SOCK_CONNECTED, svc, &want, &choice))
			count(COUNTER_SOCKETS_CONNECTED);
		return SOCK_PROCEED;
	case SOCK_REFUSE:
		return ctx->protocol == IPPROTO_TCP ? sock_refuse() : SOCK_PROCEED;
	default:
		return SOCK_PROCEED;
	}
}

/*
 * A frontend that the socket has not sent to yet, or whose backend is gone. Two frontends of one socket
 * may not share a backend, whose answers would be of both: packets of the second one are translated
 * on their way, where they get a source port of their own.
 */
static __always_inline void sock_send_new(struct bpf_sock_addr *ctx, const struct sock_end *want,
                                          const struct svc *svc, bool again)
{
	struct sock_end backend;
	struct choice choice;
	sock_t *taken;

	if (!again && serving_is_shared())
		return;
	if (sock_choose(ctx, svc, &choice) != SOCK_TAKE)
		return;
	backend.addr = choice.backend.addr;
	backend.port = choice.backend.port;
	taken = sock_find(bpf_get_socket_cookie(ctx), SOCK_REVERSE, &backend);
	if (taken && (!ip_equal(taken->addr, want->addr) || taken->port != want->port))
		return;
	if (!sock_lead(ctx, PLAIN, 0, svc, want, &choice))
		return;
	count(COUNTER_SOCKETS_SENT);
	if (again)
		count(COUNTER_SOCKETS_RESTEERED);
}

/* Datagrams with an address. Those to one frontend stay with one backend, as a flow would. */
static __always_inline int sock_send(struct bpf_sock_addr *ctx)
{
	struct sock_end want, backend;
	struct svc *svc;
	sock_t *known, value;
	__u64 cookie;

	if (ctx->protocol != IPPROTO_UDP || !end_read(ctx, PLAIN, &want))
		return SOCK_PROCEED;
	svc = sock_frontend(ctx, &want);
	if (!svc)
		return SOCK_PROCEED;
	cookie = bpf_get_socket_cookie(ctx);
	known = sock_find(cookie, SOCK_FORWARD, &want);
	if (!known || !sock_is_valid(known, svc)) {
		sock_send_new(ctx, &want, svc, known);
		return SOCK_PROCEED;
	}
	value = *known;
	backend.addr = value.addr;
	backend.port = value.port;
	/* Looked up also to keep it from eviction while the socket only sends. */
	if (!sock_find(cookie, SOCK_REVERSE, &backend))
		sock_put(cookie, SOCK_REVERSE, &backend, &want, &value);
	end_write(ctx, PLAIN, &backend);
	return SOCK_PROCEED;
}

/* Whom a datagram comes from, on its way to the caller: the address that he knows. */
static __always_inline int sock_show(struct bpf_sock_addr *ctx, bool mapped)
{
	struct sock_end end;
	sock_t *entry;

	if (!end_read(ctx, mapped, &end))
		return SOCK_PROCEED;
	entry = sock_find(bpf_get_socket_cookie(ctx), SOCK_REVERSE, &end);
	if (!entry)
		return SOCK_PROCEED;
	end.addr = entry->addr;
	end.port = entry->port;
	end_write(ctx, mapped, &end);
	return SOCK_PROCEED;
}

/* The peer of a socket, likewise. A UDP socket may have sent elsewhere since it was connected. */
static __always_inline int sock_name(struct bpf_sock_addr *ctx, bool mapped)
{
	struct sock_end end;

	if (ctx->protocol != IPPROTO_TCP)
		return sock_show(ctx, mapped);
	if (end_read(ctx, mapped, &end) && sock_recall(ctx, &end))
		end_write(ctx, mapped, &end);
	return SOCK_PROCEED;
}

SEC(SOCK_HOOK("connect"))
int PROGRAM(sock_connect)(struct bpf_sock_addr *ctx)
{
	return sock_connect(ctx, PLAIN);
}

/* To ::ffff:a.b.c.d as well: the kernel takes such datagrams to the IPv4 hook. */
SEC(SOCK_HOOK("sendmsg"))
int PROGRAM(sock_sendmsg)(struct bpf_sock_addr *ctx)
{
	return sock_send(ctx);
}

SEC(SOCK_HOOK("recvmsg"))
int PROGRAM(sock_recvmsg)(struct bpf_sock_addr *ctx)
{
	return sock_show(ctx, PLAIN);
}

SEC(SOCK_HOOK("getpeername"))
int PROGRAM(sock_getpeername)(struct bpf_sock_addr *ctx)
{
	return sock_name(ctx, PLAIN);
}

#if IPV == 4
SEC("cgroup/connect6")
int sock_mapped_connect6(struct bpf_sock_addr *ctx)
{
	return sock_connect(ctx, MAPPED);
}

SEC("cgroup/recvmsg6")
int sock_mapped_recvmsg6(struct bpf_sock_addr *ctx)
{
	return sock_show(ctx, MAPPED);
}

SEC("cgroup/getpeername6")
int sock_mapped_getpeername6(struct bpf_sock_addr *ctx)
{
	return sock_name(ctx, MAPPED);
}
#endif

/* Every socket's end comes by here. */
SEC("cgroup/sock_release")
int PROGRAM(sock_release)(struct bpf_sock *sk)
{
	sock_last_t *last;

	if (IPV == 6 && sk->family != AF_INET6_)
		return SOCK_PROCEED;
	if (sk->protocol == IPPROTO_TCP)
		sock_leave_tcp(bpf_get_socket_cookie(sk));
	if (sk->protocol != IPPROTO_UDP)
		return SOCK_PROCEED;
	last = sock_last(sk);
	if (last)
		sock_forget(bpf_get_socket_cookie(sk), last);
	return SOCK_PROCEED;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
