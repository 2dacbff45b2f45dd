// SPDX-License-Identifier: Apache-2.0
#include "dataplane_internal.h"

#include <linux/bpf.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "log.h"
#include "run.h"
#include "util.h"

int packet__run(int program_fd, struct wire_packet *packet, const void *frames)
{
	struct __sk_buff ctx = {
		.ifindex = packet->ifindex,
		.ingress_ifindex = packet->ingress_ifindex,
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = (const char *)frames + packet->offset,
	            .data_size_in = packet->length, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx),
	            .repeat = 1);
	int err = bpf_prog_test_run_opts(program_fd, &opts);

	if (!err)
		packet->action = (__s32)opts.retval;
	return err;
}

int dataplane__run(const struct dataplane *dp, const char *program, struct wire_packet *packets,
                   uint32_t n, const void *frames, size_t size)
{
	enum program_id id = program__find(program);

	if (id >= PROGRAM_TC_MAX)
		return log__error(ENOENT, "there is no tc program %s", program);
	for (uint32_t i = 0; i < n; i++) {
		size_t end = (size_t)packets[i].offset + packets[i].length;
		int err = end > size ? -EINVAL
		                     : packet__run(dp->loaded[id].fd, &packets[i], frames);

		if (err)
			return log__error(-err, "%s cannot be run over packet %u at device %u: %s",
			                  program, i, packets[i].ifindex, strerror(-err));
	}
	return (int)n;
}
