// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "pkt.h"

bool pkt_equal(const struct pkt *a, const struct pkt *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

static void line_print(char mark, const struct pkt *p, const struct pkt *other, uint32_t at)
{
	printf("    %c %04x ", mark, at);
	for (uint32_t i = at; i < at + 16; i++) {
		bool same = i < other->len && i < p->len && other->data[i] == p->data[i];

		if (i < p->len)
			printf("%c%02x", same ? ' ' : '*', p->data[i]);
	}
	printf("\n");
}

void pkt_diff(const struct pkt *want, const struct pkt *got)
{
	uint32_t len = want->len > got->len ? want->len : got->len;

	printf("    wanted %u bytes (-), got %u bytes (+); offsets count from the Ethernet header\n",
	       want->len, got->len);
	for (uint32_t at = 0; at < len; at += 16) {
		uint32_t w = want->len < at + 16 ? want->len : at + 16;
		uint32_t g = got->len < at + 16 ? got->len : at + 16;

		if (w == g && w > at && !memcmp(want->data + at, got->data + at, w - at)) {
			line_print(' ', want, got, at);
			continue;
		}
		line_print('-', want, got, at);
		line_print('+', got, want, at);
	}
}
