/* SPDX-License-Identifier: Apache-2.0 */
/* An array map of 32-bit numbers, reached through shared memory. */
#ifndef MILLRACE_ARENA_H
#define MILLRACE_ARENA_H

#include <stdint.h>

#include "map.h"

struct arena;

/* Maps the array; its map must have BPF_F_MMAPABLE and a value of 4 bytes. 0 or -errno. */
int arena__open(struct arena **arena, const struct map *map);
void arena__free(struct arena *arena);

uint32_t arena__capacity(const struct arena *arena);

/* Stores @n numbers from @base on; programs see them once this returns. -ERANGE outside. */
int arena__store(struct arena *arena, uint32_t base, const uint32_t *values, uint32_t n);

/* Loads @n numbers from @base on. -ERANGE outside. */
int arena__load(const struct arena *arena, uint32_t base, uint32_t *values, uint32_t n);

#endif
