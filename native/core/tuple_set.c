// SPDX-License-Identifier: Apache-2.0
#include "tuple_set.h"

#include <string.h>

#include "conntrack.h"
#include "util.h"

#define FIRST_CAPACITY 64 /* a power of two */

/* Compared as bytes: 40, without gaps. */
struct tuple_set_entry {
	struct conntrack_tuple tuple; /* the lesser of the two */
	uint8_t proto;
	uint8_t family; /* 0 = free */
	uint8_t pad[2];
};
_Static_assert(sizeof(struct tuple_set_entry) == 40, "entries have gaps");

static struct tuple_set_entry entry_of(uint8_t family, uint8_t proto,
                                       const struct conntrack_tuple *tuple)
{
	const struct conntrack_tuple turned = { tuple->daddr, tuple->saddr, tuple->dport,
		                                tuple->sport };
	struct tuple_set_entry entry;

	memset(&entry, 0, sizeof(entry));
	entry.tuple = memcmp(tuple, &turned, sizeof(turned)) < 0 ? *tuple : turned;
	entry.proto = proto;
	entry.family = family;
	return entry;
}

/* FNV-1a. */
static uint64_t hash_of(const struct tuple_set_entry *entry)
{
	const unsigned char *bytes = (const unsigned char *)entry;
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < sizeof(*entry); i++)
		hash = (hash ^ bytes[i]) * 1099511628211U;
	return hash ^ hash >> 32;
}

/* Where it is, or would be. The set is not empty and never full. */
static struct tuple_set_entry *place_of(const struct tuple_set *set,
                                        const struct tuple_set_entry *entry)
{
	size_t at = hash_of(entry) & (set->capacity - 1);

	while (set->entries[at].family && memcmp(&set->entries[at], entry, sizeof(*entry)))
		at = (at + 1) & (set->capacity - 1);
	return &set->entries[at];
}

static int grow(struct tuple_set *set)
{
	struct tuple_set larger = { .capacity = set->capacity ? 2 * set->capacity
		                                              : FIRST_CAPACITY };

	larger.entries = calloc(larger.capacity, sizeof(*larger.entries));
	if (!larger.entries)
		return -ENOMEM;
	for (size_t i = 0; i < set->capacity; i++) {
		if (set->entries[i].family) {
			*place_of(&larger, &set->entries[i]) = set->entries[i];
			larger.n++;
		}
	}
	tuple_set__close(set);
	*set = larger;
	return 0;
}

int tuple_set__add(struct tuple_set *set, uint8_t family, uint8_t proto,
                   const struct conntrack_tuple *tuple)
{
	struct tuple_set_entry entry = entry_of(family, proto, tuple), *place;
	int err = 2 * (set->n + 1) > set->capacity ? grow(set) : 0;

	if (err)
		return err;
	place = place_of(set, &entry);
	set->n += !place->family;
	*place = entry;
	return 0;
}

bool tuple_set__has(const struct tuple_set *set, uint8_t family, uint8_t proto,
                    const struct conntrack_tuple *tuple)
{
	struct tuple_set_entry entry = entry_of(family, proto, tuple);

	return set->capacity && place_of(set, &entry)->family;
}

void tuple_set__close(struct tuple_set *set)
{
	free(set->entries);
	memset(set, 0, sizeof(*set));
}
