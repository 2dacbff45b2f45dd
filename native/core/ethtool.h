/* SPDX-License-Identifier: Apache-2.0 */
/* How a network device of this process's namespace is set up, by its name. Negative errno, told in the log. */
#ifndef MILLRACE_ETHTOOL_H
#define MILLRACE_ETHTOOL_H

#include <stdbool.h>
#include <stdint.h>

/* ETH_FLAG_*. */
int ethtool__flags(const char *name, uint32_t *flags);

/* Whether it is run by this driver. One that does not say its driver's name is run by none. */
int ethtool__has_driver(const char *name, const char *driver, bool *has);

/* Whether a feature is on, by the name that `ethtool -k` shows, rx-gro-hw for one; off if it has none such. */
int ethtool__has_feature(const char *name, const char *feature, bool *has);

#endif
