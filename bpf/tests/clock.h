/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The clock of flow.seen. The kernel's goes on while a case runs, on a slow machine by several ticks, and
 * with each of them the programs do more: a case would have to expect either. So `packets` stops it: in
 * the objects that it loads, each call for the time is a constant. All else is as production has it.
 */
#ifndef MILLRACE_TESTS_CLOCK_H
#define MILLRACE_TESTS_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* From here on objects_load stops the clock of what it loads. */
void clock_stop(void);

/* Stops it in an ELF file that lies in memory, if it is to stand. 0, or -1 if that is no such file. */
int clock_apply(void *elf, size_t size);

/* Now. */
uint32_t tick_now(void);
/* `ticks` ago; never 0, which means "since the start of the case": one tick earlier instead. */
uint32_t tick_ago(uint32_t ticks);

#endif
