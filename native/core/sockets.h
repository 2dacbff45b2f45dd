/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs at the socket hooks of a cgroup v2 folder. They are an acceleration: a node whose
 * kernel cannot take them goes without, and says why.
 */
#ifndef MILLRACE_SOCKETS_H
#define MILLRACE_SOCKETS_H

#include "object.h"

struct dataplane;

/* SO_NETNS_COOKIE of the calling process's network namespace; 0 before Linux 5.14. */
uint64_t sockets__host_cookie(void);

/* 1 if a program at these hooks may say which error a call fails with, 0 if not, found by loading one; or -ENOMEM. */
int sockets__knows_retval(void);

/* Loads the programs; where that fails, the dataplane keeps the reason. -ENOMEM. */
int sockets__load(struct dataplane *dp, const struct object_opts *opts);

/* Detaches the links of the pins' folder, whoever made them. */
int sockets__detach(const struct bpffs *fs);

#endif
