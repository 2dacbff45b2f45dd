/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps of an earlier version of the agent, found by their pins. They stay pinned until the programs that use
 * them are replaced; as long as one is there, an upgrade is not finished.
 */
#ifndef MILLRACE_FORMER_H
#define MILLRACE_FORMER_H

#include "bpffs.h"
#include "known_map.h"
#include "mapset.h"
#include "migrate.h"

#define FORMERS_MAX 64

struct former {
	const struct known_map *known;
	uint32_t version;
	struct map map;
	bool again; /* the map of today was there already: an upgrade was broken off */
	struct migrate_path path; /* n = 0: nothing leads to the map of today */
	struct migrate_count count;
	uint64_t lost; /* entries that nothing carries over */
};

/* The newest version of a map comes before older ones. */
struct formers {
	struct former list[FORMERS_MAX];
	size_t n;
};

/* Lets go of the maps; what is known of them stays. */
void formers__close_maps(struct formers *formers);

/*
 * Looks for pins of other versions. -ESTALE if one is of a newer build, whose programs this one does not
 * understand; the sentence in the log says what to do. Changes nothing.
 */
int formers__find(struct formers *formers, const struct bpffs *fs);

/*
 * Once the maps of today are there: finds out which entries can be carried over. Those that have a former are
 * held back: until programs are replaced, the earlier version may come back.
 */
void formers__plan(struct formers *formers, const struct migration *table, struct mapset *maps);

/* Fills in the maps of the agent that this process has made, before anybody can find them. */
int formers__carry_agents(struct formers *formers, const struct mapset *maps);

/*
 * Carries the entries over that programs keep; with @keep without touching what is there. Maps of which an
 * upgrade that was broken off has made entries are never touched otherwise.
 */
int formers__carry_programs(struct formers *formers, const struct mapset *maps, bool keep);

/* Counts what is lost. */
int formers__count_lost(struct formers *formers);

/* Whether flows come from an older version, and its map of the family; NULL if not, or if they are lost. */
const struct map *formers__flows(const struct formers *formers, int family);
bool formers__have_flows(const struct formers *formers);

/* Removes their pins: the upgrade is done. */
int formers__unpin(const struct formers *formers, const struct bpffs *fs);

#endif
