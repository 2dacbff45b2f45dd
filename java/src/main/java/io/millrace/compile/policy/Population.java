// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.compile.policy.PeerClasses.PeerClass;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.PodState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who has which address: all pods of the cluster, and those of this node. Pods of the host's
 * network have none of their own (policy S18).
 */
final class Population {
  private final String nodeName;
  private final LabelKeys asked;
  private final Matcher matcher;
  private final Numbers numbers;
  private final Claims everywhere = new Claims();
  private final Claims here = new Claims();
  private final Map<Group.Key, Group> groups = new HashMap<>();
  private final Map<Ip, Member> members = new HashMap<>();
  private final Map<Ip, Group> locals = new TreeMap<>();
  private final Set<Group> localGroups = new HashSet<>();

  /** An address of a pod. */
  static final class Member {
    /** Null: it is no pod's any more. */
    @Nullable Group group;

    /** The blocks that it is in. */
    AtomSet blocks;

    @Nullable PeerClass peerClass;

    Member(AtomSet blocks) {
      this.blocks = blocks;
    }
  }

  /**
   * @param asked the labels that tell groups apart; see {@link #update}
   */
  Population(String nodeName, LabelKeys asked, Matcher matcher, Numbers numbers) {
    this.nodeName = nodeName;
    this.asked = asked;
    this.matcher = matcher;
    this.numbers = numbers;
  }

  /**
   * What a change of pods has touched.
   *
   * @param addresses whose pods are others, or none
   * @param subjects whether that is so of an address of this node
   * @param heirs groups of this node, by those that pods have gone to from them
   */
  record Touched(Set<Ip> addresses, boolean subjects, Map<Group, Group> heirs) {}

  Map<Ip, Member> members() {
    return members;
  }

  /** The addresses of pods of this node. */
  Map<Ip, Group> locals() {
    return locals;
  }

  Set<Group> localGroups() {
    return localGroups;
  }

  Collection<Group> groups() {
    return groups.values();
  }

  /** Those that have addresses, which a group of pods that others have replaced has not. */
  List<Group> present() {
    return groups.values().stream().filter(group -> group.members > 0).toList();
  }

  void eachAddress(BiConsumer<Ip, Group> visitor) {
    members.forEach(
        (ip, member) -> {
          if (member.group != null) {
            visitor.accept(ip, member.group);
          }
        });
  }

  /**
   * Takes over what became of pods.
   *
   * @param more whether a label is asked for that was not: all pods may be in other groups
   * @param blocks the blocks that an address is in
   */
  Touched update(
      ClusterImage before,
      ClusterImage after,
      Collection<ObjectKey> pods,
      boolean more,
      Function<Ip, AtomSet> blocks) {
    Set<Ip> touched = new LinkedHashSet<>();
    Set<Ip> touchedHere = new LinkedHashSet<>();
    for (ObjectKey key : pods) {
      PodState was = before.pods().get(key);
      PodState is = after.pods().get(key);
      everywhere.replace(was, is, touched);
      here.replace(local(was), local(is), touchedHere);
    }
    if (more) {
      touched.addAll(members.keySet());
      touchedHere.addAll(locals.keySet());
    }
    List<Group> left = new ArrayList<>(0);
    Map<Group, Group> heirs = new HashMap<>();
    touched.removeIf(ip -> !settle(ip, everywhere.owner(ip), blocks, left));
    touchedHere.removeIf(ip -> !settleHere(ip, here.owner(ip), left, heirs));
    for (Group group : left) {
      if (group.members == 0 && group.locals == 0) {
        groups.remove(group.key());
      }
    }
    return new Touched(touched, !touchedHere.isEmpty(), more ? heirs : Map.of());
  }

  private @Nullable PodState local(@Nullable PodState pod) {
    return pod != null && nodeName.equals(pod.nodeName()) ? pod : null;
  }

  /** Whether the address has changed hands. */
  private boolean settle(
      Ip ip, @Nullable PodState owner, Function<Ip, AtomSet> blocks, List<Group> left) {
    Member member = members.get(ip);
    Group before = member == null ? null : member.group;
    Group after = owner == null ? null : group(owner);
    if (before == after) {
      return false;
    }
    if (after != null) {
      if (after.members++ == 0) {
        numbers.add(after);
      }
      numbers.add(ip, after);
    }
    if (before != null) {
      if (--before.members == 0) {
        numbers.remove(before);
        left.add(before);
      }
      numbers.remove(ip, before);
    }
    if (member == null) {
      member = new Member(blocks.apply(ip));
      members.put(ip, member);
    }
    member.group = after;
    return true;
  }

  private boolean settleHere(
      Ip ip, @Nullable PodState owner, List<Group> left, Map<Group, Group> heirs) {
    Group before = locals.get(ip);
    Group after = owner == null ? null : group(owner);
    if (before == after) {
      return false;
    }
    if (after == null) {
      locals.remove(ip);
    } else {
      locals.put(ip, after);
      after.locals++;
      localGroups.add(after);
    }
    if (before != null && --before.locals == 0) {
      localGroups.remove(before);
      left.add(before);
    }
    if (before != null && after != null) {
      heirs.put(after, before);
    }
    return true;
  }

  private Group group(PodState pod) {
    Group.Key key = Group.Key.of(pod, asked);
    Group group = groups.get(key);
    if (group == null) {
      group = new Group(key);
      group.atoms = matcher.of(group);
      groups.put(key, group);
    }
    return group;
  }
}
