/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What there is to say about an error: our own sentences and libbpf's output, the verifier's log
 * included. Collected per thread in a bounded buffer that keeps the end, where the reason stands.
 */
#ifndef MILLRACE_LOG_H
#define MILLRACE_LOG_H

#include <stddef.h>

#define LOG_SIZE 16384

/* Routes libbpf's messages of this process here. May be called again. */
void log__install(void);

/* Forgets what this thread has collected. */
void log__reset(void);

/* Appends one line, without "\n". */
void log__line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Appends one line and returns -@err, for `return log__error(err, ...)`. */
int log__error(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far, valid until the next call of this thread. */
const char *log__text(void);

#endif
