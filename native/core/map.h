/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BPF maps as arrays of bytes. Batches use the kernel's batch commands where the map type has them,
 * and a loop where not.
 */
#ifndef MILLRACE_MAP_H
#define MILLRACE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAP_NAME_SIZE 16

struct map {
	char name[MAP_NAME_SIZE];
	int fd;
	uint32_t type, flags;
	uint32_t key_size, value_size, max_entries;
	bool fresh; /* made by this process and not pinned yet */
	bool held; /* nobody else is to find it before programs of an earlier version are replaced */
};

/* Fills the description from the kernel's. 0 or -errno. */
int map__describe(struct map *map, int fd);

/*
 * Inserts or replaces @n entries, in order. Returns 0 or the -errno of the first that failed;
 * *@applied is set in both cases: how many, from the first, are in force.
 */
int map__update(const struct map *map, const void *keys, const void *values, uint32_t n,
                uint32_t *applied);

/* Deletes @n entries likewise; a missing key counts as deleted. */
int map__delete(const struct map *map, const void *keys, uint32_t n, uint32_t *applied);

/* Reads a map from end to end in chunks. */
struct map_dump;
int map_dump__open(struct map_dump **dump, const struct map *map);
void map_dump__free(struct map_dump *dump);

/*
 * Reads up to @room entries; *@n of them are set, 0 at the end. Entries changed meanwhile may be
 * seen or not. -ENOSPC if @room is too small for the kernel's chunks; it may be tried again.
 */
int map_dump__next(struct map_dump *dump, void *keys, void *values, uint32_t room, uint32_t *n);

/* Adds up entry @index of a per-CPU array whose value is @n 64-bit counters. */
int map__sum_percpu(const struct map *map, uint32_t index, uint64_t *sums, size_t n);

#endif
