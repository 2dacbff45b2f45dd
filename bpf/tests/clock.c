// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <elf.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "abi.h"
#include "clock.h"

/* The least that one instruction can load; the kernel extends its sign, so it is 584 years after the start. */
#define STOPPED_AT INT32_MIN

static bool stopped;

void clock_stop(void)
{
	stopped = true;
}

static bool asks_the_time(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg &&
	       (insn->imm == BPF_FUNC_ktime_get_ns || insn->imm == BPF_FUNC_ktime_get_coarse_ns);
}

static void section_stop(struct bpf_insn *insns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (asks_the_time(&insns[i]))
			insns[i] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
				                      .dst_reg = BPF_REG_0,
				                      .imm = STOPPED_AT };
}

int clock_apply(void *elf, size_t size)
{
	const Elf64_Ehdr *header = elf;
	const Elf64_Shdr *sections;

	if (!stopped)
		return 0;
	if (size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_shoff + header->e_shnum * sizeof(*sections) > size)
		return -1;
	sections = (const void *)((uint8_t *)elf + header->e_shoff);
	for (int i = 0; i < header->e_shnum; i++) {
		const Elf64_Shdr *s = &sections[i];

		if (s->sh_type != SHT_PROGBITS || !(s->sh_flags & SHF_EXECINSTR))
			continue;
		if (s->sh_offset + s->sh_size > size)
			return -1;
		section_stop((void *)((uint8_t *)elf + s->sh_offset),
		             s->sh_size / sizeof(struct bpf_insn));
	}
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	if (stopped)
		return (int64_t)STOPPED_AT;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

uint32_t tick_now(void)
{
	return now_ns() >> FLOW_TICK_SHIFT;
}

uint32_t tick_ago(uint32_t ticks)
{
	uint32_t seen = tick_now() - ticks;

	return seen ? seen : UINT32_MAX;
}
