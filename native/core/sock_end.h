/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends connected UDP sockets that the socket programs led to a backend which is gone. Their next
 * call fails with ECONNABORTED, and their owners connect again. All other sockets live on.
 *
 * The kernel does it by a program (bpf/sock_end.bpf.c) where it has what that needs, else it is done
 * from here by netlink, more slowly and with the same outcome.
 */
#ifndef MILLRACE_SOCK_END_H
#define MILLRACE_SOCK_END_H

#include <stdbool.h>
#include <stdint.h>

#include "netns.h"

struct dataplane;
struct sock_end;

/*
 * Takes descriptors of its own from the dataplane: unlike that, it may be used by another thread,
 * by one at a time. Outlives the dataplane.
 */
int sock_end__open(struct sock_end **out, const struct dataplane *dp);
void sock_end__free(struct sock_end *ender);

/*
 * Looks for such sockets in all network namespaces that netns__for_each() finds. @v4 and @v6: whose
 * backends. 0 or -errno; *@ended is set on success: how many there were.
 */
int sock_end__run(struct sock_end *ender, const char *folder, bool v4, bool v6,
                  struct netns_walk *walk, uint32_t *ended);

#endif
