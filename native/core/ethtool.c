// SPDX-License-Identifier: Apache-2.0
#include "ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

#include "log.h"
#include "util.h"

/* Far more than any kernel has. */
#define FEATURES_MAX 1024
#define BLOCK_BITS   32
#define BLOCKS_MAX   (FEATURES_MAX / BLOCK_BITS)

/* Each command is a struct that begins with its number and takes the answer. */
static int ask(const char *name, void *command)
{
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_data = command };

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	return fd < 0 || ioctl(fd, SIOCETHTOOL, &request) ? -errno : 0;
}

static int told(const char *name, int err)
{
	return err ? log__error(-err, "cannot ask how %s is set up: %s", name, strerror(-err)) : 0;
}

int ethtool__flags(const char *name, uint32_t *flags)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GFLAGS };
	int err = ask(name, &value);

	*flags = value.data;
	return told(name, err);
}

int ethtool__has_driver(const char *name, const char *driver, bool *has)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	int err = ask(name, &info);

	*has = !err && !strncmp(info.driver, driver, sizeof(info.driver));
	return err == -EOPNOTSUPP ? 0 : told(name, err);
}

static int count_features(const char *name, uint32_t *count)
{
	union {
		struct ethtool_sset_info info;
		uint32_t words[sizeof(struct ethtool_sset_info) / sizeof(uint32_t) + 1];
	} sets = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES } };
	int err = ask(name, &sets);

	*count = sets.info.sset_mask ? sets.info.data[0] : 0;
	return err ?: *count > FEATURES_MAX ? -E2BIG : 0;
}

/* The place of a feature among all, or their number if there is none of that name. */
static int find_feature(const char *name, const char *feature, uint32_t count, uint32_t *place)
{
	struct ethtool_gstrings *names =
		calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	_cleanup_free_ void *owner = names;
	int err;

	if (!names)
		return -ENOMEM;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = count;
	err = ask(name, names);
	for (*place = 0; *place < count; ++*place)
		if (!strncmp((const char *)&names->data[*place * ETH_GSTRING_LEN], feature,
		             ETH_GSTRING_LEN))
			break;
	return err;
}

int ethtool__has_feature(const char *name, const char *feature, bool *has)
{
	union {
		struct ethtool_gfeatures head;
		char room[sizeof(struct ethtool_gfeatures) +
		          BLOCKS_MAX * sizeof(struct ethtool_get_features_block)];
	} features = { .head = { .cmd = ETHTOOL_GFEATURES, .size = BLOCKS_MAX } };
	uint32_t count, place;
	int err = count_features(name, &count);

	*has = false;
	err = err ?: find_feature(name, feature, count, &place);
	if (err || place == count)
		return told(name, err);
	err = ask(name, &features);
	*has = !err && features.head.features[place / BLOCK_BITS].active >> place % BLOCK_BITS & 1;
	return told(name, err);
}
