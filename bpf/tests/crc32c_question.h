/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What crc32c.bpf.c and its test tell each other: the context of the program. */
#ifndef MILLRACE_TESTS_CRC32C_QUESTION_H
#define MILLRACE_TESTS_CRC32C_QUESTION_H

#include <linux/types.h>

struct crc32c_question {
	__u32 change, len; /* in */
	__u32 added;       /* out */
};

#endif
