/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_ABIGEN_JAVA_H
#define MILLRACE_ABIGEN_JAVA_H

#include "abigen.h"

/* Opens <dir>/<class>.java and writes what comes before the class; NULL with a sentence on stderr. */
FILE *java__open_class(const char *package, const char *dir, const char *class);

/* Writes the closing bracket and closes; 0 or -errno. */
int java__close_class(FILE *out);

/* Writes Bytes.java, which the accessors use; 0 or -errno. */
int java__write_bytes(const char *package, const char *dir);

#endif
