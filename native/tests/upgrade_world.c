// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <bpf/bpf.h>

#include "former.h"
#include "log.h"
#include "upgrade_world.h"

static int same4(const void *old_key, const void *old_value, void *key, void *value)
{
	memcpy(key, old_key, sizeof(struct flow4_key));
	memcpy(value, old_value, sizeof(struct flow4));
	return 0;
}

static int same6(const void *old_key, const void *old_value, void *key, void *value)
{
	memcpy(key, old_key, sizeof(struct flow6_key));
	memcpy(value, old_value, sizeof(struct flow6));
	return 0;
}

/* Version 3 had an id only. */
static int longer_svc(const void *old_key, const void *old_value, void *key, void *value)
{
	struct svc *svc = value;

	memcpy(key, old_key, sizeof(struct svc4_key));
	memcpy(&svc->id, old_value, sizeof(svc->id));
	return 0;
}

const struct migration upgrade_table[] = {
	{ "flows4", 0, sizeof(struct flow4_key), sizeof(struct flow4), sizeof(struct flow4_key),
	  sizeof(struct flow4), same4 },
	{ "flows6", 0, sizeof(struct flow6_key), sizeof(struct flow6), sizeof(struct flow6_key),
	  sizeof(struct flow6), same6 },
	{ "svcs4", 3, sizeof(struct svc4_key), 4, sizeof(struct svc4_key), sizeof(struct svc),
	  longer_svc },
	{ .map = NULL },
};

struct dataplane *open_with(uint32_t reject_rate, uint32_t without)
{
	const struct wire_options options = { .reject_rate = reject_rate, .without = without };
	const struct dataplane_opts opts = { .sz = sizeof(opts),
		                             .bpffs = bpffs,
		                             .objects = FIXTURES,
		                             .options = &options,
		                             .migrations = upgrade_table };
	struct dataplane *dp = NULL;

	CHECK_EQ(dataplane__open(&dp, &opts), 0);
	return dp;
}

bool is_pinned(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), PINS "%s", name);
	return !access(path, F_OK);
}

void rename_pin(const char *from, const char *to)
{
	char old[128], new[128];
	_cleanup_fd_ int fd = -1;

	snprintf(old, sizeof(old), PINS "%s", from);
	snprintf(new, sizeof(new), PINS "%s", to);
	fd = bpf_obj_get(old);
	CHECK(fd >= 0);
	CHECK_EQ(bpf_obj_pin(fd, new), 0);
	CHECK(!unlink(old));
}

struct flow4_key flow_key(uint16_t port)
{
	return (struct flow4_key){ .saddr = htonl(0x0a000001),
		                   .daddr = htonl(0x0a000002),
		                   .sport = htons(port),
		                   .dport = htons(80),
		                   .proto = IPPROTO_UDP };
}

void put_flow(const struct dataplane *dp, uint16_t port, uint32_t svc)
{
	struct flow4_key key = flow_key(port);
	struct flow4 flow = { .svc = svc };
	uint32_t applied;

	CHECK_EQ(map__update(dataplane__map(dp, "flows4"), &key, &flow, 1, &applied), 0);
}

uint32_t flow_svc(const struct dataplane *dp, uint16_t port)
{
	struct flow4_key key = flow_key(port);
	struct flow4 flow = {};

	return bpf_map_lookup_elem(dataplane__map(dp, "flows4")->fd, &key, &flow) ? 0 : flow.svc;
}

struct dataplane *before(uint32_t ifindex, uint32_t reject_rate, uint32_t without)
{
	struct dataplane *dp = open_with(reject_rate, without);

	put_flow(dp, 1000, 7);
	if (ifindex)
		CHECK_EQ(dataplane__attach(dp, ifindex, WIRE_ROLE_POD), 0);
	rename_pin("flows4_v1", "flows4_v0");
	rename_pin("flows6_v1", "flows6_v0");
	return dp;
}
