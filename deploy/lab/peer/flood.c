// SPDX-License-Identifier: Apache-2.0
/*
 * A SYN flood within bounds: connection requests whose sources do not exist, at a given rate, for a
 * given time. The sources are taken at random from blocks that are reserved for tests, 198.18.0.0/15
 * (RFC 2544) and 2001:db8:f100::/48 (RFC 3849), so that nobody is ever answered.
 */
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_DEFAULT 10
#define TICKS           1000 /* of a second: packets are sent in as many portions */

struct flood {
	int fd;
	struct sockaddr_storage to; /* without a port, as raw sockets want it */
	socklen_t to_len;
	uint64_t random;
	unsigned long sent, refused;
	struct {
		union {
			struct iphdr v4;
			struct ip6_hdr v6;
		} ip;
		size_t ip_len, addresses_len;
		uint8_t *addresses; /* source and destination, within ip */
		uint8_t *random_at; /* the part of the source that is anybody's */
		size_t random_len;
		struct tcphdr tcp;
	} packet;
};

static uint64_t flood__random(struct flood *flood)
{
	flood->random ^= flood->random << 13;
	flood->random ^= flood->random >> 7;
	flood->random ^= flood->random << 17;
	return flood->random;
}

static void flood__build4(struct flood *flood, const struct sockaddr_in *to)
{
	struct iphdr *ip = &flood->packet.ip.v4;

	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	inet_pton(AF_INET, "198.18.0.0", &ip->saddr);
	ip->daddr = to->sin_addr.s_addr;
	flood->packet.ip_len = sizeof(*ip);
	flood->packet.addresses = (uint8_t *)&ip->saddr;
	flood->packet.addresses_len = 8;
	flood->packet.random_at = (uint8_t *)&ip->saddr + 2;
	flood->packet.random_len = 2;
	flood->packet.tcp.dest = to->sin_port;
}

static void flood__build6(struct flood *flood, const struct sockaddr_in6 *to)
{
	struct ip6_hdr *ip = &flood->packet.ip.v6;

	ip->ip6_vfc = 6 << 4;
	ip->ip6_plen = htons(sizeof(struct tcphdr));
	ip->ip6_nxt = IPPROTO_TCP;
	ip->ip6_hlim = 64;
	inet_pton(AF_INET6, "2001:db8:f100::", &ip->ip6_src);
	ip->ip6_dst = to->sin6_addr;
	flood->packet.ip_len = sizeof(*ip);
	flood->packet.addresses = (uint8_t *)&ip->ip6_src;
	flood->packet.addresses_len = 32;
	flood->packet.random_at = (uint8_t *)&ip->ip6_src + 8;
	flood->packet.random_len = 8;
	flood->packet.tcp.dest = to->sin6_port;
}

static uint32_t sum(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint32_t total = 0;

	for (size_t i = 0; i < len; i += 2)
		total += (uint32_t)at[i] << 8 | at[i + 1];
	return total;
}

/* Over the pseudo header and a header whose check is 0 (RFC 9293, section 3.1). */
static uint16_t flood__checksum(const struct flood *flood)
{
	uint32_t total = IPPROTO_TCP + sizeof(struct tcphdr);

	total += sum(flood->packet.addresses, flood->packet.addresses_len);
	total += sum(&flood->packet.tcp, sizeof(struct tcphdr));
	total = (total & 0xffff) + (total >> 16);
	total = (total & 0xffff) + (total >> 16);
	return htons((uint16_t)~total);
}

static void flood__send(struct flood *flood)
{
	uint64_t source = flood__random(flood), rest = flood__random(flood);
	struct iovec parts[] = {
		{ .iov_base = &flood->packet.ip, .iov_len = flood->packet.ip_len },
		{ .iov_base = &flood->packet.tcp, .iov_len = sizeof(flood->packet.tcp) },
	};
	struct msghdr message = {
		.msg_name = &flood->to,
		.msg_namelen = flood->to_len,
		.msg_iov = parts,
		.msg_iovlen = 2,
	};

	memcpy(flood->packet.random_at, &source, flood->packet.random_len);
	flood->packet.tcp.source = htons((uint16_t)(1024 + rest % 64000));
	flood->packet.tcp.seq = (uint32_t)(rest >> 32);
	flood->packet.tcp.check = 0;
	flood->packet.tcp.check = flood__checksum(flood);
	if (sendmsg(flood->fd, &message, MSG_DONTWAIT) < 0)
		flood->refused++;
	else
		flood->sent++;
}

static int flood__open(struct flood *flood, const struct options *opts)
{
	int family = opts->target.sa.ss_family;

	flood->fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (flood->fd < 0)
		return -errno;
	if (getrandom(&flood->random, sizeof(flood->random), 0) < 0)
		return -errno;
	flood->random |= 1;
	flood->to = opts->target.sa;
	flood->to_len = opts->target.len;
	flood->packet.tcp.doff = sizeof(struct tcphdr) / 4;
	flood->packet.tcp.syn = 1;
	flood->packet.tcp.window = htons(65535);
	if (family == AF_INET) {
		flood__build4(flood, (const struct sockaddr_in *)&opts->target.sa);
		((struct sockaddr_in *)&flood->to)->sin_port = 0;
	} else {
		flood__build6(flood, (const struct sockaddr_in6 *)&opts->target.sa);
		((struct sockaddr_in6 *)&flood->to)->sin6_port = 0;
	}
	return 0;
}

/* What is due by the clock, and never more than a second's worth at once. */
static void flood__loop(struct flood *flood, int rate, int seconds)
{
	const struct timespec tick = { .tv_nsec = 1000000000 / TICKS };
	const uint64_t start = now_ms();
	uint64_t total = (uint64_t)rate * (uint64_t)seconds, done = 0;

	while (!stopping && done < total) {
		uint64_t due = (now_ms() - start) * (uint64_t)rate / 1000;

		if (due > done + (uint64_t)rate)
			done = due - (uint64_t)rate;
		for (; done < due && done < total; done++)
			flood__send(flood);
		nanosleep(&tick, NULL);
	}
}

int peer__flood(const struct options *opts)
{
	struct flood flood = { .fd = -1 };
	int err = flood__open(&flood, opts);

	if (err) {
		fprintf(stderr, "peer flood: cannot open a raw socket: %s\n", strerror(-err));
		return OUTCOME_ERROR;
	}
	puts("ready");
	flood__loop(&flood, opts->rate, opts->seconds ? opts->seconds : SECONDS_DEFAULT);
	printf("{\"sent\":%lu,\"refused\":%lu}\n", flood.sent, flood.refused);
	close(flood.fd);
	return flood.sent ? OUTCOME_OK : OUTCOME_ERROR;
}
