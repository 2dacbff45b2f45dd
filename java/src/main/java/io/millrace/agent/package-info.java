// SPDX-License-Identifier: Apache-2.0
/** The agent: wiring, the control thread, and what it publishes. */
@NullMarked
package io.millrace.agent;

import org.jspecify.annotations.NullMarked;
