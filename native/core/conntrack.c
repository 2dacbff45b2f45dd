// SPDX-License-Identifier: Apache-2.0
#include "conntrack.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "log.h"
#include "nl.h"
#include "util.h"

struct listing {
	conntrack_visit_fn visit;
	void *ctx;
};

static bool read_addresses(const struct rtattr *attr, uint8_t family, struct conntrack_tuple *out)
{
	const struct rtattr *ip[CTA_IP_MAX + 1];
	bool v4 = family == AF_INET;
	size_t len = v4 ? 4 : 16;

	if (!attr)
		return false;
	nl__nested(attr, ip, ARRAY_SIZE(ip));
	return nl__get(ip[v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC], &out->saddr, len) &&
	       nl__get(ip[v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST], &out->daddr, len);
}

/* False: cut short, or of a protocol without ports. */
static bool read_tuple(const struct rtattr *attr, struct conntrack *entry,
                       struct conntrack_tuple *out)
{
	const struct rtattr *tuple[CTA_TUPLE_MAX + 1], *proto[CTA_PROTO_MAX + 1];

	if (!attr)
		return false;
	nl__nested(attr, tuple, ARRAY_SIZE(tuple));
	if (!tuple[CTA_TUPLE_PROTO] || !read_addresses(tuple[CTA_TUPLE_IP], entry->family, out))
		return false;
	nl__nested(tuple[CTA_TUPLE_PROTO], proto, ARRAY_SIZE(proto));
	return nl__get(proto[CTA_PROTO_NUM], &entry->proto, sizeof(entry->proto)) &&
	       nl__get(proto[CTA_PROTO_SRC_PORT], &out->sport, sizeof(out->sport)) &&
	       nl__get(proto[CTA_PROTO_DST_PORT], &out->dport, sizeof(out->dport));
}

static uint8_t read_tcp_state(const struct rtattr *attr)
{
	const struct rtattr *info[CTA_PROTOINFO_MAX + 1], *tcp[CTA_PROTOINFO_TCP_MAX + 1];
	uint8_t state = 0;

	if (!attr)
		return 0;
	nl__nested(attr, info, ARRAY_SIZE(info));
	if (!info[CTA_PROTOINFO_TCP])
		return 0;
	nl__nested(info[CTA_PROTOINFO_TCP], tcp, ARRAY_SIZE(tcp));
	nl__get(tcp[CTA_PROTOINFO_TCP_STATE], &state, sizeof(state));
	return state;
}

/* Those of a zone are of somebody who keeps apart what is his, such as a bridge. */
static bool read_entry(const struct nlmsghdr *message, struct conntrack *entry)
{
	const struct nfgenmsg *header = NLMSG_DATA(message);
	const struct rtattr *attrs[CTA_MAX + 1];
	__be32 status, timeout = 0;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*header)))
		return false;
	memset(entry, 0, sizeof(*entry));
	entry->family = header->nfgen_family;
	if (entry->family != AF_INET && entry->family != AF_INET6)
		return false;
	nl__attributes(message, sizeof(*header), attrs, ARRAY_SIZE(attrs));
	if (attrs[CTA_ZONE] || !nl__get(attrs[CTA_STATUS], &status, sizeof(status)) ||
	    !read_tuple(attrs[CTA_TUPLE_ORIG], entry, &entry->orig) ||
	    !read_tuple(attrs[CTA_TUPLE_REPLY], entry, &entry->reply))
		return false;
	entry->status = ntohl(status);
	nl__get(attrs[CTA_TIMEOUT], &timeout, sizeof(timeout));
	entry->left_s = ntohl(timeout);
	entry->tcp_state = read_tcp_state(attrs[CTA_PROTOINFO]);
	return true;
}

static int show(void *ctx, const struct nlmsghdr *message)
{
	struct listing *listing = ctx;
	struct conntrack entry;

	return read_entry(message, &entry) ? listing->visit(listing->ctx, &entry) : 0;
}

/* What the kernel says that has no connection tracking, or not this way to ask for it. */
static bool is_absent(int err)
{
	return err == -EPROTONOSUPPORT || err == -EINVAL || err == -EOPNOTSUPP || err == -ENOENT;
}

int conntrack__list(conntrack_visit_fn visit, void *ctx)
{
	const struct nfgenmsg all = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
	struct listing listing = { visit, ctx };
	int err = nl__dump(NETLINK_NETFILTER, CT_TYPE(IPCTNL_MSG_CT_GET), &all, sizeof(all), show,
	                   &listing);

	if (err && is_absent(err)) {
		log__reset();
		return 0;
	}
	if (err)
		return log__error(-err, "cannot list the tracked connections: %s", strerror(-err));
	return 0;
}

bool conntrack__is_translated(const struct conntrack *entry)
{
	return memcmp(&entry->orig.daddr, &entry->reply.saddr, sizeof(entry->orig.daddr)) ||
	       entry->orig.dport != entry->reply.sport;
}

bool conntrack__is_apart(const struct conntrack *entry)
{
	return !conntrack__is_translated(entry) &&
	       !memcmp(&entry->orig.saddr, &entry->reply.daddr, sizeof(entry->orig.saddr)) &&
	       entry->orig.sport != entry->reply.dport;
}
