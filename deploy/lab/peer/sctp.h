/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much SCTP as a set-up takes, over raw sockets: the kernel may have no SCTP. INIT, INIT ACK, COOKIE
 * ECHO, COOKIE ACK, and ABORT; the server's answer travels in the cookie.
 */
#ifndef MILLRACE_LAB_SCTP_H
#define MILLRACE_LAB_SCTP_H

#include <stddef.h>
#include <stdint.h>

#include "peer.h"

enum sctp_chunk {
	SCTP_INIT = 1,
	SCTP_INIT_ACK = 2,
	SCTP_ABORT = 6,
	SCTP_COOKIE_ECHO = 10,
	SCTP_COOKIE_ACK = 11,
};

#define SCTP_HEADERS 16 /* the common header and one chunk's */
#define SCTP_MAX     65500

struct sctp_packet {
	uint16_t sport, dport;
	uint32_t tag, crc;
	uint8_t chunk, chunk_flags;
	uint16_t chunk_len;
	uint8_t value[SCTP_MAX];
};
_Static_assert(offsetof(struct sctp_packet, value) == SCTP_HEADERS, "packed by nature");

/* What INIT and INIT ACK begin with, and the one parameter that ours have. */
struct sctp_init {
	uint32_t tag, window;
	uint16_t out, in;
	uint32_t tsn;
	uint16_t param, param_len;
};

/* What our INIT ACK remembers in its cookie. */
struct sctp_cookie {
	uint32_t tag; /* the client's */
	char answer[ANSWER_MAX];
};

/* Fills in chunk length, padding and CRC32c; the packet's length. The tail of value must be zero. */
size_t sctp_packet__seal(struct sctp_packet *packet, size_t value_len);

/* What is wrong with a packet that came in, or NULL. */
const char *sctp_packet__fault(const struct sctp_packet *packet, size_t len);

/* A raw socket that says to whom packets were addressed; a negative errno on failure. */
int sctp__listen(int family);
/* Answers one packet, if it is for the port. */
void sctp__serve(int fd, int port, const char *name);

/* One association, set up and aborted; `answer` is what the server's cookie said. */
enum outcome sctp__request(const struct options *opts, char *answer);

#endif
