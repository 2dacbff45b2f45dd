/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Token bucket of one CPU: what may happen `rate` times a second, and as often at once. */
#ifndef MILLRACE_BUCKET_H
#define MILLRACE_BUCKET_H

#include "family.h"

struct bucket {
	__u64 refilled_ns;
	__u64 tokens;
};

#define NS_PER_SECOND 1000000000ULL

static __always_inline bool bucket_take(struct bucket *bucket, __u64 rate)
{
	__u64 now = bpf_ktime_get_ns(), fresh;

	if (now - bucket->refilled_ns >= NS_PER_SECOND) {
		bucket->tokens = rate;
		bucket->refilled_ns = now;
	} else {
		fresh = (now - bucket->refilled_ns) * rate / NS_PER_SECOND;
		if (fresh) {
			bucket->tokens = bucket->tokens + fresh > rate ? rate
			                                               : bucket->tokens + fresh;
			bucket->refilled_ns = now;
		}
	}
	if (!bucket->tokens)
		return false;
	bucket->tokens -= 1;
	return true;
}

#endif
