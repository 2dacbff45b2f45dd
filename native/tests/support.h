/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests as functions. Each runs in a process of its own with a new network and mount namespace, and
 * a bpffs at `bpffs`; nothing of it outlives the process.
 */
#ifndef MILLRACE_TEST_SUPPORT_H
#define MILLRACE_TEST_SUPPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "dataplane.h"
#include "util.h"

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(function) { #function, function }

/* Runs them all, prints a verdict for each, returns main()'s status. Skips without root. */
int test__run(const struct test *tests, size_t n);

/* Ends the test that runs with a failure. */
void test__fail(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			test__fail(__FILE__, __LINE__, "%s", #condition);                          \
	} while (0)

#define CHECK_EQ(actual, expected)                                                                 \
	do {                                                                                       \
		long long actual_ = (long long)(actual), expected_ = (long long)(expected);        \
		if (actual_ != expected_)                                                          \
			test__fail(__FILE__, __LINE__, "%s is %lld, not %lld", #actual, actual_,   \
			           expected_);                                                     \
	} while (0)

/* Runs a shell command that must succeed. */
void test__shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The folder of pins of this test. */
extern const char bpffs[];

/* Enters a new network namespace with lo up; the old one's descriptor. */
int test__new_netns(void);
void test__enter_netns(int fd);

/* Opens the fixtures at @pins. */
struct dataplane *test__open(const char *pins, uint32_t without);
struct dataplane *test__open_objects(const char *pins, const char *objects,
                                     const struct wire_options *options);
/* What opening says where it must fail; its words are in log__text(). */
int test__open_error(const char *pins, const char *objects, const struct wire_options *options);

/* The sum of a counter over all CPUs. */
uint64_t test__counter(const struct dataplane *dp, uint32_t index);

/* Whether the kernel that runs is of that version or a newer one. */
bool test__kernel_is(unsigned major, unsigned minor);

/* A pair of veths, both up, with IPv4 addresses: the first's ifindex. */
uint32_t test__veth(const char *name, const char *peer);

/* Sends one IPv4 packet out of the device. */
void test__send(uint32_t ifindex);

#endif
