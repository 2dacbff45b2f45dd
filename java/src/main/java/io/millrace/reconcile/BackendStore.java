// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.model.Ip;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Backends by their ids, which are small and dense. There are hundreds of thousands, and as objects
 * in a hash table each would take seven times as much.
 */
final class BackendStore extends AbstractMap<Integer, BackendEntry> {
  private static final int FIRST_ROOM = 64;

  /** By id; null where there is none. */
  private @Nullable Ip[] ips = new Ip[FIRST_ROOM];

  /** {@code svc << 32 | port << 16 | protocol << 8 | flags}, each as wide as in the kernel. */
  private long[] rest = new long[FIRST_ROOM];

  private char[] gens = new char[FIRST_ROOM];
  private int size;

  @Override
  public int size() {
    return size;
  }

  @Override
  public boolean containsKey(Object key) {
    return at((Integer) key) != null;
  }

  @Override
  public @Nullable BackendEntry get(Object key) {
    int id = (Integer) key;
    Ip ip = at(id);
    if (ip == null) {
      return null;
    }
    long packed = rest[id];
    return new BackendEntry(
        ip,
        (int) (packed >>> 16) & 0xffff,
        (int) (packed >>> 8) & 0xff,
        (int) packed & 0xff,
        (int) (packed >>> 32),
        gens[id]);
  }

  @Override
  public @Nullable BackendEntry put(Integer id, BackendEntry entry) {
    BackendEntry before = get(id);
    if (id >= ips.length) {
      int room = Math.max(id + 1, ips.length + ips.length / 2);
      ips = Arrays.copyOf(ips, room);
      rest = Arrays.copyOf(rest, room);
      gens = Arrays.copyOf(gens, room);
    }
    ips[id] = entry.ip();
    rest[id] =
        ((long) entry.svc() << 32)
            | ((long) entry.port() << 16)
            | ((long) entry.protocol() << 8)
            | entry.flags();
    gens[id] = (char) entry.gen();
    size += before == null ? 1 : 0;
    return before;
  }

  @Override
  public @Nullable BackendEntry remove(Object key) {
    BackendEntry before = get(key);
    if (before != null) {
      ips[(Integer) key] = null;
      size--;
    }
    return before;
  }

  @Override
  public Set<Map.Entry<Integer, BackendEntry>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public Iterator<Map.Entry<Integer, BackendEntry>> iterator() {
        return new Entries();
      }
    };
  }

  private @Nullable Ip at(int id) {
    return id >= 0 && id < ips.length ? ips[id] : null;
  }

  /** In order of ids. */
  private final class Entries implements Iterator<Map.Entry<Integer, BackendEntry>> {
    private int next = seek(0);

    private int seek(int from) {
      int id = from;
      while (id < ips.length && ips[id] == null) {
        id++;
      }
      return id;
    }

    @Override
    public boolean hasNext() {
      return next < ips.length;
    }

    @Override
    public Map.Entry<Integer, BackendEntry> next() {
      int id = next;
      BackendEntry entry = get(id);
      if (entry == null) {
        throw new NoSuchElementException();
      }
      next = seek(id + 1);
      return Map.entry(id, entry);
    }
  }
}
