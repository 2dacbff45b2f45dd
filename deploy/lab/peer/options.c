// SPDX-License-Identifier: Apache-2.0
#include "peer.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum option_id {
	OPTION_NAME = 1,
	OPTION_TCP_PORT,
	OPTION_UDP_PORT,
	OPTION_UDP,
	OPTION_UNCONNECTED,
	OPTION_MAPPED,
	OPTION_SCTP_PORT,
	OPTION_SCTP,
	OPTION_BACKGROUND,
	OPTION_SOURCE,
	OPTION_SOURCE_PORT,
	OPTION_COUNT,
	OPTION_SIZE,
	OPTION_SEGMENTS,
	OPTION_RATE,
	OPTION_SECONDS,
	OPTION_TIMEOUT,
	OPTION_INTERVAL,
};

static const struct option long_options[] = {
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "tcp-port", required_argument, NULL, OPTION_TCP_PORT },
	{ "udp-port", required_argument, NULL, OPTION_UDP_PORT },
	{ "udp", no_argument, NULL, OPTION_UDP },
	{ "unconnected", no_argument, NULL, OPTION_UNCONNECTED },
	{ "mapped", no_argument, NULL, OPTION_MAPPED },
	{ "sctp-port", required_argument, NULL, OPTION_SCTP_PORT },
	{ "sctp", no_argument, NULL, OPTION_SCTP },
	{ "background", no_argument, NULL, OPTION_BACKGROUND },
	{ "source", required_argument, NULL, OPTION_SOURCE },
	{ "source-port", required_argument, NULL, OPTION_SOURCE_PORT },
	{ "count", required_argument, NULL, OPTION_COUNT },
	{ "size", required_argument, NULL, OPTION_SIZE },
	{ "segments", required_argument, NULL, OPTION_SEGMENTS },
	{ "rate", required_argument, NULL, OPTION_RATE },
	{ "seconds", required_argument, NULL, OPTION_SECONDS },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "interval", required_argument, NULL, OPTION_INTERVAL },
	{ 0 },
};

static int number__parse(const char *text, int min, int max, int *out)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < min || value > max) {
		fprintf(stderr, "peer: %s is not a number from %d to %d\n", text, min, max);
		return -1;
	}
	*out = (int)value;
	return 0;
}

static int option__apply(struct options *opts, int id, const char *arg)
{
	switch (id) {
	case OPTION_NAME:
		opts->name = arg;
		return 0;
	case OPTION_TCP_PORT:
		return number__parse(arg, 1, 65535, &opts->tcp_port);
	case OPTION_UDP_PORT:
		return number__parse(arg, 1, 65535, &opts->udp_port);
	case OPTION_UDP:
		opts->udp = true;
		return 0;
	case OPTION_UNCONNECTED:
		opts->udp = opts->unconnected = true;
		return 0;
	case OPTION_MAPPED:
		address__map(&opts->target);
		return 0;
	case OPTION_SCTP_PORT:
		return number__parse(arg, 1, 65535, &opts->sctp_port);
	case OPTION_SCTP:
		opts->sctp = true;
		return 0;
	case OPTION_BACKGROUND:
		opts->background = true;
		return 0;
	case OPTION_SOURCE:
		return address__parse(&opts->source, arg, 0);
	case OPTION_SOURCE_PORT:
		return number__parse(arg, 1, 65535, &opts->source_port);
	case OPTION_COUNT:
		return number__parse(arg, 1, 100000, &opts->count);
	case OPTION_SIZE:
		return number__parse(arg, 1, 65000, &opts->size);
	case OPTION_SEGMENTS:
		return number__parse(arg, 1, 64, &opts->segments);
	case OPTION_RATE:
		return number__parse(arg, 1, 10000, &opts->rate);
	case OPTION_SECONDS:
		return number__parse(arg, 1, 86400, &opts->seconds);
	case OPTION_TIMEOUT:
		return number__parse(arg, 1, 600000, &opts->timeout_ms);
	case OPTION_INTERVAL:
		return number__parse(arg, 1, 600000, &opts->interval_ms);
	default:
		return -1;
	}
}

int options__parse(struct options *opts, int argc, char **argv)
{
	int id;

	/* getopt takes argv[0] for the program's name: step back by one. */
	while ((id = getopt_long(argc + 1, argv - 1, "", long_options, NULL)) != -1)
		if (option__apply(opts, id, optarg) < 0)
			return -1;
	if (optind < argc + 1) {
		fprintf(stderr, "peer: unexpected argument: %s\n", argv[optind - 1]);
		return -1;
	}
	return 0;
}
