/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder of pins: <root>/maps/<name>_v<version> and <root>/links/if<ifindex>_<program> or
 * <root>/links/cgroup_<program>, on a bpffs, mode 0700. (A bpffs refuses names with dots.)
 */
#ifndef MILLRACE_BPFFS_H
#define MILLRACE_BPFFS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "program.h"

struct bpffs {
	char root[PATH_MAX];
};

/*
 * Makes the folders. If @root is not on a bpffs, one is mounted there. 0 or -errno; @fs is untouched
 * on failure.
 */
int bpffs__ensure(struct bpffs *fs, const char *root);

/* Names the folder without touching it; -ENAMETOOLONG. */
int bpffs__at(struct bpffs *fs, const char *root);

/* The paths of pins; @out holds PATH_MAX bytes. */
void bpffs__map_path(const struct bpffs *fs, const char *map, uint32_t version, char *out);
void bpffs__link_path(const struct bpffs *fs, uint32_t ifindex, enum program_id program, char *out);
void bpffs__socket_link_path(const struct bpffs *fs, enum program_id program, char *out);

/* Takes the name of the pin of a device's link apart; false for others. */
bool bpffs__parse_link(const char *name, uint32_t *ifindex, enum program_id *program);

/* Shows the name of each entry of the folder @sub; stops at the first error and returns it. */
typedef int (*bpffs_visit_fn)(void *ctx, const char *name);
int bpffs__for_each(const struct bpffs *fs, const char *sub, bpffs_visit_fn visit, void *ctx);

/*
 * Removes the maps' pins and the folders, and the mount if bpffs__ensure() made it. The links' pins
 * must be gone: -ENOTEMPTY otherwise. What is not there is no error.
 */
int bpffs__remove(const struct bpffs *fs);

#endif
