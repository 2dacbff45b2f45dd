// SPDX-License-Identifier: Apache-2.0
/*
 * From programs of an earlier version, with maps of their own, to those of this one: flows are carried over, all
 * programs change, and the old pins go last. Whatever breaks it off, the next call or the next agent does
 * all of it again.
 */
#include <string.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "attach.h"
#include "attach_xdp.h"
#include "dataplane_internal.h"
#include "former.h"
#include "gate.h"
#include "link.h"
#include "log.h"
#include "spots.h"
#include "util.h"
#include "xdp.h"

/* In XDP's place meanwhile: tc does all of its work, and is what the gates stand before. */
static int load_pass(struct program *out)
{
	/* r0 = XDP_PASS; exit */
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_XDP,
	            .prog_flags = BPF_F_XDP_HAS_FRAGS);
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	_cleanup_fd_ int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "millrace_pass", "GPL", insns,
	                                    ARRAY_SIZE(insns), &opts);
	int err = fd < 0 ? fd : bpf_obj_get_info_by_fd(fd, &info, &len);

	if (err)
		return log__error(-err, "cannot load a program for XDP: %s", strerror(-err));
	out->id = info.id;
	out->fd = take_fd(&fd);
	return 0;
}

/* The caller attaches XDP anew, once tc stands. */
static int rest_xdp(struct dataplane *dp, const struct spots *spots)
{
	struct program pass = { .fd = -1 };
	int err = 0;

	for (size_t i = 0; !err && i < spots->n; i++) {
		const struct spot *spot = &spots->list[i];
		char pin[PATH_MAX];

		if (spot->program != PROGRAM_UPLINK_XDP)
			continue;
		if (pass.fd < 0)
			err = load_pass(&pass);
		bpffs__link_path(&dp->fs, spot->ifindex, spot->program, pin);
		if (!err && xdp__attach(pin, spot->ifindex, &pass))
			err = attach_xdp__detach(&dp->fs, spot->ifindex);
	}
	fd__close(&pass.fd);
	return err;
}

/* What leaves the gates in GATE_AFTER. */
static int switch_at_once(struct dataplane *dp, struct gates *gates, const struct spots *spots)
{
	int err = 0;

	if (gates__phase(gates) == GATE_AFTER)
		return 0;
	/* Most entries, so that little is left for the moment in which two tables are in use. */
	if (gates__phase(gates) == GATE_BEFORE)
		err = formers__carry_programs(dp->formers, &dp->maps, false);
	err = err ?: gates__put(gates, dp, spots);
	err = err ?: gates__turn(gates, GATE_BOTH);
	err = err ?: formers__carry_programs(dp->formers, &dp->maps, false);
	return err ?: gates__turn(gates, GATE_AFTER);
}

/* The new programs in all places. */
static int replace(struct dataplane *dp, const struct spots *spots)
{
	for (size_t i = 0; i < spots->n; i++) {
		const struct spot *spot = &spots->list[i];
		bool created;
		int err = 0;

		if (spot->program < PROGRAM_TC_MAX)
			err = attach__put(dp, spot->ifindex, spot->program,
			                  &dp->loaded[spot->program], &created);
		if (err && err != -ENODEV)
			return err;
	}
	return 0;
}

static int replace_sockets(struct dataplane *dp)
{
	for (int i = PROGRAM_SOCKETS; i < PROGRAM_MAX; i++) {
		_cleanup_fd_ int fd = -1;
		struct link_info info;
		char pin[PATH_MAX];
		int err;

		bpffs__socket_link_path(&dp->fs, i, pin);
		err = dp->loaded[i].fd < 0 ? -ENOENT : link__open(pin, &fd, &info);
		if (!err && info.prog_id != dp->loaded[i].id)
			err = link__update(fd, pin, dp->loaded[i].fd);
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

/* Gates are for what has been served by others; they may be missing, which is said. */
static void open_gates(struct dataplane *dp, const struct spots *spots)
{
	if (dp->gates || dp->without_gates || !formers__have_flows(dp->formers) || !spots->n)
		return;
	dp->without_gates = gates__open(&dp->gates, dp) != 0;
}

static int run(struct dataplane *dp, const struct spots *spots)
{
	int err = formers__count_lost(dp->formers);

	/* From here on there is no way back. */
	err = err ?: mapset__publish(&dp->maps, &dp->fs, true);
	if (!err)
		open_gates(dp, spots);
	if (!err && formers__have_flows(dp->formers))
		err = rest_xdp(dp, spots);
	if (!err && dp->gates)
		err = switch_at_once(dp, dp->gates, spots);
	else if (!err)
		err = formers__carry_programs(dp->formers, &dp->maps, false);
	err = err ?: replace(dp, spots);
	err = err ?: replace_sockets(dp);
	err = err ?: formers__carry_programs(dp->formers, &dp->maps, true);
	/* Gates first: while an old map is pinned, all of this is done again. */
	err = err ?: gates__unpin(&dp->fs);
	return err ?: formers__unpin(dp->formers, &dp->fs);
}

int dataplane__upgrade(struct dataplane *dp)
{
	struct spots spots = {};
	int err;

	if (!dp->upgrading)
		return 0;
	pthread_mutex_lock(&dp->flows_lock);
	err = spots__find(&spots, dp);
	err = err ?: run(dp, &spots);
	if (!err) {
		dp->upgrading = false;
		gates__free(take_ptr(dp->gates));
		formers__close_maps(dp->formers);
	}
	pthread_mutex_unlock(&dp->flows_lock);
	spots__free(&spots);
	return err ?: dp->without_gates;
}

bool dataplane__is_upgrading(const struct dataplane *dp)
{
	return dp->upgrading;
}

static void describe(const struct former *former, struct wire_former *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->name, former->map.name, sizeof(out->name));
	out->from = former->version;
	out->to = former->known->version;
	out->fate = former->path.n                               ? WIRE_FORMER_CARRIED
	            : former->known->kept_by == KEPT_BY_AGENT    ? WIRE_FORMER_REWRITTEN
	            : former->known->kept_by == KEPT_BY_PROGRAMS ? WIRE_FORMER_LOST
	                                                         : WIRE_FORMER_ANEW;
	out->carried = former->count.carried;
	out->dropped = former->count.dropped + former->lost;
}

size_t dataplane__formers(const struct dataplane *dp, struct wire_former *out, size_t room)
{
	for (size_t i = 0; i < MIN(dp->formers->n, room); i++)
		describe(&dp->formers->list[i], &out[i]);
	return dp->formers->n;
}
