// SPDX-License-Identifier: Apache-2.0
#include "link.h"

#include <string.h>

#include <bpf/bpf.h>

#include "log.h"
#include "util.h"

int link__open(const char *pin, int *out, struct link_info *info)
{
	_cleanup_fd_ int fd = bpf_obj_get(pin);
	__u32 len = sizeof(*info);
	int err;

	if (fd < 0)
		return fd == -ENOENT ? fd
		                     : log__error(-fd, "cannot open %s: %s", pin, strerror(-fd));
	memset(info, 0, sizeof(*info));
	err = bpf_obj_get_info_by_fd(fd, info, &len);
	if (err)
		return log__error(-err, "%s is not a link: %s", pin, strerror(-err));
	*out = take_fd(&fd);
	return 0;
}

int link__pin(int fd, const char *pin)
{
	int err = bpf_obj_pin(fd, pin);

	return err ? log__error(-err, "cannot pin %s: %s", pin, strerror(-err)) : 0;
}

int link__update(int fd, const char *pin, int prog_fd)
{
	int err = bpf_link_update(fd, prog_fd, NULL);

	if (err == -ENOLINK)
		return link__detach(pin) ?: -ENOENT;
	return err ? log__error(-err, "cannot update the link %s: %s", pin, strerror(-err)) : 0;
}

int link__detach(const char *pin)
{
	_cleanup_fd_ int fd = bpf_obj_get(pin);

	if (fd == -ENOENT)
		return 0;
	/* Somebody else may hold the link too; detaching does not wait for him. */
	if (fd >= 0)
		bpf_link_detach(fd);
	if (unlink(pin) && errno != ENOENT)
		return log__error(errno, "cannot remove %s: %s", pin, strerror(errno));
	return 0;
}
