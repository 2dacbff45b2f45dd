// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/**
 * A class that addresses or ports have, and the one that they are to have.
 *
 * @param ports whether it is a class of ports
 */
record ClassSwap(boolean ports, long from, long to) {}
