// SPDX-License-Identifier: Apache-2.0
#include "netns_list.h"

#include <string.h>
#include <sys/socket.h>

#include "log.h"
#include "nl.h"
#include "util.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* Linux 5.14 */
#endif

struct list {
	struct wire_netns_address *entries;
	size_t n, room;
	uint64_t cookie; /* of the namespace that is being visited */
};

static struct wire_netns_address *add(struct list *list)
{
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		void *entries = reallocarray(list->entries, room, sizeof(*list->entries));

		if (!entries)
			return NULL;
		list->entries = entries;
		list->room = room;
	}
	memset(&list->entries[list->n], 0, sizeof(*list->entries));
	return &list->entries[list->n++];
}

static int add_address(void *ctx, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *header = NLMSG_DATA(message);
	const struct rtattr *attrs[IFA_MAX + 1], *ip;
	struct wire_netns_address *entry;
	struct list *list = ctx;

	if (message->nlmsg_type != RTM_NEWADDR || header->ifa_scope != RT_SCOPE_UNIVERSE)
		return 0;
	nl__attributes(message, sizeof(*header), attrs, IFA_MAX + 1);
	/* On a point-to-point device, IFA_ADDRESS is the other end. */
	ip = attrs[IFA_LOCAL] ? attrs[IFA_LOCAL] : attrs[IFA_ADDRESS];
	if (!ip || (RTA_PAYLOAD(ip) != 4 && RTA_PAYLOAD(ip) != 16))
		return 0;
	entry = add(list);
	if (!entry)
		return -ENOMEM;
	entry->cookie = list->cookie;
	entry->ip_len = (uint8_t)RTA_PAYLOAD(ip);
	memcpy(entry->ip, RTA_DATA(ip), RTA_PAYLOAD(ip));
	return 0;
}

static int read_cookie(uint64_t *cookie)
{
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &len))
		return -errno;
	return 0;
}

static int list_namespace(void *ctx, const struct netns *ns)
{
	const struct ifaddrmsg all = { .ifa_family = AF_UNSPEC };
	struct list *list = ctx;
	size_t before = list->n;
	int err;

	if (!*ns->name)
		return 0;
	err = read_cookie(&list->cookie);
	err = err ?: nl__dump(NETLINK_ROUTE, RTM_GETADDR, &all, sizeof(all), add_address, list);
	/* An inconsistent dump may name an address twice, which does no harm. */
	if (err && err != -EINTR) {
		list->n = before;
		return log__error(-err, "cannot list the addresses of network namespace %s: %s",
		                  ns->name, strerror(-err));
	}
	return 0;
}

int netns_list__read(const char *folder, struct wire_netns_address **out, size_t *n,
                     struct netns_walk *walk)
{
	struct list list = {};
	int err = netns__for_each(folder, list_namespace, &list, walk);

	if (err) {
		free(list.entries);
		return err;
	}
	*out = list.entries;
	*n = list.n;
	return 0;
}
