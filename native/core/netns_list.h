/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses the other network namespaces of this node have, and their cookies. */
#ifndef MILLRACE_NETNS_LIST_H
#define MILLRACE_NETNS_LIST_H

#include <stddef.h>

#include "netns.h"
#include "wire.h"

/*
 * Lists the global addresses of every namespace that netns__for_each() finds but the process's
 * own; *@out is to be freed. 0 or -errno; a namespace that cannot be asked is in @walk.
 */
int netns_list__read(const char *folder, struct wire_netns_address **out, size_t *n,
                     struct netns_walk *walk);

#endif
