// SPDX-License-Identifier: Apache-2.0
#include "device.h"

uint64_t device__seen(const struct dataplane *dp, uint32_t first)
{
	return test__counter(dp, first) + test__counter(dp, first + 1);
}

void device__await(const struct dataplane *dp, uint32_t first, uint64_t packets)
{
	for (int i = 0; i < 2000 && device__seen(dp, first) < packets; i++)
		usleep(1000);
	CHECK_EQ(device__seen(dp, first), packets);
}

size_t device__attachments(struct dataplane *dp, struct wire_attachment *only)
{
	_cleanup_free_ struct wire_attachment *found = NULL;
	size_t n = 99;

	CHECK_EQ(dataplane__attachments(dp, &found, &n), 0);
	if (n)
		*only = found[0];
	return n;
}

void device__check(struct dataplane *dp, uint32_t ifindex, enum wire_role role, bool complete)
{
	struct wire_attachment found;

	CHECK_EQ(device__attachments(dp, &found), 1);
	CHECK_EQ(found.ifindex, ifindex);
	CHECK_EQ(found.role, role);
	CHECK_EQ(found.complete, complete);
}
