// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Compares the flow table with what a case expects: the same entries, every field of each. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

static const char *flow_text(const struct run *r, const struct flow *f)
{
	static char out[256];
	char s[INET6_ADDRSTRLEN], d[INET6_ADDRSTRLEN];

	inet_ntop(r->family, f->key.saddr.b, s, sizeof(s));
	inet_ntop(r->family, f->key.daddr.b, d, sizeof(d));
	snprintf(out, sizeof(out), "%s:%u > %s:%u proto %u", s, f->key.sport, d, f->key.dport,
	         f->key.proto);
	return out;
}

/* Equal in one's complement, where 0 and 0xffff are the same number. */
static bool csum_equal(uint16_t a, uint16_t b)
{
	return a % 0xffff == b % 0xffff;
}

static const char *difference(const struct flow *got, const struct flow *want, uint64_t *g,
                              uint64_t *w)
{
#define FIELD(name)                                                                                \
	do {                                                                                       \
		*g = got->name;                                                                    \
		*w = want->name;                                                                   \
		if (*g != *w)                                                                      \
			return #name;                                                              \
	} while (0)

	FIELD(state);
	FIELD(flags);
	FIELD(to.sport);
	FIELD(to.dport);
	FIELD(svc);
	FIELD(backend);
	FIELD(backend_gen);
	FIELD(epoch);
	FIELD(in_ifindex);
	FIELD(out_ifindex);
	FIELD(pad);
#undef FIELD
	*g = got->addr_csum;
	*w = want->addr_csum;
	if (!csum_equal(*g, *w))
		return "addr_csum";
	*g = got->port_csum;
	*w = want->port_csum;
	if (!csum_equal(*g, *w))
		return "port_csum";
	*g = *w = 0;
	if (memcmp(&got->to.saddr, &want->to.saddr, sizeof(got->to.saddr)))
		return "to.saddr";
	if (memcmp(&got->to.daddr, &want->to.daddr, sizeof(got->to.daddr)))
		return "to.daddr";
	return NULL;
}

static void check_seen(struct run *r, const char *file, int line, const struct flow *got,
                       const struct flow *want)
{
	uint32_t wanted = want->seen ?: r->start;

	if (got->seen != wanted)
		fail(r, "%s:%d: entry %s: seen is %u, wanted %u", file, line, flow_text(r, got),
		     got->seen, wanted);
}

static void check_entry(struct run *r, const char *file, int line, const struct flow *got)
{
	for (uint32_t i = 0; i < r->nflows; i++) {
		const struct flow *want = &r->flows[i];
		const char *field;
		uint64_t g, w;

		if (memcmp(&got->key, &want->key, sizeof(got->key)))
			continue;
		field = difference(got, want, &g, &w);
		if (field)
			fail(r, "%s:%d: entry %s: %s is %#llx, wanted %#llx", file, line,
			     flow_text(r, got), field, (unsigned long long)g,
			     (unsigned long long)w);
		check_seen(r, file, line, got, want);
		return;
	}
	fail(r, "%s:%d: unexpected entry %s, flags %#x", file, line, flow_text(r, got), got->flags);
}

static void check_missing(struct run *r, const char *file, int line, const struct flow *got,
                          uint32_t n)
{
	for (uint32_t i = 0; i < r->nflows; i++) {
		bool found = false;

		for (uint32_t j = 0; j < n; j++)
			found |= !memcmp(&got[j].key, &r->flows[i].key, sizeof(got->key));
		if (!found)
			fail(r, "%s:%d: missing entry %s", file, line, flow_text(r, &r->flows[i]));
	}
}

void check_flows(struct run *r, const char *file, int line)
{
	static struct flow got[FLOWS_MAX + 1];
	uint32_t n = flows_read(r->o, r->family, got, FLOWS_MAX + 1);

	for (uint32_t i = 0; i < n; i++)
		check_entry(r, file, line, &got[i]);
	check_missing(r, file, line, got, n);
	if (flows_read(r->o, r->family == AF_INET ? AF_INET6 : AF_INET, got, 1))
		fail(r, "%s:%d: an entry of the other family", file, line);
}
