/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random tests: the seed is printed by the runner and set by --seed. */
#ifndef MILLRACE_TESTS_PROPERTY_H
#define MILLRACE_TESTS_PROPERTY_H

#include <stdbool.h>
#include <stdint.h>

/* What part of the rounds there are in brief. */
#define BRIEF_SHARE 20

extern uint64_t seed;
/* Fewer rounds, and of each test of walks one walk for a family and protocol. */
extern bool brief;

static inline uint32_t rounds(uint32_t n)
{
	return brief ? (n + BRIEF_SHARE - 1) / BRIEF_SHARE : n;
}

/* xorshift64*: the same numbers from the same seed on every machine. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static inline uint64_t random_start(uint64_t salt)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15ULL ^ salt * 0xbf58476d1ce4e5b9ULL ^ 1;

	return state ?: 1;
}

static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
	return random_next(state) % n;
}

#endif
