// SPDX-License-Identifier: Apache-2.0
/*
 * survey: what the kernel that runs has, and what it makes of our programs. Opens a dataplane as the agent
 * does, in namespaces of its own, and writes a line for each answer:
 *
 *	feature NAME yes|no
 *	program NAME INSTRUCTIONS	as many as the verifier has looked at
 *	refused NAME
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/mount.h>

#include "abi.h"
#include "dataplane_internal.h"
#include "log.h"
#include "netdev.h"
#include "object.h"
#include "sockets.h"
#include "tcx.h"
#include "util.h"

#define PINS "/sys/fs/bpf/survey"

/* What is loaded only when it is needed: for a question, and for the moment of an upgrade. */
static const struct {
	const char *object;
	const char *prefix; /* gates have the names of the programs that they stand for */
} others[] = { { "trace4", "" }, { "trace6", "" }, { "gate4", "gate_" }, { "gate6", "gate_" } };

/* Small tables, but nothing else that the agent would not say. */
static const struct wire_options options = {
	.flows4 = 1024,
	.flows6 = 1024,
	.svcs4 = 1024,
	.svcs6 = 1024,
	.slots = 4096,
	.backends4 = 1024,
	.backends6 = 1024,
	.endpoints4 = 1024,
	.endpoints6 = 1024,
	.devs = 64,
	.affinity4 = 1024,
	.affinity6 = 1024,
	.reject_rate = 1000,
	.snat_port_min = 20000,
	.snat_port_max = 29999,
};

static void feature(const char *name, bool known)
{
	printf("feature %s %s\n", name, known ? "yes" : "no");
}

static int program(const char *name, int fd)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int err = fd < 0 ? fd : bpf_obj_get_info_by_fd(fd, &info, &len);

	if (err)
		printf("refused %s\n", name);
	else
		printf("program %s %u\n", name, info.verified_insns);
	return err;
}

/* What the loader tries out, and says of it in its status. */
static void features_tried(const struct dataplane *dp)
{
	uint32_t features = dataplane__features(dp);
	bool tcx = false, frames = true;

	/* The loopback device takes none, if the kernel says so at all. */
	tcx__probe(&tcx);
	feature("tcx", tcx);
	feature("bpf_sock_destroy", features & WIRE_FEATURE_SOCK_DESTROY);
	feature("bpf_set_retval", sockets__knows_retval() > 0);
	feature("netns_cookie", sockets__host_cookie());
	feature("netdev_xdp_features", !netdev__takes_frames(1, &frames) && !frames);
	feature("socket_programs", features & WIRE_FEATURE_SOCKETS);
	feature("xdp_program", features & WIRE_FEATURE_XDP);
}

/* What the programs cannot do without, asked one by one: so that a refusal has a name. */
static void features_needed(void)
{
	feature("LPM_TRIE", libbpf_probe_bpf_map_type(BPF_MAP_TYPE_LPM_TRIE, NULL) == 1);
	feature("RINGBUF", libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) == 1);
	feature("SK_STORAGE", libbpf_probe_bpf_map_type(BPF_MAP_TYPE_SK_STORAGE, NULL) == 1);
	feature("DEVMAP_HASH", libbpf_probe_bpf_map_type(BPF_MAP_TYPE_DEVMAP_HASH, NULL) == 1);
	feature("bpf_redirect_peer", libbpf_probe_bpf_helper(BPF_PROG_TYPE_SCHED_CLS,
	                                                     BPF_FUNC_redirect_peer, NULL) == 1);
	feature("bpf_redirect_neigh", libbpf_probe_bpf_helper(BPF_PROG_TYPE_SCHED_CLS,
	                                                      BPF_FUNC_redirect_neigh, NULL) == 1);
	feature("bpf_ktime_get_coarse_ns",
	        libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_ktime_get_coarse_ns, NULL) ==
	                1);
	feature("bpf_for_each_map_elem",
	        libbpf_probe_bpf_helper(BPF_PROG_TYPE_SYSCALL, BPF_FUNC_for_each_map_elem, NULL) ==
	                1);
}

static int programs_tell(const struct dataplane *dp)
{
	int refused = 0;

	for (int i = 0; i < PROGRAM_MAX; i++)
		refused += !!program(programs[i].name, dp->loaded[i].fd);
	return refused;
}

static int other_tells(const struct dataplane *dp, const char *name, const char *prefix)
{
	const struct object_opts opts = {
		.folder = dp->objects,
		.fs = &dp->fs,
		.options = &options,
		.config_flags = dp->config_flags,
	};
	_cleanup_object_ struct bpf_object *object = NULL;
	struct bpf_program *p;
	struct mapset maps;
	char full[64];
	int err, refused = 0;

	mapset__init(&maps);
	err = object__open(name, &opts, &maps, &object);
	err = err ?: bpf_object__load(object);
	if (err)
		fprintf(stderr, "%s: %s\n", name, log__text());
	if (object) {
		bpf_object__for_each_program(p, object) {
			snprintf(full, sizeof(full), "%s%s", prefix, bpf_program__name(p));
			refused += !!program(full, err ?: bpf_program__fd(p));
		}
	}
	mapset__close(&maps);
	return refused;
}

static int others_tell(const struct dataplane *dp)
{
	int refused = 0;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		refused += other_tells(dp, others[i].object, others[i].prefix);
	return refused;
}

int main(int argc, char **argv)
{
	const struct dataplane_opts opts = {
		.sz = sizeof(opts),
		.bpffs = PINS,
		.objects = argc > 1 ? argv[1] : REAL_OBJECTS,
		.options = &options,
	};
	struct dataplane *dp = NULL;
	int refused;

	setlinebuf(stdout);
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL)) {
		perror("survey: cannot make namespaces (needs root)");
		return 2;
	}
	log__install();
	features_needed();
	log__reset();
	if (dataplane__open(&dp, &opts)) {
		fprintf(stderr, "survey: %s", log__text());
		return 1;
	}
	features_tried(dp);
	refused = programs_tell(dp) + others_tell(dp);
	dataplane__free(dp);
	return refused ? 1 : 0;
}
