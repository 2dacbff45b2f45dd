// SPDX-License-Identifier: Apache-2.0
/** What kube-proxy leaves behind on a node, how it is found, and how it is taken away. */
@NullMarked
package io.millrace.takeover;

import org.jspecify.annotations.NullMarked;
