/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IPv4 and IPv6 from one source: every program is compiled twice, with IPV set to 4 and to 6. This
 * page gives the types, maps and the few operations in which the families differ their common names.
 */
#ifndef MILLRACE_FAMILY_H
#define MILLRACE_FAMILY_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stddef.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "abi.h"

#define CAT_(a, b) a##b
#define CAT(a, b)  CAT_(a, b)

/* The name of a program: PROGRAM(pod_in) is pod_in4 or pod_in6. */
#define PROGRAM(name) CAT(name, IPV)

/*
 * The name of a global function: such one verifiers look at once, for any arguments, and not on each way that leads to
 * it. uplink_xdp has those of four parts.
 */
#if TAG_LEN
#define GLOBAL(name) CAT(name##_tagged, IPV)
#else
#define GLOBAL(name) CAT(name, IPV)
#endif

#define AF_INET_  2
#define AF_INET6_ 10

#if IPV == 4

typedef __be32 ip_t;
typedef struct flow4_key flow_key_t;
typedef struct flow4 flow_t;
typedef struct frag4_key frag_key_t;
typedef struct svc4_key svc_key_t;
typedef struct backend4 backend_t;
typedef struct affinity4_key affinity_key_t;
typedef struct endpoint4_key endpoint_key_t;
typedef struct cluster4_key cluster_key_t;
typedef struct range4_key range_key_t;
typedef struct block4_key block_key_t;
typedef struct sock4_key sock_key_t;
typedef struct sock4 sock_t;
typedef struct sock4_last sock_last_t;
typedef struct sock4_tcp sock_tcp_t;
typedef struct iphdr ip_header_t;

#define FAMILY_ETHERTYPE ETH_P_IP
#define FAMILY_AF        AF_INET_
#define FAMILY_ICMP      IPPROTO_ICMP

static __always_inline bool ip_equal(ip_t a, ip_t b)
{
	return a == b;
}

static __always_inline bool ip_is_zero(ip_t a)
{
	return !a;
}

/* Multicast, reserved or the limited broadcast address: 224.0.0.0 and above. */
static __always_inline bool ip_is_group(ip_t a)
{
	return bpf_ntohl(a) >> 24 >= 224;
}

/* 169.254.0.0/16: does not leave its link. */
static __always_inline bool ip_is_link_local(ip_t a)
{
	return bpf_ntohl(a) >> 16 == 0xa9fe;
}

static __always_inline ip_t dev_ip(const struct dev *dev)
{
	return dev->addr4;
}

#elif IPV == 6

typedef struct addr6 ip_t;
typedef struct flow6_key flow_key_t;
typedef struct flow6 flow_t;
typedef struct frag6_key frag_key_t;
typedef struct svc6_key svc_key_t;
typedef struct backend6 backend_t;
typedef struct affinity6_key affinity_key_t;
typedef struct endpoint6_key endpoint_key_t;
typedef struct cluster6_key cluster_key_t;
typedef struct range6_key range_key_t;
typedef struct block6_key block_key_t;
typedef struct sock6_key sock_key_t;
typedef struct sock6 sock_t;
typedef struct sock6_last sock_last_t;
typedef struct sock6_tcp sock_tcp_t;
typedef struct ipv6hdr ip_header_t;

#define FAMILY_ETHERTYPE ETH_P_IPV6
#define FAMILY_AF        AF_INET6_
#define FAMILY_ICMP      IPPROTO_ICMPV6

static __always_inline bool ip_equal(ip_t a, ip_t b)
{
	return a.w[0] == b.w[0] && a.w[1] == b.w[1] && a.w[2] == b.w[2] && a.w[3] == b.w[3];
}

static __always_inline bool ip_is_zero(ip_t a)
{
	return !(a.w[0] | a.w[1] | a.w[2] | a.w[3]);
}

/* Multicast: ff00::/8. */
static __always_inline bool ip_is_group(ip_t a)
{
	return bpf_ntohl(a.w[0]) >> 24 == 0xff;
}

/* fe80::/10: does not leave its link. */
static __always_inline bool ip_is_link_local(ip_t a)
{
	return bpf_ntohl(a.w[0]) >> 22 == 0x3fa;
}

static __always_inline ip_t dev_ip(const struct dev *dev)
{
	return dev->addr6;
}

#else
#error "compile with -DIPV=4 or -DIPV=6"
#endif

#endif
