// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.util.concurrent.TimeUnit;

/** Time, so that tests need not wait. */
interface ApiClock {
  ApiClock SYSTEM =
      new ApiClock() {
        @Override
        public long nowNs() {
          return System.nanoTime();
        }

        @Override
        public void sleep(long ns) throws InterruptedException {
          TimeUnit.NANOSECONDS.sleep(ns);
        }
      };

  long nowNs();

  void sleep(long ns) throws InterruptedException;
}
