// SPDX-License-Identifier: Apache-2.0
#include "netmon_parse.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "nl.h"
#include "util.h"

static bool has_body(const struct nlmsghdr *message, size_t size)
{
	return message->nlmsg_len >= NLMSG_LENGTH(size);
}

static __u32 get_u32(const struct rtattr *attr, __u32 fallback)
{
	__u32 value;

	if (!attr || RTA_PAYLOAD(attr) < sizeof(value))
		return fallback;
	memcpy(&value, RTA_DATA(attr), sizeof(value));
	return value;
}

/* Copies at most @room bytes; how many. */
static __u8 get_bytes(const struct rtattr *attr, __u8 *out, size_t room)
{
	size_t len = attr ? RTA_PAYLOAD(attr) : 0;

	if (len > room)
		len = room;
	if (len)
		memcpy(out, RTA_DATA(attr), len);
	return (__u8)len;
}

/* Copies a string and leaves the last byte 0. */
static void get_name(const struct rtattr *attr, __u8 out[WIRE_NAME_SIZE])
{
	get_bytes(attr, out, WIRE_NAME_SIZE - 1);
}

static void begin(struct wire_event *event, __u16 type, __u16 size, bool gone)
{
	memset(event, 0, size);
	event->type = type;
	event->size = size;
	event->gone = gone;
}

/* What a VLAN device stands on, and with which tag. */
static void get_vlan(struct wire_link *link, const struct rtattr *parent, const struct rtattr *data)
{
	const struct rtattr *attrs[IFLA_VLAN_PROTOCOL + 1];
	__u16 id = 0, protocol = 0;

	if (strcmp((const char *)link->kind, "vlan") || link->peer_elsewhere || !data)
		return;
	nl__nested(data, attrs, ARRAY_SIZE(attrs));
	get_bytes(attrs[IFLA_VLAN_ID], (__u8 *)&id, sizeof(id));
	get_bytes(attrs[IFLA_VLAN_PROTOCOL], (__u8 *)&protocol, sizeof(protocol));
	link->parent = get_u32(parent, 0);
	link->vlan = protocol == htons(ETH_P_8021Q) ? id : 0;
}

static bool parse_link(const struct nlmsghdr *message, struct wire_link *link)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	const struct rtattr *attrs[IFLA_LINK_NETNSID + 1], *info_attrs[IFLA_INFO_DATA + 1];

	/* Bridges report their ports as links of their own family. */
	if (!has_body(message, sizeof(*info)) || info->ifi_family != AF_UNSPEC)
		return false;
	nl__attributes(message, sizeof(*info), attrs, ARRAY_SIZE(attrs));
	begin(&link->event, WIRE_EVENT_LINK, sizeof(*link), message->nlmsg_type == RTM_DELLINK);
	link->ifindex = (__u32)info->ifi_index;
	link->arphrd = info->ifi_type;
	link->up = info->ifi_flags & IFF_UP ? 1 : 0;
	link->master = get_u32(attrs[IFLA_MASTER], 0);
	link->peer_elsewhere = attrs[IFLA_LINK_NETNSID] ? 1 : 0;
	link->mac_len = get_bytes(attrs[IFLA_ADDRESS], link->mac, sizeof(link->mac));
	get_name(attrs[IFLA_IFNAME], link->name);
	if (attrs[IFLA_LINKINFO]) {
		nl__nested(attrs[IFLA_LINKINFO], info_attrs, ARRAY_SIZE(info_attrs));
		get_name(info_attrs[IFLA_INFO_KIND], link->kind);
		get_vlan(link, attrs[IFLA_LINK], info_attrs[IFLA_INFO_DATA]);
	}
	return true;
}

static bool parse_address(const struct nlmsghdr *message, struct wire_address *address)
{
	const struct ifaddrmsg *info = NLMSG_DATA(message);
	const struct rtattr *attrs[IFA_FLAGS + 1];

	if (!has_body(message, sizeof(*info)) ||
	    (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
		return false;
	nl__attributes(message, sizeof(*info), attrs, ARRAY_SIZE(attrs));
	begin(&address->event, WIRE_EVENT_ADDRESS, sizeof(*address),
	      message->nlmsg_type == RTM_DELADDR);
	address->ifindex = info->ifa_index;
	address->flags = get_u32(attrs[IFA_FLAGS], info->ifa_flags);
	address->scope = info->ifa_scope;
	address->prefix_len = info->ifa_prefixlen;
	/* On a point-to-point device IFA_ADDRESS is the peer's. */
	address->ip_len =
		get_bytes(attrs[IFA_LOCAL] ?: attrs[IFA_ADDRESS], address->ip, sizeof(address->ip));
	return address->ip_len == (info->ifa_family == AF_INET ? 4 : 16);
}

/* RTA_VIA: a gateway of another family than the route's. */
static __u8 get_via(const struct rtattr *attr, __u8 gateway[16])
{
	const struct rtvia *via = attr ? RTA_DATA(attr) : NULL;
	size_t len = attr ? RTA_PAYLOAD(attr) : 0;

	if (len < sizeof(*via) + 4)
		return 0;
	len -= sizeof(*via);
	len = len > 16 ? 16 : len;
	memcpy(gateway, via->rtvia_addr, len);
	return (__u8)len;
}

static bool parse_route(const struct nlmsghdr *message, struct wire_route *route)
{
	const struct rtmsg *info = NLMSG_DATA(message);
	const struct rtattr *attrs[RTA_VIA + 1];

	if (!has_body(message, sizeof(*info)) || info->rtm_type != RTN_UNICAST ||
	    info->rtm_flags & RTM_F_CLONED ||
	    (info->rtm_family != AF_INET && info->rtm_family != AF_INET6))
		return false;
	nl__attributes(message, sizeof(*info), attrs, ARRAY_SIZE(attrs));
	if (get_u32(attrs[RTA_TABLE], info->rtm_table) != RT_TABLE_MAIN)
		return false;
	begin(&route->event, WIRE_EVENT_ROUTE, sizeof(*route), message->nlmsg_type == RTM_DELROUTE);
	route->prefix_len = info->rtm_dst_len;
	route->ip_len = info->rtm_family == AF_INET ? 4 : 16;
	get_bytes(attrs[RTA_DST], route->destination, route->ip_len);
	route->metric = get_u32(attrs[RTA_PRIORITY], 0);
	if (!attrs[RTA_MULTIPATH]) {
		route->ifindex = get_u32(attrs[RTA_OIF], 0);
		route->gateway_len = get_bytes(attrs[RTA_GATEWAY], route->gateway, 16)
		                             ?: get_via(attrs[RTA_VIA], route->gateway);
	}
	return true;
}

bool netmon__parse(const struct nlmsghdr *message, union netmon_record *record)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return parse_link(message, &record->link);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return parse_address(message, &record->address);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return parse_route(message, &record->route);
	default:
		return false;
	}
}

bool netmon__hides_changes(const struct nlmsghdr *message)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);
	const struct ifaddrmsg *address = NLMSG_DATA(message);

	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
		return has_body(message, sizeof(*link)) && link->ifi_change & IFF_UP &&
		       !(link->ifi_flags & IFF_UP) && link->ifi_family == AF_UNSPEC;
	case RTM_DELLINK:
		return has_body(message, sizeof(*link)) && link->ifi_family == AF_UNSPEC;
	case RTM_DELADDR:
		return has_body(message, sizeof(*address)) && address->ifa_family == AF_INET;
	case RTM_NEWROUTE:
		/* `ip route replace`: nothing is said of the one that it replaced. */
		return message->nlmsg_flags & NLM_F_REPLACE;
	default:
		return false;
	}
}
