/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_LAUNCHER_JAVA_H
#define MILLRACE_LAUNCHER_JAVA_H

#include <limits.h>

/* The path of the java to use: that of JAVA_HOME, else the one in the distribution at @home, else
 * the first in PATH. Ends the process if there is none, or if it is too old. */
void java__find(const char *home, char path[PATH_MAX]);

/* Says it, and ends the process with status 1. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
