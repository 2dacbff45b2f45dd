/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the programs do alike with either kind of context. Which kind, ctx_tc.h or ctx_xdp.h says: the
 * program's first include. Those two are all that differs below parsing and writing.
 */
#ifndef MILLRACE_CTX_H
#define MILLRACE_CTX_H

#include "count.h"

#ifndef CTX_DROP
#error "include ctx_tc.h or ctx_xdp.h first"
#endif

#define PACKET_OFFSET_MAX 0x3fff

/* A pointer to `len` bytes at `offset`, or NULL. The one bounds idiom. */
static __always_inline void *packet_at(ctx_t *ctx, __u32 offset, __u32 len)
{
	void *end = (void *)(long)ctx->data_end;
	void *at = (void *)(long)ctx->data + offset;

	/* The verifier wants a bound that it can see; no header lies this far in. */
	if (offset > PACKET_OFFSET_MAX)
		return NULL;
	return at + len <= end ? at : NULL;
}

static __always_inline void count_drop(ctx_t *ctx, enum drop_reason reason)
{
	__u32 key = reason;
	struct drop_count *cell = bpf_map_lookup_elem(&drops, &key);

	if (cell) {
		cell->packets += 1;
		cell->bytes += ctx_len(ctx);
	}
}

/* The one place where packets end. */
static __always_inline int drop(ctx_t *ctx, enum drop_reason reason)
{
	count_drop(ctx, reason);
	return CTX_DROP;
}

#endif
