/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the ring buffer in which the programs tell what became of packets (`events` of bpf/abi.h).
 * One reader: what it takes is gone. It may run beside the thread that uses the dataplane, and must
 * be freed before the map.
 */
#ifndef MILLRACE_EVENT_RING_H
#define MILLRACE_EVENT_RING_H

#include <stddef.h>

struct event_ring;
struct map;

/* -EINVAL if the map is no ring buffer. */
int event_ring__open(struct event_ring **ring, const struct map *map);
void event_ring__free(struct event_ring *ring);

/*
 * Waits up to @timeout_ms for something to come (-1: for ever) and fills @records, of @room bytes,
 * with whole records (struct event), the oldest first. *@n of them are set; 0 when nothing came or a
 * signal did. When the room is used up, the rest comes with the next call. Records of another length
 * are skipped.
 */
int event_ring__poll(struct event_ring *ring, int timeout_ms, void *records, size_t room,
                     size_t *n);

#endif
