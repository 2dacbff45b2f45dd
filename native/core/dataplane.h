/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs and maps of one node, in the network namespace of the calling process. Closing it
 * changes nothing in the kernel: pins and filters stay.
 *
 * Functions return 0 or -errno, leave what they would set untouched on failure, and say more in
 * log__text(). Not thread-safe: one thread at a time may use a dataplane.
 */
#ifndef MILLRACE_DATAPLANE_H
#define MILLRACE_DATAPLANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"
#include "wire.h"

struct arena;
struct dataplane;
struct gc_args;
struct migration;
struct room;
struct trace;

struct dataplane_opts {
	size_t sz;                          /* of this struct, so that it can grow */
	const char *bpffs;                  /* folder of the pins; made and mounted if need be */
	const char *objects;                /* folder of the *.bpf.o */
	const struct wire_options *options; /* NULL = the objects' defaults */
	const struct migration *migrations; /* NULL = those of this build */
};

/*
 * Loads all programs anew, with the pinned maps where there are. Attaches nothing. -ESTALE if a newer build
 * has pinned maps that this one does not understand, or of a shape that it does not expect.
 */
int dataplane__open(struct dataplane **dp, const struct dataplane_opts *opts);
void dataplane__free(struct dataplane *dp);

/*
 * Whether there are maps of an earlier version, whose programs may stand. Then nothing is to be attached before
 * the maps are written and dataplane__upgrade() has been through.
 */
bool dataplane__is_upgrading(const struct dataplane *dp);

/*
 * Carries over what programs of an earlier version keep in their maps, and puts ours in the places of
 * all of them; XDP is put to rest and left to dataplane__attach_xdp(). 1 if that could not be done at
 * once, so that connections that begin meanwhile may be cut; log__text() says why. May be called again
 * after an error. Without an earlier version it does nothing.
 */
int dataplane__upgrade(struct dataplane *dp);

/* The maps of earlier versions that were found; writes up to @room, returns how many there are. */
size_t dataplane__formers(const struct dataplane *dp, struct wire_former *out, size_t room);

/* enum wire_feature: what is used of what the kernel has. */
uint32_t dataplane__features(const struct dataplane *dp);

/* The map called @name in abi.h, or NULL; it lives as long as the dataplane. */
const struct map *dataplane__map(const struct dataplane *dp, const char *name);
struct arena *dataplane__slots(const struct dataplane *dp);

/*
 * Puts the four programs of the role on a device, or updates those that stand. Either all stand
 * afterwards, or none that did not stand before. -ENODEV if there is no such device.
 */
int dataplane__attach(struct dataplane *dp, uint32_t ifindex, enum wire_role role);

/* Takes them off, XDP included. A device that is gone is no error. */
int dataplane__detach(struct dataplane *dp, uint32_t ifindex, enum wire_role role);

/*
 * Puts the programs for sockets on a cgroup v2 folder, or updates those that stand, wherever they
 * stood. How many links have changed; on failure no link was made.
 */
int dataplane__attach_sockets(struct dataplane *dp, const char *cgroup);

/* Takes them off. */
int dataplane__detach_sockets(struct dataplane *dp);

/* Why they are not loaded, or NULL. */
const char *dataplane__sockets_error(const struct dataplane *dp);

/*
 * Puts the XDP program on an uplink, or on the device below one (@use, enum wire_xdp_use), in the driver
 * (native mode), or updates the one that stands. On failure none of ours stands there, and log__text() says why in a sentence. -ENODEV if there is
 * no such device.
 */
int dataplane__attach_xdp(struct dataplane *dp, uint32_t ifindex, uint32_t use);

/* Takes it off, whoever put it there. A device that is gone is no error. */
int dataplane__detach_xdp(struct dataplane *dp, uint32_t ifindex);

/* What the kernel said to the XDP program when it was loaded, or NULL if it took it. */
const char *dataplane__xdp_error(const struct dataplane *dp);

/* What stands; *@out is to be freed. */
int dataplane__attachments(struct dataplane *dp, struct wire_attachment **out, size_t *n);

/*
 * Runs one collection of flows4 or flows6; @args goes in with timeouts and comes out with figures.
 * Another thread may do this, and read maps, beside the one that uses the dataplane. During an upgrade
 * nothing is collected, as if no agent ran.
 */
int dataplane__gc(struct dataplane *dp, int family, struct gc_args *args);

/* What is left in flows4 or flows6, as the last collection and the programs since then have it. */
int dataplane__room(const struct dataplane *dp, int family, struct room *room);

/*
 * Runs the tc program called @program over @n packets, one after the other, whose frames lie in
 * @frames of @size bytes. The maps are the live ones: flows that a packet opens stay. How many were
 * run, or the -errno of the first that could not be. -ENOENT if there is no such program.
 */
int dataplane__run(const struct dataplane *dp, const char *program, struct wire_packet *packets,
                   uint32_t n, const void *frames, size_t size);

/*
 * Asks what would become of a packet: runs @program of trace.bpf.c ("trace_pod_in4") over the live maps,
 * and writes nothing into them. The object is loaded for this one question, which takes a moment. May
 * be called by another thread than the one that uses the dataplane.
 */
int dataplane__trace(const struct dataplane *dp, const char *program, struct wire_packet *packet,
                     const void *frames, size_t size, struct trace *out);

/*
 * Pins again those maps whose pins somebody has taken away, with their folders; how many, or -errno. Links are
 * seen to by attaching.
 */
int dataplane__repin(struct dataplane *dp);

/* What serving says at @index (enum serving), or -errno; and says it. */
int dataplane__serving(const struct dataplane *dp, uint32_t index);
int dataplane__set_serving(const struct dataplane *dp, uint32_t index, uint32_t value);

/*
 * Looks at the connections to services that the host's connection tracking translates for somebody else;
 * see adopt.h. May be called by another thread than the one that uses the dataplane.
 */
int dataplane__adopt(const struct dataplane *dp, enum wire_adopt what, struct wire_adoption *out);

/*
 * Removes every trace: links, filters in this network namespace, pins, folders, the mount. Works
 * without an open dataplane and must not run beside one.
 */
int dataplane__cleanup(const char *bpffs);

#endif
