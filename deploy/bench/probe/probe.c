// SPDX-License-Identifier: Apache-2.0
#include "probe.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "control_put.h"

#define PAUSE_MS 100

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

int map__open(const char *pins, const char *name, int version)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s_v%d", pins, name, version);
	fd = bpf_obj_get(path);
	if (fd < 0)
		fprintf(stderr, "probe: cannot open the map %s: %s\n", path, strerror(errno));
	return fd;
}

int change__make(const char *staged, const char *target, uint64_t *start)
{
	if (strncmp(target, "http://", 7) == 0)
		return put__send(staged, target, start);
	*start = now_ns();
	if (rename(staged, target) < 0) {
		perror("probe: rename");
		return -errno;
	}
	return 0;
}

int changes__measure(measure_fn measure, const void *maps)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	char line[2048];
	int err;

	while (fgets(line, sizeof(line), stdin)) {
		err = measure(maps, line);
		if (err < 0)
			return err;
		nanosleep(&pause, NULL);
	}
	return 0;
}
