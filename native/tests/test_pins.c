// SPDX-License-Identifier: Apache-2.0
/* The folder of pins: what the next process finds there, and what must not be there. */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "abi.h"
#include "arena.h"
#include "fault.h"
#include "log.h"
#include "support.h"

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
	CHECK_EQ(test__open_error(bpffs, FIXTURES, NULL), -ESTALE);
	CHECK(strstr(log__text(), "svcs4"));
	CHECK(strstr(log__text(), "value size 44, this build needs 40"));
	CHECK(strstr(log__text(), "millrace cleanup"));

	CHECK(!unlink(pin));
	pin_other_map(pin, BPF_MAP_TYPE_HASH, sizeof(struct svc), 64, 0);
	CHECK_EQ(test__open_error(bpffs, FIXTURES, NULL), -ESTALE);
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

static void a_failing_pin_leaves_a_state_to_go_on_from(void)
{
	/* What was pinned before the failure stays, and shortens the way of the next round. */
	for (int step = 0; step < 3; step++) {
		fault__set(BPF_OBJ_PIN, step, ENOMEM);
		CHECK_EQ(test__open_error(bpffs, FIXTURES, NULL), -ENOMEM);
		fault__clear();
	}
	dataplane__free(test__open(bpffs, 0));
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
	CHECK(test__open_error(bpffs, FIXTURES, NULL));
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

int main(void)
{
	static const struct test tests[] = {
		TEST(maps_outlive_the_process_that_made_them),
		TEST(pins_have_versions_and_scratch_has_none),
		TEST(sizes_count_for_new_maps_only),
		TEST(pins_that_are_gone_are_made_again),
		TEST(a_pin_of_another_shape_is_refused),
		TEST(statistics_that_grew_begin_anew),
		TEST(a_failing_pin_leaves_a_state_to_go_on_from),
		TEST(a_bpffs_is_mounted_where_there_is_none),
		TEST(a_hidden_bpffs_is_explained),
		TEST(a_mount_of_somebody_else_stays),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
