/* SPDX-License-Identifier: Apache-2.0 */
/* abigen: from the BTF of the ABI headers to Java accessors and the ABI hash. */
#ifndef MILLRACE_ABIGEN_H
#define MILLRACE_ABIGEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct btf;

enum field_kind {
	FIELD_INT,    /* host byte order, size 1, 2, 4 or 8 */
	FIELD_BE,     /* __be16, __be32 or __be64 */
	FIELD_STRUCT, /* another struct of the model */
};

/* Names point into the BTF, which outlives the model. */
struct field {
	const char *name;
	enum field_kind kind;
	bool is_signed;
	uint32_t offset;         /* bytes */
	uint32_t size;           /* bytes of one element */
	uint32_t count;          /* elements of an array, 0 = not an array */
	const char *struct_name; /* FIELD_STRUCT */
};

struct record {
	const char *name;
	uint32_t size;
	struct field *fields;
	size_t n_fields;
};

struct constant {
	const char *name;
	int64_t value;
};

struct enumeration {
	const char *name;
	struct constant *constants;
	size_t n_constants;
};

/* Everything the headers define, sorted by name so that the order of the headers does not matter. */
struct model {
	struct record *records;
	size_t n_records;
	struct enumeration *enums;
	size_t n_enums;
	struct enumeration constants; /* numeric macros */
};

/* Reads the model out of @btf; 0 or -errno, with a sentence on stderr. */
int model__read(struct model *model, const struct btf *btf);
void model__free(struct model *model);

/* Writes the canonical text of the layout; two models are compatible if and only if it is equal. */
void layout__write(const struct model *model, FILE *out);

/* FNV-1a over the canonical text; 0 or -errno. */
int layout__hash(const struct model *model, uint64_t *hash);

/* Writes one Java class per record and enum, and Abi.java, into @dir; 0 or -errno. */
int java__write(const struct model *model, uint64_t hash, const char *package, const char *dir);

#endif
