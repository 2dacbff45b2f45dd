/* SPDX-License-Identifier: Apache-2.0 */
/* Makes chosen bpf system calls fail, of libbpf's as well as ours. */
#ifndef MILLRACE_TEST_FAULT_H
#define MILLRACE_TEST_FAULT_H

/* The calls of @command, but for the first @skip, fail with @err until fault__clear(). */
void fault__set(int command, int skip, int err);
void fault__clear(void);

#endif
