// SPDX-License-Identifier: Apache-2.0
/*
 * Real UDP sockets, and the entries that the socket programs would have made for them. Every test
 * runs twice: by the program, and by netlink.
 */
#include <arpa/inet.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "abi.h"
#include "sock_end.h"
#include "support.h"

#define SVC     3
#define GONE    7 /* its id was freed: generation 5 */
#define ALIVE   8
#define TAKEN   9 /* freed and given to another backend */
#define NOWHERE "/nonexistent"

static struct dataplane *dp;
static struct sock_end *ender;

static int fd_of(const char *map)
{
	return dataplane__map(dp, map)->fd;
}

static void set_backend(uint32_t id, uint8_t flags, uint16_t gen)
{
	const struct backend4 v4 = { .flags = flags, .gen = gen, .svc = SVC };
	const struct backend6 v6 = { .flags = flags, .gen = gen, .svc = SVC };

	CHECK_EQ(bpf_map_update_elem(fd_of("backends4"), &id, &v4, BPF_ANY), 0);
	CHECK_EQ(bpf_map_update_elem(fd_of("backends6"), &id, &v6, BPF_ANY), 0);
}

/* Whether the kernel has what the program needs; else even that falls back to netlink. */
static bool kernel_destroys(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool has = btf && btf__find_by_name_kind(btf, "bpf_sock_destroy", BTF_KIND_FUNC) > 0;

	btf__free(btf);
	return has;
}

static void open_all(uint32_t without)
{
	const struct wire_options options = { .backends4 = 64,
		                              .backends6 = 64,
		                              .without = without };

	dp = test__open_objects(bpffs, SOCKET_OBJECTS, &options);
	CHECK_EQ(!!(dataplane__features(dp) & WIRE_FEATURE_SOCK_DESTROY),
	         !(without & WIRE_FEATURE_SOCK_DESTROY) && kernel_destroys());
	set_backend(GONE, 0, 5);
	set_backend(ALIVE, BACKEND_ACTIVE, 4);
	set_backend(TAKEN, BACKEND_ACTIVE, 5);
	CHECK_EQ(sock_end__open(&ender, dp), 0);
}

static void close_all(void)
{
	dataplane__free(dp);
	sock_end__free(ender);
}

/* Only this machine's loopback hears of it. */
static void connect_fd(int fd, const char *peer, uint16_t port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, peer, &v4.sin_addr) == 1) {
		CHECK(!connect(fd, (struct sockaddr *)&v4, sizeof(v4)));
		return;
	}
	CHECK_EQ(inet_pton(AF_INET6, peer, &v6.sin6_addr), 1);
	CHECK(!connect(fd, (struct sockaddr *)&v6, sizeof(v6)));
}

static int connect_to(int type, const char *peer, uint16_t port)
{
	int fd = socket(strchr(peer, ':') ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	connect_fd(fd, peer, port);
	return fd;
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	CHECK(!getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) && cookie);
	return cookie;
}

static struct sock4_key key4(int fd, const char *ip, uint16_t port)
{
	struct sock4_key key = { .cookie = cookie_of(fd),
		                 .port = htons(port),
		                 .kind = SOCK_REVERSE };

	CHECK_EQ(inet_pton(AF_INET, ip, &key.addr), 1);
	return key;
}

static struct sock6_key key6(int fd, const char *ip, uint16_t port)
{
	struct sock6_key key = {};

	key.cookie = cookie_of(fd);
	key.port = htons(port);
	key.kind = SOCK_REVERSE;
	CHECK_EQ(inet_pton(AF_INET6, ip, &key.addr), 1);
	return key;
}

/* As if the socket programs had led @fd to @backend in its generation 4. */
static void pin4(int fd, const char *ip, uint16_t port, uint32_t backend)
{
	const struct sock4 entry = {
		.svc = SVC, .backend = backend, .backend_gen = 4, .flags = SOCK_CONNECTED
	};
	const struct sock4_key key = key4(fd, ip, port);

	CHECK_EQ(bpf_map_update_elem(fd_of("socks4"), &key, &entry, BPF_ANY), 0);
}

static void pin6(int fd, const char *ip, uint16_t port, uint32_t backend)
{
	const struct sock6 entry = {
		.svc = SVC, .backend = backend, .backend_gen = 4, .flags = SOCK_CONNECTED
	};
	const struct sock6_key key = key6(fd, ip, port);

	CHECK_EQ(bpf_map_update_elem(fd_of("socks6"), &key, &entry, BPF_ANY), 0);
}

static uint32_t end_sockets(const char *folder, bool v4, bool v6)
{
	struct netns_walk walk;
	uint32_t ended;

	CHECK_EQ(sock_end__run(ender, folder, v4, v6, &walk, &ended), 0);
	CHECK_EQ(walk.failed, 0);
	return ended;
}

/* The error that waits for the owner of the socket; 0 if it lives. */
static int error_of(int fd)
{
	struct sockaddr_in6 peer;
	socklen_t len = sizeof(int);
	int err = -1;

	CHECK(!getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len));
	len = sizeof(peer);
	CHECK_EQ(getpeername(fd, (struct sockaddr *)&peer, &len), err ? -1 : 0);
	return err;
}

static void sockets_of_a_backend_that_is_gone_end(uint32_t without)
{
	const char *peers[] = { "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5" };
	const uint32_t backends[] = { GONE, TAKEN, ALIVE, GONE };
	struct sock4 entry;
	int fds[4];

	open_all(without);
	for (int i = 0; i < 4; i++) {
		fds[i] = connect_to(SOCK_DGRAM, peers[i], 53);
		pin4(fds[i], peers[i], i == 3 ? 54 : 53, backends[i]); /* the last: elsewhere */
	}
	CHECK_EQ(end_sockets(NOWHERE, true, false), 2);
	CHECK_EQ(error_of(fds[0]), ECONNABORTED);
	CHECK_EQ(error_of(fds[1]), ECONNABORTED);
	CHECK_EQ(error_of(fds[2]), 0);
	CHECK_EQ(error_of(fds[3]), 0);
	for (int i = 0; i < 3; i++) {
		const struct sock4_key key = key4(fds[i], peers[i], 53);

		CHECK_EQ(bpf_map_lookup_elem(fd_of("socks4"), &key, &entry), i == 2 ? 0 : -ENOENT);
	}
	CHECK_EQ(end_sockets(NOWHERE, true, false), 0);
	/* It can be used again. */
	connect_fd(fds[0], "127.0.0.1", 53);
	CHECK_EQ(send(fds[0], "x", 1, 0), 1);
	close_all();
}

static void families_are_kept_apart(uint32_t without)
{
	int v6, mapped;

	open_all(without);
	v6 = connect_to(SOCK_DGRAM, "::1", 53);
	mapped = connect_to(SOCK_DGRAM, "::ffff:127.0.0.2", 53);
	pin6(v6, "::1", 53, GONE);
	pin4(mapped, "127.0.0.2", 53, GONE);
	CHECK_EQ(end_sockets(NOWHERE, true, false), 1);
	CHECK_EQ(error_of(v6), 0);
	CHECK_EQ(error_of(mapped), ECONNABORTED);
	CHECK_EQ(end_sockets(NOWHERE, true, true), 1);
	CHECK_EQ(error_of(v6), ECONNABORTED);
	close_all();
}

static void tcp_and_strangers_live_on(uint32_t without)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(any);
	int listener, tcp, stranger, idle;

	open_all(without);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(!bind(listener, (struct sockaddr *)&any, sizeof(any)) && !listen(listener, 1));
	CHECK(!getsockname(listener, (struct sockaddr *)&any, &len));
	tcp = connect_to(SOCK_STREAM, "127.0.0.1", ntohs(any.sin_port));
	pin4(tcp, "127.0.0.1", ntohs(any.sin_port), GONE);
	stranger = connect_to(SOCK_DGRAM, "127.0.0.2", 53);
	idle = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	pin4(idle, "127.0.0.2", 53, GONE); /* was connected once */
	CHECK_EQ(end_sockets(NOWHERE, true, true), 0);
	CHECK_EQ(error_of(tcp), 0);
	CHECK_EQ(error_of(stranger), 0);
	close_all();
}

static void sockets_of_other_namespaces_end_too(uint32_t without)
{
	int home, pod;

	open_all(without);
	CHECK(!mount("none", "/mnt", "tmpfs", 0, NULL));
	home = test__new_netns();
	pod = connect_to(SOCK_DGRAM, "127.0.0.2", 53);
	pin4(pod, "127.0.0.2", 53, GONE);
	test__shell("touch /mnt/pod");
	CHECK(!mount("/proc/self/ns/net", "/mnt/pod", NULL, MS_BIND, NULL));
	test__enter_netns(home);
	CHECK_EQ(end_sockets(NOWHERE, true, true), 0);
	CHECK_EQ(error_of(pod), 0);
	CHECK_EQ(end_sockets("/mnt", true, true), 1);
	CHECK_EQ(error_of(pod), ECONNABORTED);
	close_all();
}

/* More than one read of the iterator holds. */
static void many_end_at_once(uint32_t without)
{
	enum { MANY = 500 };
	int fds[MANY];

	open_all(without);
	for (int i = 0; i < MANY; i++) {
		fds[i] = connect_to(SOCK_DGRAM, "127.0.0.2", (uint16_t)(1000 + i));
		pin4(fds[i], "127.0.0.2", (uint16_t)(1000 + i), i % 2 ? GONE : ALIVE);
	}
	CHECK_EQ(end_sockets(NOWHERE, true, false), MANY / 2);
	for (int i = 0; i < MANY; i++)
		CHECK_EQ(error_of(fds[i]), i % 2 ? ECONNABORTED : 0);
	close_all();
}

/* Each by the program and by netlink. */
#define BOTH_WAYS(test)                                                                            \
	static void test##__by_program(void)                                                       \
	{                                                                                          \
		test(0);                                                                           \
	}                                                                                          \
	static void test##__by_netlink(void)                                                       \
	{                                                                                          \
		test(WIRE_FEATURE_SOCK_DESTROY);                                                   \
	}
#define TESTS(test) TEST(test##__by_program), TEST(test##__by_netlink)

BOTH_WAYS(sockets_of_a_backend_that_is_gone_end)
BOTH_WAYS(families_are_kept_apart)
BOTH_WAYS(tcp_and_strangers_live_on)
BOTH_WAYS(sockets_of_other_namespaces_end_too)
BOTH_WAYS(many_end_at_once)

int main(void)
{
	static const struct test tests[] = {
		TESTS(sockets_of_a_backend_that_is_gone_end),
		TESTS(families_are_kept_apart),
		TESTS(tcp_and_strangers_live_on),
		TESTS(sockets_of_other_namespaces_end_too),
		TESTS(many_end_at_once),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
