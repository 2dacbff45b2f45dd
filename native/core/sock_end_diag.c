// SPDX-License-Identifier: Apache-2.0
/* What sock_end.bpf.c does, from outside: a dump of the sockets, the same decision, SOCK_DESTROY. */
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

#include <bpf/bpf.h>

#include "abi.h"
#include "log.h"
#include "nl.h"
#include "sock_end_internal.h"
#include "util.h"

#define UDP_CONNECTED (1 << 1) /* TCP_ESTABLISHED serves both protocols */

union key {
	struct sock4_key v4;
	struct sock6_key v6;
};

/* A socket that is to be ended. */
struct victim {
	struct inet_diag_req_v2 socket;
	int map;
	union key key;
};

struct search {
	const struct sock_end_family *v4, *v6;
	struct victim *victims;
	size_t n, room;
};

static bool is_gone4(const struct sock_end_family *maps, const union key *key)
{
	struct backend4 backend;
	struct sock4 entry;

	if (bpf_map_lookup_elem(maps->socks, &key->v4, &entry) || !(entry.flags & SOCK_CONNECTED))
		return false;
	return bpf_map_lookup_elem(maps->backends, &entry.backend, &backend) ||
	       !(backend.flags & BACKEND_ACTIVE) || backend.gen != entry.backend_gen;
}

static bool is_gone6(const struct sock_end_family *maps, const union key *key)
{
	struct backend6 backend;
	struct sock6 entry;

	if (bpf_map_lookup_elem(maps->socks, &key->v6, &entry) || !(entry.flags & SOCK_CONNECTED))
		return false;
	return bpf_map_lookup_elem(maps->backends, &entry.backend, &backend) ||
	       !(backend.flags & BACKEND_ACTIVE) || backend.gen != entry.backend_gen;
}

/* The key of the socket's peer, and the family of maps it is in; NULL if that is not asked for. */
static const struct sock_end_family *make_key(const struct search *search,
                                              const struct inet_diag_msg *socket, union key *key)
{
	const uint64_t cookie = (uint64_t)socket->id.idiag_cookie[1] << 32 |
	                        socket->id.idiag_cookie[0];
	const __be32 *ip = socket->id.idiag_dst;
	bool mapped = socket->idiag_family == AF_INET6 && !ip[0] && !ip[1] &&
	              ip[2] == htonl(0xffff);

	memset(key, 0, sizeof(*key));
	if (socket->idiag_family == AF_INET || mapped) {
		key->v4 = (struct sock4_key){ .cookie = cookie,
			                      .addr = ip[mapped ? 3 : 0],
			                      .port = socket->id.idiag_dport,
			                      .kind = SOCK_REVERSE };
		return search->v4;
	}
	key->v6.cookie = cookie;
	memcpy(&key->v6.addr, ip, sizeof(key->v6.addr));
	key->v6.port = socket->id.idiag_dport;
	key->v6.kind = SOCK_REVERSE;
	return search->v6;
}

static struct victim *add(struct search *search)
{
	if (search->n == search->room) {
		size_t room = search->room ? 2 * search->room : 64;
		void *victims = reallocarray(search->victims, room, sizeof(*search->victims));

		if (!victims)
			return NULL;
		search->victims = victims;
		search->room = room;
	}
	return &search->victims[search->n++];
}

static int look(void *ctx, const struct nlmsghdr *message)
{
	const struct inet_diag_msg *socket = NLMSG_DATA(message);
	struct search *search = ctx;
	const struct sock_end_family *maps;
	struct victim *victim;
	union key key;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*socket)))
		return -EPROTO;
	maps = make_key(search, socket, &key);
	if (!maps || !(maps == search->v4 ? is_gone4 : is_gone6)(maps, &key))
		return 0;
	victim = add(search);
	if (!victim)
		return -ENOMEM;
	*victim = (struct victim){ .map = maps->socks, .key = key };
	victim->socket.sdiag_family = socket->idiag_family;
	victim->socket.sdiag_protocol = IPPROTO_UDP;
	victim->socket.id = socket->id;
	return 0;
}

static int search_family(struct search *search, uint8_t family)
{
	const struct inet_diag_req_v2 connected = {
		.sdiag_family = family,
		.sdiag_protocol = IPPROTO_UDP,
		.idiag_states = UDP_CONNECTED,
	};
	int err = nl__dump(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, &connected, sizeof(connected),
	                   look, search);

	if (err && err != -EINTR)
		return log__error(-err, "cannot list the UDP sockets: %s", strerror(-err));
	return 0;
}

static int end_all(const struct search *search, uint32_t *ended)
{
	_cleanup_fd_ int fd = search->n ? nl__open(NETLINK_SOCK_DIAG, 0) : -1;

	if (search->n && fd < 0)
		return fd;
	for (size_t i = 0; i < search->n; i++) {
		const struct victim *victim = &search->victims[i];
		int err = nl__request(fd, SOCK_DESTROY, &victim->socket, sizeof(victim->socket));

		if (err && err != -ENOENT) /* closed meanwhile */
			return log__error(-err, "cannot end a UDP socket: %s%s", strerror(-err),
			                  err == -EOPNOTSUPP ? "; the kernel needs "
			                                       "CONFIG_INET_DIAG_DESTROY"
			                                     : "");
		bpf_map_delete_elem(victim->map, &victim->key);
		*ended += !err;
	}
	return 0;
}

int sock_end_diag__run(const struct sock_end_family *v4, const struct sock_end_family *v6,
                       uint32_t *ended)
{
	struct search search = { .v4 = v4, .v6 = v6 };
	int err = v4 ? search_family(&search, AF_INET) : 0;

	/* Sockets of IPv6 may talk to IPv4 by mapped addresses. */
	err = err ?: search_family(&search, AF_INET6);
	err = err ?: end_all(&search, ended);
	free(search.victims);
	return err;
}
