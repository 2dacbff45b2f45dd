// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.LabelSelector;
import io.millrace.model.PodState.NamedPort;
import io.millrace.model.PolicyState.Block;
import io.millrace.model.PolicyState.Peer;
import io.millrace.model.PolicyState.Pods;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A question about a peer that rules ask: is it one of these pods, is its address in this block? If
 * a named port is resolved, also: does it call this number so?
 */
final class Atom implements Comparable<Atom> {
  /** All pods of all namespaces. */
  static final Peer ANY_POD = new Pods(LabelSelector.ALL, LabelSelector.ALL);

  private final Peer peer;
  private final String namespace;
  private final @Nullable NamedPort port;
  private final String content;
  private long id;

  private Atom(Peer peer, String namespace, @Nullable NamedPort port) {
    this.peer = peer;
    this.namespace = namespace;
    this.port = port;
    content = content(peer, namespace, port);
  }

  /**
   * @param namespace of the policy that asks
   */
  static Atom of(Peer peer, String namespace) {
    return new Atom(peer, namespace, null);
  }

  /** The same question to those alone who have this port. */
  Atom with(NamedPort named) {
    return new Atom(peer, namespace, named);
  }

  private static String content(Peer peer, String namespace, @Nullable NamedPort port) {
    Canonical text = new Canonical();
    if (peer instanceof Pods pods) {
      LabelSelector namespaces = pods.namespaces();
      text.add(namespaces == null ? "own" : "pods");
      if (namespaces == null) {
        text.add(namespace);
      } else {
        text.add(namespaces);
      }
      text.add(pods.pods());
    } else if (peer instanceof Block block) {
      text.add("block").add(block.cidr().toString());
      block.excepts().stream().map(Cidr::toString).forEach(text::add);
    }
    if (port != null) {
      text.add("port").add(port);
    }
    return text.toString();
  }

  /** Says all of it. */
  String content() {
    return content;
  }

  @Nullable NamedPort port() {
    return port;
  }

  /** The block that it asks for; null if it asks for pods. */
  @Nullable Block block() {
    return peer instanceof Block block ? block : null;
  }

  /** Whether addresses that are no pods are asked, too. */
  boolean asksAll() {
    return port == null && peer instanceof Block;
  }

  /**
   * Whether pods with these labels in this namespace are meant; what they call their ports does not
   * matter. No block means any.
   */
  boolean selects(Group group, Map<String, String> namespaceLabels) {
    if (!(peer instanceof Pods pods)) {
      return false;
    }
    LabelSelector namespaces = pods.namespaces();
    boolean here =
        namespaces == null
            ? namespace.equals(group.namespace())
            : namespaces.selects(namespaceLabels);
    return here && pods.pods().selects(group.labels());
  }

  /** Whether pods that name their ports so may be meant. */
  boolean hasPort(Group group) {
    return port == null || group.port(port.name(), port.protocol()) == port.port();
  }

  /** Whether the address is in the block that it asks for. */
  boolean contains(Ip ip) {
    return covers(new Cidr(ip, ip.bits()));
  }

  /** Whether all of the prefix is in the block, as far as there is no longer one within it. */
  boolean covers(Cidr prefix) {
    return peer instanceof Block block
        && block.cidr().contains(prefix)
        && block.excepts().stream().noneMatch(except -> except.contains(prefix));
  }

  /** Its name, asked of the same {@code ids} every time. */
  long id(Ids ids) {
    if (id == 0) {
      id = ids.of("atom", content);
    }
    return id;
  }

  @Override
  public int compareTo(Atom other) {
    return content.compareTo(other.content);
  }

  @Override
  public boolean equals(Object other) {
    return other == this || (other instanceof Atom atom && content.equals(atom.content));
  }

  @Override
  public int hashCode() {
    return content.hashCode();
  }

  @Override
  public String toString() {
    return content;
  }
}
