/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of abi.h that are pinned: their versions, what sizes them, and who knows what is in them. */
#ifndef MILLRACE_KNOWN_MAP_H
#define MILLRACE_KNOWN_MAP_H

#include <stdint.h>

/* What becomes of the entries when a map has a new version and nothing carries them over. */
enum kept_by {
	KEPT_BY_NOBODY,   /* statistics, or of use for a moment: it begins anew */
	KEPT_BY_AGENT,    /* the caller writes all of it again, before programs read it */
	KEPT_BY_PROGRAMS, /* they are in the kernel only: lost */
};

struct known_map {
	const char *name;
	uint32_t version;
	enum kept_by kept_by;
	int size_offset; /* of what sizes it in wire_options, -1 = the object decides */
};

/* The map called @name, or NULL. */
const struct known_map *known_map__find(const char *name);

/* The map that a pin of that name is of, whatever its version; NULL if none is. */
const struct known_map *known_map__of_pin(const char *pin, uint32_t *version);

#endif
