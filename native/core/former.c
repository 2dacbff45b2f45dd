// SPDX-License-Identifier: Apache-2.0
#include "former.h"

#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "log.h"
#include "util.h"

void formers__close_maps(struct formers *formers)
{
	for (size_t i = 0; i < formers->n; i++) {
		fd__close(&formers->list[i].map.fd);
		formers->list[i].map.fd = -1;
	}
}

/* ---- finding ----------------------------------------------------------------------------------- */

struct newer {
	const struct known_map *known;
	uint32_t version;
	uint32_t n;
};

static int note_newer(void *ctx, const char *pin)
{
	struct newer *newer = ctx;
	uint32_t version;
	const struct known_map *known = known_map__of_pin(pin, &version);

	if (known && version > known->version) {
		if (!newer->n++) {
			newer->known = known;
			newer->version = version;
		}
	}
	return 0;
}

static int refuse_newer(const struct bpffs *fs)
{
	struct newer newer = {};
	int err = bpffs__for_each(fs, "maps", note_newer, &newer);

	if (err || !newer.n)
		return err;
	return log__error(
		ESTALE,
		"a newer build runs this node: %s/maps/%s_v%u is of version %u, and this build "
		"knows version %u%s; nothing was changed, and its programs go on. Start the newer "
		"build again, or give up its connections: `millrace cleanup`, then start this one",
		fs->root, newer.known->name, newer.version, newer.version, newer.known->version,
		newer.n > 1 ? " (other maps likewise)" : "");
}

struct search {
	struct formers *formers;
	const struct bpffs *fs;
};

static int note_former(void *ctx, const char *pin)
{
	const struct search *search = ctx;
	struct formers *formers = search->formers;
	struct former *former = &formers->list[formers->n];
	_cleanup_fd_ int fd = -1;
	char path[PATH_MAX];
	uint32_t version;
	const struct known_map *known = known_map__of_pin(pin, &version);
	int err;

	if (!known || version == known->version)
		return 0;
	if (formers->n == FORMERS_MAX)
		return log__error(E2BIG, "there are pins of more than %d older maps", FORMERS_MAX);
	bpffs__map_path(search->fs, known->name, version, path);
	fd = bpf_obj_get(path);
	err = fd;
	memset(former, 0, sizeof(*former));
	if (fd >= 0)
		err = map__describe(&former->map, fd);
	if (err < 0)
		return log__error(-err, "cannot open the pinned map %s: %s", path, strerror(-err));
	snprintf(former->map.name, sizeof(former->map.name), "%s", known->name);
	former->known = known;
	former->version = version;
	bpffs__map_path(search->fs, known->name, known->version, path);
	former->again = !access(path, F_OK);
	former->map.fd = take_fd(&fd);
	formers->n++;
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct former *a = left, *b = right;
	int names = strcmp(a->known->name, b->known->name);

	return names ?: (a->version < b->version) - (a->version > b->version);
}

int formers__find(struct formers *formers, const struct bpffs *fs)
{
	struct search search = { .formers = formers, .fs = fs };
	int err = refuse_newer(fs);

	err = err ?: bpffs__for_each(fs, "maps", note_former, &search);
	if (!err)
		qsort(formers->list, formers->n, sizeof(*formers->list), compare);
	return err;
}

/* ---- carrying ---------------------------------------------------------------------------------- */

void formers__plan(struct formers *formers, const struct migration *table, struct mapset *maps)
{
	for (size_t i = 0; i < formers->n; i++) {
		struct former *former = &formers->list[i];
		const struct map *map = mapset__find(maps, former->known->name);

		mapset__hold(maps, former->known->name);
		if (map)
			migrate__find(table, &former->map, former->version, map,
			              former->known->version, &former->path);
	}
}

/* Whether there is a newer one of the same map. */
static bool is_outdone(const struct formers *formers, size_t i)
{
	return i && formers->list[i - 1].known == formers->list[i].known;
}

int formers__carry_agents(struct formers *formers, const struct mapset *maps)
{
	for (size_t i = 0; i < formers->n; i++) {
		struct former *former = &formers->list[i];
		const struct map *map = mapset__find(maps, former->known->name);
		int err;

		if (former->known->kept_by != KEPT_BY_AGENT || !former->path.n || !map ||
		    !map->fresh || is_outdone(formers, i))
			continue;
		err = migrate__carry(&former->path, &former->map, map, false, &former->count);
		if (err)
			return err;
	}
	return 0;
}

static int carry_programs(struct former *former, const struct map *map, bool keep)
{
	struct migrate_count count = {};
	int err = migrate__carry(&former->path, &former->map, map, keep || former->again, &count);

	if (err)
		return err;
	/* What comes last are stragglers. */
	if (keep)
		former->count.carried += count.added;
	else
		former->count = count;
	return 0;
}

int formers__carry_programs(struct formers *formers, const struct mapset *maps, bool keep)
{
	for (size_t i = 0; i < formers->n; i++) {
		struct former *former = &formers->list[i];
		const struct map *map = mapset__find(maps, former->known->name);
		int err = 0;

		if (former->known->kept_by == KEPT_BY_PROGRAMS && former->path.n && map)
			err = carry_programs(former, map, keep || is_outdone(formers, i));
		if (err)
			return err;
	}
	return 0;
}

int formers__count_lost(struct formers *formers)
{
	for (size_t i = 0; i < formers->n; i++) {
		struct former *former = &formers->list[i];
		int err = 0;

		if (former->known->kept_by == KEPT_BY_PROGRAMS && !former->path.n)
			err = migrate__count(&former->map, &former->lost);
		if (err)
			return err;
	}
	return 0;
}

const struct map *formers__flows(const struct formers *formers, int family)
{
	for (size_t i = 0; i < formers->n; i++) {
		const struct former *former = &formers->list[i];

		if (!strcmp(former->known->name, family == 4 ? "flows4" : "flows6"))
			return former->path.n ? &former->map : NULL;
	}
	return NULL;
}

bool formers__have_flows(const struct formers *formers)
{
	return formers__flows(formers, 4) || formers__flows(formers, 6);
}

/* ---- the end ----------------------------------------------------------------------------------- */

int formers__unpin(const struct formers *formers, const struct bpffs *fs)
{
	for (size_t i = 0; i < formers->n; i++) {
		const struct former *former = &formers->list[i];
		char path[PATH_MAX];

		bpffs__map_path(fs, former->known->name, former->version, path);
		if (unlink(path) && errno != ENOENT)
			return log__error(errno, "cannot remove %s: %s", path, strerror(errno));
	}
	return 0;
}
