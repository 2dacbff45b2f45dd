// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * packets [--objects DIR] [--seed N] [--brief] [PART-OF-A-NAME…]
 *
 * Runs every registered test for every family and protocol that it names, each on empty tables.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "property.h"
#include "walk.h"

static struct test *tests;
static uint32_t passed, failed;

uint64_t seed;
bool brief;

void test_register(struct test *test)
{
	struct test **end = &tests;

	while (*end)
		end = &(*end)->next;
	*end = test;
}

static bool selected(const char *name, char **parts, int n)
{
	for (int i = 0; i < n; i++)
		if (strstr(name, parts[i]))
			return true;
	return n == 0;
}

static void case_begin(struct run *r)
{
	cluster_reset(r);
	objects_reset_private(r->o);
	objects_reset_private(r->wide);
	counters_read(r->o, r->counters);
	drops_read(r->o, r->drops);
	r->nflows = 0;
	r->want_diff = false;
	r->start = tick_now();
}

static void case_try(struct run *r, const struct test *test, const char *name)
{
	r->case_name = name;
	case_begin(r);
	if (setjmp(r->fail)) {
		failed++;
		return;
	}
	test->run(r);
	passed++;
}

/*
 * A case that uplink_in has a part in runs again with uplink_xdp before that, and once more with the
 * uplinks as VLANs: nothing may change.
 */
static void case_run(struct run *r, const struct test *test, int family, uint8_t proto,
                     char **parts, int n)
{
	const char *l4 = proto == IPPROTO_TCP    ? " tcp"
	                 : proto == IPPROTO_UDP  ? " udp"
	                 : proto == IPPROTO_SCTP ? " sctp"
	                                         : " echo";
	static const char *const ways[] = { "", " after xdp", " on vlans" };
	char names[3][160];

	r->family = family;
	r->proto = proto;
	r->at_uplink = false;
	for (int i = 0; i < 3; i++) {
		snprintf(names[i], sizeof(names[i]), "%s %s%s%s%s%s", test->name,
		         family == AF_INET ? "v4" : "v6", test->protos & ONCE ? "" : l4, ways[i],
		         test->walks ? ": " : "", test->walks ? r->walk->name : "");
	}
	/* Only the first run tells whether there are others. */
	if (selected(names[0], parts, n) || selected(names[1], parts, n) ||
	    selected(names[2], parts, n))
		case_try(r, test, names[0]);
	for (int i = 1; i < 3 && r->at_uplink; i++) {
		r->xdp = true;
		r->vlan = i == 2;
		if (selected(names[i], parts, n))
			case_try(r, test, names[i]);
	}
	r->xdp = r->vlan = false;
}

static void walks_run(struct run *r, const struct test *test, int family, uint8_t proto,
                      char **parts, int n)
{
	static uint32_t turn;
	uint32_t first = 0, end = test->walks ? nwalks : 1;

	if (brief && test->walks) {
		first = turn++ % nwalks;
		end = first + 1;
	}
	for (uint32_t i = first; i < end; i++) {
		r->walk = &walks[i];
		case_run(r, test, family, proto, parts, n);
	}
}

static void test_run(struct run *r, const struct test *test, char **parts, int n)
{
	static const struct {
		uint32_t bit;
		uint8_t proto;
	} protos[] = {
		{ TCP, IPPROTO_TCP },   { UDP, IPPROTO_UDP },  { SCTP, IPPROTO_SCTP },
		{ ECHO, IPPROTO_ICMP }, { ONCE, IPPROTO_TCP },
	};

	for (uint32_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (!(test->protos & protos[i].bit))
			continue;
		if (test->families & IPV4_ONLY)
			walks_run(r, test, AF_INET, protos[i].proto, parts, n);
		if (test->families & IPV6_ONLY)
			walks_run(r, test, AF_INET6, protos[i].proto, parts, n);
	}
}

/* Per-CPU state must be one state: everything runs on the CPU that we are on. */
static int one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static int load(struct run *r, const char *dir)
{
	/* Walking an empty hash looks into each of its buckets, and every case begins by emptying them all. */
	static const struct sizes sizes = { 4096, 1024, 4096, 1024, .hashes = 1024 };
	static const struct config narrow_config = { .snat_port_min = SNAT_PORT,
		                                     .snat_port_max = SNAT_PORT,
		                                     .reject_rate = REJECT_BURST,
		                                     .flags = CONFIG_DIRECT };
	static const struct config wide_config = { .snat_port_min = SNAT_PORT,
		                                   .snat_port_max = SNAT_PORT + SNAT_PORTS - 1,
		                                   .reject_rate = REJECT_BURST };

	return lab_open() || objects_load(r->o, dir, &narrow_config, &sizes) ||
	       objects_load_beside(r->wide, dir, &wide_config, r->o) ||
	       objects_load_tight(r->tight, dir, &narrow_config, r->o) ||
	       (r->trace && objects_load_trace(r->trace, dir, &narrow_config, r->o)) ||
	       frame_open(FRAME_DIR) || frame_stand(UP0) || frame_stand(UP1) || frame_stand(TRUNK);
}

int main(int argc, char **argv)
{
	static struct objects o, wide, tight, trace;
	static struct run r = { &o, &wide, &tight, .next_backend = 1, .next_slot = 1 };
	const char *dir = OBJECT_DIR;
	int i = 1;

	setlinebuf(stdout);
	seed = time(NULL);
	for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--objects") && i + 1 < argc)
			dir = argv[++i];
		else if (!strcmp(argv[i], "--seed") && i + 1 < argc)
			seed = strtoull(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--brief"))
			brief = true;
		else
			return fprintf(stderr, "usage: packets [--objects DIR] [--seed N] "
			                       "[--brief] [PART…]\n"),
			       2;
	}
	clock_stop();
	r.trace = brief ? NULL : &trace;
	if (one_cpu() || load(&r, dir))
		return 1;
	printf("seed: %llu\n", (unsigned long long)seed);
	for (const struct test *t = tests; t; t = t->next)
		test_run(&r, t, argv + i, argc - i);
	frame_close();
	if (r.trace)
		objects_close(r.trace);
	objects_close(&tight);
	objects_close(&wide);
	objects_close(&o);
	printf("packets: %u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
