// SPDX-License-Identifier: Apache-2.0
/* Small UDP requests on one connected socket: a fixed number under way, answers counted. */
#include "path.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS   20
#define IN_FLIGHT_MAX 256

struct batch {
	struct mmsghdr messages[IN_FLIGHT_MAX];
	struct iovec iov[IN_FLIGHT_MAX];
	char data[IN_FLIGHT_MAX][DATAGRAM_BYTES];
};

static void batch__init(struct batch *batch)
{
	memset(batch, 0, sizeof(*batch));
	for (int i = 0; i < IN_FLIGHT_MAX; i++) {
		batch->iov[i] = (struct iovec){ batch->data[i], DATAGRAM_BYTES };
		batch->messages[i].msg_hdr.msg_iov = &batch->iov[i];
		batch->messages[i].msg_hdr.msg_iovlen = 1;
	}
}

int probe__datagrams(const struct load *load)
{
	static struct batch batch;
	struct pollfd wait = { .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
		               .events = POLLIN };
	const uint64_t start = now_ns();
	unsigned long answered = 0, lost = 0;
	int under_way = 0;

	if (wait.fd < 0 ||
	    connect(wait.fd, (const struct sockaddr *)&load->target, sizeof(load->target)) < 0) {
		perror("path_probe: cannot connect");
		return 1;
	}
	batch__init(&batch);
	while (!stopping && now_ns() - start < load->ns) {
		int n = sendmmsg(wait.fd, batch.messages,
		                 (unsigned int)(load->in_flight - under_way), 0);

		under_way += n > 0 ? n : 0;
		if (poll(&wait, 1, PATIENCE_MS) == 0) {
			lost += (unsigned long)under_way;
			under_way = 0;
			continue;
		}
		n = recvmmsg(wait.fd, batch.messages, IN_FLIGHT_MAX, MSG_DONTWAIT, NULL);
		answered += n > 0 ? (unsigned long)n : 0;
		under_way -= n > 0 && n <= under_way ? n : 0;
	}
	printf("datagrams %.1f\nlost_datagrams %lu\n",
	       (double)answered * 1e9 / (double)(now_ns() - start), lost);
	close(wait.fd);
	return answered == 0;
}
