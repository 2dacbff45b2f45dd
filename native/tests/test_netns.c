// SPDX-License-Identifier: Apache-2.0
/* Real namespaces, as a container runtime keeps them: files in a folder, bound to nsfs. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "log.h"
#include "netns_list.h"
#include "support.h"

/* The test has a mount namespace of its own: nobody else sees this folder's mounts. */
static char folder[64];

static void make_folder(void)
{
	CHECK(!mount("none", "/mnt", "tmpfs", 0, NULL));
	snprintf(folder, sizeof(folder), "/mnt/netns");
	CHECK(!mkdir(folder, 0700));
}

static void bind_namespace(const char *name, const char *source)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_CREAT | O_RDONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	close(fd);
	CHECK(!mount(source, path, NULL, MS_BIND, NULL));
}

/* A new namespace in the folder, with @setup run in it. */
static void make_namespace(const char *name, const char *setup)
{
	int old = test__new_netns();

	if (setup)
		test__shell("%s", setup);
	bind_namespace(name, "/proc/self/ns/net");
	test__enter_netns(old);
	close(old);
}

static uint64_t current_inode(void)
{
	struct stat file;

	CHECK(!stat("/proc/thread-self/ns/net", &file));
	return file.st_ino;
}

struct visits {
	int n, own, wrong;
	const char *fail; /* the visitor fails there */
	pthread_t thread;
};

static int note(void *ctx, const struct netns *ns)
{
	struct visits *visits = ctx;

	visits->n++;
	visits->own += !*ns->name;
	visits->wrong += current_inode() != ns->inode;
	visits->thread = pthread_self();
	return visits->fail && !strcmp(ns->name, visits->fail) ? -ENOMEM : 0;
}

static void each_namespace_is_visited_once(void)
{
	const uint64_t home = current_inode();
	struct visits visits = {};
	struct netns_walk walk;

	make_folder();
	make_namespace("one", NULL);
	make_namespace("two", NULL);
	bind_namespace("again", "/mnt/netns/two");
	bind_namespace("myself", "/proc/self/ns/net");
	CHECK_EQ(netns__for_each(folder, note, &visits, &walk), 0);
	CHECK_EQ(visits.n, 3);
	CHECK_EQ(visits.own, 1);
	CHECK_EQ(visits.wrong, 0);
	CHECK_EQ(walk.visited, 3);
	CHECK_EQ(walk.failed, 0);
	CHECK(!walk.no_folder);
	CHECK(!pthread_equal(visits.thread, pthread_self()));
	CHECK_EQ(current_inode(), home);
}

static void one_that_fails_does_not_keep_the_others_from_being_visited(void)
{
	struct visits visits = { .fail = "two" };
	struct netns_walk walk;

	make_folder();
	make_namespace("one", NULL);
	make_namespace("two", NULL);
	make_namespace("three", NULL);
	test__shell("touch %s/stale", folder);
	bind_namespace("uts", "/proc/self/ns/uts");
	log__reset();
	CHECK_EQ(netns__for_each(folder, note, &visits, &walk), 0);
	CHECK_EQ(visits.n, 4);
	CHECK_EQ(walk.visited, 3);
	CHECK_EQ(walk.failed, 3);
	CHECK(strstr(log__text(), "/mnt/netns/stale is no network namespace"));
	CHECK(strstr(log__text(), "/mnt/netns/uts is no network namespace"));
}

static void without_a_folder_there_is_the_own_one(void)
{
	struct visits visits = {};
	struct netns_walk walk;

	CHECK_EQ(netns__for_each("/nonexistent", note, &visits, &walk), 0);
	CHECK_EQ(walk.visited, 1);
	CHECK(walk.no_folder);
	log__reset();
	CHECK_EQ(netns__for_each("/proc/version", note, &visits, &walk), -ENOTDIR);
	CHECK(strstr(log__text(), "/proc/version"));
}

static uint64_t cookie_of(const struct wire_netns_address *found, size_t n, const char *text)
{
	uint8_t ip[16] = {};
	uint8_t len = strchr(text, ':') ? 16 : 4;

	CHECK_EQ(inet_pton(len == 4 ? AF_INET : AF_INET6, text, ip), 1);
	for (size_t i = 0; i < n; i++) {
		if (found[i].ip_len == len && !memcmp(found[i].ip, ip, sizeof(ip)))
			return found[i].cookie;
	}
	return 0;
}

static void addresses_lead_to_cookies(void)
{
	_cleanup_free_ struct wire_netns_address *found = NULL;
	struct netns_walk walk;
	uint64_t cookie;
	size_t n;

	make_folder();
	test__shell("ip addr add 10.0.0.1/24 dev lo"); /* at home */
	make_namespace("one", "ip link add veth0 type veth peer name veth1 && "
	                      "ip addr add 10.1.0.7 peer 10.1.0.1/32 dev veth0 && "
	                      "ip addr add fd00::7/128 dev veth0 nodad");
	make_namespace("two", "ip addr add 10.1.0.8/32 dev lo");
	make_namespace("empty", NULL);
	CHECK_EQ(netns_list__read(folder, &found, &n, &walk), 0);
	CHECK_EQ(n, 3);
	CHECK_EQ(walk.visited, 4);
	cookie = cookie_of(found, n, "10.1.0.7");
	CHECK(cookie);
	CHECK_EQ(cookie_of(found, n, "fd00::7"), cookie);
	CHECK(cookie_of(found, n, "10.1.0.8") && cookie_of(found, n, "10.1.0.8") != cookie);
	CHECK_EQ(cookie_of(found, n, "10.0.0.1"), 0);
	CHECK_EQ(cookie_of(found, n, "127.0.0.1"), 0);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(each_namespace_is_visited_once),
		TEST(one_that_fails_does_not_keep_the_others_from_being_visited),
		TEST(without_a_folder_there_is_the_own_one),
		TEST(addresses_lead_to_cookies),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
