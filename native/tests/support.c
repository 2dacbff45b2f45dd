// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "log.h"
#include "map.h"

#define SKIPPED 77

const char bpffs[] = "/sys/fs/bpf/pins";

void test__fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("  %s:%d: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n%s", log__text());
	fflush(stdout);
	_exit(1);
}

void test__shell(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		test__fail(__FILE__, __LINE__, "failed: %s", command);
}

bool test__kernel_is(unsigned major, unsigned minor)
{
	struct utsname name;
	unsigned found[2];

	CHECK(!uname(&name));
	CHECK_EQ(sscanf(name.release, "%u.%u", &found[0], &found[1]), 2);
	return found[0] > major || (found[0] == major && found[1] >= minor);
}

static void isolate(void)
{
	CHECK(!unshare(CLONE_NEWNET | CLONE_NEWNS));
	CHECK(!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("sysfs", "/sys", "sysfs", 0, NULL));
	CHECK(!mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL));
	test__shell("ip link set lo up");
}

static bool run_one(const struct test *test)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		isolate();
		test->run();
		fflush(stdout);
		exit(0); /* lets the leak checker look */
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return false;
	printf("%s %s\n", status ? "not ok" : "ok", test->name);
	return !status;
}

int test__run(const struct test *tests, size_t n)
{
	size_t failed = 0;

	if (geteuid()) {
		puts("skipped: needs root");
		return SKIPPED;
	}
	log__install();
	for (size_t i = 0; i < n; i++)
		failed += !run_one(&tests[i]);
	printf("%zu passed, %zu failed\n", n - failed, failed);
	return failed ? 1 : 0;
}

int test__new_netns(void)
{
	int old = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	CHECK(old >= 0);
	CHECK(!unshare(CLONE_NEWNET));
	test__shell("ip link set lo up");
	return old;
}

void test__enter_netns(int fd)
{
	CHECK(!setns(fd, CLONE_NEWNET));
}

struct dataplane *test__open_objects(const char *pins, const char *objects,
                                     const struct wire_options *options)
{
	const struct dataplane_opts opts = {
		.sz = sizeof(opts), .bpffs = pins, .objects = objects, .options = options
	};
	struct dataplane *dp = NULL;

	CHECK_EQ(dataplane__open(&dp, &opts), 0);
	CHECK(dp);
	return dp;
}

struct dataplane *test__open(const char *pins, uint32_t without)
{
	const struct wire_options options = {
		.reject_rate = 7, .snat_port_min = 1000, .snat_port_max = 2000, .without = without
	};

	return test__open_objects(pins, FIXTURES, &options);
}

int test__open_error(const char *pins, const char *objects, const struct wire_options *options)
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

uint64_t test__counter(const struct dataplane *dp, uint32_t index)
{
	uint64_t sum = 0;

	CHECK_EQ(map__sum_percpu(dataplane__map(dp, "counters"), index, &sum, 1), 0);
	return sum;
}

uint32_t test__veth(const char *name, const char *peer)
{
	test__shell("ip link add %s type veth peer name %s", name, peer);
	/* No traffic but the tests'. */
	test__shell("sysctl -qw net.ipv6.conf.%s.disable_ipv6=1 net.ipv6.conf.%s.disable_ipv6=1",
	            name, peer);
	test__shell("ip link set %s up && ip link set %s up", name, peer);
	return if_nametoindex(name);
}

void test__send(uint32_t ifindex)
{
	/* A broadcast frame with an EtherType for experiments: no stack answers it. */
	static const uint8_t frame[60] = { 255, 255, 255, 255, 255, 255,  2,
		                           0,   0,   0,   0,   1,   0x88, 0xb5 };
	const struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)ifindex };
	_cleanup_fd_ int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK_EQ(sendto(fd, frame, sizeof(frame), 0, (const struct sockaddr *)&to, sizeof(to)),
	         sizeof(frame));
}
