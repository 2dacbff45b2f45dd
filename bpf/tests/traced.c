// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * `millrace trace` beside each step: before the packet of the step is sent, the story of it is told, and what then
 * becomes of it must be what the story says.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <string.h>

#include "judged.h"
#include "test.h"

bool traced_reached[TRACED_MAX];

static struct {
	bool asked;
	enum program program;
	struct trace said;
} traced;

/*
 * Of what the agent makes: whole packets for this machine, met for the first time, under the configuration that trace
 * has.
 */
static bool is_made(struct run *r, enum program program, const struct expect *want)
{
	struct mac mac = dev_mac(r->last.ifindex);

	if (program == UPLINK_IN && memcmp(r->last.in.data, mac.b, sizeof(mac.b)))
		return false;
	return program <= UPLINK_OUT && !want->wide && !want->tight && !want->tag &&
	       !want->tc_index;
}

void traced_ask(struct run *r, enum program program, const struct expect *want)
{
	static const struct trace nothing;
	struct test_run run = r->last;
	uint32_t zero = 0;
	int map, err;

	traced.asked = false;
	traced.program = program;
	if (!r->trace || !is_made(r, program, want))
		return;
	/* The agent loads it for each question. */
	objects_reset_private(r->trace);
	map = objects_trace_map(r->trace, r->family);
	err = bpf_map_update_elem(map, &zero, &nothing, BPF_ANY);
	err = err ?: program_run(r, r->trace, program, &run);
	err = err ?: bpf_map_lookup_elem(map, &zero, &traced.said);
	if (err)
		fail(r, "trace of %s: %s", program_name(program), strerror(-err));
	traced.asked = run.action == TC_ACT_OK;
	err = judged_forget(r->o, r->family);
	if (err)
		fail(r, "what the judge says: %s", strerror(-err));
}

/* What a CPU has used up of a rate is known to the hooks alone. */
static bool is_by_rate(enum drop_reason said, enum drop_reason drop)
{
	if (drop == DROP_REJECT_LIMIT)
		return said == DROP_NO_ENDPOINT || said == DROP_UNKNOWN_PORT;
	return drop == DROP_FLOW_LIMIT && !said && traced.program == UPLINK_IN;
}

/* Addresses and ports of a packet without options, as a trace tells them; false of others. */
static bool tuple_of(const struct run *r, const struct pkt *p, struct trace *to)
{
	const uint8_t *ip = p->data + ETH_LEN, *l4;

	memset(to, 0, sizeof(*to));
	if (r->family == AF_INET) {
		to->saddr.w[2] = to->daddr.w[2] = htonl(0xffff);
		memcpy(&to->saddr.w[3], ip + 12, 4);
		memcpy(&to->daddr.w[3], ip + 16, 4);
		l4 = ip + 20;
	} else {
		memcpy(&to->saddr, ip + 8, 16);
		memcpy(&to->daddr, ip + 24, 16);
		l4 = ip + 40;
	}
	if (r->family == AF_INET ? ip[0] != 0x45 : ip[6] != r->proto)
		return false;
	/* Of echoes the identifier is in the place of both. */
	memcpy(&to->sport, l4, 2);
	memcpy(&to->dport, l4 + 2, 2);
	return r->proto == IPPROTO_TCP || r->proto == IPPROTO_UDP || r->proto == IPPROTO_SCTP;
}

static void check_tuple(struct run *r, const char *file, int line)
{
	const struct trace *said = &traced.said;
	struct trace is;

	if (!tuple_of(r, &r->last.out, &is))
		return;
	if (memcmp(&said->saddr, &is.saddr, 16) || memcmp(&said->daddr, &is.daddr, 16) ||
	    said->sport != is.sport || said->dport != is.dport)
		fail(r, "%s:%d: trace says another tuple, from port %u to %u, not %u to %u", file,
		     line, ntohs(said->sport), ntohs(said->dport), ntohs(is.sport),
		     ntohs(is.dport));
}

static void check_side(struct run *r, const char *file, int line, const char *name,
                       const struct trace_verdict *said, const struct judged_side *is)
{
	if (said->set != is->set)
		fail(r, "%s:%d: trace says that the %s set %llx decides, not %llx", file, line,
		     name, (unsigned long long)said->set, (unsigned long long)is->set);
	if (is->set && said->kind != is->kind)
		fail(r, "%s:%d: trace says that it is %s kind %u, not %u", file, line, name,
		     said->kind, is->kind);
	if (is->set && is->named && said->rule != is->rule)
		fail(r, "%s:%d: trace says %s rule %u, not %u", file, line, name, said->rule,
		     is->rule);
	traced_reached[TRACED_ALLOWED] |= is->set && is->kind == EVENT_ALLOWED;
	traced_reached[TRACED_DENIED] |= is->set && is->kind == EVENT_DENIED;
	traced_reached[TRACED_AUDITED] |= is->set && is->kind == EVENT_AUDITED;
	traced_reached[TRACED_RULE] |= is->set && is->named;
}

/* Where the hook has asked policies; which rule lets a packet through it knows only if somebody asks for that. */
static void check_verdicts(struct run *r, const char *file, int line)
{
	struct judged is;

	if (!judged_find(r->o, r->family, &is))
		return;
	check_side(r, file, line, "egress", &traced.said.egress, &is.egress);
	check_side(r, file, line, "ingress", &traced.said.ingress, &is.ingress);
}

void traced_check(struct run *r, const char *file, int line, const struct expect *want)
{
	const struct trace *said = &traced.said;
	bool leaves = said->way == TRACE_POD || said->way == TRACE_WIRE;

	if (!traced.asked)
		return;
	if (said->reason != want->drop && !is_by_rate(said->reason, want->drop))
		fail(r, "%s:%d: trace says drop reason %u, not %u", file, line, said->reason,
		     want->drop);
	check_verdicts(r, file, line);
	traced_reached[TRACED_DROP] |= want->drop;
	if (want->drop)
		return;
	traced_reached[leaves ? TRACED_LEAVES : TRACED_STAYS] = true;
	if (leaves && want->action != TC_ACT_REDIRECT)
		fail(r, "%s:%d: trace says that it leaves (way %u), and it goes to the stack", file,
		     line, said->way);
	if (!leaves && want->action == TC_ACT_REDIRECT &&
	    !(said->way == TRACE_HOST && want->how == REDIRECT_FLAG_INGRESS))
		fail(r, "%s:%d: trace says that it goes to the stack, and it leaves", file, line);
	if (leaves && said->out_ifindex != want->to)
		fail(r, "%s:%d: trace says that it leaves by ifindex %u, not %u", file, line,
		     said->out_ifindex, want->to);
	check_tuple(r, file, line);
}
