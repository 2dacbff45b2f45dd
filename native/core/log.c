// SPDX-License-Identifier: Apache-2.0
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

static _Thread_local struct {
	size_t len;
	char text[LOG_SIZE];
} buffer;

/* Drops whole lines from the front until @need more bytes and the 0 fit. */
static void make_room(size_t need)
{
	size_t drop;
	const char *line;

	if (buffer.len + need < LOG_SIZE)
		return;
	drop = buffer.len + need + 1 - LOG_SIZE;
	if (drop > buffer.len)
		drop = buffer.len;
	line = memchr(buffer.text + drop, '\n', buffer.len - drop);
	if (line)
		drop = (size_t)(line + 1 - buffer.text);
	memmove(buffer.text, buffer.text + drop, buffer.len - drop);
	buffer.len -= drop;
}

static void append(const char *text, size_t len)
{
	if (len >= LOG_SIZE) {
		text += len - (LOG_SIZE - 1);
		len = LOG_SIZE - 1;
	}
	make_room(len);
	memcpy(buffer.text + buffer.len, text, len);
	buffer.len += len;
	buffer.text[buffer.len] = 0;
}

static void append_format(const char *format, va_list args)
{
	char *text = NULL;
	int len = vasprintf(&text, format, args);

	if (len < 0)
		return;
	append(text, (size_t)len);
	free(text);
}

static int from_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level != LIBBPF_DEBUG)
		append_format(format, args);
	return 0;
}

void log__install(void)
{
	libbpf_set_print(from_libbpf);
}

void log__reset(void)
{
	buffer.len = 0;
	buffer.text[0] = 0;
}

void log__line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append_format(format, args);
	va_end(args);
	append("\n", 1);
}

int log__error(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append_format(format, args);
	va_end(args);
	append("\n", 1);
	return -err;
}

const char *log__text(void)
{
	return buffer.text;
}
