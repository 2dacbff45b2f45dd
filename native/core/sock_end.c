// SPDX-License-Identifier: Apache-2.0
#include "sock_end.h"

#include <fcntl.h>
#include <string.h>

#include <bpf/bpf.h>

#include "dataplane_internal.h"
#include "log.h"
#include "sock_end_internal.h"
#include "util.h"

struct run {
	const struct sock_end_family *v4, *v6;
	uint32_t ended;
};

static void family__close(const struct sock_end_family *family)
{
	fd__close(&family->link);
	fd__close(&family->socks);
	fd__close(&family->backends);
}

static void sock_end__cleanup(struct sock_end **ender)
{
	sock_end__free(*ender);
}

static int take_map(const struct dataplane *dp, const char *name, int *out)
{
	const struct map *map = dataplane__map(dp, name);

	if (!map)
		return log__error(ENOENT, "the objects have no map %s", name);
	*out = fcntl(map->fd, F_DUPFD_CLOEXEC, 0);
	return *out < 0 ? -errno : 0;
}

static int open_family(const struct dataplane *dp, int version, struct sock_end_family *family)
{
	int prog = dp->loaded[version == 4 ? PROGRAM_SOCK_END4 : PROGRAM_SOCK_END6].fd;
	int err = take_map(dp, version == 4 ? "socks4" : "socks6", &family->socks);

	err = err ?: take_map(dp, version == 4 ? "backends4" : "backends6", &family->backends);
	if (err || !(dp->features & WIRE_FEATURE_SOCK_DESTROY))
		return err;
	family->link = bpf_link_create(prog, 0, BPF_TRACE_ITER, NULL);
	if (family->link < 0)
		return log__error(-family->link, "cannot make an iterator of UDP sockets: %s",
		                  strerror(-family->link));
	return 0;
}

int sock_end__open(struct sock_end **out, const struct dataplane *dp)
{
	__attribute__((cleanup(sock_end__cleanup))) struct sock_end *ender = malloc(sizeof(*ender));
	int err;

	if (!ender)
		return -ENOMEM;
	*ender = (struct sock_end){ .v4 = { -1, -1, -1 }, .v6 = { -1, -1, -1 } };
	err = open_family(dp, 4, &ender->v4);
	err = err ?: open_family(dp, 6, &ender->v6);
	if (err)
		return err;
	*out = take_ptr(ender);
	return 0;
}

void sock_end__free(struct sock_end *ender)
{
	if (!ender)
		return;
	family__close(&ender->v4);
	family__close(&ender->v6);
	free(ender);
}

/* The program sees the sockets of the namespace that the iterator is made in. */
static int iterate(int link, uint32_t *ended)
{
	_cleanup_fd_ int iter = bpf_iter_create(link);
	char marks[4096]; /* one for each socket that was ended */
	ssize_t got;

	if (iter < 0)
		return log__error(-iter, "cannot look through the UDP sockets: %s",
		                  strerror(-iter));
	for (;;) {
		got = read(iter, marks, sizeof(marks));
		if (got > 0)
			*ended += (uint32_t)got;
		else if (!got)
			return 0;
		else if (errno != EAGAIN && errno != EINTR)
			return log__error(errno, "cannot read the UDP sockets: %s",
			                  strerror(errno));
	}
}

static int end_in(void *ctx, const struct netns *ns)
{
	struct run *run = ctx;
	bool diag4 = run->v4 && run->v4->link < 0, diag6 = run->v6 && run->v6->link < 0;
	int err = 0;

	(void)ns;
	if (run->v4 && !diag4)
		err = iterate(run->v4->link, &run->ended);
	if (!err && run->v6 && !diag6)
		err = iterate(run->v6->link, &run->ended);
	if (!err && (diag4 || diag6))
		err = sock_end_diag__run(diag4 ? run->v4 : NULL, diag6 ? run->v6 : NULL,
		                         &run->ended);
	return err;
}

int sock_end__run(struct sock_end *ender, const char *folder, bool v4, bool v6,
                  struct netns_walk *walk, uint32_t *ended)
{
	struct run run = { .v4 = v4 ? &ender->v4 : NULL, .v6 = v6 ? &ender->v6 : NULL };
	int err = netns__for_each(folder, end_in, &run, walk);

	if (!err)
		*ended = run.ended;
	return err;
}
