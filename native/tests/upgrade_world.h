/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes on which an agent of an earlier version has run: its tables and programs are there. */
#ifndef MILLRACE_TEST_UPGRADE_WORLD_H
#define MILLRACE_TEST_UPGRADE_WORLD_H

#include "abi.h"
#include "dataplane_internal.h"
#include "support.h"

#define PINS "/sys/fs/bpf/pins/maps/"

/* What becomes of entries of version 0, and of services of version 3. */
extern const struct migration upgrade_table[];

/* Which packets the programs count; those of before may be told not to. */
struct dataplane *open_with(uint32_t reject_rate, uint32_t without);

/* A node with an agent of before, whose flows are of version 0, on a pod's device. */
struct dataplane *before(uint32_t ifindex, uint32_t reject_rate, uint32_t without);

/* By the names of their maps. */
bool is_pinned(const char *name);
void rename_pin(const char *from, const char *to);

/* UDP flows from PORT; `svc` tells one from the other, and is 0 of one that is not there. */
struct flow4_key flow_key(uint16_t port);
void put_flow(const struct dataplane *dp, uint16_t port, uint32_t svc);
uint32_t flow_svc(const struct dataplane *dp, uint16_t port);

#endif
