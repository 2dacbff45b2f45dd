// SPDX-License-Identifier: Apache-2.0
#include "conntrack.h"

#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "nl.h"

/* A request that grows: as long as all that we ever put into one. */
struct request {
	char bytes[NL_BODY_MAX];
	size_t len;
};

/* Sizes are known, so that it always fits; see the assertion below. */
static struct nlattr *put(struct request *request, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = (struct nlattr *)(request->bytes + request->len);

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(sizeof(*attr) + len);
	if (len)
		memcpy(attr + 1, data, len);
	request->len += NLMSG_ALIGN(sizeof(*attr) + len);
	return attr;
}

static struct nlattr *nest(struct request *request, uint16_t type)
{
	return put(request, type | NLA_F_NESTED, NULL, 0);
}

static void nest_end(const struct request *request, struct nlattr *attr)
{
	attr->nla_len = (uint16_t)(request->bytes + request->len - (char *)attr);
}

/* Of the longest: two tuples, status, timeout, what is known of TCP, two translations. IPv6. */
_Static_assert(4 + 2 * 76 + 8 + 8 + 40 + 2 * 72 <= NL_BODY_MAX, "a request may not fit");

static void begin(struct request *request, uint8_t family)
{
	const struct nfgenmsg header = { .nfgen_family = family, .version = NFNETLINK_V0 };

	memset(request, 0, sizeof(*request));
	memcpy(request->bytes, &header, sizeof(header));
	request->len = NLMSG_ALIGN(sizeof(header));
}

static void put_tuple(struct request *request, uint16_t type, const struct conntrack *entry,
                      const struct conntrack_tuple *tuple)
{
	bool v4 = entry->family == AF_INET;
	size_t len = v4 ? 4 : 16;
	struct nlattr *outer = nest(request, type), *inner = nest(request, CTA_TUPLE_IP);

	put(request, v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, &tuple->saddr, len);
	put(request, v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, &tuple->daddr, len);
	nest_end(request, inner);
	inner = nest(request, CTA_TUPLE_PROTO);
	put(request, CTA_PROTO_NUM, &entry->proto, sizeof(entry->proto));
	put(request, CTA_PROTO_SRC_PORT, &tuple->sport, sizeof(tuple->sport));
	put(request, CTA_PROTO_DST_PORT, &tuple->dport, sizeof(tuple->dport));
	nest_end(request, inner);
	nest_end(request, outer);
}

/* To this very address and port. */
static void put_translation(struct request *request, uint16_t type, uint8_t family,
                            const struct addr6 *addr, __be16 port)
{
	bool v4 = family == AF_INET;
	size_t len = v4 ? 4 : 16;
	struct nlattr *outer = nest(request, type), *inner;

	put(request, v4 ? CTA_NAT_V4_MINIP : CTA_NAT_V6_MINIP, addr, len);
	put(request, v4 ? CTA_NAT_V4_MAXIP : CTA_NAT_V6_MAXIP, addr, len);
	inner = nest(request, CTA_NAT_PROTO);
	put(request, CTA_PROTONAT_PORT_MIN, &port, sizeof(port));
	put(request, CTA_PROTONAT_PORT_MAX, &port, sizeof(port));
	nest_end(request, inner);
	nest_end(request, outer);
}

static void put_tcp(struct request *request, uint8_t state)
{
	const struct nf_ct_tcp_flags liberal = { IP_CT_TCP_FLAG_BE_LIBERAL,
		                                 IP_CT_TCP_FLAG_BE_LIBERAL };
	struct nlattr *outer = nest(request, CTA_PROTOINFO);
	struct nlattr *inner = nest(request, CTA_PROTOINFO_TCP);

	put(request, CTA_PROTOINFO_TCP_STATE, &state, sizeof(state));
	put(request, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, &liberal, sizeof(liberal));
	put(request, CTA_PROTOINFO_TCP_FLAGS_REPLY, &liberal, sizeof(liberal));
	nest_end(request, inner);
	nest_end(request, outer);
}

int conntrack__open(void)
{
	return nl__open(NETLINK_NETFILTER, 0);
}

int conntrack__create(int fd, const struct conntrack *entry, uint32_t timeout_s)
{
	const struct conntrack_tuple *orig = &entry->orig, *reply = &entry->reply;
	/* As it would be without translation, which the kernel then makes from what follows. */
	const struct conntrack_tuple turned = { orig->daddr, orig->saddr, orig->dport,
		                                orig->sport };
	const __be32 status = htonl(IPS_CONFIRMED | IPS_ASSURED | IPS_SEEN_REPLY);
	const __be32 timeout = htonl(timeout_s);
	struct request request;

	begin(&request, entry->family);
	put_tuple(&request, CTA_TUPLE_ORIG, entry, orig);
	put_tuple(&request, CTA_TUPLE_REPLY, entry, &turned);
	put(&request, CTA_STATUS, &status, sizeof(status));
	put(&request, CTA_TIMEOUT, &timeout, sizeof(timeout));
	if (entry->proto == IPPROTO_TCP)
		put_tcp(&request, entry->tcp_state);
	if (memcmp(&reply->daddr, &orig->saddr, sizeof(orig->saddr)) || reply->dport != orig->sport)
		put_translation(&request, CTA_NAT_SRC, entry->family, &reply->daddr, reply->dport);
	put_translation(&request, CTA_NAT_DST, entry->family, &reply->saddr, reply->sport);
	return nl__create(fd, CT_TYPE(IPCTNL_MSG_CT_NEW), request.bytes, request.len);
}

int conntrack__delete(int fd, const struct conntrack *entry, const struct conntrack_tuple *tuple)
{
	struct request request;
	int err;

	begin(&request, entry->family);
	put_tuple(&request, CTA_TUPLE_ORIG, entry, tuple);
	err = nl__request(fd, CT_TYPE(IPCTNL_MSG_CT_DELETE), request.bytes, request.len);
	return err == -ENOENT ? 0 : err;
}
