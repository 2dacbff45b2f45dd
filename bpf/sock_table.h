/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a socket has been led to. For TCP it is kept at the socket's place in SOCK_TCP or, where that is
 * another's, with the socket (SOCK_LAST). UDP sockets may have several peers, and have entries in SOCKS,
 * where sock_end finds the connected ones.
 */
#ifndef MILLRACE_SOCK_TABLE_H
#define MILLRACE_SOCK_TABLE_H

#include "maps_sock.h"
#include "service.h"
#include "sock_addr.h"

static __always_inline void sock_key(sock_key_t *key, __u64 cookie, enum sock_kind kind,
                                     const struct sock_end *end)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->cookie = cookie;
	key->addr = end->addr;
	key->port = end->port;
	key->kind = kind;
}

static __always_inline sock_t *sock_find(__u64 cookie, enum sock_kind kind,
                                         const struct sock_end *end)
{
	sock_key_t key;

	sock_key(&key, cookie, kind, end);
	return bpf_map_lookup_elem(&SOCKS, &key);
}

static __always_inline int sock_put(__u64 cookie, enum sock_kind kind, const struct sock_end *end,
                                    const struct sock_end *becomes, sock_t *value)
{
	sock_key_t key;

	sock_key(&key, cookie, kind, end);
	value->addr = becomes->addr;
	value->port = becomes->port;
	return bpf_map_update_elem(&SOCKS, &key, value, BPF_ANY);
}

static __always_inline void sock_drop(__u64 cookie, enum sock_kind kind, const struct sock_end *end)
{
	sock_key_t key;

	sock_key(&key, cookie, kind, end);
	bpf_map_delete_elem(&SOCKS, &key);
}

static __always_inline sock_last_t *sock_last(struct bpf_sock *sk)
{
	return bpf_sk_storage_get(&SOCK_LAST, sk, NULL, 0);
}

static __always_inline sock_tcp_t *sock_place(__u64 cookie)
{
	__u32 place = cookie % SOCK_TCP_PLACES;

	return bpf_map_lookup_elem(&SOCK_TCP, &place);
}

/* What is remembered of a TCP socket, if anything. */
static __always_inline sock_last_t *sock_last_tcp(struct bpf_sock *sk, __u64 cookie)
{
	sock_tcp_t *place = sock_place(cookie);

	return place && place->cookie == cookie ? &place->last : sock_last(sk);
}

/* Where it is to be remembered. Two sockets may want one place at a time: one of them gets it. */
static __always_inline sock_last_t *sock_take_tcp(struct bpf_sock *sk, __u64 cookie)
{
	sock_tcp_t *place = sock_place(cookie);

	if (place &&
	    (place->cookie == cookie || !__sync_val_compare_and_swap(&place->cookie, 0, cookie)))
		return &place->last;
	return bpf_sk_storage_get(&SOCK_LAST, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
}

/* A TCP socket has ended: its place is free. */
static __always_inline void sock_leave_tcp(__u64 cookie)
{
	sock_tcp_t *place = sock_place(cookie);

	if (place && place->cookie == cookie)
		place->cookie = 0;
}

static __always_inline bool sock_note(struct bpf_sock_addr *ctx, const struct sock_end *frontend,
                                      const struct sock_end *backend)
{
	sock_last_t *last =
		ctx->protocol == IPPROTO_TCP
			? sock_take_tcp(ctx->sk, bpf_get_socket_cookie(ctx))
			: bpf_sk_storage_get(&SOCK_LAST, ctx->sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!last)
		return false;
	last->addr = frontend->addr;
	last->port = frontend->port;
	last->backend_addr = backend->addr;
	last->backend_port = backend->port;
	return true;
}

/* The frontend that a TCP socket asked for when it was led to @end, in its place; false if it was not. */
static __always_inline bool sock_recall(struct bpf_sock_addr *ctx, struct sock_end *end)
{
	const sock_last_t *last = sock_last_tcp(ctx->sk, bpf_get_socket_cookie(ctx));

	if (!last || last->backend_port != end->port || !ip_equal(last->backend_addr, end->addr))
		return false;
	end->addr = last->addr;
	end->port = last->port;
	return true;
}

/* Takes out of SOCKS what a UDP socket was led to last. */
static __always_inline void sock_forget(__u64 cookie, const sock_last_t *last)
{
	struct sock_end frontend = { .addr = last->addr, .port = last->port };
	struct sock_end backend = { .addr = last->backend_addr, .port = last->backend_port };

	sock_drop(cookie, SOCK_FORWARD, &frontend);
	sock_drop(cookie, SOCK_REVERSE, &backend);
}

/* A value for a chosen backend, but for the address. */
static __always_inline void sock_fill(sock_t *value, const struct choice *choice, __u8 proto,
                                      __u8 flags)
{
	__builtin_memset(value, 0, sizeof(*value));
	value->backend = choice->id;
	value->backend_gen = choice->backend.gen;
	value->svc = choice->backend.svc;
	value->proto = proto;
	value->flags = flags;
}

/* Whether datagrams may still go where the entry leads. */
static __always_inline bool sock_is_valid(const sock_t *entry, const struct svc *svc)
{
	__u32 id = entry->backend;
	backend_t *backend = bpf_map_lookup_elem(&BACKENDS, &id);

	return backend && backend->flags & BACKEND_ACTIVE && backend->gen == entry->backend_gen &&
	       backend->svc == svc->id;
}

#endif
