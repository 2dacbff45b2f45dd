// SPDX-License-Identifier: Apache-2.0
/*
 * Preloaded into the agent by deploy/chaos: bpf system calls find no memory now and then, and the wall clock jumps.
 * The file MILLRACE_CHAOS says how, from one call to the next. It is at least a page:
 *
 *   byte 0    "PERMILLE SECONDS": how many of a thousand calls fail; what is added to the wall clock
 *   byte 128  calls that were refused so far, a number of 8 bytes
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "seam.h"

struct chaos {
	char text[128];
	_Atomic uint64_t refused;
};

static struct chaos *chaos;

/* As good as random, and no lock: a number for each call, scrambled. */
static unsigned int permille(void)
{
	static _Atomic uint64_t calls;
	uint64_t n = atomic_fetch_add(&calls, 1) + (uint64_t)getpid() * 0x9e3779b97f4a7c15;

	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
	n = (n ^ n >> 27) * 0x94d049bb133111eb;
	return (unsigned int)((n ^ n >> 31) % 1000);
}

static int no_memory(long command)
{
	(void)command;
	if (permille() >= (unsigned long)strtol(chaos->text, NULL, 10))
		return 0;
	atomic_fetch_add(&chaos->refused, 1);
	return ENOMEM;
}

static time_t added_seconds(void)
{
	char *end;

	if (!chaos)
		return 0;
	strtol(chaos->text, &end, 10);
	return strtol(end, NULL, 10);
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("MILLRACE_CHAOS");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *page;

	if (fd < 0)
		return;
	page = mmap(NULL, sizeof(*chaos), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED)
		return;
	chaos = page;
	seam__use(no_memory);
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *out)
{
	static int (*real)(clockid_t, struct timespec *);
	int err;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	err = real(id, out);
	if (!err && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		out->tv_sec += added_seconds();
	return err;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval *restrict out,
                                                        void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*out = (struct timeval){ .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000 };
	return 0;
}

__attribute__((visibility("default"))) time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}
