// SPDX-License-Identifier: Apache-2.0
/* Records of any size in the ring of events: only whole ones are taken, and never more than there is room for. */
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "event_ring.h"
#include "fuzz.h"
#include "map.h"

struct ring_buffer *__wrap_ring_buffer__new(int fd, ring_buffer_sample_fn take, void *ctx,
                                            const struct ring_buffer_opts *opts);
int __wrap_ring_buffer__poll(struct ring_buffer *ring, int timeout_ms);
void __wrap_ring_buffer__free(struct ring_buffer *ring);

static ring_buffer_sample_fn taker;
static void *taker_ctx;
static struct bytes input;
static size_t whole; /* records of the right size that were offered */

struct ring_buffer *__wrap_ring_buffer__new(int fd, ring_buffer_sample_fn take_one, void *ctx,
                                            const struct ring_buffer_opts *opts)
{
	(void)fd;
	(void)opts;
	taker = take_one;
	taker_ctx = ctx;
	return (struct ring_buffer *)&taker;
}

/* As libbpf does: one record after the other until the reader has enough. */
int __wrap_ring_buffer__poll(struct ring_buffer *ring, int timeout_ms)
{
	int n = 0;

	(void)ring;
	(void)timeout_ms;
	while (input.left) {
		size_t len = take_u8(&input), had = len;
		const uint8_t *from = take(&input, &len);
		char *record = malloc(len ?: 1);
		int err;

		memcpy(record, from, len);
		whole += len == sizeof(struct event);
		err = taker(taker_ctx, record, len);
		free(record);
		if (err < 0)
			return err;
		n += had == len;
	}
	return n;
}

void __wrap_ring_buffer__free(struct ring_buffer *ring)
{
	(void)ring;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct map map = { .type = BPF_MAP_TYPE_RINGBUF, .name = "events" };
	struct event_ring *ring;
	size_t room, n, taken = 0;

	input = (struct bytes){ data, size };
	whole = 0;
	if (event_ring__open(&ring, &map))
		abort();
	room = 1 + take_u8(&input) % 4;
	while (input.left) {
		struct event *records = calloc(room, sizeof(*records));

		n = room + 1;
		if (event_ring__poll(ring, 0, records, room * sizeof(*records), &n) || n > room)
			abort();
		taken += n;
		free(records);
	}
	if (taken != whole)
		abort();
	event_ring__free(ring);
	return 0;
}
