// SPDX-License-Identifier: Apache-2.0
#include "arena.h"

#include <linux/bpf.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "log.h"
#include "util.h"

/*
 * The array is mapped piece by piece, when a piece is first used: the kernel maps all pages of it at
 * once, and all count as this process' memory, used or not.
 */
#define CHUNK_SLOTS 131072u

struct arena {
	int fd;
	uint32_t capacity;
	uint32_t nchunks;
	uint64_t *chunks[]; /* NULL: not mapped yet */
};

int arena__open(struct arena **out, const struct map *map)
{
	uint32_t nchunks = (map->max_entries + CHUNK_SLOTS - 1) / CHUNK_SLOTS;
	_cleanup_free_ struct arena *arena = NULL;

	if (map->type != BPF_MAP_TYPE_ARRAY || map->value_size != sizeof(uint64_t) ||
	    !(map->flags & BPF_F_MMAPABLE))
		return log__error(EINVAL, "the map %s is not an mmapable array of 64-bit numbers",
		                  map->name);
	arena = calloc(1, sizeof(*arena) + nchunks * sizeof(arena->chunks[0]));
	if (!arena)
		return -ENOMEM;
	arena->fd = map->fd;
	arena->capacity = map->max_entries;
	arena->nchunks = nchunks;
	*out = take_ptr(arena);
	return 0;
}

/* Bytes of a chunk; the kernel rounds the array up to whole pages. */
static size_t chunk_bytes(const struct arena *arena, uint32_t chunk)
{
	uint32_t left = arena->capacity - chunk * CHUNK_SLOTS;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = (left < CHUNK_SLOTS ? left : CHUNK_SLOTS) * sizeof(uint64_t);

	return (bytes + page - 1) / page * page;
}

static int map_chunk(struct arena *arena, uint32_t chunk)
{
	off_t offset = (off_t)chunk * CHUNK_SLOTS * (off_t)sizeof(uint64_t);
	void *memory = mmap(NULL, chunk_bytes(arena, chunk), PROT_READ | PROT_WRITE, MAP_SHARED,
	                    arena->fd, offset);

	if (memory == MAP_FAILED)
		return log__error(errno, "cannot map slots %u to %u into memory: %s",
		                  chunk * CHUNK_SLOTS, (chunk + 1) * CHUNK_SLOTS - 1,
		                  strerror(errno));
	arena->chunks[chunk] = memory;
	return 0;
}

void arena__free(struct arena *arena)
{
	if (!arena)
		return;
	for (uint32_t i = 0; i < arena->nchunks; i++)
		if (arena->chunks[i])
			munmap(arena->chunks[i], chunk_bytes(arena, i));
	free(arena);
}

uint32_t arena__capacity(const struct arena *arena)
{
	return arena->capacity;
}

/* Makes sure that the slots are there and mapped. */
static int reach(struct arena *arena, uint32_t base, uint32_t n)
{
	if (base > arena->capacity || n > arena->capacity - base)
		return -ERANGE;
	for (uint64_t i = base / CHUNK_SLOTS; i * CHUNK_SLOTS < (uint64_t)base + n; i++) {
		int err = arena->chunks[i] ? 0 : map_chunk(arena, (uint32_t)i);

		if (err)
			return err;
	}
	return 0;
}

static uint64_t *slot_at(const struct arena *arena, uint32_t index)
{
	return &arena->chunks[index / CHUNK_SLOTS][index % CHUNK_SLOTS];
}

int arena__store(struct arena *arena, uint32_t base, const uint64_t *values, uint32_t n)
{
	int err = reach(arena, base, n);

	if (err)
		return err;
	for (uint32_t i = 0; i < n; i++)
		__atomic_store_n(slot_at(arena, base + i), values[i], __ATOMIC_RELAXED);
	/* Whoever sees what is written next, the entry that names this run, sees the run. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	return 0;
}

int arena__load(struct arena *arena, uint32_t base, uint64_t *values, uint32_t n)
{
	int err = reach(arena, base, n);

	if (err)
		return err;
	for (uint32_t i = 0; i < n; i++)
		values[i] = __atomic_load_n(slot_at(arena, base + i), __ATOMIC_RELAXED);
	return 0;
}
