// SPDX-License-Identifier: Apache-2.0
#include "abigen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#define CONSTANTS_ENUM  "abi_constant"
#define CONSTANT_PREFIX "CONSTANT_"

static const char *type_name(const struct btf *btf, const struct btf_type *type)
{
	return btf__name_by_offset(btf, type->name_off);
}

static int unsupported(const char *record, const char *field, const char *what)
{
	fprintf(stderr, "abigen: %s.%s is %s, which the Java side cannot express\n", record, field,
	        what);
	return -ENOTSUP;
}

/* Strips typedefs and qualifiers; *@big says whether a typedef on the way was __be*. */
static const struct btf_type *strip(const struct btf *btf, __u32 id, bool *big)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type)) {
		if (btf_is_typedef(type) && !strncmp(type_name(btf, type), "__be", 4))
			*big = true;
		type = btf__type_by_id(btf, type->type);
	}
	return type;
}

static int field__read(struct field *field, const char *record, const struct btf *btf, __u32 id)
{
	bool big = false;
	const struct btf_type *type = strip(btf, id, &big);

	if (btf_is_array(type)) {
		if (field->count)
			return unsupported(record, field->name, "an array of arrays");
		field->count = btf_array(type)->nelems;
		return field__read(field, record, btf, btf_array(type)->type);
	}
	if (btf_is_struct(type)) {
		field->kind = FIELD_STRUCT;
		field->struct_name = type_name(btf, type);
	} else if (btf_is_int(type)) {
		field->kind = big ? FIELD_BE : FIELD_INT;
		field->is_signed = btf_int_encoding(type) & BTF_INT_SIGNED;
	} else {
		return unsupported(record, field->name,
		                   "neither an integer, a struct nor an array");
	}
	field->size = type->size;
	if (field->is_signed && field->size < 4)
		return unsupported(record, field->name, "a signed integer of less than 32 bits");
	return 0;
}

static int record__read(struct record *record, const struct btf *btf, const struct btf_type *type)
{
	const struct btf_member *members = btf_members(type);

	record->name = type_name(btf, type);
	record->size = type->size;
	record->fields = calloc(btf_vlen(type), sizeof(*record->fields));
	if (!record->fields)
		return -ENOMEM;
	for (__u32 i = 0; i < btf_vlen(type); i++) {
		struct field *field = &record->fields[record->n_fields++];
		__u32 bits = btf_member_bit_offset(type, i);
		int err;

		field->name = btf__name_by_offset(btf, members[i].name_off);
		field->offset = bits / 8;
		if (bits % 8 || btf_member_bitfield_size(type, i))
			return unsupported(record->name, field->name, "a bit field");
		err = field__read(field, record->name, btf, members[i].type);
		if (err)
			return err;
	}
	return 0;
}

static int enum__read(struct enumeration *out, const struct btf *btf, const struct btf_type *type)
{
	const struct btf_enum *values = btf_enum(type);

	out->name = type_name(btf, type);
	out->constants = calloc(btf_vlen(type), sizeof(*out->constants));
	if (!out->constants)
		return -ENOMEM;
	out->n_constants = btf_vlen(type);
	for (size_t i = 0; i < out->n_constants; i++) {
		out->constants[i].name = btf__name_by_offset(btf, values[i].name_off);
		out->constants[i].value = btf_kflag(type) ? (int64_t)values[i].val
		                                          : (int64_t)(uint32_t)values[i].val;
	}
	return 0;
}

static int constants__read(struct model *model, const struct btf *btf, const struct btf_type *type)
{
	int err = enum__read(&model->constants, btf, type);

	for (size_t i = 0; !err && i < model->constants.n_constants; i++)
		model->constants.constants[i].name += strlen(CONSTANT_PREFIX);
	return err;
}

static int type__read(struct model *model, const struct btf *btf, const struct btf_type *type)
{
	if (!*type_name(btf, type))
		return 0;
	if (btf_is_struct(type))
		return record__read(&model->records[model->n_records++], btf, type);
	if (btf_is_enum(type) && !strcmp(type_name(btf, type), CONSTANTS_ENUM))
		return constants__read(model, btf, type);
	if (btf_is_enum(type))
		return enum__read(&model->enums[model->n_enums++], btf, type);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int model__read(struct model *model, const struct btf *btf)
{
	__u32 n = btf__type_cnt(btf);

	memset(model, 0, sizeof(*model));
	model->records = calloc(n, sizeof(*model->records));
	model->enums = calloc(n, sizeof(*model->enums));
	if (!model->records || !model->enums) {
		model__free(model);
		return -ENOMEM;
	}
	for (__u32 id = 1; id < n; id++) {
		int err = type__read(model, btf, btf__type_by_id(btf, id));

		if (err) {
			model__free(model);
			return err;
		}
	}
	/* Both begin with their name. */
	qsort(model->records, model->n_records, sizeof(*model->records), by_name);
	qsort(model->enums, model->n_enums, sizeof(*model->enums), by_name);
	return 0;
}

void model__free(struct model *model)
{
	for (size_t i = 0; i < model->n_records; i++)
		free(model->records[i].fields);
	for (size_t i = 0; i < model->n_enums; i++)
		free(model->enums[i].constants);
	free(model->records);
	free(model->enums);
	free(model->constants.constants);
	memset(model, 0, sizeof(*model));
}
