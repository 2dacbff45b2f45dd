/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All tc programs of this node are exchanged for new ones at once (bpf/gate.bpf.c). For that moment each has a gate
 * in its place, which hands packets to the program of before or to the new one. What the gates need is
 * pinned meanwhile: if the agent dies between, they go on as they stand, and the next agent takes them
 * for the programs of before.
 */
#ifndef MILLRACE_GATE_H
#define MILLRACE_GATE_H

#include "dataplane_internal.h"
#include "former.h"
#include "gate_slots.h"
#include "spots.h"

struct gates;

/* -ENOSPC if too many upgrades were broken off here: gates stand behind gates. */
int gates__open(struct gates **gates, const struct dataplane *dp);
void gates__free(struct gates *gates);

enum gate_phase gates__phase(const struct gates *gates);

/* Puts a gate in each tc spot that has none, in GATE_BEFORE: no packet notices. */
int gates__put(struct gates *gates, struct dataplane *dp, const struct spots *spots);

/* Turns to the next phase; when it returns, no packet is under way that has seen the one before. */
int gates__turn(struct gates *gates, enum gate_phase phase);

/* Once no gate stands any more: removes what was pinned for gates, of any run. */
int gates__unpin(const struct bpffs *fs);

#endif
