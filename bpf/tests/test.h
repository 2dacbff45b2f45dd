/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a fixture is written. It runs once per family and protocol that it names, on empty tables;
 * each step sends one packet through one program and states everything that must come of it:
 *
 *	TEST(pod_to_remote_backend, BOTH, TCP | UDP)
 *	{
 *		struct tuple in = { POD_A, 40000, VIP, 80 }, out = { POD_A, 40000, FAR_POD, 8080 };
 *
 *		svc_one(r, VIP, 80, FAR_POD, 8080, BACKEND_CLUSTER);
 *		pair_expect(r, in, out, .in = PODA, …);
 *		STEP(r, POD_IN, arriving(r, in, .flags = TCP_SYN),
 *		     REDIRECTED(leaving(r, out, .flags = TCP_SYN, .ttl = 63)),
 *		     .counts = { [COUNTER_TRANSLATED] = 1, [COUNTER_FLOWS_CREATED] = 1 });
 *	}
 *
 * What a step does not state must not happen: every counter, every drop reason, every flow entry
 * and every byte of the packet is compared.
 */
#ifndef MILLRACE_TESTS_TEST_H
#define MILLRACE_TESTS_TEST_H

#include <linux/pkt_cls.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <sys/socket.h>

#include "lab.h"
#include "tables.h"

#define FLOWS_MAX 64

/* Refusals that the programs may send at once (config.reject_rate). */
#define REJECT_BURST 4

/* The value that egress hooks take as "handled already". */
#define TC_INDEX_DONE 0x6d72

/* Likewise, where the stack has had the packet since. */
#define TC_INDEX_SEEN 0x6d73

struct tuple {
	enum host src;
	uint16_t sport;
	enum host dst;
	uint16_t dport;
};

/* Families and protocols a test runs for. */
enum {
	IPV4_ONLY = 1 << 0,
	IPV6_ONLY = 1 << 1,
	BOTH = IPV4_ONLY | IPV6_ONLY,
	TCP = 1 << 2,
	UDP = 1 << 3,
	ECHO = 1 << 4,
	SCTP = 1 << 5,
	STATES = TCP | SCTP, /* connections that say when they begin and end */
	SUMS = TCP | UDP, /* checksums that follow a change in fragments, and all that XDP sends */
	L4 = TCP | UDP | SCTP,
	ANY = L4 | ECHO,
	ONCE = 1 << 6, /* a test that builds its own packets */
};

/* The first source port of the range, and how many there are under the wide configuration. */
#define SNAT_PORT  20000
#define SNAT_PORTS 4

/* Everything that one case knows. */
struct run {
	struct objects *o;
	struct objects *wide;  /* the same tables under the configuration of many source ports */
	struct objects *tight; /* the same, but flow tables that hold one entry and evict none */
	struct objects *trace; /* `millrace trace` over the same tables; NULL: it is not asked */
	int family;
	uint8_t proto;
	uint32_t next_backend, next_slot;
	uint32_t start; /* tick at the start of the case */
	uint32_t epoch; /* of entries that do not say otherwise */
	struct flow flows[FLOWS_MAX];
	uint32_t nflows;
	uint64_t counters[COUNTER_MAX];
	struct drop_count drops[DROP_REASON_MAX];
	struct test_run last; /* the step that ran last */
	struct pkt want;      /* of a step that failed by its bytes */
	bool want_diff;
	const struct walk *walk;
	uint32_t backend; /* id of the walk's backend */
	const char *case_name;
	jmp_buf fail;
	bool xdp;       /* uplink_xdp stands before uplink_in */
	bool vlan;      /* uplinks are VLANs of TRUNK, for uplink_xdp */
	bool at_uplink; /* a step of the case went through uplink_in */
	bool quiet;     /* negative checks: say nothing of the failure */
};

struct test {
	const char *name;
	void (*run)(struct run *r);
	uint32_t families, protos;
	bool walks; /* once for every walk of walks.c */
	struct test *next;
};

void test_register(struct test *test);

#define TEST(name_, families_, protos_) TEST_(name_, families_, protos_, false)

/* A test of every way that a connection can take: r->walk says which. */
#define TEST_WALKS(name_, protos_) TEST_(name_, BOTH, protos_, true)

#define TEST_(name_, families_, protos_, walks_)                                                   \
	static void test_##name_(struct run *r);                                                   \
	__attribute__((constructor)) static void register_##name_(void)                            \
	{                                                                                          \
		static struct test test = {                                                        \
			#name_, test_##name_, families_, protos_, walks_, NULL                     \
		};                                                                                 \
		test_register(&test);                                                              \
	}                                                                                          \
	static void test_##name_(struct run *r)

/* Ends the case as failed. */
__attribute__((noreturn, format(printf, 2, 3))) void fail(struct run *r, const char *format, ...);

/* ---- packets.c: the packets of a case --------------------------------------------------------- */

struct segment {
	uint8_t ttl;   /* 0 = 64 */
	uint8_t flags; /* TCP; 0 = ACK | PSH. SCTP: the chunk that says the same */
	bool reply;    /* echo reply instead of request */
	bool bare;     /* no payload */
	bool no_csum;  /* UDP or SCTP checksum 0 */
	struct mac dst_mac, src_mac;
};

/* Chunks of SCTP that segments have: of SYN, SYN + ACK, FIN, RST, RST + ACK, ACK, and of data. */
enum {
	CHUNK_DATA = 0,
	CHUNK_INIT = 1,
	CHUNK_INIT_ACK = 2,
	CHUNK_SACK = 3,
	CHUNK_ABORT = 6,
	CHUNK_SHUTDOWN = 7,
	CHUNK_SHUTDOWN_ACK = 8,
	CHUNK_SHUTDOWN_COMPLETE = 14,
};

/* Whether the protocol of the case is one of STATES. */
bool has_states(const struct run *r);

/* The least that its transport header and, of SCTP, the first chunk's must have. */
uint32_t l4_needed(const struct run *r);

struct pkt segment_build(struct run *r, struct tuple t, struct segment s);

/* As it comes in on the device of its source. */
#define arriving(r, t, ...) arriving_(r, t, (struct segment){ __VA_ARGS__ })
struct pkt arriving_(struct run *r, struct tuple t, struct segment s);

/* As it goes out to the next hop of its destination. */
#define leaving(r, t, ...) leaving_(r, t, (struct segment){ __VA_ARGS__ })
struct pkt leaving_(struct run *r, struct tuple t, struct segment s);

/* With the Ethernet header of another packet. */
struct pkt framed_as(struct pkt p, const struct pkt *other);

/* Whether its destination is this host. */
bool leads_to(struct run *r, const struct pkt *p, enum host host);

/* Device and next hop towards a host. */
uint32_t host_dev(enum host host);
enum host host_next_hop(enum host host);

/* ---- cluster.c: the tables of a case ---------------------------------------------------------- */

#define SVC_ID   7 /* of svc_one */
#define SVC_ID_2 8

struct set {
	uint32_t n, ids[12];
};

#define SET(...)                                                                                   \
	((struct set){ sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), { __VA_ARGS__ } })
#define EMPTY ((struct set){ 0, { 0 } })

uint32_t backend(struct run *r, uint32_t svc, enum host host, uint16_t port, uint8_t flags);
/* Writes an id that is in use already: another generation, other flags. */
void backend_set(struct run *r, uint32_t id, uint32_t svc, enum host host, uint16_t port,
                 uint8_t flags, uint16_t gen);
void frontend(struct run *r, uint32_t svc, enum host host, uint16_t port, uint8_t flags,
              struct set all, struct set local);
/* One of service SVC_ID that leads outside clients by a ring. */
void frontend_with_ring(struct run *r, enum host host, uint16_t port, struct set all,
                        struct set ring);
/* An SVC_ADDRESS entry. */
void address_only(struct run *r, enum host host, uint8_t flags);
/* One frontend of service SVC_ID, one backend. Its id. */
uint32_t svc_one(struct run *r, enum host host, uint16_t port, enum host backend_host,
                 uint16_t backend_port, uint8_t backend_flags);
/* The block that this address lies in is the cluster's. */
void cluster_of(struct run *r, enum host host);
/* A frontend that is there is for those of this list; 0: for all. */
void only_for(struct run *r, enum host host, uint16_t port, uint32_t list);
/* This host is on the list. */
void range_of(struct run *r, uint32_t list, enum host host);
/* Who has the address. */
void endpoint_of(struct run *r, enum host host, uint32_t ifindex, uint32_t flags);
/* The tables that every case starts with: devices, endpoints, nothing else. */
void cluster_reset(struct run *r);

/* ---- expect.c: what must come of a step ------------------------------------------------------- */

struct half {
	struct tuple key, to;
	uint32_t svc, backend, in, out;
	uint16_t gen, flags;
	uint8_t state;
	uint32_t seen;  /* 0 = since the start of the case */
	uint32_t epoch; /* 0 = as all of the case */
};

/* Both halves of a connection, each by what the contract says of it. */
struct pair {
	struct tuple in, out;
	uint32_t svc, backend;
	uint16_t flags;                  /* of both; FLOW_REPLY comes by itself */
	uint16_t own_flags, reply_flags; /* of one */
	uint32_t from, to, reply_from, reply_to;
	uint8_t state;
};

#define pair_expect(r, ...) pair_expect_(r, (struct pair){ __VA_ARGS__ })
void pair_expect_(struct run *r, struct pair pair);
/* The same, and writes both entries into the table. */
#define pair_place(r, ...) pair_place_(r, (struct pair){ __VA_ARGS__ })
void pair_place_(struct run *r, struct pair pair);
void pair_state(struct run *r, struct tuple in, struct tuple out, uint8_t state);
/* The state of a new flow that has been answered: TCP is open when its opener says so. */
uint8_t flow_answered(const struct run *r);

/* The entry must be there after the next step; replaces one of the same key. */
void half_expect(struct run *r, struct half half);
void half_forget(struct run *r, struct tuple key);
void half_state(struct run *r, struct tuple key, uint8_t state);
void half_flags(struct run *r, struct tuple key, uint16_t flags); /* adds them */
void half_epoch(struct run *r, struct tuple key, uint32_t epoch); /* expects it */
/* Writes the entry into the table and expects it. */
void half_place(struct run *r, struct half half);
/* Takes the entry out of the table, as eviction does, and does not expect it. */
void half_evict(struct run *r, struct tuple key);
/* Sets `seen` of an entry in table and expectation. */
void half_age(struct run *r, struct tuple key, uint32_t seen);
/* Expects `seen` to be of this case again, after half_age. */
void half_fresh(struct run *r, struct tuple key);

/* Fails the case unless the flow table is exactly what is expected. */
void check_flows(struct run *r, const char *file, int line);

struct tuple swapped(struct tuple t);

/* An event, of `kind`. What is 0 of those that drop is what follows from the packet. */
struct told {
	uint8_t kind; /* enum event_kind */
	uint8_t direction;
	uint64_t set;
	uint16_t rule;     /* EVENT_NO_RULE where none matched */
	struct tuple flow; /* from whom to whom */
	struct tuple to;   /* what he asked for: only dst and dport; NOBODY: the same */
	uint32_t svc;
	uint8_t proto; /* 0 = that of the case */
	bool any_flow; /* only kind and reason are asked */
};

#define TOLD_MAX 2

enum mark {
	MARK_ANY,  /* not asked */
	MARK_DONE, /* handled; left to the stack if it goes there */
	MARK_SEEN, /* handled, and left to the stack */
	MARK_CLEAR,
};

struct expect {
	int action;
	uint32_t to;    /* TC_ACT_REDIRECT: ifindex */
	uint32_t how;   /* 0 = plain redirect, else REDIRECT_FLAG_* */
	bool same;      /* the packet must come out as it went in */
	bool any_bytes; /* dropped packets whose bytes nobody will see */
	struct pkt out;
	enum drop_reason drop;
	uint64_t counts[COUNTER_MAX];
	enum mark mark;     /* tc_index afterwards */
	uint64_t tries_max; /* COUNTER_SNAT_TRIES may rise by up to this, as chance wills */
	bool up;            /* uplink_xdp, if it stands there, must let the packet pass */
	bool tight;         /* run over a flow table that holds one entry and evicts none */
	bool wide;          /* run under the configuration of many source ports */
	uint32_t ifindex;   /* 0 = the device that the packet's Ethernet address belongs to */
	uint32_t tc_index;  /* before */
	uint32_t tag;       /* the kernel has taken it off before: 0x10000 | tci */
	uint32_t
		came_by; /* at egress: the device that the packet was forwarded from; 0 = this host */
	struct told
		told[TOLD_MAX]; /* all events, but that of a drop, which is a matter of course */
};

/* Sends a first packet, of which only the destination is looked at: whether it is this host. */
bool opens_to(struct run *r, enum program program, struct tuple t, enum host host);

#define PASSED             .action = TC_ACT_UNSPEC, .same = true
#define DROPPED(reason)    .action = TC_ACT_SHOT, .drop = (reason), .any_bytes = true
#define TO_STACK(p)        .action = TC_ACT_UNSPEC, .out = (p)
#define REDIRECTED(dev, p) .action = TC_ACT_REDIRECT, .to = (dev), .out = (p)
#define TO_POD(dev, p)     .action = TC_ACT_REDIRECT, .to = (dev), .how = REDIRECT_FLAG_PEER, .out = (p)

#define STEP(r, program, in, ...)                                                                  \
	step(r, __FILE__, __LINE__, program, in, (struct expect){ __VA_ARGS__ })

void step(struct run *r, const char *file, int line, enum program program, struct pkt in,
          struct expect want);

/* Runs a program. What XDP does is told by the tc action that says the same. 0, or -errno. */
int program_run(struct run *r, struct objects *o, enum program program, struct test_run *run);

/*
 * uplink_xdp before uplink_in: it does what that would do, or lets the packet pass as it is. True if the
 * packet has come to its end.
 */
bool step_xdp(struct run *r, struct objects *o, const struct expect *want);

/* tc_index as the mark says. */
uint32_t mark_index(enum mark mark);

/* Forgets the events that there are. */
void told_discard(struct run *r);
/* How many events there have been since then; they are gone. */
uint32_t told_count(struct run *r);
/* The same, with a copy of the first ones. */
uint32_t told_take(struct run *r, struct event *to, uint32_t max);
/* Fails unless the events since then are those of the step. */
void told_check(struct run *r, const char *file, int line, const struct expect *want);

/*
 * What `millrace trace` says of the packet that is about to be sent, and whether that came true. It tells of packets
 * that it can make, and leaves nothing behind.
 */
void traced_ask(struct run *r, enum program program, const struct expect *want);
void traced_check(struct run *r, const char *file, int line, const struct expect *want);

/* What has been compared with a trace so far, over all cases; the completeness test reads it. */
enum {
	TRACED_DROP,
	TRACED_LEAVES,
	TRACED_STAYS,
	TRACED_ALLOWED,
	TRACED_DENIED,
	TRACED_AUDITED,
	TRACED_RULE,
	TRACED_MAX,
};
extern bool traced_reached[TRACED_MAX];

/* What the programs' hash of a tuple is, by a model (fixtures/ring.c). */
uint32_t tuple_hash(struct run *r, struct tuple t);

/* Reached by steps so far, over all cases; the completeness test reads them. */
extern bool drop_reached[DROP_REASON_MAX];
extern bool counter_reached[COUNTER_MAX];

#endif
