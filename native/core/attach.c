// SPDX-License-Identifier: Apache-2.0
/* Programs at the tc hooks of devices, whichever way the kernel offers, and what stands where. */
#include <string.h>

#include "attach.h"
#include "attach_xdp.h"
#include "clsact.h"
#include "dataplane_internal.h"
#include "link.h"
#include "log.h"
#include "sockets.h"
#include "tcx.h"
#include "util.h"

static bool uses_tcx(const struct dataplane *dp)
{
	return dp->features & WIRE_FEATURE_TCX;
}

static struct tcx_spot spot_of(const struct dataplane *dp, uint32_t ifindex,
                               enum program_id program, char pin[PATH_MAX])
{
	bpffs__link_path(&dp->fs, ifindex, program, pin);
	return (struct tcx_spot){ .pin = pin,
		                  .ifindex = ifindex,
		                  .egress = programs[program].egress };
}

int attach__put(struct dataplane *dp, uint32_t ifindex, enum program_id program,
                const struct program *loaded, bool *created)
{
	char pin[PATH_MAX];
	struct tcx_spot spot = spot_of(dp, ifindex, program, pin);

	return uses_tcx(dp) ? tcx__attach(&spot, loaded->fd, loaded->id, created)
	                    : clsact__attach(ifindex, program, loaded->fd, created);
}

int attach__query(struct dataplane *dp, uint32_t ifindex, enum program_id program,
                  uint32_t *prog_id)
{
	char pin[PATH_MAX];
	struct tcx_spot spot = spot_of(dp, ifindex, program, pin);

	return uses_tcx(dp) ? tcx__query(&spot, prog_id) : clsact__query(ifindex, program, prog_id);
}

static int detach_one(struct dataplane *dp, uint32_t ifindex, enum program_id program, bool tcx)
{
	char pin[PATH_MAX];

	if (!tcx)
		return clsact__detach(ifindex, program);
	bpffs__link_path(&dp->fs, ifindex, program, pin);
	return link__detach(pin);
}

static int detach_role(struct dataplane *dp, uint32_t ifindex, enum wire_role role, bool tcx)
{
	int first = 0;

	for (int i = PROGRAM_TC_MAX - 1; i >= 0; i--) {
		int err = programs[i].role == role ? detach_one(dp, ifindex, i, tcx) : 0;

		first = first ?: err;
	}
	return first ?: tcx ? first : clsact__release(ifindex);
}

int dataplane__attach(struct dataplane *dp, uint32_t ifindex, enum wire_role role)
{
	bool created[PROGRAM_TC_MAX] = {}, fresh = false;
	int err = 0;

	for (int i = 0; i < PROGRAM_TC_MAX && !err; i++) {
		if (programs[i].role == role)
			err = attach__put(dp, ifindex, i, &dp->loaded[i], &created[i]);
		fresh |= created[i];
	}
	/* An earlier run may have attached the other way; a packet must not meet us twice. */
	if (!err && fresh)
		err = detach_role(dp, ifindex, role, !uses_tcx(dp));
	if (!err)
		return 0;
	for (int i = PROGRAM_TC_MAX - 1; i >= 0; i--) {
		if (created[i])
			detach_one(dp, ifindex, i, uses_tcx(dp));
	}
	return err;
}

int dataplane__detach(struct dataplane *dp, uint32_t ifindex, enum wire_role role)
{
	/* XDP leaves to tc what it cannot do: it goes first. */
	int err = role == WIRE_ROLE_UPLINK ? dataplane__detach_xdp(dp, ifindex) : 0;

	return err ?: detach_role(dp, ifindex, role, uses_tcx(dp));
}

/* ---- what stands ------------------------------------------------------------------------------- */

struct listing {
	struct dataplane *dp;
	struct wire_attachment *found;
	uint8_t *current; /* programs of this process, per entry of found */
	size_t n, room;
};

static int grow(struct listing *list)
{
	size_t room = list->room ? list->room * 2 : 64;
	struct wire_attachment *found = reallocarray(list->found, room, sizeof(*found));
	uint8_t *current;

	if (!found)
		return -ENOMEM;
	list->found = found;
	current = reallocarray(list->current, room, sizeof(*current));
	if (!current)
		return -ENOMEM;
	list->current = current;
	list->room = room;
	return 0;
}

/* Four programs make a role complete; XDP is an addition. */
static int note(struct listing *list, uint32_t ifindex, enum program_id program, uint32_t prog_id)
{
	bool current = prog_id == list->dp->loaded[program].id;
	enum wire_role role = programs[program].role;
	size_t i = 0;

	while (i < list->n && (list->found[i].ifindex != ifindex || list->found[i].role != role))
		i++;
	if (i == list->n) {
		int err = list->n == list->room ? grow(list) : 0;

		if (err)
			return err;
		list->found[i] = (struct wire_attachment){ .ifindex = ifindex, .role = (__u8)role };
		list->current[i] = 0;
		list->n++;
	}
	if (program == PROGRAM_UPLINK_XDP) {
		list->found[i].xdp = current ? WIRE_XDP_CURRENT : WIRE_XDP_OTHER;
	} else {
		list->current[i] += current;
		list->found[i].tc++;
	}
	list->found[i].complete = list->current[i] == 4;
	return 0;
}

static int note_link(void *ctx, const char *name)
{
	struct listing *list = ctx;
	enum program_id program;
	uint32_t ifindex, prog_id;
	int err;

	if (!bpffs__parse_link(name, &ifindex, &program))
		return 0;
	if (program == PROGRAM_UPLINK_XDP)
		err = attach_xdp__query(list->dp, ifindex, &prog_id);
	else if (uses_tcx(list->dp))
		err = attach__query(list->dp, ifindex, program, &prog_id);
	else
		return 0;
	if (err == -ENOENT)
		return 0;
	return err ?: note(list, ifindex, program, prog_id);
}

static int note_filters(struct listing *list)
{
	_cleanup_free_ uint32_t *devices = NULL;
	size_t n = 0;
	int err = clsact__devices(&devices, &n);

	for (size_t i = 0; !err && i < n; i++) {
		for (int p = 0; !err && p < PROGRAM_TC_MAX; p++) {
			uint32_t prog_id;

			err = clsact__query(devices[i], p, &prog_id);
			if (err == -ENOENT)
				err = 0;
			else if (!err)
				err = note(list, devices[i], p, prog_id);
		}
	}
	return err;
}

int dataplane__attachments(struct dataplane *dp, struct wire_attachment **out, size_t *n)
{
	struct listing list = { .dp = dp };
	int err = bpffs__for_each(&dp->fs, "links", note_link, &list);

	if (!err && !uses_tcx(dp))
		err = note_filters(&list);
	free(list.current);
	if (err) {
		free(list.found);
		return err;
	}
	*out = list.found;
	*n = list.n;
	return 0;
}

/* ---- removal ----------------------------------------------------------------------------------- */

static int remove_link(void *ctx, const char *name)
{
	const struct bpffs *fs = ctx;
	enum program_id program;
	uint32_t ifindex;
	char pin[PATH_MAX];

	if (!bpffs__parse_link(name, &ifindex, &program))
		return 0;
	if (program == PROGRAM_UPLINK_XDP)
		return attach_xdp__detach(fs, ifindex);
	bpffs__link_path(fs, ifindex, program, pin);
	return link__detach(pin);
}

static int remove_filters(uint32_t ifindex)
{
	bool any = false;

	for (int p = 0; p < PROGRAM_TC_MAX; p++) {
		uint32_t prog_id;
		int err = clsact__query(ifindex, p, &prog_id);

		if (err == -ENOENT)
			continue;
		err = err ?: clsact__detach(ifindex, p);
		if (err)
			return err;
		any = true;
	}
	return any ? clsact__release(ifindex) : 0;
}

int dataplane__cleanup(const char *bpffs)
{
	_cleanup_free_ uint32_t *devices = NULL;
	struct bpffs fs;
	size_t n = 0;
	int err = bpffs__at(&fs, bpffs);

	if (err)
		return err;
	log__install();
	err = sockets__detach(&fs);
	err = err ?: bpffs__for_each(&fs, "links", remove_link, &fs);
	err = err ?: clsact__devices(&devices, &n);
	for (size_t i = 0; !err && i < n; i++)
		err = remove_filters(devices[i]);
	return err ?: bpffs__remove(&fs);
}
