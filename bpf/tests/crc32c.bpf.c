// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* crc32c_change, as it is compiled for the kernel. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "crc32c_question.h"
#include "crc32c.h"

SEC("syscall")
int crc32c_ask(struct crc32c_question *question)
{
	question->added = crc32c_change(question->change, question->len);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
