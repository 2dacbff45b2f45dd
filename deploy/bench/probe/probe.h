// SPDX-License-Identifier: Apache-2.0
/* What the probes of the control plane share: a clock, pinned maps, and changes that are made. */
#ifndef PROBE_H
#define PROBE_H

#include <stdint.h>

/* CLOCK_MONOTONIC. */
uint64_t now_ns(void);

/* The map that is pinned as NAME_vVERSION in the folder; -1 with a message if there is none. */
int map__open(const char *pins, const char *name, int version);

/*
 * Renames the file to `target`, or sends it there by PUT if that is a URL.
 *
 * start: when it was there for the agent to see. 0 or -errno, with a message.
 */
int change__make(const char *staged, const char *target, uint64_t *start);

/* Measures the change that a line describes and prints nanoseconds. 0 or -errno, with a message. */
typedef int (*measure_fn)(const void *maps, char *line);

/* Does so for each line of stdin, with a pause between: the agent is idle when the next one comes. */
int changes__measure(measure_fn measure, const void *maps);

#endif
