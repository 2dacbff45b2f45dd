// SPDX-License-Identifier: Apache-2.0
/* From maps and programs of an earlier version to those of this one, and why not back. */
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

#include "abi.h"
#include "dataplane_internal.h"
#include "device.h"
#include "fault.h"
#include "former.h"
#include "gate.h"
#include "log.h"
#include "support.h"

#define PINS "/sys/fs/bpf/pins/maps/"

/* ---- worlds ------------------------------------------------------------------------------------ */

static int same4(const void *old_key, const void *old_value, void *key, void *value)
{
	memcpy(key, old_key, sizeof(struct flow4_key));
	memcpy(value, old_value, sizeof(struct flow4));
	return 0;
}

static int same6(const void *old_key, const void *old_value, void *key, void *value)
{
	memcpy(key, old_key, sizeof(struct flow6_key));
	memcpy(value, old_value, sizeof(struct flow6));
	return 0;
}

/* Version 3 had an id only. */
static int longer_svc(const void *old_key, const void *old_value, void *key, void *value)
{
	struct svc *svc = value;

	memcpy(key, old_key, sizeof(struct svc4_key));
	memcpy(&svc->id, old_value, sizeof(svc->id));
	return 0;
}

static const struct migration table[] = {
	{ "flows4", 0, sizeof(struct flow4_key), sizeof(struct flow4), sizeof(struct flow4_key),
	  sizeof(struct flow4), same4 },
	{ "flows6", 0, sizeof(struct flow6_key), sizeof(struct flow6), sizeof(struct flow6_key),
	  sizeof(struct flow6), same6 },
	{ "svcs4", 3, sizeof(struct svc4_key), 4, sizeof(struct svc4_key), sizeof(struct svc),
	  longer_svc },
	{ .map = NULL },
};

/* Which packets the programs count; those of before may be told not to. */
static struct dataplane *open_with(uint32_t reject_rate, uint32_t without)
{
	const struct wire_options options = { .reject_rate = reject_rate, .without = without };
	const struct dataplane_opts opts = { .sz = sizeof(opts),
		                             .bpffs = bpffs,
		                             .objects = FIXTURES,
		                             .options = &options,
		                             .migrations = table };
	struct dataplane *dp = NULL;

	CHECK_EQ(dataplane__open(&dp, &opts), 0);
	return dp;
}

static int open_error(void)
{
	const struct dataplane_opts opts = {
		.sz = sizeof(opts), .bpffs = bpffs, .objects = FIXTURES, .migrations = table
	};
	struct dataplane *dp = NULL;
	int err;

	log__reset();
	err = dataplane__open(&dp, &opts);
	CHECK(!dp);
	return err;
}

static bool is_pinned(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), PINS "%s", name);
	return !access(path, F_OK);
}

static void rename_pin(const char *from, const char *to)
{
	char old[128], new[128];
	_cleanup_fd_ int fd = -1;

	snprintf(old, sizeof(old), PINS "%s", from);
	snprintf(new, sizeof(new), PINS "%s", to);
	fd = bpf_obj_get(old);
	CHECK(fd >= 0);
	CHECK_EQ(bpf_obj_pin(fd, new), 0);
	CHECK(!unlink(old));
}

static void pin_other(const char *name, uint32_t key_size, uint32_t value_size)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	_cleanup_fd_ int fd =
		bpf_map_create(BPF_MAP_TYPE_HASH, "other", key_size, value_size, 8, &opts);
	char path[128];

	snprintf(path, sizeof(path), PINS "%s", name);
	CHECK_EQ(bpf_obj_pin(fd, path), 0);
}

static struct flow4_key flow_key(uint16_t port)
{
	return (struct flow4_key){ .saddr = htonl(0x0a000001),
		                   .daddr = htonl(0x0a000002),
		                   .sport = htons(port),
		                   .dport = htons(80),
		                   .proto = IPPROTO_UDP };
}

static void put_flow(const struct dataplane *dp, uint16_t port, uint32_t svc)
{
	struct flow4_key key = flow_key(port);
	struct flow4 flow = { .svc = svc };
	uint32_t applied;

	CHECK_EQ(map__update(dataplane__map(dp, "flows4"), &key, &flow, 1, &applied), 0);
}

static uint32_t flow_svc(const struct dataplane *dp, uint16_t port)
{
	struct flow4_key key = flow_key(port);
	struct flow4 flow = {};

	return bpf_map_lookup_elem(dataplane__map(dp, "flows4")->fd, &key, &flow) ? 0 : flow.svc;
}

/* A node with an agent of before, whose flows are of version 0, on a pod's device. */
static struct dataplane *before(uint32_t ifindex, uint32_t reject_rate, uint32_t without)
{
	struct dataplane *dp = open_with(reject_rate, without);

	put_flow(dp, 1000, 7);
	if (ifindex)
		CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), 0);
	rename_pin("flows4_v1", "flows4_v0");
	rename_pin("flows6_v1", "flows6_v0");
	return dp;
}

static struct wire_former former_of(const struct dataplane *dp, const char *name)
{
	struct wire_former formers[8];
	size_t n = dataplane__formers(dp, formers, ARRAY_SIZE(formers));

	CHECK(n <= ARRAY_SIZE(formers));
	for (size_t i = 0; i < n; i++) {
		if (!strcmp((const char *)formers[i].name, name))
			return formers[i];
	}
	test__fail(__FILE__, __LINE__, "no former %s", name);
}

/* An agent that dies once its maps are there, before the first flow is. */
static void break_off(struct dataplane *dp)
{
	fault__set(BPF_MAP_LOOKUP_BATCH, 0, ENOMEM);
	CHECK(dataplane__upgrade(dp) < 0);
	fault__clear();
	dataplane__free(dp);
}

/* ---- maps -------------------------------------------------------------------------------------- */

static void a_newer_build_is_not_taken_over(void)
{
	dataplane__free(open_with(1, 0));
	pin_other("svcs4_v5", 4, 4);
	CHECK(!unlink(PINS "counters_v1"));
	CHECK_EQ(open_error(), -ESTALE);
	CHECK(strstr(log__text(), PINS "svcs4_v5 is of version 5, and this build knows version 4"));
	CHECK(strstr(log__text(), "millrace cleanup"));
	/* Nothing was touched. */
	CHECK(is_pinned("svcs4_v5") && is_pinned("svcs4_v4") && !is_pinned("counters_v1"));
	CHECK_EQ(dataplane__cleanup(bpffs), 0);
	dataplane__free(open_with(1, 0));
}

static void maps_that_a_newer_build_added_are_left_alone(void)
{
	dataplane__free(open_with(1, 0));
	pin_other("novelty_v1", 4, 4);
	pin_other("other", 4, 4);
	dataplane__free(open_with(1, 0));
	CHECK(is_pinned("novelty_v1") && is_pinned("other"));
}

static void what_the_agent_writes_is_there_when_it_is_found(void)
{
	const struct svc4_key key = { .port = 80 };
	const uint32_t id = 42;
	struct dataplane *dp = open_with(1, 0);
	struct svc svc = {};
	_cleanup_fd_ int old = -1;

	dataplane__free(dp);
	CHECK(!unlink(PINS "svcs4_v4"));
	pin_other("flows4_v0", sizeof(struct flow4_key), sizeof(struct flow4));
	pin_other("svcs4_v3", sizeof(key), 4);
	old = bpf_obj_get(PINS "svcs4_v3");
	CHECK_EQ(bpf_map_update_elem(old, &key, &id, BPF_ANY), 0);
	dp = open_with(1, 0);
	CHECK(dataplane__is_upgrading(dp));
	CHECK_EQ(bpf_map_lookup_elem(dataplane__map(dp, "svcs4")->fd, &key, &svc), 0);
	CHECK_EQ(svc.id, 42);
	/* The version of before may come back. */
	CHECK(!is_pinned("svcs4_v4") && is_pinned("svcs4_v3"));

	/* One that was broken off on the way is not begun from what is out of date by now. */
	CHECK_EQ(bpf_map_delete_elem(dataplane__map(dp, "svcs4")->fd, &key), 0);
	break_off(dp);
	dp = open_with(1, 0);
	CHECK(bpf_map_lookup_elem(dataplane__map(dp, "svcs4")->fd, &key, &svc));
	CHECK_EQ(dataplane__upgrade(dp), 0);
	CHECK(!dataplane__is_upgrading(dp));
	CHECK(is_pinned("svcs4_v4") && !is_pinned("svcs4_v3"));
	dataplane__free(dp);
}

static void what_nothing_leads_to_is_said(void)
{
	const uint64_t key = 1;
	struct dataplane *dp = open_with(1, 0);
	_cleanup_fd_ int old = -1;

	dataplane__free(dp);
	pin_other("svcs4_v2", 8, 4);
	pin_other("flows4_v0", 8, 4);
	pin_other("counters_v0", 8, 4);
	old = bpf_obj_get(PINS "flows4_v0");
	CHECK_EQ(bpf_map_update_elem(old, &key, &key, BPF_ANY), 0);
	dp = open_with(1, 0);
	CHECK_EQ(dataplane__upgrade(dp), 0);
	CHECK_EQ(former_of(dp, "svcs4").fate, WIRE_FORMER_REWRITTEN);
	CHECK_EQ(former_of(dp, "svcs4").from, 2);
	CHECK_EQ(former_of(dp, "svcs4").to, 4);
	CHECK_EQ(former_of(dp, "counters").fate, WIRE_FORMER_ANEW);
	CHECK_EQ(former_of(dp, "flows4").fate, WIRE_FORMER_LOST);
	CHECK_EQ(former_of(dp, "flows4").dropped, 1);
	CHECK(!is_pinned("svcs4_v2") && !is_pinned("flows4_v0") && !is_pinned("counters_v0"));
	dataplane__free(dp);
}

static void flows_of_before_go_on_in_the_new_table(void)
{
	struct dataplane *old = before(0, 1, 0), *dp = open_with(1, 0);
	struct gc_args args = { .timeout = { 77 } };

	CHECK_EQ(flow_svc(dp, 1000), 0);
	put_flow(old, 1001, 8);
	/* Half of a flow might be there. */
	CHECK_EQ(dataplane__gc(dp, 4, &args), 0);
	CHECK_EQ(args.scanned, 0);
	CHECK_EQ(dataplane__upgrade(dp), 0);
	CHECK_EQ(flow_svc(dp, 1000), 7);
	CHECK_EQ(flow_svc(dp, 1001), 8);
	CHECK_EQ(former_of(dp, "flows4").fate, WIRE_FORMER_CARRIED);
	CHECK_EQ(former_of(dp, "flows4").carried, 2);
	CHECK(is_pinned("flows4_v1") && !is_pinned("flows4_v0") && !is_pinned("flows6_v0"));
	args.timeout[0] = 77;
	CHECK_EQ(dataplane__gc(dp, 4, &args), 0);
	CHECK_EQ(args.scanned, 77);
	/* It is over. */
	CHECK_EQ(dataplane__upgrade(dp), 0);
	dataplane__free(dp);
	dp = open_with(1, 0);
	CHECK(!dataplane__is_upgrading(dp));
	dataplane__free(dp);
	dataplane__free(old);
}

static void an_upgrade_that_was_broken_off_spares_what_is_newer(void)
{
	struct dataplane *old = before(0, 1, 0), *dp = open_with(1, 0);

	put_flow(dp, 1000, 9);
	break_off(dp);
	put_flow(old, 1001, 8);
	dp = open_with(1, 0);
	CHECK_EQ(dataplane__upgrade(dp), 0);
	CHECK_EQ(flow_svc(dp, 1000), 9);
	CHECK_EQ(flow_svc(dp, 1001), 8);
	dataplane__free(dp);
	dataplane__free(old);
}

/* ---- programs ---------------------------------------------------------------------------------- */

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
		TEST(a_newer_build_is_not_taken_over),
		TEST(maps_that_a_newer_build_added_are_left_alone),
		TEST(what_the_agent_writes_is_there_when_it_is_found),
		TEST(what_nothing_leads_to_is_said),
		TEST(flows_of_before_go_on_in_the_new_table),
		TEST(an_upgrade_that_was_broken_off_spares_what_is_newer),
		TEST(programs_of_before_are_replaced_by_links),
		TEST(programs_of_before_are_replaced_by_filters),
		TEST(a_gate_keeps_known_flows_with_the_programs_of_before),
		TEST(an_upgrade_that_fails_is_tried_again),
		TEST(without_gates_programs_change_one_after_the_other),
		TEST(xdp_rests_until_the_caller_attaches_it),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
