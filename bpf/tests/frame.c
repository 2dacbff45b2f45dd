// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "objects.h"

#define GUARD      64
#define GUARD_BYTE 0xa5

/* A way in: for programs of one type. */
struct entrance {
	int program, target;
	int targets[FRAME_TARGETS];
	uint32_t ntargets;
};

static struct {
	struct bpf_object *object;
	struct entrance tc, xdp;
	struct frame_io *io;
} frame;

static int program_fd(const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(frame.object, name));
}

int frame_stand(uint32_t ifindex)
{
	int err = bpf_xdp_attach(ifindex, program_fd("frame_stand"), XDP_FLAGS_DRV_MODE, NULL);

	if (err)
		fprintf(stderr, "frame: cannot attach to device %u: %s\n", ifindex, strerror(-err));
	return err ? -1 : 0;
}

int frame_open(const char *dir)
{
	char path[512];
	int err, io;

	snprintf(path, sizeof(path), "%s/tests/frame.bpf.o", dir);
	frame.object = bpf_object__open_file(path, NULL);
	if (!frame.object) {
		fprintf(stderr, "frame: cannot open %s: %s\n", path, strerror(errno));
		return -1;
	}
	err = bpf_object__load(frame.object);
	if (err) {
		fprintf(stderr, "frame: cannot load %s: %s\n", path, strerror(-err));
		return -1;
	}
	io = bpf_object__find_map_fd_by_name(frame.object, "frame_io");
	frame.io = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, io, 0);
	if (frame.io == MAP_FAILED) {
		fprintf(stderr, "frame: cannot map frame_io: %s\n", strerror(errno));
		return -1;
	}
	frame.tc.target = bpf_object__find_map_fd_by_name(frame.object, "frame_target");
	frame.tc.program = program_fd("frame_enter");
	frame.xdp.target = bpf_object__find_map_fd_by_name(frame.object, "frame_target_xdp");
	frame.xdp.program = program_fd("frame_enter_xdp");
	return 0;
}

void frame_close(void)
{
	bpf_object__close(frame.object);
}

/* The slot of a program; it gets one when it runs first, for writing one takes 0.1 ms. */
static int target_slot(struct entrance *in, int program)
{
	uint32_t slot = 0;

	while (slot < in->ntargets && in->targets[slot] != program)
		slot++;
	if (slot < in->ntargets)
		return slot;
	if (slot == FRAME_TARGETS)
		return -ENOSPC;
	if (bpf_map_update_elem(in->target, &slot, &program, BPF_ANY))
		return -errno;
	in->targets[in->ntargets++] = program;
	return slot;
}

/* A test run takes no frame shorter than the IP header that its type promises; we cut it later. */
static uint32_t len_taken(const struct pkt *p)
{
	uint16_t type = get16(p->data + 12);
	uint32_t least = ETH_LEN + (type == 0x0800 ? IP4_LEN : type == 0x86dd ? IP6_LEN : 0);

	return p->len < least ? least : p->len;
}

/* Runs an entrance with `opts` for input and context. Writes behind the packet's end are found out. */
static int entrance_run(struct entrance *in, int program, struct bpf_test_run_opts *opts,
                        struct test_run *run)
{
	uint8_t out[PKT_MAX + GUARD];
	int slot = target_slot(in, program), err;

	if (slot < 0)
		return slot;
	memset(out, GUARD_BYTE, sizeof(out));
	memset(&frame.io->after, 0, sizeof(frame.io->after));
	frame.io->before = (struct frame_before){
		.target = slot,
		.tc_index = run->tc_index,
		.tag = run->tag,
		.cut = opts->data_size_in > run->in.len ? run->in.len : 0,
	};
	opts->data_in = run->in.data;
	opts->data_out = out;
	opts->data_size_out = PKT_MAX;
	opts->repeat = 1;
	err = bpf_prog_test_run_opts(in->program, opts);
	if (err)
		return err;
	run->action = (int)opts->retval;
	run->after = frame.io->after;
	run->out.len = opts->data_size_out;
	memcpy(run->out.data, out, opts->data_size_out);
	for (uint32_t i = opts->data_size_out; i < sizeof(out); i++)
		if (out[i] != GUARD_BYTE)
			return -EOVERFLOW;
	return run->after.runs == 1 && run->action != FRAME_NO_TARGET ? 0 : -ENOEXEC;
}

int frame_run(int program, struct test_run *run)
{
	struct __sk_buff ctx = {
		.ifindex = run->ifindex,
		.ingress_ifindex = run->ingress_ifindex,
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_size_in = len_taken(&run->in), .ctx_in = &ctx,
	            .ctx_size_in = sizeof(ctx));

	return entrance_run(&frame.tc, program, &opts, run);
}

int frame_run_xdp(int program, struct test_run *run)
{
	struct xdp_md ctx = { .ingress_ifindex = run->ifindex, .data_end = run->in.len };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_size_in = run->in.len, .ctx_in = &ctx,
	            .ctx_size_in = sizeof(ctx));
	int err = entrance_run(&frame.xdp, program, &opts, run);

	/* What the helpers note of tc's redirects says nothing here. */
	run->after.redirect_flags = 0;
	if (run->action == XDP_TX) {
		run->after.redirect_known = 1;
		run->after.redirect_ifindex = run->ifindex;
	}
	return err;
}

int objects_gc(struct objects *o, int family, struct gc_args *args)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(*args));

	return bpf_prog_test_run_opts(o->program[GC][family], &opts) ?: (int)opts.retval;
}
