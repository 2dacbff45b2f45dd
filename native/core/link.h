/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pinned BPF links, whatever they stand on. A link lives by its pin and by the descriptors of
 * processes; what it stands on may go before it.
 */
#ifndef MILLRACE_LINK_H
#define MILLRACE_LINK_H

#include <linux/types.h>
#include <stdint.h>

/* The head of the kernel's bpf_link_info (which may be newer than its headers). */
struct link_info {
	__u32 type;
	__u32 id;
	__u32 prog_id;
	__u32 pad;
	union {
		struct {
			__u32 ifindex;     /* 0 = the device is gone */
			__u32 attach_type; /* not of XDP links */
		};
		struct {
			__u64 id; /* 0 = the cgroup is gone */
			__u32 attach_type;
			__u32 pad;
		} cgroup;
	};
};

/* Opens a pinned link; -ENOENT if there is none. */
int link__open(const char *pin, int *out, struct link_info *info);

/* Pins a link that was just made: until then it lives and dies with the descriptor. */
int link__pin(int fd, const char *pin);

/*
 * Replaces the program of an open link atomically. -ENOENT if what the link stood on has gone
 * meanwhile; its pin is removed then.
 */
int link__update(int fd, const char *pin, int prog_fd);

/* Detaches and unpins; what is not there is no error. */
int link__detach(const char *pin);

#endif
