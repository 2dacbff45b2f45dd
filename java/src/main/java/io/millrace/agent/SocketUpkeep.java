// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Status;
import io.millrace.compile.NodeTables;

/** What the control thread tells of sockets. It is done by others, and keeps nobody waiting. */
interface SocketUpkeep {
  /** For a node whose sockets are not served. */
  SocketUpkeep NONE =
      new SocketUpkeep() {
        @Override
        public void backendsGone(boolean v4, boolean v6) {}

        @Override
        public void node(NodeTables tables) {}

        @Override
        public void describe(Status.Builder status) {}
      };

  /** UDP backends of these families are gone: sockets that know no other are to be ended. */
  void backendsGone(boolean v4, boolean v6);

  /** The node as it is now: which pods opt out, and what may have changed in its networks. */
  void node(NodeTables tables);

  /** Tells what has been done. Callable from any thread. */
  void describe(Status.Builder status);
}
