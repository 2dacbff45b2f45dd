// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* XDP among the steps of a case: what it may do, in the words of the tc side. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "step_vlan.h"
#include "test.h"

/* The tc action that says what an XDP action says. */
static int tc_action(int action)
{
	switch (action) {
	case XDP_PASS:
		return TC_ACT_UNSPEC;
	case XDP_DROP:
		return TC_ACT_SHOT;
	case XDP_TX:
	case XDP_REDIRECT:
		return TC_ACT_REDIRECT;
	default:
		return action;
	}
}

int program_run(struct run *r, struct objects *o, enum program program, struct test_run *run)
{
	int fd = o->program[program][r->family == AF_INET6], err;

	if (program != UPLINK_XDP)
		return frame_run(fd, run);
	err = r->vlan ? vlan_run(fd, run) : frame_run_xdp(fd, run);
	if (run->action == XDP_ABORTED)
		return -EPROTO;
	run->action = tc_action(run->action);
	return err;
}

/* Whole, without options or extension headers, TCP or UDP: what XDP is for. */
static bool is_plain(const struct pkt *p)
{
	const uint8_t *ip = p->data + ETH_LEN;
	uint8_t proto = 0;

	if (get16(p->data + 12) == 0x0800 && ip[0] == 0x45 && !(get16(ip + 6) & 0x3fff))
		proto = ip[9];
	else if (get16(p->data + 12) == 0x86dd)
		proto = ip[6];
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP;
}

/* Whether a packet that is to come out so must have been sent by XDP already. */
static bool is_for_xdp(const struct pkt *in, const struct expect *want)
{
	return want->action == TC_ACT_REDIRECT && !want->how && !want->drop && !want->up &&
	       (want->to == UP0 || want->to == UP1) && is_plain(in);
}

bool step_xdp(struct run *r, struct objects *o, const struct expect *want)
{
	int err = program_run(r, o, UPLINK_XDP, &r->last);

	if (err)
		fail(r, "test run of uplink_xdp: %s", strerror(-err));
	if (r->last.action != TC_ACT_UNSPEC) {
		if (want->up)
			fail(r, "XDP takes the packet, which should go up");
		/* A frame that XDP takes meets no other hook. */
		r->last.after.tc_index = mark_index(want->mark);
		return true;
	}
	r->want = r->last.in;
	r->want_diff = true;
	if (!pkt_equal(&r->want, &r->last.out))
		fail(r, "XDP passes the packet changed");
	r->want_diff = false;
	if (is_for_xdp(&r->last.in, want))
		fail(r, "XDP does not send the packet");
	return false;
}
