// SPDX-License-Identifier: Apache-2.0
#include "spots.h"

#include "attach.h"
#include "attach_xdp.h"
#include "clsact.h"
#include "util.h"

void spots__free(struct spots *spots)
{
	free(spots->list);
	*spots = (struct spots){};
}

static int add(struct spots *spots, uint32_t ifindex, enum program_id program, uint32_t prog_id)
{
	if (spots->n == spots->room) {
		size_t room = spots->room ? spots->room * 2 : 64;
		struct spot *list = reallocarray(spots->list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		spots->list = list;
		spots->room = room;
	}
	spots->list[spots->n++] =
		(struct spot){ .ifindex = ifindex, .program = program, .prog_id = prog_id };
	return 0;
}

struct search {
	struct spots *spots;
	struct dataplane *dp;
};

static int visit(struct search *search, uint32_t ifindex, enum program_id program)
{
	uint32_t prog_id;
	int err = program == PROGRAM_UPLINK_XDP
	                  ? attach_xdp__query(search->dp, ifindex, &prog_id)
	                  : attach__query(search->dp, ifindex, program, &prog_id);

	if (err)
		return err == -ENOENT ? 0 : err;
	return add(search->spots, ifindex, program, prog_id);
}

static int visit_link(void *ctx, const char *name)
{
	struct search *search = ctx;
	enum program_id program;
	uint32_t ifindex;

	if (!bpffs__parse_link(name, &ifindex, &program) ||
	    (program != PROGRAM_UPLINK_XDP && !(search->dp->features & WIRE_FEATURE_TCX)))
		return 0;
	return visit(search, ifindex, program);
}

static int visit_filters(struct search *search)
{
	_cleanup_free_ uint32_t *devices = NULL;
	size_t n = 0;
	int err = clsact__devices(&devices, &n);

	for (size_t i = 0; !err && i < n; i++) {
		for (int program = 0; !err && program < PROGRAM_TC_MAX; program++)
			err = visit(search, devices[i], program);
	}
	return err;
}

static int compare(const void *left, const void *right)
{
	const struct spot *a = left, *b = right;

	return (a->program > b->program) - (a->program < b->program)
	               ?: (a->ifindex > b->ifindex) - (a->ifindex < b->ifindex);
}

int spots__find(struct spots *out, struct dataplane *dp)
{
	__attribute__((cleanup(spots__free))) struct spots spots = {};
	struct search search = { .spots = &spots, .dp = dp };
	int err = bpffs__for_each(&dp->fs, "links", visit_link, &search);

	if (!err && !(dp->features & WIRE_FEATURE_TCX))
		err = visit_filters(&search);
	if (err)
		return err;
	if (spots.n)
		qsort(spots.list, spots.n, sizeof(*spots.list), compare);
	*out = spots;
	spots = (struct spots){};
	return 0;
}
