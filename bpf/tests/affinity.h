/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Session affinity in the tables of a case. */
#ifndef MILLRACE_TESTS_AFFINITY_H
#define MILLRACE_TESTS_AFFINITY_H

#include "test.h"

/* Gives a frontend that is there a timeout in seconds; 0 takes it away. */
void affinity_set(struct run *r, enum host host, uint16_t port, uint32_t seconds);

/* A client went to this backend so many ticks ago. */
void affinity_place(struct run *r, uint32_t svc, enum host client, uint32_t backend,
                    uint32_t ticks);

/* The backend that a client is remembered to have gone to; 0 if it is not. */
uint32_t affinity_of(struct run *r, uint32_t svc, enum host client);

/* Ticks since then. */
uint32_t affinity_age(struct run *r, uint32_t svc, enum host client);

#endif
