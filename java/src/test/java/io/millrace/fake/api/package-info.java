// SPDX-License-Identifier: Apache-2.0
/**
 * An API server in memory that speaks HTTP as the real one does, and fails on demand: pages that
 * expire, watches that break, servers that restart, or come back with older objects. Never part of
 * the distribution.
 */
@NullMarked
package io.millrace.fake.api;

import org.jspecify.annotations.NullMarked;
