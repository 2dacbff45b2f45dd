// SPDX-License-Identifier: Apache-2.0
#include "sockets.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <bpf/bpf.h>

#include "dataplane_internal.h"
#include "link.h"
#include "log.h"
#include "util.h"

#define CGROUP2_MAGIC   0x63677270
#define NETNS_COOKIE    71  /* SO_NETNS_COOKIE, newer than some headers */
#define FUNC_SET_RETVAL 187 /* BPF_FUNC_set_retval, likewise */

static const char *const objects[] = { "sock4", "sock6" };

uint64_t sockets__host_cookie(void)
{
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, NETNS_COOKIE, &cookie, &len))
		return 0;
	return cookie;
}

int sockets__knows_retval(void)
{
	/* r1 = 0; call bpf_set_retval; r0 = 1; exit */
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1 },
		{ .code = BPF_JMP | BPF_CALL, .imm = FUNC_SET_RETVAL },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_CGROUP_INET4_CONNECT);
	_cleanup_fd_ int prog = bpf_prog_load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, "millrace_probe",
	                                      "GPL", insns, ARRAY_SIZE(insns), &opts);

	return prog == -ENOMEM ? prog : prog >= 0;
}

int sockets__load(struct dataplane *dp, const struct object_opts *opts)
{
	int err = 0;

	log__reset();
	for (size_t i = 0; !err && i < ARRAY_SIZE(objects); i++)
		err = object__load(objects[i], opts, &dp->maps, dp->loaded);
	if (!err) {
		dp->features |= WIRE_FEATURE_SOCKETS;
		return 0;
	}
	if (err == -ENOMEM)
		return err;
	dp->sockets_error = strdup(log__text());
	log__reset();
	return dp->sockets_error ? 0 : -ENOMEM;
}

/* ---- links ------------------------------------------------------------------------------------- */

static int open_cgroup(const char *path, int *out, uint64_t *id)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	struct stat stat;

	if (fd < 0 || fstatfs(fd, &fs) || fstat(fd, &stat))
		return log__error(errno, "cannot open the cgroup folder %s: %s", path,
		                  strerror(errno));
	if ((unsigned long)fs.f_type != CGROUP2_MAGIC)
		return log__error(EINVAL, "%s is no folder of cgroup v2", path);
	*id = stat.st_ino;
	*out = take_fd(&fd);
	return 0;
}

/* Opens the pinned link of the program; -ENOENT if there is none that stands on this cgroup. */
static int open_link(const char *pin, enum program_id program, uint64_t cgroup, int *out,
                     uint32_t *prog_id)
{
	_cleanup_fd_ int fd = -1;
	struct link_info info;
	int err = link__open(pin, &fd, &info);

	if (err)
		return err;
	if (info.type != BPF_LINK_TYPE_CGROUP || info.cgroup.id != cgroup ||
	    info.cgroup.attach_type != programs[program].attach_type)
		return link__detach(pin) ?: -ENOENT;
	*prog_id = info.prog_id;
	*out = take_fd(&fd);
	return 0;
}

static int create(const char *pin, enum program_id program, int prog_fd, int cgroup_fd)
{
	_cleanup_fd_ int fd =
		bpf_link_create(prog_fd, cgroup_fd, programs[program].attach_type, NULL);

	if (fd < 0)
		return log__error(-fd, "cannot attach %s to the cgroup: %s%s",
		                  programs[program].name, strerror(-fd),
		                  fd == -EPERM ? "; another program there forbids others beside it"
		                               : "");
	return link__pin(fd, pin);
}

/* 1 if a link was made, 0 if it stood, with this program or an older one; *@changed says if it is new. */
static int attach_one(struct dataplane *dp, enum program_id program, int cgroup_fd, uint64_t cgroup,
                      int *changed)
{
	const struct program *loaded = &dp->loaded[program];
	_cleanup_fd_ int fd = -1;
	char pin[PATH_MAX];
	uint32_t prog_id;
	int err;

	bpffs__socket_link_path(&dp->fs, program, pin);
	err = open_link(pin, program, cgroup, &fd, &prog_id);
	if (!err && prog_id == loaded->id)
		return 0;
	if (!err)
		err = link__update(fd, pin, loaded->fd);
	if (!err || err != -ENOENT) {
		*changed += !err;
		return err;
	}
	err = create(pin, program, loaded->fd, cgroup_fd);
	*changed += !err;
	return err ?: 1;
}

int dataplane__attach_sockets(struct dataplane *dp, const char *cgroup)
{
	bool created[PROGRAM_MAX] = {};
	_cleanup_fd_ int fd = -1;
	int err, changed = 0;
	uint64_t id = 0;

	if (!(dp->features & WIRE_FEATURE_SOCKETS))
		return log__error(ENOTSUP, "the socket programs are not loaded");
	err = open_cgroup(cgroup, &fd, &id);
	for (int i = PROGRAM_SOCKETS; err >= 0 && i < PROGRAM_MAX; i++) {
		err = attach_one(dp, i, fd, id, &changed);
		created[i] = err == 1;
	}
	if (err >= 0)
		return changed;
	for (int i = PROGRAM_MAX - 1; i >= PROGRAM_SOCKETS; i--) {
		char pin[PATH_MAX];

		bpffs__socket_link_path(&dp->fs, i, pin);
		if (created[i])
			link__detach(pin);
	}
	return err;
}

int sockets__detach(const struct bpffs *fs)
{
	int first = 0;

	/* What leads sockets goes before what shows them their peers. */
	for (int i = PROGRAM_MAX - 1; i >= PROGRAM_SOCKETS; i--) {
		char pin[PATH_MAX];
		int err;

		bpffs__socket_link_path(fs, i, pin);
		err = link__detach(pin);
		first = first ?: err;
	}
	return first;
}

int dataplane__detach_sockets(struct dataplane *dp)
{
	return sockets__detach(&dp->fs);
}

const char *dataplane__sockets_error(const struct dataplane *dp)
{
	return dp->sockets_error;
}
