/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough netlink: a socket, dumps, requests, attributes. */
#ifndef MILLRACE_NL_H
#define MILLRACE_NL_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opens a socket of @protocol (NETLINK_*) that gets the multicast @groups; a descriptor or -errno. */
int nl__open(int protocol, uint32_t groups);

/* Sends a dump request: header of @type, then @body. 0 or -errno. */
int nl__request_dump(int fd, uint16_t type, uint32_t seq, const void *body, size_t len);

/* As long as the body of a request may be. */
#define NL_BODY_MAX 512

/* Sends a request to do something, and waits for the kernel's verdict. 0 or -errno. */
int nl__request(int fd, uint16_t type, const void *body, size_t len);

/* The same, to make something that is not there: -EEXIST if it is. */
int nl__create(int fd, uint16_t type, const void *body, size_t len);

typedef int (*nl_visit_fn)(void *ctx, const struct nlmsghdr *message);

/*
 * Dumps and shows every message to @visit, which may end it with an error. -EINTR if the kernel
 * says that the dump is inconsistent.
 */
int nl__dump(int protocol, uint16_t type, const void *body, size_t len, nl_visit_fn visit,
             void *ctx);

/* What a message of type NLMSG_ERROR says: 0 or -errno; -EPROTO if it is cut short. */
int nl__verdict(const struct nlmsghdr *message);

/* Copies the first @len bytes of what an attribute holds; false if it is missing or shorter. */
bool nl__get(const struct rtattr *attr, void *to, size_t len);

/*
 * Sorts the attributes of @message behind a header of @header_len bytes into @table, by type;
 * those from @max on are left out.
 */
void nl__attributes(const struct nlmsghdr *message, size_t header_len, const struct rtattr **table,
                    size_t max);

/* The same for attributes nested in @outer. */
void nl__nested(const struct rtattr *outer, const struct rtattr **table, size_t max);

#endif
