// SPDX-License-Identifier: Apache-2.0
/** What the agent knows of the cluster and of this host: immutable records, no API types. */
@NullMarked
package io.millrace.model;

import org.jspecify.annotations.NullMarked;
