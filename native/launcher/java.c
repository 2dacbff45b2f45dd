// SPDX-License-Identifier: Apache-2.0
#include "java.h"

#include <libgen.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OLDEST 17

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("millrace: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static bool is_program(const char *path)
{
	struct stat stat_of;

	return !stat(path, &stat_of) && S_ISREG(stat_of.st_mode) && !access(path, X_OK);
}

static bool find_in_path(char path[PATH_MAX])
{
	const char *folder = getenv("PATH");

	while (folder && *folder) {
		int length = (int)strcspn(folder, ":");

		snprintf(path, PATH_MAX, "%.*s/java", length, folder);
		if (length && is_program(path))
			return true;
		folder += length;
		folder += *folder == ':';
	}
	return false;
}

/* The major version by the file `release`, without the price of starting a JVM; 0: it does not say. */
static int version_of(const char *java)
{
	static const char key[] = "JAVA_VERSION=\"";
	char path[PATH_MAX], line[256];
	int version = 0;
	FILE *release;

	if (!realpath(java, path))
		return 0;
	/* Cuts the path in place. */
	dirname(dirname(path));
	if (strlen(path) + sizeof("/release") > sizeof(path))
		return 0;
	strcat(path, "/release");
	release = fopen(path, "re");
	if (!release)
		return 0;
	while (!version && fgets(line, sizeof(line), release))
		if (!strncmp(line, key, sizeof(key) - 1))
			version = atoi(line + sizeof(key) - 1);
	fclose(release);
	return version;
}

void java__find(const char *home, char path[PATH_MAX])
{
	const char *java_home = getenv("JAVA_HOME");
	int version;

	if (java_home && *java_home) {
		snprintf(path, PATH_MAX, "%s/bin/java", java_home);
		if (!is_program(path))
			die("JAVA_HOME is %s, but %s is no program", java_home, path);
	} else {
		snprintf(path, PATH_MAX, "%s/jre/bin/java", home);
		if (!is_program(path) && !find_in_path(path))
			die("no java in PATH: install a JRE %d or newer, or set JAVA_HOME", OLDEST);
	}
	version = version_of(path);
	if (version && version < OLDEST)
		die("%s is version %d: Java %d or newer is needed", path, version, OLDEST);
}
