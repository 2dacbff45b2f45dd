// SPDX-License-Identifier: Apache-2.0
/* Opening a dataplane: objects, and what must be refused. */
#include <linux/bpf.h>
#include <time.h>

#include "abi.h"
#include "fault.h"
#include "log.h"
#include "support.h"

static void an_object_of_another_build_is_refused(void)
{
	CHECK_EQ(test__open_error(bpffs, BUILD_DIR "/fixture_other_abi", NULL), -EPROTO);
	CHECK(strstr(log__text(), "ABI hash 0000000000000001"));
	CHECK(strstr(log__text(), "one distribution"));
}

static void the_verifiers_last_words_are_kept(void)
{
	CHECK_EQ(test__open_error(bpffs, BUILD_DIR "/fixture_refused", NULL), -EACCES);
	CHECK(strstr(log__text(), "map_value_or_null"));
	CHECK(strstr(log__text(), "the kernel refuses"));
	/* Nothing of a failed start may be found by the next one. */
	CHECK(access("/sys/fs/bpf/pins/maps/counters_v1", F_OK));
}

static void a_missing_object_is_named(void)
{
	CHECK_EQ(test__open_error(bpffs, "/nowhere", NULL), -ENOENT);
	CHECK(strstr(log__text(), "/nowhere/pod_tc4.bpf.o"));
	CHECK_EQ(test__open_error("relative", FIXTURES, NULL), -EINVAL);
}

static void without_privilege_the_error_says_what_is_needed(void)
{
	fault__set(BPF_PROG_LOAD, 0, EPERM);
	CHECK_EQ(test__open_error(bpffs, FIXTURES, NULL), -EPERM);
	fault__clear();
	CHECK(strstr(log__text(), "CAP_NET_ADMIN"));
}

static void every_failing_system_call_is_an_error_and_no_leak(void)
{
	static const int commands[] = { BPF_MAP_CREATE, BPF_PROG_LOAD, BPF_OBJ_GET_INFO_BY_FD };

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		for (int step = 0; step < 60; step += 3) {
			const struct dataplane_opts opts = { .sz = sizeof(opts),
				                             .bpffs = bpffs,
				                             .objects = FIXTURES };
			struct dataplane *dp = NULL;

			fault__set(commands[i], step, EPERM);
			if (dataplane__open(&dp, &opts))
				CHECK(!dp);
			dataplane__free(dp);
			fault__clear();
		}
	}
	CHECK_EQ(dataplane__cleanup(bpffs), 0);
}

/* An agent that went without what the kernel has would take off what stands, or attach beside it. */
static void want_of_memory_is_never_taken_for_an_answer(void)
{
	static const int commands[] = { BPF_LINK_CREATE, BPF_PROG_LOAD, BPF_MAP_CREATE };
	const struct dataplane_opts opts = { .sz = sizeof(opts),
		                             .bpffs = bpffs,
		                             .objects = FIXTURES };
	struct dataplane *dp = test__open(bpffs, 0);
	uint32_t whole = dataplane__features(dp);

	dataplane__free(dp);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		for (int step = 0; step < 60; step++) {
			fault__set(commands[i], step, ENOMEM);
			dp = NULL;
			if (!dataplane__open(&dp, &opts))
				CHECK_EQ(dataplane__features(dp), whole);
			dataplane__free(dp);
			fault__clear();
		}
	}
}

static void a_kernel_without_tcx_is_known_by_its_answer(void)
{
	struct dataplane *dp;

	fault__set(BPF_LINK_CREATE, 0, EINVAL);
	dp = test__open(bpffs, 0);
	fault__clear();
	CHECK(!(dataplane__features(dp) & WIRE_FEATURE_TCX));
	dataplane__free(dp);
}

static void collection_hands_figures_back(void)
{
	struct dataplane *dp = test__open(bpffs, 0);
	struct gc_args args = { .timeout = { 77 } };

	CHECK_EQ(dataplane__gc(dp, 6, &args), 0);
	CHECK_EQ(args.scanned, 77);
	CHECK_EQ(args.live, 6);
	CHECK_EQ(dataplane__gc(dp, 4, &args), 0);
	CHECK_EQ(args.live, 4);
	dataplane__free(dp);
}

static uint32_t tick(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec) >> FLOW_TICK_SHIFT;
}

static void the_real_objects_load(void)
{
	struct wire_options options = {
		.flows4 = 1024,
		.flows6 = 1024,
		.svcs4 = 64,
		.svcs6 = 64,
		.slots = 4096,
		.backends4 = 64,
		.backends6 = 64,
		.endpoints4 = 64,
		.endpoints6 = 64,
		.devs = 16,
		.subjects = 64,
		.peers = 128,
		.sets = 64,
		.set_peers = 256,
		.set_ports = 64,
		.reject_rate = 1000,
		.snat_port_min = 20000,
		.snat_port_max = 29999,
	};
	struct dataplane *dp = test__open_objects(bpffs, REAL_OBJECTS, &options);
	struct gc_args args = { .timeout = { 1 } };
	uint32_t begin = tick();
	struct room room = {};

	CHECK_EQ(dataplane__room(dp, 4, &room), 0);
	CHECK_EQ(room.stamp, 0);
	CHECK(dataplane__features(dp) & WIRE_FEATURE_XDP);
	CHECK_EQ(dataplane__gc(dp, 4, &args), 0);
	CHECK_EQ(args.scanned, 0);
	CHECK_EQ(dataplane__room(dp, 4, &room), 0);
	/* The programs go by the kernel's clock. */
	CHECK(room.stamp >= begin && room.stamp <= tick());
	CHECK_EQ(room.left, args.left);
	CHECK_EQ(room.left, args.limit);
	CHECK_EQ(dataplane__room(dp, 6, &room), 0);
	CHECK_EQ(room.stamp, 0);
	CHECK(dataplane__map(dp, "endpoints6"));
	CHECK_EQ(dataplane__map(dp, "flows4")->max_entries, 1024);
	CHECK_EQ(dataplane__map(dp, "subjects6")->max_entries, 64);
	CHECK_EQ(dataplane__map(dp, "set_ports")->max_entries, 64);
	dataplane__free(dp);
	options.peers = 256; /* of those that are pinned nothing changes */
	options.set_peers = 128;
	dp = test__open_objects(bpffs, REAL_OBJECTS, &options);
	CHECK_EQ(dataplane__map(dp, "peers4")->max_entries, 128);
	CHECK_EQ(dataplane__map(dp, "peers6")->max_entries, 128);
	CHECK_EQ(dataplane__map(dp, "set_peers")->max_entries, 256);
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(an_object_of_another_build_is_refused),
		TEST(the_verifiers_last_words_are_kept),
		TEST(a_missing_object_is_named),
		TEST(without_privilege_the_error_says_what_is_needed),
		TEST(every_failing_system_call_is_an_error_and_no_leak),
		TEST(want_of_memory_is_never_taken_for_an_answer),
		TEST(a_kernel_without_tcx_is_known_by_its_answer),
		TEST(collection_hands_figures_back),
		TEST(the_real_objects_load),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
