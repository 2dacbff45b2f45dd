/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Between gate.bpf.c and who sets it up. Not of abi.h: nothing of it outlives the switch of an upgrade. */
#ifndef MILLRACE_GATE_SLOTS_H
#define MILLRACE_GATE_SLOTS_H

enum gate_phase {
	GATE_BEFORE = 0, /* the programs of before have all packets */
	GATE_BOTH = 1,   /* they keep those of flows that they know; the new ones have the others */
	GATE_AFTER = 2,  /* the new ones have all */
};

/* Places in gate_programs4 and gate_programs6: of each hook the program of before, then the new one. */
enum gate_slot {
	GATE_POD_IN = 0,
	GATE_POD_OUT = 2,
	GATE_UPLINK_IN = 4,
	GATE_UPLINK_OUT = 6,
	GATE_SLOTS = 8,
};

#endif
