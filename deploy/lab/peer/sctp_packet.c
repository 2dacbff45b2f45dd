// SPDX-License-Identifier: Apache-2.0
/* Packets of SCTP (RFC 9260) with one chunk. */
#include "sctp.h"

#include <arpa/inet.h>
#include <string.h>

/* CRC32c, bit by bit, with the checksum field taken as zero. In the byte order of the packet. */
static uint32_t packet__crc(const struct sctp_packet *packet, size_t len)
{
	const uint8_t *bytes = (const uint8_t *)packet;
	const size_t field = offsetof(struct sctp_packet, crc);
	uint8_t out[4];
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= i >= field && i < field + sizeof(crc) ? 0 : bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	crc = ~crc;
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(crc >> 8 * i);
	memcpy(&crc, out, sizeof(crc));
	return crc;
}

size_t sctp_packet__seal(struct sctp_packet *packet, size_t value_len)
{
	size_t len = SCTP_HEADERS + ((value_len + 3) & ~(size_t)3);

	packet->chunk_len = htons((uint16_t)(4 + value_len));
	packet->crc = packet__crc(packet, len);
	return len;
}

const char *sctp_packet__fault(const struct sctp_packet *packet, size_t len)
{
	size_t chunk = len < SCTP_HEADERS ? 0 : ntohs(packet->chunk_len);

	if (chunk < 4 || SCTP_HEADERS - 4 + chunk > len)
		return "cut short";
	return packet->crc == packet__crc(packet, len) ? NULL : "wrong CRC32c";
}
