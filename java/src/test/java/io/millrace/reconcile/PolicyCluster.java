// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicyTables;
import io.millrace.reconcile.PolicyView.Question;
import java.util.List;

/** A cluster that changes at random, and what policies make of it. */
interface PolicyCluster {
  /** As after the last change. */
  PolicyTables tables();

  /** Something happens, or several things. */
  PolicyTables change();

  /** Whom to ask about; the same for one step. */
  List<Question> questions();

  /** A random number below this. */
  int below(int bound);
}
