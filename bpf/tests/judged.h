/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the judge of a hook has said last. */
#ifndef MILLRACE_TESTS_JUDGED_H
#define MILLRACE_TESTS_JUDGED_H

#include <stdbool.h>
#include <stdint.h>

#include "objects.h"

struct judged_side {
	uint64_t set;  /* 0: nobody was asked */
	uint16_t rule; /* if `named` */
	uint8_t kind;  /* enum event_kind */
	bool named;
};

struct judged {
	struct judged_side egress, ingress;
};

/* Before a program runs. 0, or -errno. */
int judged_forget(const struct objects *o, int family);

/* After it has: false if it did not ask the judge. */
bool judged_find(const struct objects *o, int family, struct judged *to);

#endif
