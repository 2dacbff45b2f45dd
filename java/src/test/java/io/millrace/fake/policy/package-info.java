// SPDX-License-Identifier: Apache-2.0
/** NetworkPolicies from outside: what the API means, clusters to try it on, who answers. */
@NullMarked
package io.millrace.fake.policy;

import org.jspecify.annotations.NullMarked;
