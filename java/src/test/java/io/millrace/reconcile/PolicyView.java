// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.MapName;
import io.millrace.bpf.abi.Abi;
import io.millrace.compile.policy.Bits;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.Protocol;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tables of policy in the fake kernel, judged as the programs do, but slowly. */
final class PolicyView {
  private final Map<Ip, SubjectEntry> subjects;
  private final Map<Ip, Classes> peers = new HashMap<>();
  private final Map<Cidr, Classes> blocks = new HashMap<>();
  private final Map<Ip, Classes> classes = new HashMap<>();
  private final Map<Integer, PortCell> cells;
  private final Map<Long, SetEntry> sets;
  private final Map<SetPeer, Bits> setPeers;
  private final Map<SetPort, Bits> setPorts;
  final @Nullable GuardEntry guard;

  /** What becomes of a packet in one direction of one pod. */
  enum Verdict {
    /** The pod has no entry. */
    CLOSED,
    DENIED,
    ALLOWED,
    AUDITED
  }

  /** Who asks what. */
  record Question(Ip pod, boolean ingress, Ip peer, Protocol protocol, int port) {}

  PolicyView(FakeDataplane kernel) {
    this(kernel, new HashMap<>());
    for (boolean v6 : new boolean[] {false, true}) {
      subjects.putAll(
          read(kernel, v6 ? MapName.SUBJECTS6 : MapName.SUBJECTS4, new SubjectCodec(v6)));
    }
  }

  /** As somebody sees it who has read long ago what pods go by. */
  PolicyView(FakeDataplane kernel, Map<Ip, SubjectEntry> subjects) {
    this.subjects = subjects;
    for (boolean v6 : new boolean[] {false, true}) {
      peers.putAll(read(kernel, v6 ? MapName.PEERS6 : MapName.PEERS4, new PeerCodec(v6)));
      blocks.putAll(read(kernel, v6 ? MapName.BLOCKS6 : MapName.BLOCKS4, new BlockCodec(v6)));
    }
    cells = read(kernel, MapName.PORT_CELLS, new PortCellCodec());
    sets = read(kernel, MapName.SETS, new SetCodec());
    setPeers = read(kernel, MapName.SET_PEERS, new RowCodec.Peers());
    setPorts = read(kernel, MapName.SET_PORTS, new RowCodec.Ports());
    guard = read(kernel, MapName.GUARD, new GuardCodec()).get(0);
  }

  private static <K, V> Map<K, V> read(FakeDataplane kernel, MapName name, Codec<K, V> codec) {
    Map<K, V> entries = new HashMap<>();
    kernel
        .map(name)
        .forEach(
            (key, value) -> {
              V entry = codec.readValue(value, 0);
              if (codec.isPresent(entry)) {
                entries.put(codec.readKey(key, 0), entry);
              }
            });
    return entries;
  }

  /** What pods go by. */
  Map<Ip, SubjectEntry> subjects() {
    return Map.copyOf(subjects);
  }

  /** The verdicts on all that anybody in the small world may ask. */
  Map<Question, Verdict> verdicts() {
    Map<Question, Verdict> all = new LinkedHashMap<>();
    for (Ip pod : PolicyWorld.LOCAL) {
      for (boolean ingress : new boolean[] {false, true}) {
        ask(all, pod, ingress, PolicyWorld.LOCAL);
        ask(all, pod, ingress, PolicyWorld.REMOTE);
        ask(all, pod, ingress, PolicyWorld.OUTSIDE);
      }
    }
    return all;
  }

  private void ask(Map<Question, Verdict> all, Ip pod, boolean ingress, Iterable<Ip> others) {
    for (Ip other : others) {
      if (other.isV6() == pod.isV6()) {
        for (int port : PolicyWorld.PORTS) {
          for (Protocol protocol : new Protocol[] {Protocol.TCP, Protocol.UDP}) {
            Question question = new Question(pod, ingress, other, protocol, port);
            all.put(question, verdict(question));
          }
        }
      }
    }
  }

  Verdict verdict(Question question) {
    SubjectEntry subject = subjects.get(question.pod());
    if (subject == null) {
      return Verdict.CLOSED;
    }
    long id = question.ingress() ? subject.ingress() : subject.egress();
    long peer = classOf(question.peer(), subject.side());
    int port = portClass(question.protocol(), question.port(), subject.side());
    boolean audit = false;
    while (id != 0) {
      SetEntry set = sets.get(id);
      if (set == null) {
        throw new AssertionError(question + " is led to a set that is not there");
      }
      Bits peers = question.peer().isV6() ? set.anyPeer6() : set.anyPeer4();
      peers = peers.or(setPeers.getOrDefault(new SetPeer(id, peer), Bits.NONE));
      Bits ports = set.anyPort().or(setPorts.getOrDefault(new SetPort(id, port), Bits.NONE));
      if (!peers.and(ports).isNone()) {
        return Verdict.ALLOWED;
      }
      audit |= set.audit();
      id = set.next();
      if (id == 0) {
        return audit ? Verdict.AUDITED : Verdict.DENIED;
      }
    }
    return Verdict.ALLOWED;
  }

  private long classOf(Ip ip, int side) {
    return classes.computeIfAbsent(ip, this::find).on(side);
  }

  private Classes find(Ip ip) {
    Classes pod = peers.get(ip);
    return pod != null
        ? pod
        : blocks.entrySet().stream()
            .filter(each -> each.getKey().contains(ip))
            .max(Comparator.comparingInt(each -> each.getKey().prefix()))
            .map(Map.Entry::getValue)
            .orElse(Classes.both(0));
  }

  private int portClass(Protocol protocol, int port, int side) {
    int index = (side * 3 + PortCell.index(protocol)) * Abi.PORT_CELLS + port / Abi.PORT_CELL;
    return cells.getOrDefault(index, PortCell.NONE).at(port % Abi.PORT_CELL);
  }

  /** Whether pods look at both sides, as when an agent died in the middle of a flip. */
  boolean isMixed() {
    return subjects.values().stream().mapToInt(SubjectEntry::side).distinct().count() > 1;
  }

  /** Entries of all tables, for tests of what is left behind. */
  int size() {
    return subjects.size()
        + peers.size()
        + blocks.size()
        + sets.size()
        + setPeers.size()
        + setPorts.size();
  }
}
