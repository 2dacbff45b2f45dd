// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Ends connected UDP sockets whose backend is gone, so that their owners hear of it at once and
 * connect again. The reader of the iterator sees the sockets of its own network namespace; one that
 * the socket programs did not lead to a backend has no entry in SOCKS and is left alone.
 *
 * Needs the kfunc bpf_sock_destroy (Linux 6.5); the loader does without this object where it fails.
 */
#include "maps.h"
#include "maps_sock.h"

/* The few members of the kernel's structs that matter; relocated when the object is loaded. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct in6_addr___kernel {
	union {
		__be32 u6_addr32[4];
	} in6_u;
};

struct sock_common {
	unsigned short skc_family;
	__be16 skc_dport;
	__be32 skc_daddr;
	struct in6_addr___kernel skc_v6_daddr;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__udp {
	struct bpf_iter_meta *meta;
	struct sock_common *udp_sk; /* a struct udp_sock, which begins with it */
};
#pragma clang attribute pop

extern int bpf_sock_destroy(struct sock_common *sock) __ksym;

/* An IPv6 socket that talks to ::ffff:a.b.c.d: its packets are IPv4. */
static __always_inline bool sock_is_mapped(const struct sock_common *sk)
{
	const struct in6_addr___kernel *ip = &sk->skc_v6_daddr;

	return sk->skc_family == AF_INET6_ && !ip->in6_u.u6_addr32[0] && !ip->in6_u.u6_addr32[1] &&
	       ip->in6_u.u6_addr32[2] == bpf_htonl(0xffff);
}

#if IPV == 4
static __always_inline bool sock_is_ours(const struct sock_common *sk)
{
	return sk->skc_family == AF_INET_ || sock_is_mapped(sk);
}

static __always_inline ip_t sock_peer_ip(const struct sock_common *sk)
{
	return sk->skc_daddr; /* kept for mapped addresses, too */
}
#else
static __always_inline bool sock_is_ours(const struct sock_common *sk)
{
	return sk->skc_family == AF_INET6_ && !sock_is_mapped(sk);
}

static __always_inline ip_t sock_peer_ip(const struct sock_common *sk)
{
	const struct in6_addr___kernel *ip = &sk->skc_v6_daddr;

	return (ip_t){ { ip->in6_u.u6_addr32[0], ip->in6_u.u6_addr32[1], ip->in6_u.u6_addr32[2],
		         ip->in6_u.u6_addr32[3] } };
}
#endif

static __always_inline bool backend_is_gone(const sock_t *entry)
{
	__u32 id = entry->backend;
	const backend_t *backend = bpf_map_lookup_elem(&BACKENDS, &id);

	return !backend || !(backend->flags & BACKEND_ACTIVE) || backend->gen != entry->backend_gen;
}

/* Writes one byte for each socket that it ends. */
SEC("iter/udp")
int PROGRAM(sock_end)(struct bpf_iter__udp *ctx)
{
	struct sock_common *sk = ctx->udp_sk;
	sock_key_t key;
	const char mark = 1;
	sock_t *entry;

	if (!sk || !sk->skc_dport || !sock_is_ours(sk))
		return 0;
	__builtin_memset(&key, 0, sizeof(key));
	key.cookie = bpf_get_socket_cookie(sk);
	key.addr = sock_peer_ip(sk);
	key.port = sk->skc_dport;
	key.kind = SOCK_REVERSE;
	entry = bpf_map_lookup_elem(&SOCKS, &key);
	if (!entry || !(entry->flags & SOCK_CONNECTED) || !backend_is_gone(entry) ||
	    bpf_sock_destroy(sk))
		return 0;
	bpf_map_delete_elem(&SOCKS, &key);
	bpf_seq_write(ctx->meta->seq, &mark, sizeof(mark));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
