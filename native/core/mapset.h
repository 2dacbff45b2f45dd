/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps that the objects share. Those of abi.h outlive the process by a pin and are found again;
 * others (scratch of the programs) are shared between the objects of one process only.
 */
#ifndef MILLRACE_MAPSET_H
#define MILLRACE_MAPSET_H

#include "bpffs.h"
#include "map.h"
#include "wire.h"

#define MAPSET_MAX 64

struct bpf_map;

struct mapset {
	struct map maps[MAPSET_MAX];
	size_t n;
};

void mapset__init(struct mapset *set);
void mapset__close(struct mapset *set);

/* The map called @name, or NULL. */
const struct map *mapset__find(const struct mapset *set, const char *name);

/*
 * Before an object is loaded: sizes @map by the options, and gives it the map that another object
 * or a pin already has. -ESTALE with a reason if that one is of another shape.
 */
int mapset__prepare(struct mapset *set, const struct bpffs *fs, const struct wire_options *options,
                    struct bpf_map *map);

/* After it was loaded: takes in what the object made itself. */
int mapset__adopt(struct mapset *set, const struct bpf_map *map);

/* Gives the objects of this set a map of another one, if that has it. */
int mapset__lend(struct mapset *set, const struct mapset *from, const char *name);

/* Has the map of that name pinned late; if there is one, and it is not pinned. */
void mapset__hold(struct mapset *set, const char *name);

/* Pins what is not pinned yet; with @late what is held, too. */
int mapset__publish(struct mapset *set, const struct bpffs *fs, bool late);

/* Pins again what has been pinned and is no more, or in whose place is something else. How many, or -errno. */
int mapset__repin(struct mapset *set, const struct bpffs *fs);

#endif
