// SPDX-License-Identifier: Apache-2.0
/*
 * What an upgrade reads of an earlier version: names of pins, and entries in former layouts. The steps
 * are those of this build and those of native/tests/next.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "known_map.h"
#include "migrate.h"
#include "next.h"

static void read_pin(struct bytes in)
{
	char *pin = strndup((const char *)in.at, in.left);
	uint32_t version;

	if (known_map__of_pin(pin, &version) && !strrchr(pin, '_'))
		abort();
	free(pin);
}

/* Buffers of just the size, so that nothing is read or written beside them. */
static void *part(struct bytes *in, size_t size)
{
	char *buffer = calloc(1, size);
	size_t len = size;
	const uint8_t *from = take(in, &len);

	memcpy(buffer, from, len);
	return buffer;
}

static void convert(const struct migration *step, struct bytes in)
{
	void *old_key = part(&in, step->old_key_size), *old_value = part(&in, step->old_value_size);
	void *keys[2], *values[2];
	int left[2];

	for (int i = 0; i < 2; i++) {
		keys[i] = calloc(1, step->key_size);
		values[i] = calloc(1, step->value_size);
		left[i] = step->entry(old_key, old_value, keys[i], values[i]);
	}
	if (left[0] != left[1] || memcmp(keys[0], keys[1], step->key_size) ||
	    memcmp(values[0], values[1], step->value_size))
		abort();
	for (int i = 0; i < 2; i++) {
		free(keys[i]);
		free(values[i]);
	}
	free(old_key);
	free(old_value);
}

static size_t count(const struct migration *table)
{
	size_t n = 0;

	while (table[n].map)
		n++;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t ours = count(migrations), all = ours + count(NEXT_MIGRATIONS);
	struct bytes in = { data, size };
	size_t which = take_u8(&in) % (all + 1);

	if (which == all)
		read_pin(in);
	else
		convert(which < ours ? &migrations[which] : &NEXT_MIGRATIONS[which - ours], in);
	return 0;
}
