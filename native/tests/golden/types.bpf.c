// SPDX-License-Identifier: Apache-2.0
/* One of everything that abigen must be able to express. */
#include <linux/types.h>

struct inner {
	__be32 w[4];
};

struct outer_key {
	__be32 addr;
	__be16 port;
	__u8 proto;
	__u8 pad;
	struct inner addr6;
	__u8 mac[6];
	__u16 raw;
	__s32 delta;
	__u32 timeout[3];
	__u64 total;
	__s64 balance;
#ifdef WITH_BIT_FIELD
	__u32 bit : 1;
#endif
};

enum thing_kind {
	THING_NONE = 0,
	THING_BIG = 7,
};

enum abi_constant {
	CONSTANT_ABI_THINGS_VERSION = 3,
	CONSTANT_EVERYTHING = 0xffffffff,
};

struct outer_key outer;
enum thing_kind kind;
enum abi_constant constants;
