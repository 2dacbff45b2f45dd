// SPDX-License-Identifier: Apache-2.0
#include "bpffs.h"

#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "log.h"
#include "util.h"

#define BPF_FS_MAGIC 0xcafe4a11
#define SYSFS_MAGIC  0x62656572
/* How a mount of ours is told from others in the mount table. */
#define MOUNT_SOURCE "millrace"
/* Room for the longest name below the root. */
#define NAME_ROOM 64

static bool is_on(const char *path, unsigned long magic)
{
	struct statfs stat;

	return !statfs(path, &stat) && (unsigned long)stat.f_type == magic;
}

static int make_folder(const char *path, mode_t mode)
{
	static const char usual[] = "/sys/fs/bpf";
	int err;

	if (!mkdir(path, mode) || errno == EEXIST)
		return 0;
	err = errno;
	if (!strncmp(path, usual, strlen(usual)) && is_on(usual, SYSFS_MAGIC))
		return log__error(
			err,
			"cannot create the folder %s: no bpffs is mounted at %s; mount one, or "
			"enter network namespaces by nsenter --net, for `ip netns exec` hides it",
			path, usual);
	return log__error(err, "cannot create the folder %s: %s", path, strerror(err));
}

/* Makes @path and its parents; only the last has mode 0700. */
static int make_folders(const char *path)
{
	char parent[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int err;

		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
		err = make_folder(parent, 0755);
		if (err)
			return err;
	}
	return make_folder(path, 0700);
}

static int mount_bpffs(const char *root)
{
	if (mount(MOUNT_SOURCE, root, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		return log__error(
			errno,
			"%s is not on a bpffs, and mounting one there failed: %s; mount it "
			"yourself (mount -t bpf bpf %s)",
			root, strerror(errno), root);
	return 0;
}

int bpffs__at(struct bpffs *fs, const char *root)
{
	size_t len = strlen(root);

	while (len > 1 && root[len - 1] == '/')
		len--;
	if (len + NAME_ROOM > sizeof(fs->root))
		return log__error(ENAMETOOLONG, "the path of the bpffs folder is too long");
	if (root[0] != '/')
		return log__error(EINVAL, "the bpffs folder must be an absolute path, not '%s'",
		                  root);
	memcpy(fs->root, root, len);
	fs->root[len] = 0;
	return 0;
}

int bpffs__ensure(struct bpffs *out, const char *root)
{
	struct bpffs fs;
	char sub[PATH_MAX + 8];
	int err = bpffs__at(&fs, root);

	err = err ?: make_folders(fs.root);
	if (!err && !is_on(fs.root, BPF_FS_MAGIC))
		err = mount_bpffs(fs.root);
	if (err)
		return err;
	snprintf(sub, sizeof(sub), "%s/maps", fs.root);
	err = make_folder(sub, 0700);
	snprintf(sub, sizeof(sub), "%s/links", fs.root);
	err = err ?: make_folder(sub, 0700);
	if (!err)
		*out = fs;
	return err;
}

/* bpffs__at() has left room for what follows the root. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-truncation"
void bpffs__map_path(const struct bpffs *fs, const char *map, uint32_t version, char *out)
{
	snprintf(out, PATH_MAX, "%s/maps/%s_v%u", fs->root, map, version);
}

void bpffs__link_path(const struct bpffs *fs, uint32_t ifindex, enum program_id program, char *out)
{
	snprintf(out, PATH_MAX, "%s/links/if%u_%s", fs->root, ifindex, programs[program].name);
}

void bpffs__socket_link_path(const struct bpffs *fs, enum program_id program, char *out)
{
	snprintf(out, PATH_MAX, "%s/links/cgroup_%s", fs->root, programs[program].name);
}
#pragma GCC diagnostic pop

bool bpffs__parse_link(const char *name, uint32_t *ifindex, enum program_id *program)
{
	unsigned int number;
	int used = 0;
	enum program_id id;

	if (sscanf(name, "if%u_%n", &number, &used) != 1 || !used || !number)
		return false;
	id = program__find(name + used);
	if (id == PROGRAM_MAX)
		return false;
	*ifindex = number;
	*program = id;
	return true;
}

int bpffs__for_each(const struct bpffs *fs, const char *sub, bpffs_visit_fn visit, void *ctx)
{
	_cleanup_dir_ DIR *dir = NULL;
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", fs->root, sub);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT
		               ? 0
		               : log__error(errno, "cannot list %s: %s", path, strerror(errno));
	for (;;) {
		struct dirent *entry;
		int err;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		if (entry->d_name[0] == '.')
			continue;
		err = visit(ctx, entry->d_name);
		if (err)
			return err;
	}
}

static int remove_map(void *ctx, const char *name)
{
	const struct bpffs *fs = ctx;
	char path[PATH_MAX + 300];

	snprintf(path, sizeof(path), "%s/maps/%s", fs->root, name);
	if (unlink(path) && errno != ENOENT)
		return log__error(errno, "cannot remove %s: %s", path, strerror(errno));
	return 0;
}

static int remove_folder(const char *path)
{
	if (rmdir(path) && errno != ENOENT)
		return log__error(errno, "cannot remove the folder %s: %s", path, strerror(errno));
	return 0;
}

static bool is_own_mount(const char *root)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool own = false;

	while (mounts && (entry = getmntent(mounts))) {
		if (!strcmp(entry->mnt_dir, root))
			own = !strcmp(entry->mnt_fsname, MOUNT_SOURCE) &&
			      !strcmp(entry->mnt_type, "bpf");
	}
	if (mounts)
		endmntent(mounts);
	return own;
}

int bpffs__remove(const struct bpffs *fs)
{
	char path[PATH_MAX + 8];
	int err = bpffs__for_each(fs, "maps", remove_map, (void *)fs);

	snprintf(path, sizeof(path), "%s/maps", fs->root);
	err = err ?: remove_folder(path);
	snprintf(path, sizeof(path), "%s/links", fs->root);
	err = err ?: remove_folder(path);
	if (!err && is_own_mount(fs->root) && umount(fs->root))
		err = log__error(errno, "cannot unmount %s: %s", fs->root, strerror(errno));
	if (err)
		return err;
	/* A mount of somebody else's, or what he keeps there, is not ours to remove. */
	if (rmdir(fs->root) && errno != ENOENT && errno != EBUSY && errno != ENOTEMPTY)
		return log__error(errno, "cannot remove the folder %s: %s", fs->root,
		                  strerror(errno));
	return 0;
}
