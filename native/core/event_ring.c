// SPDX-License-Identifier: Apache-2.0
#include "event_ring.h"

#include <string.h>

#include <linux/bpf.h>

#include <bpf/libbpf.h>

#include "abi.h"
#include "log.h"
#include "map.h"
#include "util.h"

/* What `take` returns when the caller's room is used up: any negative number ends the reading. */
#define FULL (-E2BIG)

struct event_ring {
	struct ring_buffer *ring;
	/* Of the call that is under way. */
	struct event *records;
	size_t room, n; /* in records */
};

/* libbpf has moved on behind the record whatever is returned, so it is taken first. */
static int take(void *ctx, void *data, size_t size)
{
	struct event_ring *ring = ctx;

	if (size == sizeof(*ring->records))
		memcpy(&ring->records[ring->n++], data, size);
	return ring->n < ring->room ? 0 : FULL;
}

int event_ring__open(struct event_ring **out, const struct map *map)
{
	_cleanup_free_ struct event_ring *ring = calloc(1, sizeof(*ring));
	int err;

	if (map->type != BPF_MAP_TYPE_RINGBUF)
		return log__error(EINVAL, "the map %s is no ring buffer", map->name);
	if (!ring)
		return -ENOMEM;
	ring->ring = ring_buffer__new(map->fd, take, ring, NULL);
	if (!ring->ring) {
		err = errno;
		return log__error(err, "cannot read the ring buffer %s: %s", map->name,
		                  strerror(err));
	}
	*out = take_ptr(ring);
	return 0;
}

void event_ring__free(struct event_ring *ring)
{
	if (!ring)
		return;
	ring_buffer__free(ring->ring);
	free(ring);
}

int event_ring__poll(struct event_ring *ring, int timeout_ms, void *records, size_t room, size_t *n)
{
	int err;

	ring->records = records;
	ring->room = room / sizeof(*ring->records);
	ring->n = 0;
	if (!ring->room)
		return -EINVAL;
	err = ring_buffer__poll(ring->ring, timeout_ms);
	if (err < 0 && err != FULL && err != -EINTR)
		return log__error(-err, "cannot wait for events: %s", strerror(-err));
	*n = ring->n;
	return 0;
}
