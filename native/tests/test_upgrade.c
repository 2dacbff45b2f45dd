// SPDX-License-Identifier: Apache-2.0
/* From maps of an earlier version to those of this one, and why not back. */
#include <bpf/bpf.h>

#include "fault.h"
#include "former.h"
#include "log.h"
#include "upgrade_world.h"

static int open_error(void)
{
	const struct dataplane_opts opts = {
		.sz = sizeof(opts), .bpffs = bpffs, .objects = FIXTURES, .migrations = upgrade_table
	};
	struct dataplane *dp = NULL;
	int err;

	log__reset();
	err = dataplane__open(&dp, &opts);
	CHECK(!dp);
	return err;
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

int main(void)
{
	static const struct test tests[] = {
		TEST(a_newer_build_is_not_taken_over),
		TEST(maps_that_a_newer_build_added_are_left_alone),
		TEST(what_the_agent_writes_is_there_when_it_is_found),
		TEST(what_nothing_leads_to_is_said),
		TEST(flows_of_before_go_on_in_the_new_table),
		TEST(an_upgrade_that_was_broken_off_spares_what_is_newer),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
