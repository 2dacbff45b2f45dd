// SPDX-License-Identifier: Apache-2.0
#include "sockets_world.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <bpf/bpf.h>

#include "arena.h"
#include "map.h"

#define PORT 8080

const struct host vip = { "10.96.0.1", "fd00:96::1" };
const struct host other_vip = { "10.96.0.2", "fd00:96::2" };
const struct host external = { "203.0.113.1", "2001:db8:113::1" };
const struct host backend_a = { "10.1.0.1", "fd00:1::1" };
const struct host backend_b = { "10.1.0.2", "fd00:1::2" };
const struct host loopback = { "127.0.0.1", "::1" };
const struct host loopback_5 = { "127.0.0.5", "::1" };
const struct host unspecified = { "0.0.0.0", "::" };

static char root[] = "/tmp/millrace-cgroup.XXXXXX";
static char folder[64];

static void remove_folders(const char *parent)
{
	_cleanup_dir_ DIR *dir = opendir(parent);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name);
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			rmdir(path);
	}
	rmdir(parent);
}

int world__run(const struct test *tests, size_t n)
{
	int status;

	if (geteuid())
		return test__run(tests, n);
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    !mkdtemp(root) || mount("cgroup2", root, "cgroup2", 0, NULL)) {
		perror("cannot mount cgroup v2");
		return 1;
	}
	snprintf(folder, sizeof(folder), "%s/millrace-test-%d", root, getpid());
	if (mkdir(folder, 0755)) {
		perror(folder);
		return 1;
	}
	status = test__run(tests, n);
	remove_folders(folder);
	umount(root);
	rmdir(root);
	return status;
}

const char *world__cgroup(void)
{
	static char path[128];
	static int number;

	snprintf(path, sizeof(path), "%s/%d-%d", folder, getpid(), number++);
	CHECK(!mkdir(path, 0755));
	test__shell("echo %d > %s/cgroup.procs", getpid(), path);
	return path;
}

void world__network(void)
{
	test__shell("for a in %s/32 %s/32 %s/128 %s/128; do ip addr add $a dev lo; done; "
	            "ip route add default dev lo; ip -6 route add default dev lo",
	            backend_a.v4, backend_b.v4, backend_a.v6, backend_b.v6);
}

struct dataplane *world__open_objects(const char *objects, uint32_t without)
{
	const struct wire_options options = { .flows4 = 1024,
		                              .flows6 = 1024,
		                              .svcs4 = 64,
		                              .svcs6 = 64,
		                              .slots = 4096,
		                              .backends4 = 64,
		                              .backends6 = 64,
		                              .snat_port_min = 20000,
		                              .snat_port_max = 29999,
		                              .without = without };
	struct dataplane *dp = test__open_objects(bpffs, objects, &options);

	/* The slots 1 and 2, which all sets begin with. */
	CHECK_EQ(arena__store(dataplane__slots(dp), 1, (const uint64_t[]){ BACKEND_A, BACKEND_B },
	                      2),
	         0);
	world__backend(dp, BACKEND_A, &backend_a, BACKEND_ACTIVE, 1);
	world__backend(dp, BACKEND_B, &backend_b, BACKEND_ACTIVE, 1);
	return dp;
}

struct dataplane *world__open(uint32_t without)
{
	return world__open_objects(SOCKET_OBJECTS, without);
}

struct dataplane *world__attached(uint32_t without)
{
	const char *cgroup = world__cgroup();
	struct dataplane *dp;

	world__network();
	dp = world__open(without);
	CHECK(dataplane__attach_sockets(dp, cgroup) > 0);
	return dp;
}

static void write_entry(struct dataplane *dp, const char *map, const void *key, const void *value)
{
	uint32_t applied;

	CHECK_EQ(map__update(dataplane__map(dp, map), key, value, 1, &applied), 0);
}

void world__backend(struct dataplane *dp, uint32_t id, const struct host *host, uint8_t flags,
                    uint16_t gen)
{
	struct backend4 four = { .port = htons(PORT), .flags = flags, .svc = SVC_ID, .gen = gen };
	struct backend6 six = { .port = htons(PORT), .flags = flags, .svc = SVC_ID, .gen = gen };

	inet_pton(AF_INET, host->v4, &four.addr);
	inet_pton(AF_INET6, host->v6, &six.addr);
	write_entry(dp, "backends4", &id, &four);
	write_entry(dp, "backends6", &id, &six);
}

void world__frontend(struct dataplane *dp, const struct host *host, uint16_t port, int proto,
                     uint8_t flags, uint32_t n_all, uint32_t n_local)
{
	struct svc4_key four = { .port = htons(port), .proto = (__u8)proto };
	struct svc6_key six = { .port = htons(port), .proto = (__u8)proto };
	const struct svc svc = { .id = flags & SVC_ADDRESS ? 0 : SVC_ID,
		                 .flags = flags,
		                 .all = { n_all ? 1 : 0, n_all },
		                 .local = { n_local ? 1 : 0, n_local } };

	inet_pton(AF_INET, host->v4, &four.addr);
	inet_pton(AF_INET6, host->v6, &six.addr);
	write_entry(dp, "svcs4", &four, &svc);
	write_entry(dp, "svcs6", &six, &svc);
}

void world__service(struct dataplane *dp, const struct host *host, uint16_t port)
{
	world__frontend(dp, host, port, IPPROTO_TCP, 0, 2, 0);
	world__frontend(dp, host, port, IPPROTO_UDP, 0, 2, 0);
}

static void change(struct dataplane *dp, const char *name, const void *key, size_t offset,
                   uint32_t value)
{
	int fd = dataplane__map(dp, name)->fd;
	struct svc svc;

	CHECK_EQ(bpf_map_lookup_elem(fd, key, &svc), 0);
	memcpy((char *)&svc + offset, &value, sizeof(value));
	CHECK_EQ(bpf_map_update_elem(fd, key, &svc, BPF_ANY), 0);
}

void world__change(struct dataplane *dp, const struct host *host, uint16_t port, size_t offset,
                   uint32_t value)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP };

	for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
		struct svc4_key four = { .port = htons(port), .proto = protos[i] };
		struct svc6_key six = { .port = htons(port), .proto = protos[i] };

		inet_pton(AF_INET, host->v4, &four.addr);
		inet_pton(AF_INET6, host->v6, &six.addr);
		change(dp, "svcs4", &four, offset, value);
		change(dp, "svcs6", &six, offset, value);
	}
}

void world__node(struct dataplane *dp, const struct host *host)
{
	const struct dev_key key = {};
	struct dev dev = { .role = DEV_NODE };

	inet_pton(AF_INET, host->v4, &dev.addr4);
	inet_pton(AF_INET6, host->v6, &dev.addr6);
	write_entry(dp, "devs", &key, &dev);
}

void world__opt_out(const struct dataplane *dp, bool out)
{
	const struct map *map = dataplane__map(dp, "sock_off");
	int fd = world__socket(V4, SOCK_DGRAM);
	const struct sock_off off = { .off = 1 };
	struct sock_off_key key;
	socklen_t len = sizeof(key);
	uint32_t applied;

	CHECK(!getsockopt(fd, SOL_SOCKET, 71 /* SO_NETNS_COOKIE */, &key, &len));
	close(fd);
	CHECK_EQ(out ? map__update(map, &key, &off, 1, &applied)
	             : map__delete(map, &key, 1, &applied),
	         0);
}

size_t world__entries(const struct dataplane *dp)
{
	static const char *const maps[] = { "socks4", "socks6" };
	size_t total = 0;

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		const struct map *map = dataplane__map(dp, maps[i]);
		uint8_t keys[4096 * sizeof(struct sock6_key)], values[4096 * sizeof(struct sock6)];
		struct map_dump *dump = NULL;
		uint32_t n;

		CHECK_EQ(map_dump__open(&dump, map), 0);
		do {
			CHECK_EQ(map_dump__next(dump, keys, values, 4096, &n), 0);
			total += n;
		} while (n);
		map_dump__free(dump);
	}
	return total;
}

struct end end_of(enum speech speech, const struct host *host, uint16_t port)
{
	struct end end = {};
	struct sockaddr_in *four = (struct sockaddr_in *)&end.addr;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&end.addr;

	if (speech == V4) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		CHECK_EQ(inet_pton(AF_INET, host->v4, &four->sin_addr), 1);
		end.len = sizeof(*four);
		return end;
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	end.len = sizeof(*six);
	if (speech == V6) {
		CHECK_EQ(inet_pton(AF_INET6, host->v6, &six->sin6_addr), 1);
		return end;
	}
	six->sin6_addr.s6_addr16[5] = 0xffff;
	CHECK_EQ(inet_pton(AF_INET, host->v4, &six->sin6_addr.s6_addr32[3]), 1);
	return end;
}

bool end_same(const struct end *a, const struct end *b)
{
	return a->len == b->len && !memcmp(&a->addr, &b->addr, a->len);
}

int world__socket(enum speech speech, int type)
{
	const struct timeval patience = { .tv_sec = TIMEOUT_S };
	int fd = socket(speech == V4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK(!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)));
	CHECK(!setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)));
	return fd;
}

static int serve(enum speech speech, int type, const struct host *host)
{
	struct end at = end_of(speech == V6 ? V6 : V4, host, PORT);
	int fd = world__socket(speech == V6 ? V6 : V4, type);

	CHECK(!bind(fd, (struct sockaddr *)&at.addr, at.len));
	if (type == SOCK_STREAM)
		CHECK(!listen(fd, 8));
	return fd;
}

void world__serve_both(enum speech speech, int type, int servers[2])
{
	servers[0] = serve(speech, type, &backend_a);
	servers[1] = serve(speech, type, &backend_b);
}

void world__close_both(const int servers[2])
{
	close(servers[0]);
	close(servers[1]);
}

int world__connect(int fd, struct end to)
{
	return connect(fd, (struct sockaddr *)&to.addr, to.len) ? -errno : 0;
}

struct end world__peer(int fd)
{
	struct end end = { .len = sizeof(end.addr) };

	CHECK(!getpeername(fd, (struct sockaddr *)&end.addr, &end.len));
	return end;
}

void world__check_peer(int fd, struct end wanted)
{
	struct end peer = world__peer(fd);

	CHECK(end_same(&peer, &wanted));
}

int world__connect_at_once(enum speech speech, int type, const struct host *host, uint16_t port)
{
	int fd = world__socket(speech, type), err;

	CHECK(!fcntl(fd, F_SETFL, O_NONBLOCK));
	err = world__connect(fd, end_of(speech, host, port));
	close(fd);
	return err;
}

int world__answer(const int servers[2])
{
	struct pollfd fds[2] = { { .fd = servers[0], .events = POLLIN },
		                 { .fd = servers[1], .events = POLLIN } };
	struct end from = { .len = sizeof(from.addr) };
	char data[64];
	ssize_t len;
	int which;

	CHECK(poll(fds, 2, TIMEOUT_S * 1000) == 1);
	which = fds[0].revents ? 0 : 1;
	len = recvfrom(servers[which], data, sizeof(data), 0, (struct sockaddr *)&from.addr,
	               &from.len);
	CHECK(len > 0);
	CHECK_EQ(sendto(servers[which], data, (size_t)len, 0, (struct sockaddr *)&from.addr,
	                from.len),
	         len);
	return which;
}
