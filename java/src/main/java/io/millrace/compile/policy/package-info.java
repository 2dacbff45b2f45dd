// SPDX-License-Identifier: Apache-2.0
/** NetworkPolicies become tables of classes, sets and bits; see {@code bpf/abi_policy.h}. */
@NullMarked
package io.millrace.compile.policy;

import org.jspecify.annotations.NullMarked;
