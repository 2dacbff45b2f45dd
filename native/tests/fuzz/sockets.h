/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets whose other end is the fuzzer: the linker leads the library's calls of socket(), recv() and the like here
 * (--wrap). An input is a run of datagrams, each behind its length in two bytes; when it is used up,
 * the socket fails.
 */
#ifndef MILLRACE_FUZZ_SOCKETS_H
#define MILLRACE_FUZZ_SOCKETS_H

#include "fuzz.h"

void sockets_feed(struct bytes in);

#endif
