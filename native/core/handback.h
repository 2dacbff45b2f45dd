/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that we carry become the host's. */
#ifndef MILLRACE_HANDBACK_H
#define MILLRACE_HANDBACK_H

#include <stdbool.h>

#include "map.h"
#include "wire.h"

/*
 * Moves the connections that we translate to the host's connection tracking, in this network namespace,
 * and those that pass its stack by to the stack; serving must be held. What only we can carry (SCTP,
 * and what the host masquerades behind us) stays. To look and to reserve change no flow. 0 or -errno.
 */
int handback__run(const struct map *flows4, const struct map *flows6, enum wire_hand what,
                  struct wire_handback *out);

#endif
