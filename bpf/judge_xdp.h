/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* XDP judges nothing: flows that it makes say so (epoch 0), and tc judges those that concern pods of here. */
#ifndef MILLRACE_JUDGE_H
#define MILLRACE_JUDGE_H

#include "ctx.h"

static __always_inline int judge(ctx_t *ctx __attribute__((unused)),
                                 enum hook hook __attribute__((unused)),
                                 const flow_key_t *key __attribute__((unused)),
                                 flow_t *flow __attribute__((unused)))
{
	return 0;
}

#endif
