// SPDX-License-Identifier: Apache-2.0
/* From programs of an earlier version to those of this one, in one step, whatever fails. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "device.h"
#include "fault.h"
#include "gate.h"
#include "log.h"
#include "upgrade_world.h"

static void check_switch(uint32_t without)
{
	uint32_t ifindex = test__veth("pod0", "eth0");
	struct dataplane *old = before(ifindex, 1, without), *dp = open_with(1, without);

	device__check(dp, ifindex, WIRE_ROLE_POD, false);
	CHECK_EQ(dataplane__upgrade(dp), 0);
	device__check(dp, ifindex, WIRE_ROLE_POD, true);
	test__send(ifindex);
	CHECK_EQ(device__seen(dp, POD_OUT), 2);
	CHECK(!is_pinned("gate_programs4_0") && !is_pinned("gate_programs6_0"));
	dataplane__free(dp);
	dataplane__free(old);
}

static void programs_of_before_are_replaced_by_links(void)
{
	check_switch(0);
}

static void programs_of_before_are_replaced_by_filters(void)
{
	check_switch(WIRE_FEATURE_TCX);
}

static void udp(uint32_t ifindex, uint16_t sport, bool reply)
{
	const struct flow4_key key = flow_key(sport);
	const struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)ifindex };
	_cleanup_fd_ int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct {
		struct ethhdr eth;
		struct iphdr ip;
		struct udphdr udp;
	} __attribute__((packed)) frame = {
		.eth = { .h_dest = { 2, 0, 0, 0, 0, 9 }, .h_proto = htons(ETH_P_IP) },
		.ip = { .version = 4,
		        .ihl = 5,
		        .tot_len = htons(28),
		        .ttl = 64,
		        .protocol = IPPROTO_UDP,
		        .saddr = reply ? key.daddr : key.saddr,
		        .daddr = reply ? key.saddr : key.daddr },
		.udp = { .source = reply ? key.dport : key.sport,
		         .dest = reply ? key.sport : key.dport,
		         .len = htons(8) },
	};

	CHECK_EQ(sendto(fd, &frame, sizeof(frame), 0, (const struct sockaddr *)&to, sizeof(to)),
	         sizeof(frame));
}

/* How many of a known flow's packet, its reply and another flow's packet the new programs see. */
static unsigned int new_ones_see(const struct dataplane *dp, uint32_t ifindex)
{
	uint64_t seen = test__counter(dp, 2);

	udp(ifindex, 1000, false);
	udp(ifindex, 1000, true);
	udp(ifindex, 2000, false);
	return (unsigned int)(test__counter(dp, 2) - seen);
}

static void a_gate_keeps_known_flows_with_the_programs_of_before(void)
{
	uint32_t ifindex = test__veth("pod0", "eth0");
	struct dataplane *old = before(ifindex, 0, 0), *dp = open_with(1, 0);
	struct gates *gates = NULL;
	struct spots spots = {};

	CHECK_EQ(gates__open(&gates, dp), 0);
	CHECK_EQ(spots__find(&spots, dp), 0);
	CHECK_EQ(spots.n, 4);
	CHECK_EQ(new_ones_see(dp, ifindex), 0);
	CHECK_EQ(gates__put(gates, dp, &spots), 0);
	CHECK_EQ(new_ones_see(dp, ifindex), 0);
	CHECK_EQ(gates__turn(gates, GATE_BOTH), 0);
	CHECK_EQ(new_ones_see(dp, ifindex), 1);
	CHECK_EQ(gates__turn(gates, GATE_AFTER), 0);
	CHECK_EQ(new_ones_see(dp, ifindex), 3);
	/* The agent dies here: the gates go on, and the next one goes on from there. */
	gates__free(gates);
	dataplane__free(dp);
	dp = open_with(1, 0);
	CHECK_EQ(new_ones_see(dp, ifindex), 3);
	CHECK_EQ(dataplane__upgrade(dp), 0);
	CHECK_EQ(new_ones_see(dp, ifindex), 3);
	CHECK(!is_pinned("gate_programs4_0") && !is_pinned("gate_programs4_1"));
	spots__free(&spots);
	dataplane__free(dp);
	dataplane__free(old);
}

/* Whatever fails, and whether it is tried again by this agent or the next: every packet meets a program. */
static void check_failing(int command, bool same_agent)
{
	uint32_t ifindex = test__veth("pod0", "eth0");
	struct dataplane *old = before(ifindex, 1, 0), *dp = open_with(1, 0);
	uint64_t sent = 0;

	for (int step = 0; step < 24 && dataplane__is_upgrading(dp); step += 2) {
		fault__set(command, step, ENOMEM);
		dataplane__upgrade(dp);
		fault__clear();
		test__send(ifindex);
		sent += 2;
		CHECK_EQ(device__seen(dp, POD_OUT), sent);
		if (!same_agent && step < 12 && dataplane__is_upgrading(dp)) {
			dataplane__free(dp);
			dp = open_with(1, 0);
		}
	}
	CHECK(dataplane__upgrade(dp) >= 0);
	CHECK_EQ(flow_svc(dp, 1000), 7);
	device__check(dp, ifindex, WIRE_ROLE_POD, true);
	CHECK(!is_pinned("gate_programs4_0") && !is_pinned("flows4_v0"));
	dataplane__free(dp);
	dataplane__free(old);
	CHECK_EQ(dataplane__cleanup(bpffs), 0);
	test__shell("ip link del pod0");
}

static void an_upgrade_that_fails_is_tried_again(void)
{
	static const int commands[] = { BPF_LINK_UPDATE, BPF_MAP_UPDATE_ELEM, BPF_OBJ_PIN,
		                        BPF_PROG_LOAD, BPF_MAP_LOOKUP_BATCH };

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		check_failing(commands[i], true);
		check_failing(commands[i], false);
	}
}

static void without_gates_programs_change_one_after_the_other(void)
{
	uint32_t ifindex = test__veth("pod0", "eth0");
	struct dataplane *old = before(ifindex, 1, 0), *dp = open_with(1, 0);

	log__reset();
	fault__set(BPF_PROG_LOAD, 0, EACCES);
	CHECK_EQ(dataplane__upgrade(dp), 1);
	fault__clear();
	CHECK(strstr(log__text(), "gate4"));
	CHECK_EQ(flow_svc(dp, 1000), 7);
	device__check(dp, ifindex, WIRE_ROLE_POD, true);
	dataplane__free(dp);
	dataplane__free(old);
}

static void check_xdp_name(uint32_t ifindex, const char *name)
{
	struct bpf_prog_info info = {};
	__u32 id = 0, len = sizeof(info);
	_cleanup_fd_ int fd = -1;

	CHECK_EQ(bpf_xdp_query_id((int)ifindex, 0, &id), 0);
	fd = bpf_prog_get_fd_by_id(id);
	CHECK_EQ(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	CHECK(!strcmp(info.name, name));
}

static void xdp_rests_until_the_caller_attaches_it(void)
{
	uint32_t ifindex = test__veth("up0", "eth0");
	struct dataplane *old = open_with(1, 0), *dp;
	struct wire_attachment found;

	CHECK_EQ(dataplane__attach(old, ifindex, WIRE_ROLE_UPLINK), 0);
	CHECK_EQ(dataplane__attach_xdp(old, ifindex, 0), 0);
	rename_pin("flows4_v1", "flows4_v0");
	dp = open_with(1, 0);
	CHECK_EQ(dataplane__upgrade(dp), 0);
	CHECK_EQ(device__attachments(dp, &found), 1);
	CHECK_EQ(found.xdp, WIRE_XDP_OTHER);
	check_xdp_name(ifindex, "millrace_pass");
	CHECK_EQ(dataplane__attach_xdp(dp, ifindex, 0), 0);
	CHECK_EQ(device__attachments(dp, &found), 1);
	CHECK_EQ(found.xdp, WIRE_XDP_CURRENT);
	dataplane__free(dp);
	dataplane__free(old);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(programs_of_before_are_replaced_by_links),
		TEST(programs_of_before_are_replaced_by_filters),
		TEST(a_gate_keeps_known_flows_with_the_programs_of_before),
		TEST(an_upgrade_that_fails_is_tried_again),
		TEST(without_gates_programs_change_one_after_the_other),
		TEST(xdp_rests_until_the_caller_attaches_it),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
