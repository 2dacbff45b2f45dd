// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The uplinks as VLANs of one trunk: to XDP their packets come in by the trunk with a tag, and leave by
 * it with that of the uplink that they are sent to. For the case nothing changes.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "odd.h"
#include "step_vlan.h"

/* Priority and drop eligibility, which stay with the frame. */
#define PRIORITY 0xb000

#define VID_MASK 0x0fff

uint16_t uplink_vid(uint32_t uplink)
{
	return 100 + uplink;
}

static uint32_t vid_uplink(uint16_t vid)
{
	return vid == uplink_vid(UP0) ? UP0 : vid == uplink_vid(UP1) ? UP1 : 0;
}

/* Takes the tag off. 0 if it is none that a frame on the trunk may have, else the uplink that it names. */
static uint32_t untag(struct pkt *p)
{
	uint16_t tci = get16(p->data + ETH_LEN);

	if (p->len < ETH_LEN + 4 || get16(p->data + 12) != 0x8100 || (tci & ~VID_MASK) != PRIORITY)
		return 0;
	memmove(p->data + 12, p->data + ETH_LEN + 2, p->len - ETH_LEN - 2);
	p->len -= 4;
	return vid_uplink(tci & VID_MASK);
}

int vlan_run(int program, struct test_run *run)
{
	uint32_t uplink = run->ifindex, sent_to;
	struct pkt in = run->in;
	int err;

	run->ifindex = run->ingress_ifindex = TRUNK;
	run->in = tagged(in, PRIORITY | uplink_vid(uplink));
	err = frame_run_xdp(program, run);
	run->ifindex = run->ingress_ifindex = uplink;
	run->in = in;
	sent_to = untag(&run->out);
	if (err || !sent_to)
		return err ?: -EBADMSG;
	if (run->action == XDP_REDIRECT || (run->action == XDP_PASS && sent_to != uplink))
		return -EXDEV;
	if (run->action == XDP_TX)
		run->after.redirect_ifindex = sent_to;
	return 0;
}
