// SPDX-License-Identifier: Apache-2.0
/** API objects become records of the model, whatever brought them. */
@NullMarked
package io.millrace.source.object;

import org.jspecify.annotations.NullMarked;
