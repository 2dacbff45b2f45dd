// SPDX-License-Identifier: Apache-2.0
/*
 * bpflink OUTPUT INPUT…: links BPF objects into one, as `bpftool gen object` does. A tool of the build,
 * which so needs libbpf alone: bpftool comes in packages that suit only some kernels.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, const char *path, int err)
{
	fprintf(stderr, "bpflink: cannot %s %s: %s\n", what, path, strerror(-err));
	return 1;
}

int main(int argc, char **argv)
{
	struct bpf_linker *linker;
	int err;

	if (argc < 3) {
		fprintf(stderr, "usage: bpflink OUTPUT INPUT...\n");
		return 2;
	}
	linker = bpf_linker__new(argv[1], NULL);
	err = libbpf_get_error(linker);
	if (err)
		return fail("create", argv[1], err);
	for (int i = 2; i < argc; i++) {
		err = bpf_linker__add_file(linker, argv[i], NULL);
		if (err)
			return fail("add", argv[i], err);
	}
	err = bpf_linker__finalize(linker);
	bpf_linker__free(linker);
	return err ? fail("write", argv[1], err) : 0;
}
