// SPDX-License-Identifier: Apache-2.0
/** Kubernetes manifests from a folder. */
@NullMarked
package io.millrace.source.manifest;

import org.jspecify.annotations.NullMarked;
