/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_SOCK_END_INTERNAL_H
#define MILLRACE_SOCK_END_INTERNAL_H

#include "sock_end.h"

/* Of one address family. */
struct sock_end_family {
	int link;  /* of the iterator, -1 = by netlink */
	int socks; /* the maps */
	int backends;
};

struct sock_end {
	struct sock_end_family v4, v6;
};

/* By netlink, in the current network namespace; a family that is NULL is left alone. */
int sock_end_diag__run(const struct sock_end_family *v4, const struct sock_end_family *v6,
                       uint32_t *ended);

#endif
