/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who serves, and the connections that we carry, by the maps that an agent has pinned: whether it runs or
 * not. All return 0 or -errno; -ENOENT if nothing is pinned there.
 */
#ifndef MILLRACE_PINS_H
#define MILLRACE_PINS_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

/* What serving says at @index (enum serving), or -errno; and says it. */
int pins__serving(const char *bpffs, uint32_t index);
int pins__set_serving(const char *bpffs, uint32_t index, uint32_t value);

/* As adopt__run() with WIRE_ADOPT_FIND. */
int pins__adopt(const char *bpffs, struct wire_adoption *out);

/* As handback__run(). */
int pins__hand_back(const char *bpffs, enum wire_hand what, struct wire_handback *out);

#endif
