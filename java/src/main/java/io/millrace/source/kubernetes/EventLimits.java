// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What has been told lately, and how much more may be. */
final class EventLimits {
  private static final int REMEMBERED = 1000;
  private static final long FORGOTTEN_NS = Duration.ofHours(1).toNanos();
  private static final long REPEAT_NS = Duration.ofMinutes(10).toNanos();
  private static final int SERVICE_BURST = 5;
  private static final long SERVICE_NS = Duration.ofMinutes(5).toNanos();
  private static final int BURST = 20;
  private static final long EACH_NS = Duration.ofSeconds(1).toNanos();

  private final Map<ObjectEvent, Told> told = recent();
  private final Map<String, Bucket> services = recent();
  private final Bucket all = new Bucket(BURST, EACH_NS);

  /** Like a map, but of the entries that were used last. */
  private static <K, V> Map<K, V> recent() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > REMEMBERED;
      }
    };
  }

  /** An event that has been told. */
  static final class Told {
    private final String name;
    private final long firstNs;
    private long lastNs;
    private int count = 1;

    private Told(String name, long nowNs) {
      this.name = name;
      firstNs = nowNs;
      lastNs = nowNs;
    }

    /** Its name on the server. */
    String name() {
      return name;
    }

    int count() {
      return count;
    }

    /** It happened again. True if that should be told. */
    boolean again(long nowNs) {
      count++;
      if (nowNs - lastNs < REPEAT_NS) {
        return false;
      }
      lastNs = nowNs;
      return true;
    }
  }

  /** So many at once, and then one more each period. */
  private static final class Bucket {
    private final int burst;
    private final long eachNs;
    private long fullNs = Long.MIN_VALUE;

    Bucket(int burst, long eachNs) {
      this.burst = burst;
      this.eachNs = eachNs;
    }

    boolean has(long nowNs) {
      return fullNs == Long.MIN_VALUE || fullNs - nowNs <= (burst - 1) * eachNs;
    }

    void take(long nowNs) {
      long from = fullNs == Long.MIN_VALUE || fullNs - nowNs < 0 ? nowNs : fullNs;
      fullNs = from + eachNs;
    }
  }

  /** The event, if it was told within the last hour. */
  @Nullable Told told(ObjectEvent event, long nowNs) {
    Told before = told.get(event);
    return before != null && nowNs - before.firstNs < FORGOTTEN_NS ? before : null;
  }

  /** Whether one more may be told of its Service; if so, that counts. */
  boolean admits(ObjectEvent event, long nowNs) {
    Bucket its =
        services.computeIfAbsent(event.who(), key -> new Bucket(SERVICE_BURST, SERVICE_NS));
    if (!its.has(nowNs) || !all.has(nowNs)) {
      return false;
    }
    its.take(nowNs);
    all.take(nowNs);
    return true;
  }

  void remember(ObjectEvent event, String name, long nowNs) {
    told.put(event, new Told(name, nowNs));
  }

  void forget(ObjectEvent event) {
    told.remove(event);
  }
}
