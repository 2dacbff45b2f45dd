/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_RUN_H
#define MILLRACE_RUN_H

#include "wire.h"

/* Runs a tc program over one packet. 0 with its action, or -errno. */
int packet__run(int program_fd, struct wire_packet *packet, const void *frames);

#endif
