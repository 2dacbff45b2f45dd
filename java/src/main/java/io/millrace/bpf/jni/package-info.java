// SPDX-License-Identifier: Apache-2.0
/** Native methods, and nothing else; only {@code io.millrace.bpf} calls them. */
@NullMarked
package io.millrace.bpf.jni;

import org.jspecify.annotations.NullMarked;
