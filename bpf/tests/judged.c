// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the judge of a hook has said last (judgement.h). Its cell is a program's own and no part of the contract, so
 * its members are found by the object's BTF.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "judged.h"

/* No set has it: whoever judges writes another one first. */
static const uint64_t nobody = UINT64_MAX;

/* Where the members are, from the start of a cell. */
struct layout {
	int egress, ingress;
	int set, rule, kind, named; /* from the start of a verdict */
};

static int member(const struct btf *btf, const char *type, const char *name)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (uint32_t i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			return (int)btf_member_bit_offset(t, i) / 8;
	return -1;
}

static bool layout_find(const struct bpf_object *object, struct layout *l)
{
	const struct btf *btf = bpf_object__btf(object);

	*l = (struct layout){
		.egress = member(btf, "judgement", "egress"),
		.ingress = member(btf, "judgement", "ingress"),
		.set = member(btf, "verdict", "set"),
		.rule = member(btf, "verdict", "rule"),
		.kind = member(btf, "verdict", "kind"),
		.named = member(btf, "verdict", "named"),
	};
	return l->egress >= 0 && l->ingress >= 0 && l->set >= 0 && l->rule >= 0 && l->kind >= 0 &&
	       l->named >= 0;
}

static const struct bpf_map *cell_of(const struct bpf_object *object, int family)
{
	return bpf_object__find_map_by_name(object,
	                                    family == AF_INET ? "judgements4" : "judgements6");
}

/* Every CPU's cell of one object, at a multiple of 8 bytes. */
static size_t stride(const struct bpf_map *map)
{
	return (bpf_map__value_size(map) + 7) & ~7u;
}

static int forget_in(const struct bpf_object *object, const struct bpf_map *map, int cpus)
{
	uint8_t *cells = calloc(cpus, stride(map));
	uint32_t key = 0;
	struct layout l;
	int err = -ENOENT;

	if (cells && layout_find(object, &l)) {
		for (int cpu = 0; cpu < cpus; cpu++)
			memcpy(cells + cpu * stride(map) + l.egress + l.set, &nobody,
			       sizeof(nobody));
		err = bpf_map_update_elem(bpf_map__fd(map), &key, cells, BPF_ANY);
	}
	free(cells);
	return err;
}

int judged_forget(const struct objects *o, int family)
{
	int err = 0;

	for (int i = 0; !err && i < OBJECT_MAX && o->object[i]; i++) {
		const struct bpf_map *map = cell_of(o->object[i], family);

		if (map)
			err = forget_in(o->object[i], map, o->cpus);
	}
	return err;
}

static struct judged_side side_of(const uint8_t *verdict, const struct layout *l)
{
	struct judged_side side = { 0 };

	memcpy(&side.set, verdict + l->set, sizeof(side.set));
	memcpy(&side.rule, verdict + l->rule, sizeof(side.rule));
	side.kind = verdict[l->kind];
	side.named = verdict[l->named];
	return side;
}

static bool find_in(const struct bpf_object *object, const struct bpf_map *map, int cpus,
                    struct judged *to)
{
	uint8_t *cells = calloc(cpus, stride(map));
	bool found = false;
	uint32_t key = 0;
	struct layout l;

	if (cells && layout_find(object, &l) &&
	    !bpf_map_lookup_elem(bpf_map__fd(map), &key, cells)) {
		for (int cpu = 0; !found && cpu < cpus; cpu++) {
			const uint8_t *cell = cells + cpu * stride(map);

			to->egress = side_of(cell + l.egress, &l);
			to->ingress = side_of(cell + l.ingress, &l);
			found = to->egress.set != nobody;
		}
	}
	free(cells);
	return found;
}

bool judged_find(const struct objects *o, int family, struct judged *to)
{
	for (int i = 0; i < OBJECT_MAX && o->object[i]; i++) {
		const struct bpf_map *map = cell_of(o->object[i], family);

		if (map && find_in(o->object[i], map, o->cpus, to))
			return true;
	}
	return false;
}
