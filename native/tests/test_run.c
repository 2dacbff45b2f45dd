// SPDX-License-Identifier: Apache-2.0
/* Packets through a program without traffic. */
#include "log.h"
#include "support.h"

#define FRAME_LEN 34

/* Frames with nothing but an Ethernet header of IPv4. */
static void frames_make(uint8_t frames[][FRAME_LEN], struct wire_packet *packets, uint32_t n)
{
	memset(frames, 0, n * sizeof(frames[0]));
	for (uint32_t i = 0; i < n; i++) {
		frames[i][12] = 0x08;
		packets[i] = (struct wire_packet){
			.ifindex = 1, .offset = i * FRAME_LEN, .length = FRAME_LEN, .action = 99
		};
	}
}

static void each_packet_is_run_once_and_its_action_told(void)
{
	struct dataplane *dp = test__open(bpffs, 0);
	struct wire_packet packets[3];
	uint8_t frames[3][FRAME_LEN];

	frames_make(frames, packets, 3);
	CHECK_EQ(dataplane__run(dp, "pod_in4", packets, 3, frames, sizeof(frames)), 3);
	CHECK_EQ(test__counter(dp, 0), 3);
	CHECK_EQ(dataplane__run(dp, "pod_out4", packets, 2, frames, sizeof(frames)), 2);
	CHECK_EQ(test__counter(dp, 2), 2);
	for (int i = 0; i < 3; i++)
		CHECK(packets[i].action != 99);
	CHECK_EQ(dataplane__run(dp, "pod_in4", packets, 0, frames, sizeof(frames)), 0);
	dataplane__free(dp);
}

static void what_cannot_be_run_is_named(void)
{
	struct dataplane *dp = test__open(bpffs, 0);
	struct wire_packet packets[2];
	uint8_t frames[2][FRAME_LEN];

	frames_make(frames, packets, 2);
	CHECK_EQ(dataplane__run(dp, "gc4", packets, 2, frames, sizeof(frames)), -ENOENT);
	CHECK(strstr(log__text(), "there is no tc program gc4"));
	CHECK_EQ(dataplane__run(dp, "uplink_xdp", packets, 2, frames, sizeof(frames)), -ENOENT);
	/* The second one lies beyond the buffer. */
	CHECK_EQ(dataplane__run(dp, "pod_in4", packets, 2, frames, FRAME_LEN), -EINVAL);
	CHECK(strstr(log__text(), "packet 1"));
	CHECK_EQ(test__counter(dp, 0), 1);
	packets[0].ifindex = 123456;
	CHECK(dataplane__run(dp, "pod_in4", packets, 1, frames, sizeof(frames)) < 0);
	CHECK(strstr(log__text(), "device 123456"));
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(each_packet_is_run_once_and_its_action_told),
		TEST(what_cannot_be_run_is_named),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
