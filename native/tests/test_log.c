// SPDX-License-Identifier: Apache-2.0
#include "log.h"
#include "support.h"

static void lines_follow_each_other(void)
{
	log__reset();
	log__line("one %d", 1);
	CHECK_EQ(log__error(ENOENT, "two"), -ENOENT);
	CHECK(!strcmp(log__text(), "one 1\ntwo\n"));
	log__reset();
	CHECK(!*log__text());
}

static void a_full_log_keeps_the_last_whole_lines(void)
{
	log__reset();
	for (int i = 0; i < 5000; i++)
		log__line("line %04d", i);
	CHECK(strlen(log__text()) < LOG_SIZE);
	CHECK(strlen(log__text()) > LOG_SIZE - 64);
	CHECK(!strncmp(log__text(), "line ", 5));
	CHECK(strstr(log__text(), "line 4999\n"));
	CHECK(!strstr(log__text(), "line 0000\n"));
}

static void one_huge_message_keeps_its_end(void)
{
	static char huge[3 * LOG_SIZE];

	memset(huge, 'x', sizeof(huge) - 1);
	memcpy(huge + sizeof(huge) - 7, "reason", 7);
	log__reset();
	log__line("before");
	log__line("%s", huge);
	CHECK(strlen(log__text()) < LOG_SIZE);
	CHECK(strstr(log__text(), "reason\n"));
	CHECK(!strstr(log__text(), "before"));
}

int main(void)
{
	static const struct test tests[] = {
		TEST(lines_follow_each_other),
		TEST(a_full_log_keeps_the_last_whole_lines),
		TEST(one_huge_message_keeps_its_end),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
