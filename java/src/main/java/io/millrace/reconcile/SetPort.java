// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/** A key of set_ports. */
record SetPort(long set, int portClass) {}
