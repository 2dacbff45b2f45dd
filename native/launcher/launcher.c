// SPDX-License-Identifier: Apache-2.0
//
// Starts Millrace from wherever this distribution lies. Environment:
//   JAVA_HOME           which Java to use, 17 or newer; otherwise the distribution's own, or that in PATH
//   MILLRACE_JAVA_OPTS  options added after ours, for example -Xmx512m
//   MILLRACE_LOG_LEVEL  error, warn, info (default), debug
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "java.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The heap cap holds 20,000 services with 10 endpoints each; commands that only ask need little. */
static const char *const agent_memory[] = {
	"-Xms40m",
	"-Xmn14m",
	"-Xmx160m",
	"-XX:MaxHeapFreeRatio=11",
	"-XX:MinHeapFreeRatio=8",
	"-XX:-ShrinkHeapInSteps",
	"-XX:MarkSweepDeadRatio=0",
};
static const char *const command_memory[] = { "-Xms8m", "-Xmx128m" };

/* C1 alone: half the CPU of a start, a quarter less memory, and the hot work is in the kernel. */
static const char *const options[] = {
	"-XX:+UseSerialGC",
	"-XX:TieredStopAtLevel=1",
	"-Xss512k",
	"-Xshare:auto",
	/* Else the archive of classes is moved to another address, and 25 MB of it become private. */
	"-XX:+UnlockDiagnosticVMOptions",
	"-XX:ArchiveRelocationMode=0",
	"-XX:-UsePerfData",
	"-XX:+ExitOnOutOfMemoryError",
	"-XX:+ErrorFileToStderr",
	"-XX:-CreateCoredumpOnCrash",
	"--enable-native-access=ALL-UNNAMED",
	"-Djna.nounpack=true",
	"-Djna.nosys=true",
	"-Dio.netty.allocator.type=unpooled",
	"-Djdk.httpclient.keepalive.timeout=20",
};

struct command {
	char **words;
	size_t count;
	size_t room;
};

/* @word must stay where it is. */
static void add(struct command *command, const char *word)
{
	if (command->count == command->room) {
		command->room += 64;
		command->words = realloc(command->words, command->room * sizeof(*command->words));
		if (!command->words)
			die("out of memory");
	}
	command->words[command->count++] = (char *)word;
}

static void add_all(struct command *command, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(command, words[i]);
}

static char *join(const char *left, const char *right)
{
	char *word;

	if (asprintf(&word, "%s%s", left, right) < 0)
		die("out of memory");
	return word;
}

/* An option that names something of the distribution. */
static void add_placed(struct command *command, const char *option, const char *home,
                       const char *place)
{
	char *path = join(home, place);

	add(command, join(option, path));
	free(path);
}

/* Options are parted by blanks; none can hold one. */
static void add_environment(struct command *command)
{
	const char *text = getenv("MILLRACE_JAVA_OPTS");
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		die("out of memory");
	for (char *word = copy ? strtok(copy, " \t\n") : NULL; word; word = strtok(NULL, " \t\n"))
		add(command, word);
}

/* Classes, parsed and laid out when the distribution or the container image was made. */
static void add_class_archive(struct command *command, const char *home)
{
	static const char place[] = "/lib/millrace.jsa";
	char *path = join(home, place);

	if (!access(path, R_OK))
		add_placed(command, "-XX:SharedArchiveFile=", home, place);
	free(path);
}

static void find_home(char home[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", home, PATH_MAX - 1);

	if (length < 0)
		die("cannot read /proc/self/exe (%s): mount /proc", strerror(errno));
	home[length] = '\0';
	/* Cuts the path in place. */
	dirname(dirname(home));
}

int main(int argc, char **argv)
{
	const char *level = getenv("MILLRACE_LOG_LEVEL");
	char home[PATH_MAX], java[PATH_MAX];
	struct command command = {};

	find_home(home);
	java__find(home, java);
	add(&command, java);
	if (argc > 1 && !strcmp(argv[1], "agent"))
		add_all(&command, agent_memory, ARRAY_SIZE(agent_memory));
	else
		add_all(&command, command_memory, ARRAY_SIZE(command_memory));
	add_all(&command, options, ARRAY_SIZE(options));
	add_class_archive(&command, home);
	add_placed(&command, "-Dmillrace.home=", home, "");
	add_placed(&command, "-Djava.library.path=", home, "/lib/native");
	add_placed(&command, "-Djna.boot.library.path=", home, "/lib/native");
	add(&command,
	    join("-Dorg.slf4j.simpleLogger.defaultLogLevel=", level && *level ? level : "info"));
	add_environment(&command);
	add(&command, "-cp");
	add_placed(&command, "", home, "/lib/java/millrace.jar");
	add(&command, "io.millrace.cli.Millrace");
	for (int i = 1; i < argc; i++)
		add(&command, argv[i]);
	add(&command, NULL);
	execv(java, command.words);
	die("cannot start %s: %s", java, strerror(errno));
}
