/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of the project: names, objects and places. */
#ifndef MILLRACE_PROGRAM_H
#define MILLRACE_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

/* In the order in which a device gets them: what translates replies stands before what needs it. */
enum program_id {
	PROGRAM_POD_OUT4,
	PROGRAM_POD_OUT6,
	PROGRAM_POD_IN4,
	PROGRAM_POD_IN6,
	PROGRAM_UPLINK_OUT4,
	PROGRAM_UPLINK_OUT6,
	PROGRAM_UPLINK_IN4,
	PROGRAM_UPLINK_IN6,
	PROGRAM_TC_MAX, /* those before stand at tc hooks, four to a role */
	PROGRAM_UPLINK_XDP = PROGRAM_TC_MAX,
	PROGRAM_DEVICE_MAX, /* those before stand on devices, those after do not */
	PROGRAM_GC4 = PROGRAM_DEVICE_MAX,
	PROGRAM_GC6,
	PROGRAM_SOCK_END4,
	PROGRAM_SOCK_END6,
	PROGRAM_SOCKETS, /* from here on they stand on the cgroup, in the order of attaching */
	PROGRAM_SOCK_RELEASE4 = PROGRAM_SOCKETS,
	PROGRAM_SOCK_RELEASE6,
	PROGRAM_SOCK_RECVMSG4,
	PROGRAM_SOCK_RECVMSG6,
	PROGRAM_SOCK_MAPPED_RECVMSG6,
	PROGRAM_SOCK_GETPEERNAME4,
	PROGRAM_SOCK_GETPEERNAME6,
	PROGRAM_SOCK_MAPPED_GETPEERNAME6,
	PROGRAM_SOCK_SENDMSG4,
	PROGRAM_SOCK_SENDMSG6,
	PROGRAM_SOCK_CONNECT4,
	PROGRAM_SOCK_CONNECT6,
	PROGRAM_SOCK_MAPPED_CONNECT6,
	PROGRAM_MAX,
};

struct program_info {
	const char *name;     /* of the function */
	const char *object;   /* file name without ".bpf.o" */
	enum wire_role role;  /* of attached programs */
	bool egress;          /* tc egress of the device, else ingress */
	int family;           /* 4 or 6, 0 = both */
	uint32_t attach_type; /* enum bpf_attach_type of those on the cgroup */
};

extern const struct program_info programs[PROGRAM_MAX];

/* A loaded program. */
struct program {
	int fd;
	uint32_t id;
};

/* The program called @name that stands on devices, or PROGRAM_MAX. */
enum program_id program__find(const char *name);

#endif
