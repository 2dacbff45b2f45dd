/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ports of SCTP and their CRC32c, in TC. */
#ifndef MILLRACE_REWRITE_SCTP_H
#define MILLRACE_REWRITE_SCTP_H

#include "crc32c.h"
#include "csum.h"
#include "ctx.h"
#include "packet.h"
#include "sctp.h"

/*
 * What a change of the ports adds (xor) to the checksum field of a packet of `len` bytes, from its
 * common header to its end. All as it lies in memory. Global, so that the
 * verifier follows it once, and not for each of its callers.
 */
__noinline __u32 sctp_crc_change(__u32 ports_change, __u32 len)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return crc32c_change(ports_change, len);
#else
	return __builtin_bswap32(crc32c_change(__builtin_bswap32(ports_change), len));
#endif
}

/*
 * SCTP's ports, and with them its CRC32c, which covers the packet from there to its end and no
 * addresses. Whoever keeps skb->csum is told by hand: no helper knows CRCs.
 *
 * A field of zero stays zero. The local SCTP stack leaves it so for the device to fill in (PARTIAL; whole
 * GSO packets, too), or for nobody, where the packet stays on this machine; and whoever computes it then,
 * computes it over the field as well. Where both ends agreed to go without (RFC 9653), it is zero, too.
 */
static __noinline int rewrite_sctp(struct __sk_buff *skb, const struct packet *pkt,
                                   const flow_t *to)
{
	struct sctp_header *sctp = packet_at(skb, pkt->l4_offset, sizeof(*sctp));
	__be16 ports[2] = { to->sport, to->dport };
	__u32 from_ports, to_ports, from, change = 0;

	if (!sctp)
		return -1;
	__builtin_memcpy(&from_ports, &sctp->source, sizeof(from_ports));
	__builtin_memcpy(&to_ports, ports, sizeof(to_ports));
	from = sctp->checksum;
	if (from)
		change = sctp_crc_change(from_ports ^ to_ports, pkt->end - pkt->l4_offset);
	__builtin_memcpy(&sctp->source, &to_ports, sizeof(to_ports));
	sctp->checksum = from ^ change;
	bpf_csum_update(skb, csum_fold(csum_change(from_ports, to_ports) +
	                               csum_change(from, from ^ change)));
	return 0;
}

#endif
