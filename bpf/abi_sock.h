/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of abi.h about sockets: what the programs at cgroup hooks remember of what they have led to a backend.
 * Included by abi.h alone; the rules of that page hold here.
 */
#ifndef MILLRACE_ABI_SOCK_H
#define MILLRACE_ABI_SOCK_H

/* ---- socks4, socks6: LRU_HASH. What the socket programs have translated for UDP, by socket. ----- */

enum sock_kind {
	SOCK_REVERSE = 1, /* key: a backend; value: the frontend that the socket has asked for */
	SOCK_FORWARD =
		2, /* key: a frontend; value: the backend that datagrams of an unconnected UDP
			   * socket to it go to */
};

enum sock_flag {
	SOCK_CONNECTED = 1 << 0, /* made by connect: the socket knows no other peer */
};

struct sock4_key {
	__u64 cookie; /* of the socket */
	__be32 addr;
	__be16 port;
	__u8 kind; /* enum sock_kind */
	__u8 pad;
};
ABI_SIZE(sock4_key, 16);

struct sock6_key {
	__u64 cookie;
	struct addr6 addr;
	__be16 port;
	__u8 kind;
	__u8 pad[5];
};
ABI_SIZE(sock6_key, 32);

struct sock4 {
	__be32 addr;
	__be16 port;
	__u16 backend_gen; /* backend4.gen when it was chosen */
	__u32 backend;     /* index into backends4 */
	__u32 svc;         /* svc.id */
	__u8 proto;        /* IPPROTO_UDP */
	__u8 flags;        /* enum sock_flag */
	__u16 pad;
};
ABI_SIZE(sock4, 20);

struct sock6 {
	struct addr6 addr;
	__be16 port;
	__u16 backend_gen;
	__u32 backend;
	__u32 svc;
	__u8 proto;
	__u8 flags;
	__u16 pad;
};
ABI_SIZE(sock6, 32);

/* ---- sock_last4, sock_last6: SK_STORAGE. What a socket was led to last: what to take out of socks4 or
 * socks6 for a UDP one, the name of the peer of a TCP one whose place in sock_tcp is another's. All zero:
 * nothing. ---------------------------------------------------------------------------------------- */

struct sock4_last {
	__be32 addr, backend_addr; /* of the frontend; of the backend */
	__be16 port, backend_port;
};
ABI_SIZE(sock4_last, 12);

struct sock6_last {
	struct addr6 addr, backend_addr;
	__be16 port, backend_port;
};
ABI_SIZE(sock6_last, 36);

/* ---- sock_tcp4, sock_tcp6: ARRAY by socket cookie % SOCK_TCP_PLACES. What TCP sockets were led to. - */

#define SOCK_TCP_PLACES 65536

struct sock4_tcp {
	__u64 cookie; /* whose place it is until he is closed; 0 = nobody's */
	struct sock4_last last;
	__u32 pad;
};
ABI_SIZE(sock4_tcp, 24);

struct sock6_tcp {
	__u64 cookie;
	struct sock6_last last;
	__u32 pad;
};
ABI_SIZE(sock6_tcp, 48);

/* ---- sock_off: HASH. Network namespaces whose sockets are left alone: pods that must see the VIP. */

struct sock_off_key {
	__u64 netns; /* SO_NETNS_COOKIE */
};
ABI_SIZE(sock_off_key, 8);

struct sock_off {
	__u32 off; /* 1 */
};
ABI_SIZE(sock_off, 4);

#endif
