/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a socket has been led to: the entries of SOCKS, and how they go again. */
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

/* Takes out what the socket was led to last. */
static __always_inline void sock_forget(__u64 cookie, const sock_last_t *last)
{
	struct sock_end frontend = { .addr = last->addr, .port = last->port };
	struct sock_end backend = { .addr = last->backend_addr, .port = last->backend_port };

	sock_drop(cookie, SOCK_FORWARD, &frontend);
	sock_drop(cookie, SOCK_REVERSE, &backend);
}

static __always_inline bool sock_note(struct bpf_sock *sk, const struct sock_end *frontend,
                                      const struct sock_end *backend)
{
	sock_last_t *last = bpf_sk_storage_get(&SOCK_LAST, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!last)
		return false;
	last->addr = frontend->addr;
	last->port = frontend->port;
	last->backend_addr = backend->addr;
	last->backend_port = backend->port;
	return true;
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
