/* SPDX-License-Identifier: Apache-2.0 */
/* A set of connections: a tuple and the one that answers it count as the same. */
#ifndef MILLRACE_TUPLE_SET_H
#define MILLRACE_TUPLE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conntrack_tuple;
struct tuple_set_entry;

/* Empty when it is all zeroes. */
struct tuple_set {
	struct tuple_set_entry *entries;
	size_t capacity, n;
};

/* 0 or -ENOMEM. */
int tuple_set__add(struct tuple_set *set, uint8_t family, uint8_t proto,
                   const struct conntrack_tuple *tuple);
bool tuple_set__has(const struct tuple_set *set, uint8_t family, uint8_t proto,
                    const struct conntrack_tuple *tuple);
void tuple_set__close(struct tuple_set *set);

#endif
