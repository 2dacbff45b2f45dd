// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs rows: the generator with a row's flows, in front of the row's program. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

uint32_t target_of(const struct bench *b, const struct row *row)
{
	uint32_t family = row->family == AF_INET6;
	uint32_t world = row->world ? (uint32_t)(row->world - b->worlds) : 0;

	return (row->subject * 2 + family) * WORLD_MAX + world;
}

static struct pkt template_of(struct bench *b, const struct row *row, uint8_t flags)
{
	int f = row->family == AF_INET6;
	uint32_t dev = set_is_of_pod(row->set) ? PODA : UP0;
	enum host from = set_is_of_pod(row->set)          ? POD_A
	                 : row->set == SET_NODEPORT_REPLY ? PEER_NODE
	                                                  : GW;
	struct flow flow;

	pick_key(row->family, row->set, &b->picks[f][row->set][0], &flow);
	return frame_of(row->family, &(struct frame_spec){
					     .dst_mac = dev_mac(dev),
					     .src_mac = host_mac(from),
					     .saddr = flow.key.saddr,
					     .daddr = flow.key.daddr,
					     .sport = flow.key.sport,
					     .dport = flow.key.dport,
					     .ttl = 64,
					     .flags = flags,
				     });
}

struct shot {
	uint8_t flags;
	bool counting;
	uint32_t packets;
	/* out */
	int action;
	struct pkt in, out;
	uint32_t ns; /* per packet, by the kernel, which does not count when others had the CPU */
};

static int row_shoot(struct bench *b, const struct row *row, struct shot *shot)
{
	int f = row->family == AF_INET6, err;
	uint32_t zero = 0, dev = set_is_of_pod(row->set) ? PODA : UP0;
	struct bench_row state = {
		.target = target_of(b, row),
		.base = (f * SET_MAX + row->set) * BENCH_FLOWS_MAX,
		.mask = (row->flows ?: BENCH_FLOWS_MAX) - 1,
		.counting = shot->counting,
		.random = 88172645463325252ULL,
	};
	struct __sk_buff skb = { .ifindex = dev, .ingress_ifindex = dev };
	struct xdp_md xdp = { .ingress_ifindex = dev };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = shot->in.data, .data_out = shot->out.data,
	            .data_size_out = PKT_MAX, .ctx_in = row->xdp ? (void *)&xdp : &skb,
	            .ctx_size_in = row->xdp ? sizeof(xdp) : sizeof(skb), .repeat = shot->packets);

	shot->in = template_of(b, row, shot->flags);
	xdp.data_end = shot->in.len;
	opts.data_size_in = shot->in.len;
	memcpy(state.template, shot->in.data, shot->in.len);
	err = bpf_map_update_elem(b->row_map, &zero, &state, BPF_ANY);
	if (!err)
		err = bpf_prog_test_run_opts(b->generator[row->xdp][f], &opts);
	if (err)
		fprintf(stderr, "bench: %s: %s\n", row->name, strerror(-err));
	shot->action = (int)opts.retval;
	shot->ns = opts.duration;
	shot->out.len = opts.data_size_out;
	return err;
}

int row_drive(struct bench *b, struct row *row, uint8_t flags, uint32_t n)
{
	struct shot shot = { .flags = flags, .counting = true, .packets = n };

	return row_shoot(b, row, &shot);
}

static struct objects *flows_of(struct bench *b, const struct row *row)
{
	return row->world ? &row->world->o : &b->floors[row->family == AF_INET6];
}

double row_time(struct bench *b, struct row *row)
{
	struct shot shot = {
		.flags = row->flows ? TCP_ACK : TCP_SYN,
		.counting = !row->flows,
		.packets = row->flows ? PACKETS : NEW_FLOWS,
	};

	if (row_shoot(b, row, &shot))
		return -1;
	if (!row->flows && row->subject != SUBJECT_NOP)
		flows_forget(flows_of(b, row), row->family, row->set,
		             b->picks[row->family == AF_INET6][row->set], NEW_FLOWS);
	return shot.ns;
}

/* What must have become of the first pick's packet. False: nothing is known of its flow. */
static bool row_result(struct bench *b, const struct row *row, const struct pkt *in,
                       struct pkt *want)
{
	int f = row->family == AF_INET6;
	bool reply = row->set == SET_NODEPORT_REPLY;
	struct flow flow;

	*want = *in;
	if (row->set == SET_UNRELATED || row->subject == SUBJECT_NOP)
		return true;
	pick_key(row->family, row->set, &b->picks[f][row->set][0], &flow);
	if (!flow_get(flows_of(b, row), row->family, &flow))
		return false;
	/* Plain: the stack delivers it. */
	if (row->subject == SUBJECT_POD_IN && row->set != SET_CLUSTER_IP)
		return true;
	if (row->subject != SUBJECT_UPLINK && row->subject != SUBJECT_POD_IN) {
		struct mac to = host_mac(PEER_NODE), from = dev_mac(UP0);

		/* Back to where it came from, or to the next hop that the FIB knows. */
		memcpy(want->data, in->data + 6, 6);
		memcpy(want->data + 6, in->data, 6);
		if (row->subject == SUBJECT_FLOOR_B) {
			memcpy(want->data, to.b, 6);
			memcpy(want->data + 6, from.b, 6);
		}
		return true;
	}
	*want = frame_of(row->family, &(struct frame_spec){
					      .dst_mac = host_mac(reply ? GW : PEER_NODE),
					      .src_mac = dev_mac(UP0),
					      .saddr = flow.to.saddr,
					      .daddr = flow.to.daddr,
					      .sport = flow.to.sport,
					      .dport = flow.to.dport,
					      .ttl = 63,
					      .flags = row->flows ? TCP_ACK : TCP_SYN,
				      });
	return true;
}

int row_verify(struct bench *b, struct row *row)
{
	struct shot shot = { .flags = row->flows ? TCP_ACK : TCP_SYN,
		             .counting = true,
		             .packets = 1 };
	bool passes = row->set == SET_UNRELATED
	                      ? row->subject == SUBJECT_UPLINK
	                      : row->subject == SUBJECT_POD_IN && row->set != SET_CLUSTER_IP;
	int action = row->xdp ? (passes ? XDP_PASS : XDP_TX)
	                      : (passes ? TC_ACT_UNSPEC : TC_ACT_REDIRECT);
	struct pkt want;

	if (row_shoot(b, row, &shot))
		return -1;
	if (!row_result(b, row, &shot.in, &want)) {
		fprintf(stderr, "bench: %s: its packet has no flow\n", row->name);
		return -1;
	}
	if (shot.action != action || !pkt_equal(&want, &shot.out)) {
		printf("bench: %s: action %d, wanted %d\n", row->name, shot.action, action);
		pkt_diff(&want, &shot.out);
		return -1;
	}
	if (!row->flows && row->subject != SUBJECT_NOP)
		flows_forget(flows_of(b, row), row->family, row->set,
		             b->picks[row->family == AF_INET6][row->set], 1);
	return 0;
}
