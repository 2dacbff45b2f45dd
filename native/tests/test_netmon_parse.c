// SPDX-License-Identifier: Apache-2.0
/* Messages that the kernel of a test machine may not send: it need not know VLANs. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "netmon_parse.h"
#include "support.h"

/* A message that is put together as the kernel does. */
struct message {
	struct nlmsghdr header;
	struct ifinfomsg info;
	char attrs[256];
};

/* Appends an attribute; where it begins. */
static size_t put(struct message *message, uint16_t type, const void *data, uint16_t len)
{
	const struct rtattr attr = { .rta_type = type, .rta_len = (uint16_t)RTA_LENGTH(len) };
	size_t at = NLMSG_ALIGN(message->header.nlmsg_len);

	memcpy((char *)message + at, &attr, sizeof(attr));
	if (len)
		memcpy((char *)message + at + RTA_LENGTH(0), data, len);
	message->header.nlmsg_len = (uint32_t)(at + RTA_ALIGN(attr.rta_len));
	return at;
}

/* The attribute that begins there holds all that has come since. */
static void end(struct message *message, size_t at)
{
	uint16_t len = (uint16_t)(message->header.nlmsg_len - at);

	memcpy((char *)message + at + offsetof(struct rtattr, rta_len), &len, sizeof(len));
}

static struct message of_kind(const char *kind, uint32_t parent, uint16_t protocol, uint16_t id,
                              bool elsewhere)
{
	struct message message = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
		            .nlmsg_type = RTM_NEWLINK },
		.info = { .ifi_type = 1, .ifi_index = 7, .ifi_flags = 1 },
	};
	size_t info, data;

	put(&message, IFLA_IFNAME, "eth0.70", 8);
	put(&message, IFLA_LINK, &parent, sizeof(parent));
	if (elsewhere)
		put(&message, IFLA_LINK_NETNSID, &(int32_t){ 0 }, 4);
	info = put(&message, IFLA_LINKINFO, NULL, 0);
	put(&message, IFLA_INFO_KIND, kind, (uint16_t)(strlen(kind) + 1));
	data = put(&message, IFLA_INFO_DATA, NULL, 0);
	put(&message, IFLA_VLAN_PROTOCOL, &(uint16_t){ htons(protocol) }, 2);
	put(&message, IFLA_VLAN_ID, &id, sizeof(id));
	end(&message, data);
	end(&message, info);
	return message;
}

static void check_vlan(const struct message *message, uint32_t parent, uint16_t vlan)
{
	union netmon_record record;

	CHECK(netmon__parse(&message->header, &record));
	CHECK_EQ(record.link.ifindex, 7);
	CHECK_EQ(record.link.parent, parent);
	CHECK_EQ(record.link.vlan, vlan);
}

static void a_vlan_names_its_parent_and_id(void)
{
	struct message message = of_kind("vlan", 2, ETH_P_8021Q, 70, false);

	check_vlan(&message, 2, 70);
}

static void a_vlan_of_another_protocol_has_no_id(void)
{
	struct message message = of_kind("vlan", 2, ETH_P_8021AD, 70, false);

	check_vlan(&message, 2, 0);
}

/* The number of the device below is one of another namespace. */
static void a_vlan_whose_device_is_elsewhere_has_no_parent(void)
{
	struct message message = of_kind("vlan", 2, ETH_P_8021Q, 70, true);

	check_vlan(&message, 0, 0);
}

/* Other kinds have links as well, and other things where VLANs have their id. */
static void no_other_kind_is_taken_for_a_vlan(void)
{
	struct message message = of_kind("veth", 2, ETH_P_8021Q, 70, false);

	check_vlan(&message, 0, 0);
	message = of_kind("macvlan", 2, ETH_P_8021Q, 70, false);
	check_vlan(&message, 0, 0);
}

/* Nothing behind a message is read, though its last attribute may lack its padding. */
static void what_follows_the_last_attribute_is_not_read(void)
{
	struct message message = of_kind("veth", 2, ETH_P_8021Q, 70, false);
	union netmon_record record;
	const uint32_t master = 9;

	put(&message, IFLA_OPERSTATE, "\6", 1);
	put(&message, IFLA_MASTER, &master, sizeof(master));
	message.header.nlmsg_len -= RTA_SPACE(sizeof(master)) + 3;
	CHECK(netmon__parse(&message.header, &record));
	CHECK_EQ(record.link.ifindex, 7);
	CHECK_EQ(record.link.master, 0);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_vlan_names_its_parent_and_id),
		TEST(a_vlan_of_another_protocol_has_no_id),
		TEST(a_vlan_whose_device_is_elsewhere_has_no_parent),
		TEST(no_other_kind_is_taken_for_a_vlan),
		TEST(what_follows_the_last_attribute_is_not_read),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
