// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <linux/bpf.h>
#include <string.h>

#define ATTACHED(object_, direction, role_, egress_, family_)                                      \
	{ .name = #object_ "_" #direction #family_,                                                \
	  .object = #object_ "_tc" #family_,                                                       \
	  .role = (role_),                                                                         \
	  .egress = (egress_),                                                                     \
	  .family = (family_) }

#define SOCKET(name_, object_, attach_type_)                                                       \
	{ .name = #name_, .object = #object_, .attach_type = (attach_type_) }

const struct program_info programs[PROGRAM_MAX] = {
	[PROGRAM_POD_OUT4] = ATTACHED(pod, out, WIRE_ROLE_POD, true, 4),
	[PROGRAM_POD_OUT6] = ATTACHED(pod, out, WIRE_ROLE_POD, true, 6),
	[PROGRAM_POD_IN4] = ATTACHED(pod, in, WIRE_ROLE_POD, false, 4),
	[PROGRAM_POD_IN6] = ATTACHED(pod, in, WIRE_ROLE_POD, false, 6),
	[PROGRAM_UPLINK_OUT4] = ATTACHED(uplink, out, WIRE_ROLE_UPLINK, true, 4),
	[PROGRAM_UPLINK_OUT6] = ATTACHED(uplink, out, WIRE_ROLE_UPLINK, true, 6),
	[PROGRAM_UPLINK_IN4] = ATTACHED(uplink, in, WIRE_ROLE_UPLINK, false, 4),
	[PROGRAM_UPLINK_IN6] = ATTACHED(uplink, in, WIRE_ROLE_UPLINK, false, 6),
	[PROGRAM_UPLINK_XDP] = { .name = "uplink_xdp",
	                         .object = "uplink_xdp",
	                         .role = WIRE_ROLE_UPLINK },
	[PROGRAM_GC4] = { .name = "gc4", .object = "gc4", .family = 4 },
	[PROGRAM_GC6] = { .name = "gc6", .object = "gc6", .family = 6 },
	[PROGRAM_SOCK_END4] = { .name = "sock_end4", .object = "sock_end4", .family = 4 },
	[PROGRAM_SOCK_END6] = { .name = "sock_end6", .object = "sock_end6", .family = 6 },
	[PROGRAM_SOCK_RELEASE4] = SOCKET(sock_release4, sock4, BPF_CGROUP_INET_SOCK_RELEASE),
	[PROGRAM_SOCK_RELEASE6] = SOCKET(sock_release6, sock6, BPF_CGROUP_INET_SOCK_RELEASE),
	[PROGRAM_SOCK_RECVMSG4] = SOCKET(sock_recvmsg4, sock4, BPF_CGROUP_UDP4_RECVMSG),
	[PROGRAM_SOCK_RECVMSG6] = SOCKET(sock_recvmsg6, sock6, BPF_CGROUP_UDP6_RECVMSG),
	[PROGRAM_SOCK_MAPPED_RECVMSG6] =
		SOCKET(sock_mapped_recvmsg6, sock4, BPF_CGROUP_UDP6_RECVMSG),
	[PROGRAM_SOCK_GETPEERNAME4] =
		SOCKET(sock_getpeername4, sock4, BPF_CGROUP_INET4_GETPEERNAME),
	[PROGRAM_SOCK_GETPEERNAME6] =
		SOCKET(sock_getpeername6, sock6, BPF_CGROUP_INET6_GETPEERNAME),
	[PROGRAM_SOCK_MAPPED_GETPEERNAME6] =
		SOCKET(sock_mapped_getpeername6, sock4, BPF_CGROUP_INET6_GETPEERNAME),
	[PROGRAM_SOCK_SENDMSG4] = SOCKET(sock_sendmsg4, sock4, BPF_CGROUP_UDP4_SENDMSG),
	[PROGRAM_SOCK_SENDMSG6] = SOCKET(sock_sendmsg6, sock6, BPF_CGROUP_UDP6_SENDMSG),
	[PROGRAM_SOCK_CONNECT4] = SOCKET(sock_connect4, sock4, BPF_CGROUP_INET4_CONNECT),
	[PROGRAM_SOCK_CONNECT6] = SOCKET(sock_connect6, sock6, BPF_CGROUP_INET6_CONNECT),
	[PROGRAM_SOCK_MAPPED_CONNECT6] =
		SOCKET(sock_mapped_connect6, sock4, BPF_CGROUP_INET6_CONNECT),
};

enum program_id program__find(const char *name)
{
	for (int i = 0; i < PROGRAM_DEVICE_MAX; i++) {
		if (!strcmp(programs[i].name, name))
			return i;
	}
	return PROGRAM_MAX;
}
