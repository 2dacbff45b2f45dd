/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections to services that the host's connection tracking translates for somebody else, such as
 * kube-proxy: entries in the flow tables leave their packets to the stack, in both directions and on
 * both sides of the translation, so that we neither drop nor translate them, nor give their ports to
 * others.
 */
#ifndef MILLRACE_ADOPT_H
#define MILLRACE_ADOPT_H

#include "map.h"
#include "wire.h"

struct adopt_maps {
	const struct map *flows4, *flows6, *svcs4, *svcs6;
};

/*
 * @what is enum wire_adopt. What has a flow entry already keeps it. Connections that end by themselves
 * (TIME_WAIT) are not entered: the next one of their tuple is ours.
 */
int adopt__run(const struct adopt_maps *maps, enum wire_adopt what, struct wire_adoption *out);

struct conntrack;

/*
 * Enters one connection as others' on both sides of its translation, in place of what there is: what we
 * have translated is left to the stack from now on, without a moment in between. @flows is of its family.
 */
int adopt__give(const struct map *flows, const struct conntrack *entry);

#endif
