// SPDX-License-Identifier: Apache-2.0
#include "abigen.h"

#include <errno.h>
#include <stdlib.h>

static void write_field(const struct field *field, FILE *out)
{
	fprintf(out, "  %u %s ", field->offset, field->name);
	if (field->kind == FIELD_STRUCT)
		fprintf(out, "struct %s", field->struct_name);
	else
		fprintf(out, "%s%u",
		        field->kind == FIELD_BE ? "be"
		        : field->is_signed      ? "s"
		                                : "u",
		        field->size * 8);
	if (field->count)
		fprintf(out, "[%u]", field->count);
	fputc('\n', out);
}

static void write_constants(const struct enumeration *e, FILE *out)
{
	for (size_t i = 0; i < e->n_constants; i++)
		fprintf(out, "  %s = %lld\n", e->constants[i].name,
		        (long long)e->constants[i].value);
}

void layout__write(const struct model *model, FILE *out)
{
	for (size_t i = 0; i < model->n_records; i++) {
		const struct record *record = &model->records[i];

		fprintf(out, "struct %s %u\n", record->name, record->size);
		for (size_t j = 0; j < record->n_fields; j++)
			write_field(&record->fields[j], out);
	}
	for (size_t i = 0; i < model->n_enums; i++) {
		fprintf(out, "enum %s\n", model->enums[i].name);
		write_constants(&model->enums[i], out);
	}
	fputs("constants\n", out);
	write_constants(&model->constants, out);
}

int layout__hash(const struct model *model, uint64_t *hash)
{
	uint64_t fnv = 0xcbf29ce484222325ULL;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -errno;
	layout__write(model, out);
	if (fclose(out)) {
		free(text);
		return -EIO;
	}
	for (size_t i = 0; i < size; i++)
		fnv = (fnv ^ (unsigned char)text[i]) * 0x100000001b3ULL;
	free(text);
	*hash = fnv;
	return 0;
}
