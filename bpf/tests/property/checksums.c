// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random connections through the real programs: whatever addresses, ports and bytes, the checksums
 * that come out are those that a full computation gives, and the way back undoes the way there.
 */
#include <arpa/inet.h>
#include <string.h>

#include "property.h"
#include "walk.h"

#define CASES   20000
#define TARGETS 512

/* Words that checksums stumble over are as likely as all others together. */
static uint16_t random_word(uint64_t *rng)
{
	static const uint16_t edges[] = { 0, 1, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff };

	if (random_below(rng, 2))
		return edges[random_below(rng, 8)];
	return random_next(rng);
}

static struct addr random_addr(struct run *r, enum host net, uint64_t *rng)
{
	struct addr a = addr_of(r->family, net);

	/* The prefix must stay, or it has no route: the last 8 bits or 64. */
	if (r->family == AF_INET)
		a.b[3] = 2 + random_below(rng, 250);
	else
		for (int i = 8; i < 16; i += 2)
			put16(a.b + i, random_word(rng));
	return a;
}

static void service_of_many_backends(struct run *r, uint64_t *rng)
{
	struct svc svc = { .id = SVC_ID, .all = { 1, TARGETS } };
	struct addr vip = addr_of(r->family, VIP);

	for (uint32_t id = 1; id <= TARGETS; id++) {
		struct addr a = random_addr(r, FAR_POD, rng);

		backend_put(r->o, r->family, id, &a, random_word(rng) ?: 1, r->proto,
		            BACKEND_ACTIVE | BACKEND_CLUSTER, SVC_ID, 1);
		slot_put(r->o, id, id);
	}
	r->next_backend = r->next_slot = TARGETS + 1;
	svc_put(r->o, r->family, &vip, 80, r->proto, &svc);
}

static struct pkt random_packet(struct run *r, const struct addr *src, uint16_t sport,
                                const struct addr *dst, uint16_t dport, uint8_t flags, uint32_t dev,
                                uint64_t *rng)
{
	static const enum layer_kind kinds[] = {
		[IPPROTO_TCP] = LAYER_TCP, [IPPROTO_UDP] = LAYER_UDP, [IPPROTO_SCTP] = LAYER_SCTP
	};
	bool v4 = r->family == AF_INET;
	uint8_t payload[64], chunk[] = { flags & TCP_ACK ? CHUNK_INIT_ACK : CHUNK_INIT, 0, 0, 4 };
	uint32_t len = random_below(rng, sizeof(payload) / 2) * 2;

	for (uint32_t i = 0; i < len; i += 2)
		put16(payload + i, random_word(rng));
	struct layer l4 = { .kind = kinds[r->proto],
		            .sport = sport,
		            .dport = dport,
		            .seq = random_next(rng),
		            .ack = random_next(rng),
		            .flags = flags };
	struct layer ip = { .kind = v4 ? LAYER_IP4 : LAYER_IP6,
		            .src = *src,
		            .dst = *dst,
		            .ttl = 2 + random_below(rng, 254),
		            .tos = random_next(rng),
		            .id = v4 ? random_word(rng) : 0,
		            .flow_label = random_next(rng) & 0xfffff };

	return pkt(eth(.dst_mac = dev_mac(dev), .src_mac = host_mac(GW)), ip, l4,
	           raw(chunk, r->proto == IPPROTO_SCTP ? sizeof(chunk) : 0),
	           raw(payload, len & ~random_below(rng, 2)));
}

/* Runs a packet; it must come out redirected or in place, with the checksums of its bytes. */
static struct pkt run_checked(struct run *r, enum program program, uint32_t dev, struct pkt in)
{
	struct pkt right;

	r->last = (struct test_run){ .ifindex = dev, .ingress_ifindex = dev, .in = in };
	if (program_run(r, r->o, program, &r->last))
		fail(r, "the test run failed");
	if (r->last.action != TC_ACT_REDIRECT)
		fail(r, "action %d", r->last.action);
	if (r->last.out.len != in.len)
		fail(r, "%u bytes became %u", in.len, r->last.out.len);
	right = r->last.out;
	if (!pkt_checksums_fix(&right))
		fail(r, "what came out is no IP packet");
	if (!pkt_equal(&right, &r->last.out)) {
		r->want = right;
		r->want_diff = true;
		fail(r, "wrong checksum");
	}
	return r->last.out;
}

struct ends {
	struct addr src, dst;
	uint16_t sport, dport;
};

static struct ends ends_of(struct run *r, const struct pkt *p)
{
	bool v4 = r->family == AF_INET;
	uint32_t at = ETH_LEN + (v4 ? 12 : 8), alen = v4 ? 4 : 16;
	struct ends e = {};

	memcpy(e.src.b, p->data + at, alen);
	memcpy(e.dst.b, p->data + at + alen, alen);
	e.sport = get16(p->data + at + 2 * alen);
	e.dport = get16(p->data + at + 2 * alen + 2);
	return e;
}

static void entry_delete(struct run *r, const struct ends *e)
{
	struct flow f = { .key = { e->src, e->dst, e->sport, e->dport, r->proto } };

	flow_delete(r->o, r->family, &f);
}

/* Where packets enter from outside: the case runs before and after XDP stands there. */
static enum program uplink(struct run *r)
{
	r->at_uplink = true;
	return r->xdp ? UPLINK_XDP : UPLINK_IN;
}

/* There and back: the answer to what came out must come out as the answer to what went in. */
static void there_and_back(struct run *r, enum program program, uint32_t dev, enum host net,
                           uint64_t *rng)
{
	struct addr client = random_addr(r, net, rng), vip = addr_of(r->family, VIP);
	uint16_t port = random_word(rng) ?: 9;
	struct ends out, back;
	struct pkt p;

	p = random_packet(r, &client, port, &vip, 80, TCP_SYN, dev, rng);
	p = run_checked(r, program, dev, p);
	out = ends_of(r, &p);
	p = random_packet(r, &out.dst, out.dport, &out.src, out.sport, TCP_SYN | TCP_ACK, UP0, rng);
	p = run_checked(r, program == POD_IN ? UPLINK_IN : program, UP0, p);
	back = ends_of(r, &p);
	if (memcmp(&back.dst, &client, sizeof(client)) || back.dport != port ||
	    memcmp(&back.src, &vip, sizeof(vip)) || back.sport != 80)
		fail(r, "the answer went elsewhere");
	/* End it: a tuple that is met again is then a new flow's. */
	entry_delete(r, &(struct ends){ client, vip, port, 80 });
	entry_delete(r, &(struct ends){ out.dst, out.src, out.dport, out.sport });
}

TEST(random_flows_with_snat, BOTH, L4)
{
	uint64_t rng = random_start(r->family * 256 + r->proto);
	enum program program = r->proto == IPPROTO_SCTP ? UPLINK_IN : uplink(r);

	service_of_many_backends(r, &rng);
	for (uint32_t i = 0; i < rounds(CASES); i++)
		there_and_back(r, program, UP0, CLIENT, &rng);
}

TEST(random_flows_from_a_pod, BOTH, L4)
{
	uint64_t rng = random_start(r->family * 512 + r->proto);

	service_of_many_backends(r, &rng);
	for (uint32_t i = 0; i < rounds(CASES); i++)
		there_and_back(r, POD_IN, PODB, POD_A, &rng);
}
