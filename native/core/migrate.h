/* SPDX-License-Identifier: Apache-2.0 */
/* How entries of an older version of a map become entries of this one. */
#ifndef MILLRACE_MIGRATE_H
#define MILLRACE_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "map.h"

/*
 * From one version of a map to the next. @entry is pure: it reads the old key and value, fills in the new
 * ones, which are all zero when it is called, and returns 0; or 1 if this entry is not carried over.
 * Keys of flows4 and flows6 must stay as they are, or the switch of the programs is no single step
 * (gate.h).
 */
struct migration {
	const char *map;
	uint32_t from; /* it leads to from + 1 */
	uint32_t old_key_size, old_value_size;
	uint32_t key_size, value_size;
	int (*entry)(const void *old_key, const void *old_value, void *key, void *value);
};

/* Those of this build; one whose map is NULL ends the table. */
extern const struct migration migrations[];

#define MIGRATE_STEPS_MAX 8

/* The steps from the version that was found to the one of today. */
struct migrate_path {
	const struct migration *steps[MIGRATE_STEPS_MAX];
	uint32_t n;
};

/*
 * Finds the steps from version @version of the map @old to @new, whose versions are those of today. False:
 * a step is missing, or the sizes of the maps are not those of the steps.
 */
bool migrate__find(const struct migration *table, const struct map *old, uint32_t version,
                   const struct map *new, uint32_t to, struct migrate_path *out);

struct migrate_count {
	uint64_t carried; /* entries of the new map that came, or had come, from the old one */
	uint64_t added;   /* of these, those that were not there */
	uint64_t dropped; /* not carried: by the function's choice, or for want of room */
};

/*
 * Writes what the path makes of @old's entries into @new. With @keep an entry that is there already stays
 * as it is: it may be newer. 0 or -errno; *@count is set on success.
 */
int migrate__carry(const struct migrate_path *path, const struct map *old, const struct map *new,
                   bool keep, struct migrate_count *count);

/* How many entries a map has; those of an array that are all zero do not count. */
int migrate__count(const struct map *map, uint64_t *n);

#endif
