// SPDX-License-Identifier: Apache-2.0
#include "arena.h"

#include <linux/bpf.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "log.h"
#include "util.h"

/* The kernel pads the elements of an array to 8 bytes. */
struct slot {
	uint32_t value;
	uint32_t pad;
};

struct arena {
	struct slot *slots;
	uint32_t capacity;
	size_t bytes;
};

int arena__open(struct arena **out, const struct map *map)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	_cleanup_free_ struct arena *arena = NULL;

	if (map->type != BPF_MAP_TYPE_ARRAY || map->value_size != sizeof(uint32_t) ||
	    !(map->flags & BPF_F_MMAPABLE))
		return log__error(EINVAL, "the map %s is not an mmapable array of 32-bit numbers",
		                  map->name);
	arena = calloc(1, sizeof(*arena));
	if (!arena)
		return -ENOMEM;
	arena->capacity = map->max_entries;
	arena->bytes = (map->max_entries * sizeof(struct slot) + page - 1) / page * page;
	arena->slots = mmap(NULL, arena->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map->fd, 0);
	if (arena->slots == MAP_FAILED)
		return log__error(errno, "cannot map %s into memory: %s", map->name,
		                  strerror(errno));
	*out = take_ptr(arena);
	return 0;
}

void arena__free(struct arena *arena)
{
	if (!arena)
		return;
	munmap(arena->slots, arena->bytes);
	free(arena);
}

uint32_t arena__capacity(const struct arena *arena)
{
	return arena->capacity;
}

static bool inside(const struct arena *arena, uint32_t base, uint32_t n)
{
	return base <= arena->capacity && n <= arena->capacity - base;
}

int arena__store(struct arena *arena, uint32_t base, const uint32_t *values, uint32_t n)
{
	if (!inside(arena, base, n))
		return -ERANGE;
	for (uint32_t i = 0; i < n; i++)
		__atomic_store_n(&arena->slots[base + i].value, values[i], __ATOMIC_RELAXED);
	/* Whoever sees what is written next, the entry that names this run, sees the run. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	return 0;
}

int arena__load(const struct arena *arena, uint32_t base, uint32_t *values, uint32_t n)
{
	if (!inside(arena, base, n))
		return -ERANGE;
	for (uint32_t i = 0; i < n; i++)
		values[i] = __atomic_load_n(&arena->slots[base + i].value, __ATOMIC_RELAXED);
	return 0;
}
