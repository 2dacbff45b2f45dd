// SPDX-License-Identifier: Apache-2.0
#include "flow_walk.h"

#include <sys/socket.h>

#include "abi.h"
#include "util.h"

#define CHUNK 4096

static struct flow_half read4(const void *keys, const void *values, uint32_t i)
{
	const struct flow4_key *key = (const struct flow4_key *)keys + i;
	const struct flow4 *flow = (const struct flow4 *)values + i;

	return (struct flow_half){
		.key = key,
		.family = AF_INET,
		.proto = key->proto,
		.state = flow->state,
		.flags = flow->flags,
		.comes = { .saddr.w[0] = key->saddr,
		           .daddr.w[0] = key->daddr,
		           .sport = key->sport,
		           .dport = key->dport },
		.leaves = { .saddr.w[0] = flow->saddr,
		            .daddr.w[0] = flow->daddr,
		            .sport = flow->sport,
		            .dport = flow->dport },
	};
}

static struct flow_half read6(const void *keys, const void *values, uint32_t i)
{
	const struct flow6_key *key = (const struct flow6_key *)keys + i;
	const struct flow6 *flow = (const struct flow6 *)values + i;

	return (struct flow_half){
		.key = key,
		.family = AF_INET6,
		.proto = key->proto,
		.state = flow->state,
		.flags = flow->flags,
		.comes = { key->saddr, key->daddr, key->sport, key->dport },
		.leaves = { flow->saddr, flow->daddr, flow->sport, flow->dport },
	};
}

static void dump__free(struct map_dump **dump)
{
	map_dump__free(*dump);
}

int flow__walk(const struct map *flows, uint8_t family, flow_visit_fn visit, void *ctx)
{
	__attribute__((cleanup(dump__free))) struct map_dump *dump = NULL;
	_cleanup_free_ void *keys = calloc(CHUNK, flows->key_size);
	_cleanup_free_ void *values = calloc(CHUNK, flows->value_size);
	uint32_t n;
	int err;

	if (!keys || !values)
		return -ENOMEM;
	err = map_dump__open(&dump, flows);
	while (!err) {
		err = map_dump__next(dump, keys, values, CHUNK, &n);
		if (err || !n)
			break;
		for (uint32_t i = 0; i < n; i++) {
			struct flow_half half = family == AF_INET ? read4(keys, values, i)
			                                          : read6(keys, values, i);

			visit(ctx, &half);
		}
	}
	return err;
}
