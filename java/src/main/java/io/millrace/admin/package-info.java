// SPDX-License-Identifier: Apache-2.0
/** The admin API: protobuf frames over a Unix socket; see {@code millrace/admin.proto}. */
@NullMarked
package io.millrace.admin;

import org.jspecify.annotations.NullMarked;
