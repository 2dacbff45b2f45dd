// SPDX-License-Identifier: Apache-2.0
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

volatile sig_atomic_t stopping;

static void on_stop(int sig)
{
	(void)sig;
	stopping = 1;
}

static const char usage[] =
	"usage: peer serve --name NAME [--tcp-port PORT] [--udp-port PORT] [--sctp-port PORT]\n"
	"                  [--background] [--seconds S]\n"
	"       peer ask ADDRESS PORT [--udp [--unconnected] [--size BYTES] [--segments N]]\n"
	"                             [--mapped] [--count N] [CLIENT]\n"
	"       peer ask ADDRESS PORT --sctp [--size BYTES] [--count N] [CLIENT]\n"
	"       peer stream ADDRESS PORT [--udp] [--rate N] [--seconds S] [CLIENT]\n"
	"       peer hold ADDRESS PORT [--count N] [--interval MS] [--seconds S] [CLIENT]\n"
	"       peer keep ADDRESS PORT [--udp] [--interval MS] [CLIENT]\n"
	"       peer flood ADDRESS PORT [--rate N] [--seconds S]\n"
	"CLIENT: --timeout MS, --source ADDRESS, --source-port PORT\n"
	"\n"
	"serve answers each line (TCP), datagram (UDP) or INIT (SCTP, by raw sockets) with:\n"
	"NAME CLIENT-ADDRESS CLIENT-PORT BYTES\n"
	"ask prints each answer. An answer from, or a connection to, another address than the one asked\n"
	"for is an error. --mapped asks an IPv4 address from an IPv6 socket. With --count each has the next\n"
	"source port, if one is given.\n"
	"Status: 0 answered, 3 refused, 4 timed out, 5 reset, 6 unreachable\n"
	"stream opens a new connection for each request; hold keeps N connections busy. Both print\n"
	"\"ready\" and, at the end or on SIGTERM, a summary in JSON. Status 0: nothing failed.\n"
	"keep is one socket that asks again and again; it tells who answered, in turn, and what failed.\n"
	"flood sends SYNs from addresses that nobody has, 10 seconds if not told otherwise.\n";

static const struct {
	const char *name;
	int (*run)(const struct options *opts);
	bool has_target;
} commands[] = {
	{ "serve", peer__serve, false },  { "ask", peer__ask, true },
	{ "stream", peer__stream, true }, { "hold", peer__hold, true },
	{ "flood", peer__flood, true },   { "keep", peer__keep, true },
};

static int command__run(size_t i, int argc, char **argv)
{
	struct options opts = { .count = 1, .rate = 50, .timeout_ms = 3000, .interval_ms = 100 };
	int skip = commands[i].has_target ? 4 : 2;

	if (argc < skip) {
		fputs(usage, stderr);
		return OUTCOME_USAGE;
	}
	if (options__parse(&opts, argc - skip, argv + skip) < 0)
		return OUTCOME_USAGE;
	if (commands[i].has_target && address__parse(&opts.target, argv[2], atoi(argv[3])) < 0) {
		fprintf(stderr, "peer: not an address and port: %s %s\n", argv[2], argv[3]);
		return OUTCOME_USAGE;
	}
	return commands[i].run(&opts);
}

int main(int argc, char **argv)
{
	struct sigaction stop = { .sa_handler = on_stop };

	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return command__run(i, argc, argv);
	fputs(usage, stderr);
	return OUTCOME_USAGE;
}
