/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ownership by attribute. A variable marked _cleanup_*_ is released when its scope ends; to hand it
 * on, take it with take_fd() or take_ptr(), which leave -1 or NULL behind. File descriptors start
 * at -1, pointers at NULL.
 */
#ifndef MILLRACE_UTIL_H
#define MILLRACE_UTIL_H

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b)         ((a) < (b) ? (a) : (b))
#define MAX(a, b)         ((a) > (b) ? (a) : (b))

/* Whether the options struct of a caller that may be older than us has @field. */
#define OPTS_HAS(opts, field)                                                                      \
	((opts) && (opts)->sz >= offsetof(typeof(*(opts)), field) + sizeof((opts)->field))
#define OPTS_OR(opts, field, fallback) (OPTS_HAS(opts, field) ? (opts)->field : (fallback))

static inline void fd__close(const int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		close(*fd);
		errno = saved;
	}
}

static inline void ptr__free(void *ptr)
{
	free(*(void **)ptr);
}

static inline void dir__close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#define _cleanup_fd_   __attribute__((cleanup(fd__close)))
#define _cleanup_free_ __attribute__((cleanup(ptr__free)))
#define _cleanup_dir_  __attribute__((cleanup(dir__close)))

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define take_ptr(ptr)                                                                              \
	({                                                                                         \
		typeof(ptr) taken_ = (ptr);                                                        \
		(ptr) = NULL;                                                                      \
		taken_;                                                                            \
	})

#endif
