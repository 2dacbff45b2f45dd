// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/** A key of set_peers. */
record SetPeer(long set, long peerClass) {}
