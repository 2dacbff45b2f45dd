// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CRC32c that follows a change of an SCTP packet's ports, against the full computation over the
 * changed packet: every length that an IP packet may have, each with random contents and ports.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>

#include "crc32c.h"
#include "property.h"
#include "test.h"
#include "crc32c_question.h"

#define LENGTH_MIN 12 /* the common header of SCTP */
#define LENGTH_MAX 65535
#define MESSAGES   16

TEST(crc32c_of_known_messages, IPV4_ONLY, ONCE)
{
	static const struct {
		const char *message;
		uint32_t len, crc;
	} known[] = {
		{ "", 0, 0 },
		{ "123456789", 9, 0xe3069283 },
		{ "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32,
		  0x8a9136aa },
	};

	for (uint32_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const uint8_t *message = (const uint8_t *)known[i].message;
		uint32_t crc = crc32c_finish(crc32c_add(~0u, message, known[i].len));

		if (crc != known[i].crc)
			fail(r, "CRC32c of message %u is %08x, not %08x", i, crc, known[i].crc);
	}
}

static uint32_t word(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void random_bytes(uint8_t *p, uint32_t len, uint64_t *rng)
{
	for (uint32_t i = 0; i < len; i++)
		p[i] = random_next(rng) >> 32;
}

/* One message under two pairs of ports; at each length, what is sent under one leads to the other. */
static void message_check(struct run *r, uint64_t *rng)
{
	static uint8_t message[LENGTH_MAX];
	uint32_t from = ~0u, to = ~0u, change;
	uint8_t ports[4];

	random_bytes(message, sizeof(message), rng);
	random_bytes(ports, sizeof(ports), rng);
	memset(message + 8, 0, 4);
	change = word(message) ^ word(ports);
	from = crc32c_add(from, message, 4);
	to = crc32c_add(to, ports, 4);
	for (uint32_t len = 5; len <= LENGTH_MAX; len++) {
		from = crc32c_add(from, message + len - 1, 1);
		to = crc32c_add(to, message + len - 1, 1);
		if (len >= LENGTH_MIN &&
		    (crc32c_finish(from) ^ crc32c_change(change, len)) != crc32c_finish(to))
			fail(r, "length %u: wrong after a change by %08x", len, change);
	}
}

TEST(crc32c_follows_the_ports, IPV4_ONLY, ONCE)
{
	uint64_t rng = random_start(32);

	for (uint32_t i = 0; i < rounds(MESSAGES); i++)
		message_check(r, &rng);
}

/* The same function and tables in the kernel; wrong in one, they would be wrong in both. */
TEST(crc32c_in_the_kernel, IPV4_ONLY, ONCE)
{
	struct bpf_object *object = bpf_object__open_file(FRAME_DIR "/tests/crc32c.bpf.o", NULL);
	struct crc32c_question question;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &question, .ctx_size_in = sizeof(question));
	uint64_t rng = random_start(33);
	int program, err = object ? bpf_object__load(object) : -1;
	uint32_t len;

	if (err)
		fail(r, "cannot load crc32c.bpf.o: %s", strerror(-err));
	program = bpf_program__fd(bpf_object__find_program_by_name(object, "crc32c_ask"));
	for (len = LENGTH_MIN; len <= LENGTH_MAX && !err; len += brief ? 61 : 1) {
		question = (struct crc32c_question){ .change = random_next(&rng), .len = len };
		err = bpf_prog_test_run_opts(program, &opts);
		if (question.added != crc32c_change(question.change, len))
			break;
	}
	bpf_object__close(object);
	if (err || len <= LENGTH_MAX)
		fail(r, "length %u: the kernel's answer to %08x is wrong", len, question.change);
}
