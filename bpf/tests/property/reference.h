/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The slow model of what the programs make of a packet's headers. */
#ifndef MILLRACE_TESTS_REFERENCE_H
#define MILLRACE_TESTS_REFERENCE_H

#include "test.h"

enum outcome {
	OUTCOME_PASS,   /* untouched */
	OUTCOME_DROP,   /* for the reason given, if it is for a ClusterIP, else untouched */
	OUTCOME_PARSED, /* a packet whose tuple is known */
};

struct reading {
	enum outcome outcome;
	enum drop_reason reason;
	struct addr dst;
};

struct reading packet_read(int family, const struct pkt *p);

#endif
