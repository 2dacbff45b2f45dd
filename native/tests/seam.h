/* SPDX-License-Identifier: Apache-2.0 */
/* The seam between libbpf, the library, and the kernel: bpf system calls that fail as a test wants. */
#ifndef MILLRACE_TEST_SEAM_H
#define MILLRACE_TEST_SEAM_H

/* From now on @error says how the bpf call of a command ends: an errno, or 0, and it is made. */
void seam__use(int (*error)(long command));

#endif
