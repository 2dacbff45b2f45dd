// SPDX-License-Identifier: Apache-2.0
#include "netns.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "log.h"
#include "util.h"

struct inode {
	dev_t device;
	ino_t number;
};

struct walker {
	const char *folder;
	netns_visit_fn visit;
	void *ctx;
	struct netns_walk walk;
	struct inode *seen;
	size_t n, room;
	int err;
	char *log; /* what the thread had to say */
};

/* -EALREADY for a namespace that was visited under another name. */
static int remember(struct walker *walker, const struct stat *file)
{
	for (size_t i = 0; i < walker->n; i++) {
		if (walker->seen[i].number == file->st_ino &&
		    walker->seen[i].device == file->st_dev)
			return -EALREADY;
	}
	if (walker->n == walker->room) {
		size_t room = walker->room ? 2 * walker->room : 64;
		struct inode *seen = reallocarray(walker->seen, room, sizeof(*seen));

		if (!seen)
			return -ENOMEM;
		walker->seen = seen;
		walker->room = room;
	}
	walker->seen[walker->n++] = (struct inode){ file->st_dev, file->st_ino };
	return 0;
}

static int enter(const struct walker *walker, const char *name, int fd)
{
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return log__error(EINVAL,
		                  "%s/%s is no network namespace: if this is a container, it needs "
		                  "that folder of the host with mount propagation HostToContainer",
		                  walker->folder, name);
	if (setns(fd, CLONE_NEWNET))
		return log__error(errno, "cannot enter the network namespace %s/%s: %s",
		                  walker->folder, name, strerror(errno));
	return 0;
}

/* The namespace behind a file of the folder. */
static int visit_file(struct walker *walker, int folder, const char *name)
{
	_cleanup_fd_ int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat file;
	int err;

	if (fd < 0 && errno == ENOENT)
		return -EALREADY; /* deleted meanwhile */
	if (fd < 0 || fstat(fd, &file))
		return log__error(errno, "cannot open %s/%s: %s", walker->folder, name,
		                  strerror(errno));
	err = remember(walker, &file);
	err = err ?: enter(walker, name, fd);
	if (err)
		return err;
	return walker->visit(walker->ctx, &(struct netns){ .name = name, .inode = file.st_ino });
}

static void count(struct walker *walker, int err)
{
	if (!err)
		walker->walk.visited++;
	else if (err != -EALREADY)
		walker->walk.failed++;
}

static int visit_own(struct walker *walker)
{
	struct netns own = { .name = "" };
	struct stat file;
	int err;

	if (stat("/proc/thread-self/ns/net", &file))
		return log__error(errno, "cannot tell the own network namespace: %s",
		                  strerror(errno));
	err = remember(walker, &file);
	if (err)
		return err;
	own.inode = file.st_ino;
	count(walker, walker->visit(walker->ctx, &own));
	return 0;
}

static int visit_folder(struct walker *walker)
{
	_cleanup_dir_ DIR *dir = opendir(walker->folder);
	struct dirent *entry;

	if (!dir && errno == ENOENT) {
		walker->walk.no_folder = true;
		return 0;
	}
	if (!dir)
		return log__error(errno, "cannot read the folder %s: %s", walker->folder,
		                  strerror(errno));
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			count(walker, visit_file(walker, dirfd(dir), entry->d_name));
	}
	return 0;
}

static void *walk_all(void *ctx)
{
	struct walker *walker = ctx;

	walker->err = visit_own(walker);
	walker->err = walker->err ?: visit_folder(walker);
	walker->log = strdup(log__text());
	return NULL;
}

/* Signals are for the caller's threads. */
static int run_thread(struct walker *walker)
{
	sigset_t all, before;
	pthread_t thread;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	err = pthread_create(&thread, NULL, walk_all, walker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return log__error(err, "cannot start a thread: %s", strerror(err));
	pthread_join(thread, NULL);
	return walker->err;
}

int netns__for_each(const char *folder, netns_visit_fn visit, void *ctx, struct netns_walk *walk)
{
	struct walker walker = { .folder = folder, .visit = visit, .ctx = ctx };
	int err = run_thread(&walker);

	if (walker.log && *walker.log)
		log__line("%.*s", (int)strlen(walker.log) - 1, walker.log);
	free(walker.log);
	free(walker.seen);
	if (!err)
		*walk = walker.walk;
	return err;
}
