// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One step of a case: runs the program, compares everything. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

bool drop_reached[DROP_REASON_MAX];
bool counter_reached[COUNTER_MAX];

struct place {
	const char *file;
	int line;
};

void fail(struct run *r, const char *format, ...)
{
	va_list args;

	if (!r->quiet) {
		printf("FAIL %s: ", r->case_name);
		va_start(args, format);
		vprintf(format, args);
		va_end(args);
		printf("\n");
		if (r->want_diff)
			pkt_diff(&r->want, &r->last.out);
	}
	longjmp(r->fail, 1);
}

static uint32_t device_of_frame(const struct pkt *p, enum program program)
{
	/* Our devices carry their ifindex in the last byte of their address. */
	return program == POD_OUT || program == UPLINK_OUT ? p->data[11] : p->data[5];
}

static const char *action_name(int action)
{
	switch (action) {
	case TC_ACT_UNSPEC:
		return "UNSPEC";
	case TC_ACT_OK:
		return "OK";
	case TC_ACT_SHOT:
		return "SHOT";
	case TC_ACT_REDIRECT:
		return "REDIRECT";
	default:
		return "?";
	}
}

uint32_t mark_index(enum mark mark)
{
	return mark == MARK_DONE ? TC_INDEX_DONE : mark == MARK_SEEN ? TC_INDEX_SEEN : 0;
}

/* What goes to the stack it may move, but for the answers to pods, and what was handled before. */
static bool is_seen(enum program program, const struct expect *want)
{
	if (want->mark != MARK_DONE)
		return false;
	if (program == UPLINK_IN)
		return want->action == TC_ACT_UNSPEC && !want->same;
	if (program != POD_IN && want->tc_index == TC_INDEX_DONE)
		return false;
	return want->action == TC_ACT_UNSPEC || want->counts[COUNTER_PLAIN_DIRECT];
}

static void check_action(struct run *r, struct place at, const struct expect *want)
{
	const struct test_run *got = &r->last;

	if (got->action != want->action)
		fail(r, "%s:%d: action %s, wanted %s", at.file, at.line, action_name(got->action),
		     action_name(want->action));
	if (want->mark && got->after.tc_index != mark_index(want->mark))
		fail(r, "%s:%d: tc_index %#x", at.file, at.line, got->after.tc_index);
	if (want->action != TC_ACT_REDIRECT || !got->after.redirect_known)
		return;
	if (got->after.redirect_ifindex != want->to)
		fail(r, "%s:%d: redirected to ifindex %u, wanted %u", at.file, at.line,
		     got->after.redirect_ifindex, want->to);
	if (got->after.redirect_flags != want->how)
		fail(r, "%s:%d: redirect flags %#x, wanted %#x", at.file, at.line,
		     got->after.redirect_flags, want->how);
}

static void check_bytes(struct run *r, struct place at, const struct expect *want)
{
	if (want->any_bytes)
		return;
	r->want = want->same ? r->last.in : want->out;
	if (pkt_equal(&r->want, &r->last.out))
		return;
	r->want_diff = true;
	fail(r, "%s:%d: wrong packet", at.file, at.line);
}

static void check_counters(struct run *r, struct place at, const struct expect *want)
{
	uint64_t now[COUNTER_MAX];

	counters_read(r->o, now);
	for (int i = 0; i < COUNTER_MAX; i++) {
		uint64_t delta = now[i] - r->counters[i];
		uint64_t slack = i == COUNTER_SNAT_TRIES ? want->tries_max : 0;

		if (delta < want->counts[i] || delta > want->counts[i] + slack)
			fail(r, "%s:%d: counter %d rose by %llu, wanted %llu", at.file, at.line, i,
			     (unsigned long long)delta, (unsigned long long)want->counts[i]);
		counter_reached[i] |= delta > 0;
		r->counters[i] = now[i];
	}
}

static void check_drops(struct run *r, struct place at, const struct expect *want)
{
	struct drop_count now[DROP_REASON_MAX];

	drops_read(r->o, now);
	for (int i = 0; i < DROP_REASON_MAX; i++) {
		uint64_t packets = now[i].packets - r->drops[i].packets;
		uint64_t bytes = now[i].bytes - r->drops[i].bytes;
		uint64_t expected = want->drop == (enum drop_reason)i && i ? 1 : 0;

		if (packets != expected || bytes != expected * r->last.in.len)
			fail(r,
			     "%s:%d: drop reason %d rose by %llu packets, %llu bytes, wanted %llu",
			     at.file, at.line, i, (unsigned long long)packets,
			     (unsigned long long)bytes, (unsigned long long)expected);
		drop_reached[i] |= packets > 0;
		r->drops[i] = now[i];
	}
}

bool opens_to(struct run *r, enum program program, struct tuple t, enum host host)
{
	bool egress = program == POD_OUT || program == UPLINK_OUT;
	struct segment s = { .flags = TCP_SYN };
	struct test_run run = { .in = egress ? leaving_(r, t, s) : arriving_(r, t, s) };

	run.ifindex = device_of_frame(&run.in, program);
	run.ingress_ifindex = egress ? 0 : run.ifindex;
	if (program_run(r, r->o, program, &run) || run.action != TC_ACT_REDIRECT)
		fail(r, "port %u: action %s", t.sport, action_name(run.action));
	return leads_to(r, &run.out, host);
}

void step(struct run *r, const char *file, int line, enum program program, struct pkt in,
          struct expect want)
{
	struct place at = { strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line };
	struct objects *o = want.wide ? r->wide : want.tight ? r->tight : r->o;
	bool done = false;
	int err = 0;

	if (is_seen(program, &want))
		want.mark = MARK_SEEN;
	r->want_diff = false;
	r->last = (struct test_run){
		.ifindex = want.ifindex ?: device_of_frame(&in, program),
		.tc_index = want.tc_index,
		.tag = want.tag,
		.in = in,
	};
	r->last.ingress_ifindex = want.came_by;
	if (program == POD_IN || program == UPLINK_IN)
		r->last.ingress_ifindex = r->last.ifindex;
	traced_ask(r, program, &want);
	told_discard(r);
	if (program == UPLINK_IN) {
		r->at_uplink = true;
		done = r->xdp && step_xdp(r, o, &want);
	}
	if (!done)
		err = program_run(r, o, program, &r->last);
	if (err)
		fail(r, "%s:%d: test run of %s: %s", at.file, at.line, program_name(program),
		     strerror(-err));
	check_action(r, at, &want);
	check_bytes(r, at, &want);
	check_drops(r, at, &want);
	check_counters(r, at, &want);
	told_check(r, at.file, at.line, &want);
	traced_check(r, at.file, at.line, &want);
	check_flows(r, at.file, at.line);
}
