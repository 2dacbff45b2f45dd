// SPDX-License-Identifier: Apache-2.0
/* Both sides of an association; see sctp.h. */
#include "sctp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* The server keeps no state: it knows its associations by one tag. */
#define SERVER_TAG 0x6d696c6cu

#define PARAM_COOKIE  7
#define PARAM_PADDING 0x8005 /* RFC 4820 */

/* Raw sockets of IPv4 show the IP header, those of IPv6 do not. */
static size_t header__len(const uint8_t *bytes, size_t len, sa_family_t family)
{
	size_t header = family == AF_INET && len >= 20 ? (bytes[0] & 15) * 4u : 0;

	return header < len ? header : len;
}

int sctp__listen(int family)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_SCTP);
	const int on = 1;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (family == AF_INET)
		err = setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	else
		err = setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	if (err < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* The packet's destination becomes the answer's source, by whatever device. */
static void control__answer(struct msghdr *msg)
{
	struct cmsghdr *info = CMSG_FIRSTHDR(msg);

	if (info && info->cmsg_level == IPPROTO_IP)
		((struct in_pktinfo *)CMSG_DATA(info))->ipi_ifindex = 0;
	else if (info)
		((struct in6_pktinfo *)CMSG_DATA(info))->ipi6_ifindex = 0;
}

static void init__fill(struct sctp_packet *packet, uint32_t tag, uint16_t param, size_t param_len)
{
	struct sctp_init init = { .tag = htonl(tag),
		                  .window = htonl(65536),
		                  .out = htons(1),
		                  .in = htons(1),
		                  .tsn = htonl(1),
		                  .param = htons(param),
		                  .param_len = htons((uint16_t)(4 + param_len)) };

	memcpy(packet->value, &init, sizeof(init));
}

static size_t serve__init(const struct sctp_packet *in, size_t len, const char *name,
                          const char *client, struct sctp_packet *out)
{
	struct sctp_cookie cookie = { 0 };

	memcpy(&cookie.tag, in->value, sizeof(cookie.tag));
	snprintf(cookie.answer, sizeof(cookie.answer), "%s %s %u %zu", name, client,
	         ntohs(in->sport), len);
	out->tag = cookie.tag;
	out->chunk = SCTP_INIT_ACK;
	init__fill(out, SERVER_TAG, PARAM_COOKIE, sizeof(cookie));
	memcpy(out->value + sizeof(struct sctp_init), &cookie, sizeof(cookie));
	return sctp_packet__seal(out, sizeof(struct sctp_init) + sizeof(cookie));
}

/* The answer to a packet, or 0 for none. What a real stack would not accept is not answered. */
static size_t serve__packet(const struct sctp_packet *in, size_t len, int port, const char *name,
                            const char *client, struct sctp_packet *out)
{
	const char *fault = sctp_packet__fault(in, len);

	if (fault)
		fprintf(stderr, "peer: SCTP packet from %s: %s\n", client, fault);
	if (fault || ntohs(in->dport) != port)
		return 0;
	memset(out, 0, sizeof(*out));
	out->sport = in->dport;
	out->dport = in->sport;
	if (in->chunk == SCTP_INIT && len >= SCTP_HEADERS + sizeof(struct sctp_init))
		return serve__init(in, len, name, client, out);
	if (in->chunk != SCTP_COOKIE_ECHO || in->tag != htonl(SERVER_TAG))
		return 0;
	memcpy(&out->tag, in->value, sizeof(out->tag));
	out->chunk = SCTP_COOKIE_ACK;
	return sctp_packet__seal(out, 0);
}

static void from__format(const struct sockaddr_storage *from, char *out, socklen_t size)
{
	if (from->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)from)->sin_addr, out, size);
	else
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)from)->sin6_addr, out, size);
}

void sctp__serve(int fd, int port, const char *name)
{
	static struct sctp_packet in, out;
	static uint8_t bytes[65536];
	char control[256], client[INET6_ADDRSTRLEN];
	struct sockaddr_storage from;
	struct iovec iov = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct msghdr msg = { .msg_name = &from,
		              .msg_namelen = sizeof(from),
		              .msg_iov = &iov,
		              .msg_iovlen = 1,
		              .msg_control = control,
		              .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, 0);
	size_t skip, len;

	if (n < 0)
		return;
	skip = header__len(bytes, (size_t)n, from.ss_family);
	len = (size_t)n - skip;
	if (len > sizeof(in))
		return;
	memcpy(&in, bytes + skip, len);
	from__format(&from, client, sizeof(client));
	len = serve__packet(&in, len, port, name, client, &out);
	if (len == 0)
		return;
	control__answer(&msg);
	iov = (struct iovec){ .iov_base = &out, .iov_len = len };
	if (sendmsg(fd, &msg, 0) < 0)
		perror("peer: cannot answer an SCTP packet");
}

struct client {
	const struct options *opts;
	int fd;
	uint16_t sport, dport;
	uint32_t tag, server_tag;
};

static enum outcome client__send(const struct client *client, struct sctp_packet *packet,
                                 uint8_t chunk, size_t value_len)
{
	size_t len;

	packet->sport = client->sport;
	packet->dport = client->dport;
	packet->tag = client->server_tag;
	packet->chunk = chunk;
	packet->chunk_flags = 0;
	len = sctp_packet__seal(packet, value_len);
	if (send(client->fd, packet, len, 0) < 0)
		return outcome_of_errno(errno);
	return OUTCOME_OK;
}

/* The next packet of this association; a connected socket gets those of the server's address only. */
static enum outcome client__receive(const struct client *client, uint8_t chunk,
                                    struct sctp_packet *packet)
{
	sa_family_t family = client->opts->target.sa.ss_family;
	uint64_t end = now_ms() + (uint64_t)client->opts->timeout_ms;
	static uint8_t bytes[65536];
	const char *fault;

	for (uint64_t now = now_ms(); now < end; now = now_ms()) {
		ssize_t n;
		size_t skip;

		if (!socket__await(client->fd, POLLIN, (int)(end - now)))
			return OUTCOME_TIMEOUT;
		n = recv(client->fd, bytes, sizeof(bytes), 0);
		if (n < 0)
			return outcome_of_errno(errno);
		skip = header__len(bytes, (size_t)n, family);
		memset(packet, 0, sizeof(*packet));
		memcpy(packet, bytes + skip, (size_t)n - skip);
		if (packet->sport != client->dport || packet->dport != client->sport ||
		    packet->tag != client->tag || packet->chunk != chunk)
			continue;
		fault = sctp_packet__fault(packet, (size_t)n - skip);
		if (!fault)
			return OUTCOME_OK;
		fprintf(stderr, "peer: the SCTP answer: %s\n", fault);
		return OUTCOME_ERROR;
	}
	return OUTCOME_TIMEOUT;
}

/* INIT, padded to the size that was asked for, and the cookie that comes back. */
static enum outcome client__open(struct client *client, struct sctp_packet *packet,
                                 struct sctp_cookie *cookie)
{
	size_t least = SCTP_HEADERS + sizeof(struct sctp_init);
	size_t padding = client->opts->size > (int)least ? (size_t)client->opts->size - least : 0;
	enum outcome outcome;
	uint32_t tag;

	memset(packet, 0, sizeof(*packet));
	init__fill(packet, ntohl(client->tag), PARAM_PADDING, padding);
	outcome = client__send(client, packet, SCTP_INIT, sizeof(struct sctp_init) + padding);
	if (outcome == OUTCOME_OK)
		outcome = client__receive(client, SCTP_INIT_ACK, packet);
	if (outcome != OUTCOME_OK)
		return outcome;
	memcpy(&tag, packet->value, sizeof(tag));
	memcpy(cookie, packet->value + sizeof(struct sctp_init), sizeof(*cookie));
	client->server_tag = tag;
	return OUTCOME_OK;
}

static enum outcome client__associate(struct client *client, char *answer)
{
	static struct sctp_packet packet;
	struct sctp_cookie cookie;
	enum outcome outcome = client__open(client, &packet, &cookie);

	if (outcome != OUTCOME_OK)
		return outcome;
	memset(&packet, 0, sizeof(packet));
	memcpy(packet.value, &cookie, sizeof(cookie));
	outcome = client__send(client, &packet, SCTP_COOKIE_ECHO, sizeof(cookie));
	if (outcome == OUTCOME_OK)
		outcome = client__receive(client, SCTP_COOKIE_ACK, &packet);
	if (outcome != OUTCOME_OK)
		return outcome;
	snprintf(answer, ANSWER_MAX, "%.*s", (int)sizeof(cookie.answer) - 1, cookie.answer);
	memset(&packet, 0, sizeof(packet));
	return client__send(client, &packet, SCTP_ABORT, 0);
}

/* The association's own ports; a raw socket's address has none. */
static int client__init(struct client *client, struct address *target)
{
	struct sockaddr_in in;

	/* sin_port and sin6_port lie at the same offset. */
	memcpy(&in, &target->sa, sizeof(in));
	client->dport = in.sin_port;
	in.sin_port = 0;
	memcpy(&target->sa, &in, sizeof(in));
	if (getrandom(&client->tag, sizeof(client->tag), 0) != sizeof(client->tag))
		return -errno;
	client->sport =
		htons((uint16_t)(client->opts->source_port ? client->opts->source_port
	                                                   : (int)(32768 + client->tag % 28000)));
	client->fd = socket(in.sin_family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_SCTP);
	return client->fd < 0 ? -errno : 0;
}

enum outcome sctp__request(const struct options *opts, char *answer)
{
	struct address target = opts->target;
	struct client client = { .opts = opts };
	const struct sockaddr *source = (const struct sockaddr *)&opts->source.sa;
	int err = client__init(&client, &target);
	enum outcome outcome;

	if (err < 0)
		return outcome_of_errno(-err);
	if ((opts->source.len && bind(client.fd, source, opts->source.len) < 0) ||
	    connect(client.fd, (const struct sockaddr *)&target.sa, target.len) < 0)
		outcome = outcome_of_errno(errno);
	else
		outcome = client__associate(&client, answer);
	close(client.fd);
	return outcome;
}
