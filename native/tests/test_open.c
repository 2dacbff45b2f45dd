// SPDX-License-Identifier: Apache-2.0
/* Opening a dataplane: objects, pins, reuse, and what must be refused. */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#include "abi.h"
#include "arena.h"
#include "fault.h"
#include "log.h"
#include "support.h"

static int open_error(const char *pins, const char *objects, const struct wire_options *options)
{
	const struct dataplane_opts opts = {
		.sz = sizeof(opts), .bpffs = pins, .objects = objects, .options = options
	};
	struct dataplane *dp = NULL;
	int err;

	log__reset();
	err = dataplane__open(&dp, &opts);
	CHECK(err < 0);
	CHECK(!dp);
	return err;
}

static void maps_outlive_the_process_that_made_them(void)
{
	struct svc4_key key = { .port = 80 };
	struct svc value = { .id = 42 }, found = {};
	const uint64_t run[] = { 5 };
	uint64_t slot = 0;
	uint32_t applied;
	struct dataplane *dp = test__open(bpffs, 0);

	CHECK_EQ(map__update(dataplane__map(dp, "svcs4"), &key, &value, 1, &applied), 0);
	CHECK_EQ(arena__store(dataplane__slots(dp), 9, run, 1), 0);
	dataplane__free(dp);

	dp = test__open(bpffs, 0);
	CHECK_EQ(bpf_map_lookup_elem(dataplane__map(dp, "svcs4")->fd, &key, &found), 0);
	CHECK_EQ(found.id, 42);
	CHECK_EQ(arena__load(dataplane__slots(dp), 9, &slot, 1), 0);
	CHECK_EQ(slot, 5);
	dataplane__free(dp);
}

static void pins_have_versions_and_scratch_has_none(void)
{
	struct dataplane *dp = test__open(bpffs, 0);
	struct stat stat_;

	CHECK(!access("/sys/fs/bpf/pins/maps/svcs4_v4", F_OK));
	CHECK(!access("/sys/fs/bpf/pins/maps/flows6_v1", F_OK));
	CHECK(access("/sys/fs/bpf/pins/maps/scratch", F_OK));
	CHECK(access("/sys/fs/bpf/pins/maps/scratch_v1", F_OK));
	CHECK(dataplane__map(dp, "scratch"));
	CHECK(!dataplane__map(dp, "nonsense"));
	CHECK(!stat(bpffs, &stat_));
	CHECK_EQ(stat_.st_mode & 0777, 0700);
	dataplane__free(dp);
}

static void sizes_count_for_new_maps_only(void)
{
	const struct wire_options first = { .svcs4 = 128, .slots = 512, .reject_rate = 1 };
	const struct wire_options second = { .svcs4 = 256, .slots = 1024, .reject_rate = 1 };
	struct dataplane *dp = test__open_objects(bpffs, FIXTURES, &first);

	CHECK_EQ(dataplane__map(dp, "svcs4")->max_entries, 128);
	CHECK_EQ(dataplane__map(dp, "svcs6")->max_entries, 64);
	CHECK_EQ(arena__capacity(dataplane__slots(dp)), 512);
	dataplane__free(dp);
	dp = test__open_objects(bpffs, FIXTURES, &second);
	CHECK_EQ(dataplane__map(dp, "svcs4")->max_entries, 128);
	CHECK_EQ(arena__capacity(dataplane__slots(dp)), 512);
	dataplane__free(dp);
}

static void pin_other_map(const char *path, __u32 type, __u32 value_size, __u32 entries,
                          __u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
	_cleanup_fd_ int fd = bpf_map_create(type, "other", type == BPF_MAP_TYPE_HASH ? 8 : 4,
	                                     value_size, entries, &opts);

	CHECK(fd >= 0);
	CHECK_EQ(bpf_obj_pin(fd, path), 0);
}

/* The next process is to find the maps that the programs use, not make others. */
static void pins_that_are_gone_are_made_again(void)
{
	const char *gone = "/sys/fs/bpf/pins/maps/svcs4_v4",
		   *other = "/sys/fs/bpf/pins/maps/svcs6_v4";
	struct dataplane *dp = test__open(bpffs, 0);
	struct svc4_key key = { .port = 80 };
	struct svc svc = { .id = 7 };
	uint32_t applied;

	CHECK_EQ(dataplane__repin(dp), 0);
	CHECK(!map__update(dataplane__map(dp, "svcs4"), &key, &svc, 1, &applied));
	CHECK(!unlink(gone));
	CHECK(!unlink(other));
	pin_other_map(other, BPF_MAP_TYPE_HASH, 4, 64, 0);
	CHECK_EQ(dataplane__repin(dp), 2);
	CHECK_EQ(dataplane__repin(dp), 0);
	dataplane__free(dp);
	dp = test__open(bpffs, 0);
	svc.id = 0;
	CHECK(!bpf_map_lookup_elem(dataplane__map(dp, "svcs4")->fd, &key, &svc));
	CHECK_EQ(svc.id, 7);
	dataplane__free(dp);
}

static void a_pin_of_another_shape_is_refused(void)
{
	const char *pin = "/sys/fs/bpf/pins/maps/svcs4_v4";

	dataplane__free(test__open(bpffs, 0));
	CHECK(!unlink(pin));
	pin_other_map(pin, BPF_MAP_TYPE_HASH, sizeof(struct svc) + 4, 64, BPF_F_NO_PREALLOC);
	CHECK_EQ(open_error(bpffs, FIXTURES, NULL), -ESTALE);
	CHECK(strstr(log__text(), "svcs4"));
	CHECK(strstr(log__text(), "value size 44, this build needs 40"));
	CHECK(strstr(log__text(), "millrace cleanup"));

	CHECK(!unlink(pin));
	pin_other_map(pin, BPF_MAP_TYPE_HASH, sizeof(struct svc), 64, 0);
	CHECK_EQ(open_error(bpffs, FIXTURES, NULL), -ESTALE);
	CHECK(strstr(log__text(), "flags"));
}

static void statistics_that_grew_begin_anew(void)
{
	const char *pin = "/sys/fs/bpf/pins/maps/counters_v1";
	struct dataplane *dp;

	dataplane__free(test__open(bpffs, 0));
	CHECK(!unlink(pin));
	pin_other_map(pin, BPF_MAP_TYPE_PERCPU_ARRAY, 8, COUNTER_MAX - 1, 0);
	dp = test__open(bpffs, 0);
	CHECK_EQ(dataplane__map(dp, "counters")->max_entries, COUNTER_MAX);
	dataplane__free(dp);
	dp = test__open(bpffs, 0);
	CHECK_EQ(dataplane__map(dp, "counters")->max_entries, COUNTER_MAX);
	dataplane__free(dp);
}

static void an_object_of_another_build_is_refused(void)
{
	CHECK_EQ(open_error(bpffs, BUILD_DIR "/fixture_other_abi", NULL), -EPROTO);
	CHECK(strstr(log__text(), "ABI hash 0000000000000001"));
	CHECK(strstr(log__text(), "one distribution"));
}

static void the_verifiers_last_words_are_kept(void)
{
	CHECK_EQ(open_error(bpffs, BUILD_DIR "/fixture_refused", NULL), -EACCES);
	CHECK(strstr(log__text(), "map_value_or_null"));
	CHECK(strstr(log__text(), "the kernel refuses"));
	/* Nothing of a failed start may be found by the next one. */
	CHECK(access("/sys/fs/bpf/pins/maps/counters_v1", F_OK));
}

static void a_missing_object_is_named(void)
{
	CHECK_EQ(open_error(bpffs, "/nowhere", NULL), -ENOENT);
	CHECK(strstr(log__text(), "/nowhere/pod_tc4.bpf.o"));
	CHECK_EQ(open_error("relative", FIXTURES, NULL), -EINVAL);
}

static void without_privilege_the_error_says_what_is_needed(void)
{
	fault__set(BPF_PROG_LOAD, 0, EPERM);
	CHECK_EQ(open_error(bpffs, FIXTURES, NULL), -EPERM);
	fault__clear();
	CHECK(strstr(log__text(), "CAP_NET_ADMIN"));
}

static void a_failing_pin_leaves_a_state_to_go_on_from(void)
{
	/* What was pinned before the failure stays, and shortens the way of the next round. */
	for (int step = 0; step < 3; step++) {
		fault__set(BPF_OBJ_PIN, step, ENOMEM);
		CHECK_EQ(open_error(bpffs, FIXTURES, NULL), -ENOMEM);
		fault__clear();
	}
	dataplane__free(test__open(bpffs, 0));
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

static void a_bpffs_is_mounted_where_there_is_none(void)
{
	char folder[] = "/tmp/millrace-test-XXXXXX", path[64];

	CHECK(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a/b/", folder);
	dataplane__free(test__open(path, 0));
	snprintf(path, sizeof(path), "%s/a/b/maps/slots_v3", folder);
	CHECK(!access(path, F_OK));
	snprintf(path, sizeof(path), "%s/a/b", folder);
	CHECK_EQ(dataplane__cleanup(path), 0);
	CHECK(access(path, F_OK));
	test__shell("rmdir %s/a && rmdir %s", folder, folder);
}

static void a_hidden_bpffs_is_explained(void)
{
	CHECK(!umount("/sys/fs/bpf"));
	CHECK(open_error(bpffs, FIXTURES, NULL));
	CHECK(strstr(log__text(), "nsenter"));
}

static void a_mount_of_somebody_else_stays(void)
{
	char folder[] = "/tmp/millrace-test-XXXXXX";

	CHECK(mkdtemp(folder));
	CHECK(!mount("bpf", folder, "bpf", 0, NULL));
	dataplane__free(test__open(folder, 0));
	CHECK_EQ(dataplane__cleanup(folder), 0);
	CHECK(!umount(folder));
	CHECK(!rmdir(folder));
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
		TEST(maps_outlive_the_process_that_made_them),
		TEST(pins_have_versions_and_scratch_has_none),
		TEST(sizes_count_for_new_maps_only),
		TEST(pins_that_are_gone_are_made_again),
		TEST(a_pin_of_another_shape_is_refused),
		TEST(statistics_that_grew_begin_anew),
		TEST(an_object_of_another_build_is_refused),
		TEST(the_verifiers_last_words_are_kept),
		TEST(a_missing_object_is_named),
		TEST(without_privilege_the_error_says_what_is_needed),
		TEST(a_failing_pin_leaves_a_state_to_go_on_from),
		TEST(every_failing_system_call_is_an_error_and_no_leak),
		TEST(want_of_memory_is_never_taken_for_an_answer),
		TEST(a_kernel_without_tcx_is_known_by_its_answer),
		TEST(a_bpffs_is_mounted_where_there_is_none),
		TEST(a_hidden_bpffs_is_explained),
		TEST(a_mount_of_somebody_else_stays),
		TEST(collection_hands_figures_back),
		TEST(the_real_objects_load),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
