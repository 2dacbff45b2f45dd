// SPDX-License-Identifier: Apache-2.0
#include "sockets.h"

#include <errno.h>
#include <poll.h>
#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/socket.h>

/* No descriptor of ours: closing it does nothing. */
#define NOBODYS_FD 0x3fffffff

int __wrap_socket(int domain, int type, int protocol);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
ssize_t __wrap_send(int fd, const void *data, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t room, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);

static struct bytes input;

void sockets_feed(struct bytes in)
{
	input = in;
}

int __wrap_socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	return NOBODYS_FD;
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len)
{
	(void)fd;
	(void)address;
	(void)len;
	return 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)len;
	return 0;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	(void)fds;
	(void)n;
	(void)timeout_ms;
	return 0;
}

ssize_t __wrap_send(int fd, const void *data, size_t len, int flags)
{
	(void)fd;
	(void)data;
	(void)flags;
	return (ssize_t)len;
}

/* Nothing may be read behind the datagram, though there is room. */
ssize_t __wrap_recv(int fd, void *buffer, size_t room, int flags)
{
	const uint8_t *datagram;
	size_t len;

	(void)fd;
	(void)flags;
	ASAN_UNPOISON_MEMORY_REGION(buffer, room);
	if (!input.left) {
		errno = EIO;
		return -1;
	}
	len = take_u16(&input);
	datagram = take(&input, &len);
	if (len > room)
		len = room;
	if (len)
		memcpy(buffer, datagram, len);
	ASAN_POISON_MEMORY_REGION((char *)buffer + len, room - len);
	return (ssize_t)len;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	struct iovec *room = message->msg_iov;

	message->msg_flags = 0;
	if (!input.left) { /* nothing more for now, as the kernel says it */
		ASAN_UNPOISON_MEMORY_REGION(room->iov_base, room->iov_len);
		errno = EAGAIN;
		return -1;
	}
	return __wrap_recv(fd, room->iov_base, room->iov_len, flags);
}
