/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets share: the bytes that are left, taken from the front. */
#ifndef MILLRACE_FUZZ_H
#define MILLRACE_FUZZ_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *at;
	size_t left;
};

/* libFuzzer calls it with one input after the other. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A number of one or two bytes; 0 if there are none left. */
static inline uint8_t take_u8(struct bytes *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static inline uint16_t take_u16(struct bytes *in)
{
	uint8_t low = take_u8(in);

	return (uint16_t)(low | take_u8(in) << 8);
}

/* At most @len bytes; how many there were is in *@len. */
static inline const uint8_t *take(struct bytes *in, size_t *len)
{
	const uint8_t *from = in->at;

	if (*len > in->left)
		*len = in->left;
	in->at += *len;
	in->left -= *len;
	return from;
}

#endif
