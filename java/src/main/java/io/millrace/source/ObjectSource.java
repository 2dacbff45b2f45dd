// SPDX-License-Identifier: Apache-2.0
package io.millrace.source;

/**
 * Something that follows objects: a folder of manifests, netlink, the API server. It runs on its
 * own thread, turns what it reads into records of the model at once, and knows nothing of what
 * happens to them.
 */
public interface ObjectSource extends AutoCloseable {
  /** A short name for logs and status, such as {@code manifests}. */
  String name();

  /** Where it looks and how that goes, in a few words for {@code status}. Any thread. */
  String detail();

  /** Starts following; returns at once. Called once. */
  void start(ObjectSink sink);

  /** Stops following. What was offered stays. */
  @Override
  void close();
}
