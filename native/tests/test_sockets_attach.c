// SPDX-License-Identifier: Apache-2.0
/* The programs' links on a cgroup: whom they serve, restart, another folder, removal. */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <sys/mount.h>

#include "fault.h"
#include "log.h"
#include "sockets_world.h"

static int connect_once(void)
{
	int fd = world__socket(V4, SOCK_STREAM), err;

	err = world__connect(fd, end_of(V4, &vip, 80));
	close(fd);
	return err;
}

/* Nobody listens at the backends: led there, a connect is refused; else there is no way to the VIP. */
#define LED     (-ECONNREFUSED)
#define NOT_LED (-ENETUNREACH)

static struct dataplane *open_world(void)
{
	struct dataplane *dp = world__open(0);

	world__service(dp, &vip, 80);
	return dp;
}

static void addresses(void)
{
	test__shell("ip addr add %s/32 dev lo; ip addr add %s/32 dev lo", backend_a.v4,
	            backend_b.v4);
}

static void only_the_folder_and_what_is_below_is_served(void)
{
	const char *cgroup = world__cgroup();
	struct dataplane *dp = open_world();
	char path[512];

	addresses();
	snprintf(path, sizeof(path), "%s", cgroup);
	CHECK_EQ(connect_once(), NOT_LED);
	CHECK(dataplane__attach_sockets(dp, path) > 0);
	CHECK_EQ(connect_once(), LED);
	test__shell("mkdir %s/below && echo %d > %s/below/cgroup.procs", path, getpid(), path);
	CHECK_EQ(connect_once(), LED);
	world__cgroup();
	test__shell("rmdir %s/below", path);
	CHECK_EQ(connect_once(), NOT_LED);
	dataplane__free(dp);
}

/* Whoever opens next finds the links at work, takes them over, and changes nothing a second time. */
static void links_outlive_the_process_and_are_taken_over(void)
{
	const char *cgroup = world__cgroup();
	struct dataplane *dp = open_world();
	int made;

	addresses();
	made = dataplane__attach_sockets(dp, cgroup);
	CHECK_EQ(made, 13);
	CHECK_EQ(dataplane__attach_sockets(dp, cgroup), 0);
	dataplane__free(dp);
	CHECK_EQ(connect_once(), LED);

	dp = open_world();
	CHECK_EQ(dataplane__attach_sockets(dp, cgroup), made);
	CHECK_EQ(dataplane__attach_sockets(dp, cgroup), 0);
	CHECK_EQ(connect_once(), LED);
	CHECK_EQ(dataplane__detach_sockets(dp), 0);
	CHECK_EQ(dataplane__detach_sockets(dp), 0);
	CHECK_EQ(connect_once(), NOT_LED);
	dataplane__free(dp);
}

/* Sockets of the time before a restart still see the frontend, and are still cleaned up after. */
static void sockets_outlive_a_restart(void)
{
	int servers[2], udp, tcp;
	const char *cgroup = world__cgroup();
	struct dataplane *dp = open_world();

	world__network();
	world__serve_both(V4, SOCK_STREAM, servers);
	world__service(dp, &vip, 53);
	CHECK(dataplane__attach_sockets(dp, cgroup) > 0);
	udp = world__socket(V4, SOCK_DGRAM);
	tcp = world__socket(V4, SOCK_STREAM);
	CHECK_EQ(world__connect(udp, end_of(V4, &vip, 53)), 0);
	CHECK_EQ(world__connect(tcp, end_of(V4, &vip, 80)), 0);
	dataplane__free(dp);

	dp = open_world();
	CHECK(dataplane__attach_sockets(dp, cgroup) > 0);
	world__check_peer(udp, end_of(V4, &vip, 53));
	world__check_peer(tcp, end_of(V4, &vip, 80));
	CHECK_EQ(world__entries(dp), 1);
	close(udp);
	CHECK_EQ(world__entries(dp), 0);
	close(tcp);
	world__close_both(servers);
	dataplane__free(dp);
}

/* --cgroup has changed, or the folder was removed and made again. */
static void links_move_to_another_folder(void)
{
	struct dataplane *dp = open_world();
	char old[512];

	addresses();
	snprintf(old, sizeof(old), "%s", world__cgroup());
	CHECK_EQ(dataplane__attach_sockets(dp, old), 13);
	CHECK_EQ(dataplane__attach_sockets(dp, world__cgroup()), 13);
	CHECK_EQ(connect_once(), LED);
	test__shell("echo %d > %s/cgroup.procs", getpid(), old);
	CHECK_EQ(connect_once(), NOT_LED);
	dataplane__free(dp);
}

static void two_nodes_do_not_serve_each_other(void)
{
	struct dataplane *dp = open_world(), *other = NULL;
	const struct dataplane_opts opts = { .sz = sizeof(opts),
		                             .bpffs = "/sys/fs/bpf/other",
		                             .objects = SOCKET_OBJECTS };
	const char *cgroup;

	addresses();
	CHECK_EQ(dataplane__open(&other, &opts), 0);
	CHECK_EQ(dataplane__attach_sockets(dp, world__cgroup()), 13);
	cgroup = world__cgroup();
	CHECK_EQ(dataplane__attach_sockets(other, cgroup), 13);
	/* The other one has no services. */
	CHECK_EQ(connect_once(), NOT_LED);
	dataplane__free(dp);
	dataplane__free(other);
}

static void a_failure_leaves_no_link_behind(void)
{
	const char *cgroup = world__cgroup();
	struct dataplane *dp = open_world();

	addresses();
	fault__set(BPF_LINK_CREATE, 12, EPERM);
	CHECK_EQ(dataplane__attach_sockets(dp, cgroup), -EPERM);
	fault__clear();
	CHECK(strstr(log__text(), "sock_mapped_connect6"));
	CHECK(strstr(log__text(), "forbids"));
	CHECK_EQ(connect_once(), NOT_LED);
	CHECK_EQ(dataplane__attach_sockets(dp, cgroup), 13);
	CHECK_EQ(dataplane__attach_sockets(dp, "/sys"), -EINVAL);
	CHECK(strstr(log__text(), "cgroup v2"));
	CHECK_EQ(dataplane__attach_sockets(dp, "/nowhere"), -ENOENT);
	CHECK_EQ(connect_once(), LED);
	dataplane__free(dp);
}

static void cleanup_takes_the_links_off(void)
{
	const char *cgroup = world__cgroup();
	struct dataplane *dp = open_world();

	addresses();
	CHECK_EQ(dataplane__attach_sockets(dp, cgroup), 13);
	dataplane__free(dp);
	CHECK_EQ(dataplane__cleanup(bpffs), 0);
	CHECK_EQ(connect_once(), NOT_LED);
	CHECK(access(bpffs, F_OK));
}

/* The fixtures have no objects for sockets: all else works, and there is a reason to show. */
static void a_node_that_cannot_load_them_goes_without(void)
{
	struct dataplane *dp = test__open(bpffs, 0);

	CHECK(!(dataplane__features(dp) & WIRE_FEATURE_SOCKETS));
	CHECK(strstr(dataplane__sockets_error(dp), "sock4.bpf.o"));
	CHECK_EQ(dataplane__attach_sockets(dp, world__cgroup()), -ENOTSUP);
	dataplane__free(dp);
	dp = world__open_objects(REAL_OBJECTS, WIRE_FEATURE_SOCKETS);
	CHECK(!(dataplane__features(dp) & WIRE_FEATURE_SOCKETS));
	CHECK(!dataplane__sockets_error(dp));
	dataplane__free(dp);
	dp = world__open(0);
	CHECK(dataplane__features(dp) & WIRE_FEATURE_SOCKETS);
	CHECK(!dataplane__sockets_error(dp));
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(only_the_folder_and_what_is_below_is_served),
		TEST(links_outlive_the_process_and_are_taken_over),
		TEST(sockets_outlive_a_restart),
		TEST(links_move_to_another_folder),
		TEST(two_nodes_do_not_serve_each_other),
		TEST(a_failure_leaves_no_link_behind),
		TEST(cleanup_takes_the_links_off),
		TEST(a_node_that_cannot_load_them_goes_without),
	};

	return world__run(tests, ARRAY_SIZE(tests));
}
