/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hash that all nodes agree on: see RING_HASH_SEED. */
#ifndef MILLRACE_FLOW_HASH_H
#define MILLRACE_FLOW_HASH_H

#include "family.h"

#define flow_hash GLOBAL(flow_hash)

static __always_inline __u32 flow_hash_rotate(__u32 value, __u32 by)
{
	return value << by | value >> (32 - by);
}

/* A frame of its own: the caller's has little room left. */
__noinline __u32 flow_hash(const flow_key_t *key)
{
	__be32 words[sizeof(*key) / sizeof(__be32)];
	__u32 hash = RING_HASH_SEED, word;

	if (!key)
		return 0;
	__builtin_memcpy(words, key, sizeof(words));
	for (__u32 i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		word = bpf_ntohl(words[i]) * 0xcc9e2d51;
		hash ^= flow_hash_rotate(word, 15) * 0x1b873593;
		hash = flow_hash_rotate(hash, 13) * 5 + 0xe6546b64;
	}
	hash ^= sizeof(words);
	hash = (hash ^ hash >> 16) * 0x85ebca6b;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35;
	return hash ^ hash >> 16;
}

#endif
