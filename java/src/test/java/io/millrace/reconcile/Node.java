// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.Compiler;
import io.millrace.compile.Desired;
import io.millrace.compile.NodeConfig;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import java.util.Collection;
import java.util.function.IntUnaryOperator;

/** An agent without its threads: image, compiler and reconciler on a fake kernel and clock. */
final class Node {
  static final long SECOND_NS = 1_000_000_000L;

  final FakeDataplane kernel;
  final NodeConfig config;
  final IntUnaryOperator ringSize;
  ClusterImage image = ClusterImage.EMPTY;
  Compiler compiler;
  Reconciler reconciler;
  private long nowNs = 77 * SECOND_NS;
  private long wait = Long.MAX_VALUE;
  private boolean started;

  Node(FakeDataplane kernel, NodeConfig config) {
    this(kernel, config, MaglevTable::sizeFor);
  }

  Node(FakeDataplane kernel, NodeConfig config, IntUnaryOperator ringSize) {
    this.kernel = kernel;
    this.ringSize = ringSize;
    this.config = config;
    compiler = new Compiler(config);
    reconciler =
        new Reconciler(kernel, SocketLb.off("a test"), PolicyOptions.OFF, () -> nowNs, ringSize);
  }

  /** Changes the cluster; null objects are gone. Nothing reaches the kernel before {@link #run}. */
  void put(Collection<? extends ClusterObject> objects) {
    ClusterDelta delta = new ClusterDelta(image);
    objects.forEach(delta::put);
    submit(delta);
  }

  void remove(ObjectKey key) {
    ClusterDelta delta = new ClusterDelta(image);
    delta.remove(key);
    submit(delta);
  }

  private void submit(ClusterDelta delta) {
    image = delta.apply();
    if (started) {
      reconciler.submit(compiler.compile(image, delta));
    }
  }

  /** Starts, or works off what is due now. */
  void run() {
    if (!started) {
      started = true;
      Desired all = compiler.compileAll(image);
      reconciler.restore(all);
    }
    wait = reconciler.run();
  }

  /** Lets time pass, running whenever the reconciler wants to. */
  void advance(long ns) {
    long end = nowNs + ns;
    while (wait != Long.MAX_VALUE && nowNs + wait <= end) {
      nowNs += Math.max(wait, 1);
      wait = reconciler.run();
    }
    nowNs = end;
  }

  /** Runs until nothing is left to do. */
  void settle() {
    run();
    advance(10 * SECOND_NS);
  }

  /** The agent dies and starts again: all memory is lost, the kernel and the cluster stay. */
  void restart() {
    compiler = new Compiler(config);
    reconciler =
        new Reconciler(kernel, SocketLb.off("a test"), PolicyOptions.OFF, () -> nowNs, ringSize);
    started = false;
    wait = Long.MAX_VALUE;
  }

  KernelView view() {
    return new KernelView(kernel);
  }
}
