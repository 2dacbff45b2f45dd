// SPDX-License-Identifier: Apache-2.0
#include "java.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define NAME_MAX_LEN 128

/* svc4_key → Svc4Key, in_ifindex → inIfindex. */
static const char *camel(const char *name, bool upper, char out[NAME_MAX_LEN])
{
	size_t n = 0;

	for (; *name && n < NAME_MAX_LEN - 1; name++) {
		if (*name == '_') {
			upper = true;
			continue;
		}
		out[n++] = upper ? (char)toupper((unsigned char)*name) : *name;
		upper = false;
	}
	out[n] = 0;
	return out;
}

static const char *upper(const char *name, char out[NAME_MAX_LEN])
{
	size_t n = 0;

	for (; *name && n < NAME_MAX_LEN - 1; name++)
		out[n++] = (char)toupper((unsigned char)*name);
	out[n] = 0;
	return out;
}

static void write_constructor(FILE *out, const char *class)
{
	fprintf(out, "\n  private %s() {}\n", class);
}

static const char *java_type(const struct field *field)
{
	return field->size == 8 ? "long" : "int";
}

/* The accessor of Bytes that reads or writes one element. */
static const char *codec(const struct field *field, char out[16])
{
	snprintf(out, 16, "%s%u",
	         field->kind == FIELD_BE ? "be"
	         : field->is_signed      ? "s"
	                                 : "u",
	         field->size * 8);
	return out;
}

static void write_scalar(FILE *out, const struct field *field)
{
	char name[NAME_MAX_LEN], constant[NAME_MAX_LEN], bytes[16];

	camel(field->name, false, name);
	upper(field->name, constant);
	codec(field, bytes);
	fprintf(out,
	        "\n  public static %s %s(ByteBuffer buf, int at) {\n"
	        "    return Bytes.%s(buf, at + %s_OFFSET);\n  }\n",
	        java_type(field), name, bytes, constant);
	fprintf(out,
	        "\n  public static void %s(ByteBuffer buf, int at, %s value) {\n"
	        "    Bytes.%s(buf, at + %s_OFFSET, value);\n  }\n",
	        name, java_type(field), bytes, constant);
}

static void write_elements(FILE *out, const struct field *field)
{
	char name[NAME_MAX_LEN], constant[NAME_MAX_LEN], bytes[16];

	camel(field->name, false, name);
	upper(field->name, constant);
	codec(field, bytes);
	fprintf(out,
	        "\n  public static %s %s(ByteBuffer buf, int at, int index) {\n"
	        "    Bytes.checkIndex(index, %s_COUNT);\n"
	        "    return Bytes.%s(buf, at + %s_OFFSET + index * %u);\n  }\n",
	        java_type(field), name, constant, bytes, constant, field->size);
	fprintf(out,
	        "\n  public static void %s(ByteBuffer buf, int at, int index, %s value) {\n"
	        "    Bytes.checkIndex(index, %s_COUNT);\n"
	        "    Bytes.%s(buf, at + %s_OFFSET + index * %u, value);\n  }\n",
	        name, java_type(field), constant, bytes, constant, field->size);
}

/* Nested structs and byte arrays: copies of their bytes. */
static void write_bytes(FILE *out, const struct field *field)
{
	char name[NAME_MAX_LEN], constant[NAME_MAX_LEN];
	uint32_t size = field->size * (field->count ? field->count : 1);

	camel(field->name, false, name);
	upper(field->name, constant);
	fprintf(out,
	        "\n  public static byte[] %s(ByteBuffer buf, int at) {\n"
	        "    return Bytes.get(buf, at + %s_OFFSET, %u);\n  }\n",
	        name, constant, size);
	fprintf(out,
	        "\n  public static void %s(ByteBuffer buf, int at, byte[] value) {\n"
	        "    Bytes.put(buf, at + %s_OFFSET, %u, value);\n  }\n",
	        name, constant, size);
}

static bool is_padding(const struct field *field)
{
	return !strncmp(field->name, "pad", 3);
}

static void write_accessors(FILE *out, const struct field *field)
{
	if (field->kind == FIELD_STRUCT || (field->count && field->size == 1))
		write_bytes(out, field);
	else if (field->count)
		write_elements(out, field);
	else
		write_scalar(out, field);
}

static void write_offsets(FILE *out, const struct record *record)
{
	char constant[NAME_MAX_LEN];

	for (size_t i = 0; i < record->n_fields; i++) {
		const struct field *field = &record->fields[i];

		if (is_padding(field))
			continue;
		upper(field->name, constant);
		fprintf(out, "  public static final int %s_OFFSET = %u;\n", constant,
		        field->offset);
		if (field->count)
			fprintf(out, "  public static final int %s_COUNT = %u;\n", constant,
			        field->count);
	}
}

static int write_record(const struct record *record, const char *package, const char *dir)
{
	char class[NAME_MAX_LEN];
	FILE *out = java__open_class(package, dir, camel(record->name, true, class));

	if (!out)
		return -errno;
	fprintf(out,
	        "import java.nio.ByteBuffer;\n\n"
	        "/** {@code struct %s}, at a byte offset of a buffer of either byte order. */\n"
	        "public final class %s {\n"
	        "  /** Bytes of the struct. */\n"
	        "  public static final int SIZE = %u;\n\n",
	        record->name, class, record->size);
	write_offsets(out, record);
	write_constructor(out, class);
	fputs("\n  /** Zeroes the whole struct, padding included. */\n"
	      "  public static void clear(ByteBuffer buf, int at) {\n"
	      "    Bytes.clear(buf, at, SIZE);\n  }\n",
	      out);
	for (size_t i = 0; i < record->n_fields; i++) {
		if (!is_padding(&record->fields[i]))
			write_accessors(out, &record->fields[i]);
	}
	return java__close_class(out);
}

/* Java refuses a second case label of the same value. */
static bool has_case(const struct enumeration *e, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (e->constants[i].value == e->constants[index].value)
			return true;
	}
	return false;
}

static int write_enum(const struct enumeration *e, const char *package, const char *dir)
{
	char class[NAME_MAX_LEN];
	FILE *out = java__open_class(package, dir, camel(e->name, true, class));

	if (!out)
		return -errno;
	fprintf(out, "/** {@code enum %s}. */\npublic final class %s {\n", e->name, class);
	for (size_t i = 0; i < e->n_constants; i++)
		fprintf(out, "  public static final int %s = %d;\n", e->constants[i].name,
		        (int)e->constants[i].value);
	write_constructor(out, class);
	fputs("\n  /** The name in C of {@code value}, or its number. */\n"
	      "  public static String name(int value) {\n"
	      "    switch (value) {\n",
	      out);
	for (size_t i = 0; i < e->n_constants; i++) {
		if (!has_case(e, i))
			fprintf(out, "      case %d:\n        return \"%s\";\n",
			        (int)e->constants[i].value, e->constants[i].name);
	}
	fputs("      default:\n        return Integer.toUnsignedString(value);\n    }\n  }\n", out);
	return java__close_class(out);
}

static int write_abi(const struct model *model, uint64_t hash, const char *package, const char *dir)
{
	FILE *out = java__open_class(package, dir, "Abi");

	if (!out)
		return -errno;
	fprintf(out,
	        "/** The identity of the ABI, and its plain constants. */\n"
	        "public final class Abi {\n"
	        "  /** Equal in everything that was built from the same headers. */\n"
	        "  public static final long HASH = 0x%016llxL;\n\n",
	        (unsigned long long)hash);
	for (size_t i = 0; i < model->constants.n_constants; i++) {
		const struct constant *constant = &model->constants.constants[i];
		const char *name = constant->name;

		fprintf(out, "  public static final int %s = %d;\n",
		        strncmp(name, "ABI_", 4) ? name : name + 4, (int)constant->value);
	}
	write_constructor(out, "Abi");
	return java__close_class(out);
}

static int write_package_info(const char *package, const char *dir)
{
	FILE *out;
	char path[4096];

	snprintf(path, sizeof(path), "%s/package-info.java", dir);
	out = fopen(path, "we");
	if (!out)
		return -errno;
	fprintf(out,
	        "// SPDX-License-Identifier: Apache-2.0\n"
	        "/** Generated accessors for the structs and enums of {@code bpf/abi.h} and {@code "
	        "wire.h}. */\npackage %s;\n",
	        package);
	return fclose(out) ? -EIO : 0;
}

int java__write(const struct model *model, uint64_t hash, const char *package, const char *dir)
{
	int err = write_abi(model, hash, package, dir);

	err = err ?: java__write_bytes(package, dir);
	err = err ?: write_package_info(package, dir);
	for (size_t i = 0; !err && i < model->n_records; i++)
		err = write_record(&model->records[i], package, dir);
	for (size_t i = 0; !err && i < model->n_enums; i++)
		err = write_enum(&model->enums[i], package, dir);
	return err;
}
