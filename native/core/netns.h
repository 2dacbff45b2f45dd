/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk over the network namespaces of this node: the process's own, and those that have a file
 * in a folder, where container runtimes keep the pods'. Each is entered once, however many files it
 * has, by a thread that ends with the walk: no thread of the caller ever changes its namespace.
 */
#ifndef MILLRACE_NETNS_H
#define MILLRACE_NETNS_H

#include <stdbool.h>
#include <stdint.h>

struct netns {
	const char *name; /* its file in the folder; "" = the process's own, which comes first */
	uint64_t inode;   /* number in nsfs; given anew once the namespace is gone */
};

/* Runs inside the namespace. 0 or -errno, which counts the namespace as failed. */
typedef int (*netns_visit_fn)(void *ctx, const struct netns *ns);

struct netns_walk {
	uint32_t visited; /* namespaces for which the visitor returned 0 */
	uint32_t
		failed; /* that could not be entered, or whose visitor failed; log__text() has why */
	bool no_folder; /* the folder does not exist: only the own one was visited */
};

/*
 * Shows each namespace to @visit; one that fails does not keep the others from being visited.
 * 0, or -errno if nothing could be visited; *@walk is set on success only.
 */
int netns__for_each(const char *folder, netns_visit_fn visit, void *ctx, struct netns_walk *walk);

#endif
