// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_seeds DIR: inputs to begin with, one folder for each target. What netlink says is asked of the
 * kernel that runs, in the network namespace of the caller; a connection is put together as ctnetlink does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "abi.h"
#include "conntrack.h"
#include "nl.h"
#include "util.h"

/* Longer ones would make the fuzzer slow. */
#define SEED_MAX 3000

enum reader { NETWORK, CONNECTIONS, DRIVERS, SOCKETS };

static const char *root;
static unsigned int seeds;

static void write_seed(const char *target, const void *data, size_t len)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/seed%u", root, target, seeds++);
	file = fopen(path, "w");
	if (!file || fwrite(data, 1, len, file) != len || fclose(file)) {
		perror(path);
		exit(1);
	}
}

struct seed {
	unsigned char bytes[SEED_MAX + 2 * NLMSG_HDRLEN + 64];
	size_t len;
};

static void put(struct seed *seed, const void *data, size_t len)
{
	memcpy(seed->bytes + seed->len, data, len);
	seed->len += len;
}

static void put_datagram(struct seed *seed, const void *data, size_t len)
{
	const unsigned char size[] = { len & 0xff, len >> 8 & 0xff };

	put(seed, size, sizeof(size));
	put(seed, data, len);
}

static void put_done(struct seed *seed, uint32_t seq)
{
	const struct {
		struct nlmsghdr header;
		int status;
	} done = { { .nlmsg_len = sizeof(done), .nlmsg_type = NLMSG_DONE, .nlmsg_seq = seq }, 0 };

	put_datagram(seed, &done, sizeof(done));
}

/* As many messages of the answer as there is room for, each a datagram, and the end of the dump. */
static int add(void *ctx, const struct nlmsghdr *message)
{
	struct seed *seed = ctx;

	if (seed->len + message->nlmsg_len < SEED_MAX)
		put_datagram(seed, message, message->nlmsg_len);
	return 0;
}

static void ask(enum reader reader, int protocol, uint16_t type, const void *body, size_t len)
{
	struct seed seed = { .bytes = { (unsigned char)reader }, .len = 1 };
	int err = nl__dump(protocol, type, body, len, add, &seed);

	if (err)
		fprintf(stderr, "nothing of protocol %d, type %u: %s\n", protocol, type,
		        strerror(-err));
	put_done(&seed, 1);
	put_done(&seed, 2);
	write_seed("netlink", seed.bytes, seed.len);
}

struct attributes {
	struct nlmsghdr header;
	struct nfgenmsg body;
	char bytes[512];
};

static size_t attribute(struct attributes *to, uint16_t type, const void *data, size_t len)
{
	struct rtattr attr = { .rta_len = (uint16_t)RTA_LENGTH(len), .rta_type = type };
	size_t at = to->header.nlmsg_len;

	memcpy((char *)to + at, &attr, sizeof(attr));
	if (len)
		memcpy((char *)to + at + sizeof(attr), data, len);
	to->header.nlmsg_len += RTA_SPACE(len);
	return at;
}

/* What has come since is within the attribute that begins there. */
static void within(struct attributes *to, size_t at)
{
	((struct rtattr *)((char *)to + at))->rta_len = (uint16_t)(to->header.nlmsg_len - at);
}

static void tuple(struct attributes *to, uint16_t type, uint32_t from, uint32_t dest)
{
	const uint16_t port = htons(80);
	const uint8_t proto = IPPROTO_TCP;
	size_t all = attribute(to, type, NULL, 0), inner = attribute(to, CTA_TUPLE_IP, NULL, 0);

	attribute(to, CTA_IP_V4_SRC, &from, sizeof(from));
	attribute(to, CTA_IP_V4_DST, &dest, sizeof(dest));
	within(to, inner);
	inner = attribute(to, CTA_TUPLE_PROTO, NULL, 0);
	attribute(to, CTA_PROTO_NUM, &proto, sizeof(proto));
	attribute(to, CTA_PROTO_SRC_PORT, &port, sizeof(port));
	attribute(to, CTA_PROTO_DST_PORT, &port, sizeof(port));
	within(to, inner);
	within(to, all);
}

static void connection(void)
{
	const uint32_t status = htonl(14), timeout = htonl(100);
	struct seed seed = { .bytes = { CONNECTIONS }, .len = 1 };
	struct attributes message = {
		.header = { .nlmsg_len = offsetof(struct attributes, bytes),
		            .nlmsg_type = CT_TYPE(IPCTNL_MSG_CT_NEW) },
		.body = { .nfgen_family = AF_INET },
	};
	const uint8_t established = 3;
	size_t info, tcp;

	tuple(&message, CTA_TUPLE_ORIG, 0x0a000001, 0x0a000002);
	tuple(&message, CTA_TUPLE_REPLY, 0x0a000003, 0x0a000001);
	attribute(&message, CTA_STATUS, &status, sizeof(status));
	attribute(&message, CTA_TIMEOUT, &timeout, sizeof(timeout));
	info = attribute(&message, CTA_PROTOINFO, NULL, 0);
	tcp = attribute(&message, CTA_PROTOINFO_TCP, NULL, 0);
	attribute(&message, CTA_PROTOINFO_TCP_STATE, &established, sizeof(established));
	within(&message, tcp);
	within(&message, info);
	put_datagram(&seed, &message, message.header.nlmsg_len);
	put_done(&seed, 1);
	write_seed("netlink", seed.bytes, seed.len);
}

/* What has been found: the last message of a datagram, and the last attribute, without their padding. */
static void without_padding(void)
{
	struct seed seed = { .bytes = { CONNECTIONS }, .len = 1 };
	struct attributes message = {
		.header = { .nlmsg_len = offsetof(struct attributes, bytes),
		            .nlmsg_type = CT_TYPE(IPCTNL_MSG_CT_NEW) },
		.body = { .nfgen_family = AF_INET },
	};

	attribute(&message, CTA_STATUS, "\0\0\0", 1);
	message.header.nlmsg_len -= 3;
	put_datagram(&seed, &message, message.header.nlmsg_len);
	write_seed("netlink", seed.bytes, seed.len);
}

static void of_netlink(void)
{
	const struct rtmsg routes = { .rtm_table = RT_TABLE_MAIN };
	const struct ifinfomsg links = { .ifi_family = AF_UNSPEC };
	const struct ifaddrmsg addresses = { .ifa_family = AF_UNSPEC };
	const struct genlmsghdr families = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	const struct inet_diag_req_v2 sockets = { .sdiag_family = AF_INET,
		                                  .sdiag_protocol = IPPROTO_UDP,
		                                  .idiag_states = ~0u };

	ask(NETWORK, NETLINK_ROUTE, RTM_GETLINK, &links, sizeof(links));
	ask(NETWORK, NETLINK_ROUTE, RTM_GETADDR, &addresses, sizeof(addresses));
	ask(NETWORK, NETLINK_ROUTE, RTM_GETROUTE, &routes, sizeof(routes));
	ask(DRIVERS, NETLINK_GENERIC, GENL_ID_CTRL, &families, sizeof(families));
	ask(SOCKETS, NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, &sockets, sizeof(sockets));
	connection();
	without_padding();
}

static void of_events(void)
{
	unsigned char some[1 + 3 * (1 + sizeof(struct event))] = { 1 };

	for (size_t i = 0; i < 3; i++)
		some[1 + i * (1 + sizeof(struct event))] = sizeof(struct event);
	write_seed("events", some, sizeof(some));
	some[1] = 3;
	write_seed("events", some, sizeof(some));
}

static void of_upgrades(void)
{
	unsigned char entry[160] = {};

	for (unsigned char i = 0; i < 8; i++) {
		char pin[] = " flows4_v1";

		pin[0] = (char)i;
		write_seed("upgrade", pin, strlen(pin));
		memset(entry, i, sizeof(entry));
		write_seed("upgrade", entry, sizeof(entry));
	}
}

int main(int argc, char **argv)
{
	static const char *const targets[] = { "netlink", "events", "upgrade" };
	char path[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: fuzz_seeds DIR\n");
		return 2;
	}
	root = argv[1];
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, targets[i]);
		if (mkdir(path, 0755) && errno != EEXIST) {
			perror(path);
			return 1;
		}
	}
	of_netlink();
	of_events();
	of_upgrades();
	return 0;
}
