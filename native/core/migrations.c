// SPDX-License-Identifier: Apache-2.0
/*
 * What leads from older versions of maps to those of today. Whoever raises a version in abi.h puts the old
 * layout and a function here, in a file per map, and its test beside those of native/tests/next,
 * which show what that looks like. A step stays for as long as nodes may be upgraded past it.
 */
#include "migrate.h"

#include <stddef.h>

/* No released version has another layout than today's. */
const struct migration migrations[] = {
	{ .map = NULL },
};
