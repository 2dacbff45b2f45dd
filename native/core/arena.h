/* SPDX-License-Identifier: Apache-2.0 */
/* An array map of 64-bit numbers, reached through shared memory. */
#ifndef MILLRACE_ARENA_H
#define MILLRACE_ARENA_H

#include <stdint.h>

#include "map.h"

struct arena;

/* An arena over the map, which must stay open, and must have BPF_F_MMAPABLE and a value of 8 bytes. 0 or -errno. */
int arena__open(struct arena **arena, const struct map *map);
void arena__free(struct arena *arena);

uint32_t arena__capacity(const struct arena *arena);

/*
 * Stores @n numbers from @base on; programs see them once this returns. -ERANGE outside, or what
 * mapping the memory fails with.
 */
int arena__store(struct arena *arena, uint32_t base, const uint64_t *values, uint32_t n);

/* Loads @n numbers from @base on; errors as above. */
int arena__load(struct arena *arena, uint32_t base, uint64_t *values, uint32_t n);

#endif
