// SPDX-License-Identifier: Apache-2.0
#ifndef CONTROL_PUT_H
#define CONTROL_PUT_H

#include <stdint.h>

/*
 * Sends the file to the URL (http://ADDRESS:PORT/PATH, IPv4) by PUT.
 *
 * written_ns: when the server had told its watchers, CLOCK_MONOTONIC. 0 or -errno, with a message.
 */
int put__send(const char *file, const char *url, uint64_t *written_ns);

#endif
