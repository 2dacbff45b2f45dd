/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SCTP as far as parsing knows it (RFC 9260): ports, and what the first chunk says of the association.
 */
#ifndef MILLRACE_SCTP_H
#define MILLRACE_SCTP_H

#include "packet.h"

/* The common header, and the first chunk's as far as its type. */
struct sctp_header {
	__be16 source, dest;
	__be32 tag;
	__u32 checksum; /* little-endian */
	__u8 chunk;     /* enum sctp_chunk */
	__u8 chunk_flags;
	__be16 chunk_length;
};

enum sctp_chunk {
	SCTP_INIT = 1,
	SCTP_INIT_ACK = 2,
	SCTP_ABORT = 6,
	SCTP_SHUTDOWN = 7,
	SCTP_SHUTDOWN_COMPLETE = 14,
};

/*
 * The first chunk in terms of TCP, which SCTP then shares the states of. INIT, INIT ACK and SHUTDOWN
 * COMPLETE are always the only chunk of their packet, so that no beginning is missed, and no orderly
 * end; an ABORT or SHUTDOWN behind other chunks is, and leaves the flow to gc.
 */
static __always_inline __u8 sctp_flags(__u8 chunk)
{
	/*
	 * The difference to ACK, which all others are. A table, because the verifier would follow each
	 * branch of a switch through the rest of the program.
	 */
	static const __u8 flags[256] = {
		[SCTP_INIT] = TCP_SYN ^ TCP_ACK,
		[SCTP_INIT_ACK] = TCP_SYN,
		[SCTP_ABORT] = TCP_RST ^ TCP_ACK,
		[SCTP_SHUTDOWN] = TCP_FIN,
		[SCTP_SHUTDOWN_COMPLETE] = TCP_RST ^ TCP_ACK,
	};

	return flags[chunk] ^ TCP_ACK;
}

#endif
