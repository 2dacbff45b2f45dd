// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.DataplaneOptions;
import io.millrace.bpf.KernelDataplane;
import io.millrace.bpf.MapName;
import io.millrace.bpf.MapSizes;
import io.millrace.bpf.PacketBatch;
import io.millrace.bpf.PolicySizes;
import io.millrace.compile.NodeTables;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.Subject;
import io.millrace.fake.policy.Verdicts;
import io.millrace.model.Ip;
import io.millrace.trace.MadePacket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The kernel itself: policies are brought into real maps by the real reconciler, and the programs
 * of pods' devices are run over packets.
 *
 * <p>A packet tells only whether it passes, and both ends are asked about it. So there are three
 * nodes: one where pods have nothing but their egress rules, met where packets leave a pod; one
 * with ingress rules alone, met where they come to a pod; and one with both, which must say what
 * the two say together.
 */
public final class KernelVerdicts implements Verdicts, AutoCloseable {
  private static final int TC_ACT_SHOT = 2;
  private static final int LOOPBACK = 1;
  private static final int FLOWS = 1 << 17;
  private static final int BATCH = 256;

  /** With two entries for each that is let through, tables are far from full. */
  private static final int PROBES_PER_TABLE = 30_000;

  private static final long TWO_SECONDS_NS = 2_000_000_000L;
  private static final int ROUNDS = 50;

  private final Node egress;
  private final Node ingress;
  private final Node both;
  private long verdicts;

  /** A question. */
  public record Question(Ip from, Ip to, int protocol, int port) {}

  private KernelVerdicts(Node egress, Node ingress, Node both) {
    this.egress = egress;
    this.ingress = ingress;
    this.both = both;
  }

  /**
   * Loads the programs.
   *
   * @param folder one that exists, for the pins
   */
  public static KernelVerdicts open(Path folder) {
    Node egress = new Node(folder.resolve("egress"), "pod_in", s -> new Subject(0, s.egress()));
    Node ingress = new Node(folder.resolve("ingress"), "pod_out", s -> new Subject(s.ingress(), 0));
    return new KernelVerdicts(egress, ingress, new Node(folder.resolve("both"), "pod_in", s -> s));
  }

  /** Brings policies into force, as a change of those before. */
  public KernelVerdicts enforce(PolicyTables tables) {
    egress.enforce(tables);
    ingress.enforce(tables);
    both.enforce(tables);
    return this;
  }

  /** How many packets the programs have judged. */
  public long verdicts() {
    return verdicts;
  }

  @Override
  public Verdict verdict(Ip from, Ip to, int protocol, int port) {
    return verdicts(List.of(new Question(from, to, protocol, port))).get(0);
  }

  /** The answers to many questions of one family, in their order. */
  public List<Verdict> verdicts(List<Question> questions) {
    List<Boolean> mayLeave = egress.ask(questions);
    List<Boolean> mayCome = ingress.ask(questions);
    List<Boolean> mayPass = both.ask(questions);
    List<Verdict> answers = new ArrayList<>(questions.size());
    for (int i = 0; i < questions.size(); i++) {
      if (mayPass.get(i) != (mayLeave.get(i) && mayCome.get(i))) {
        throw new AssertionError(
            questions.get(i)
                + ": "
                + mayLeave.get(i)
                + " and "
                + mayCome.get(i)
                + ", but together "
                + mayPass.get(i));
      }
      answers.add(new Verdict(mayCome.get(i), mayLeave.get(i)));
    }
    verdicts += 3L * questions.size();
    return answers;
  }

  @Override
  public void close() {
    egress.close();
    ingress.close();
    both.close();
  }

  /** Programs and maps of one node, and the part of an agent that writes policies. */
  private static final class Node implements AutoCloseable {
    private final Path bpffs;
    private final String program;
    private final UnaryOperator<Subject> rules;
    private final KernelDataplane dataplane;
    private final PolicyReconciler reconciler;
    private final HostTables host;
    private final Map<Ip, NodeTables.Endpoint> senders = new HashMap<>();
    private final PacketBatch batch = new PacketBatch(BATCH, MadePacket.FRAME_SIZE);
    private long nowNs = 77 * TWO_SECONDS_NS;
    private int asked;

    Node(Path bpffs, String program, UnaryOperator<Subject> rules) {
      this.bpffs = bpffs;
      this.program = program;
      this.rules = rules;
      dataplane = KernelDataplane.open(DataplaneOptions.defaults(bpffs).withSizes(sizes()));
      BatchBuffers buffers = new BatchBuffers();
      reconciler =
          new PolicyReconciler(
              dataplane, PolicyOptions.DEFAULT, buffers, ifindex -> true, () -> nowNs);
      reconciler.load();
      host = new HostTables(dataplane, buffers);
      host.load();
    }

    private static MapSizes sizes() {
      return new MapSizes(
          FLOWS, FLOWS, 64, 64, 4096, 64, 64, 4096, 4096, 16, 64, 64, PolicySizes.DEFAULT);
    }

    void enforce(PolicyTables tables) {
      reconciler.submit(withRules(tables), NodeTables.EMPTY);
      for (int i = 0; i < ROUNDS && !reconciler.isSettled(); i++) {
        reconciler.write(nowNs);
        nowNs += TWO_SECONDS_NS;
      }
      if (!reconciler.isSettled() || !reconciler.status().inForce()) {
        throw new AssertionError("not in force: " + reconciler.problems());
      }
      forget();
    }

    private PolicyTables withRules(PolicyTables tables) {
      Map<Ip, Subject> subjects = new HashMap<>();
      tables.subjects().forEach((ip, subject) -> subjects.put(ip, rules.apply(subject)));
      return new PolicyTables(
          tables.universe(),
          tables.complete(),
          tables.moved(),
          subjects,
          tables.peers(),
          tables.blocks(),
          tables.ports(),
          tables.sets(),
          tables.problems());
    }

    /**
     * All send by one device, each from an address that is its own there: for what comes from a
     * pod's device by another one, the pod behind the device answers.
     */
    private void mayBeSentBy(List<Question> questions) {
      int before = senders.size();
      questions.forEach(
          question -> senders.putIfAbsent(question.from(), new NodeTables.Endpoint(LOOPBACK, 0)));
      if (senders.size() > before) {
        host.submit(nodeWith(senders), nowNs);
        host.write(nowNs);
        if (!host.isSettled()) {
          throw new AssertionError("not written: the addresses that questions come from");
        }
      }
    }

    private static NodeTables nodeWith(Map<Ip, NodeTables.Endpoint> endpoints) {
      NodeTables none = NodeTables.EMPTY;
      return new NodeTables(
          endpoints,
          none.cluster(),
          none.devices(),
          none.attachments(),
          none.xdp(),
          none.vlans(),
          none.names(),
          none.optedOut(),
          none.podCidrs(),
          none.problems());
    }

    List<Boolean> ask(List<Question> questions) {
      mayBeSentBy(questions);
      List<Boolean> answers = new ArrayList<>(questions.size());
      boolean v6 = !questions.isEmpty() && questions.get(0).from().isV6();
      for (Question question : questions) {
        if (asked == PROBES_PER_TABLE) {
          run(v6, answers);
          forget();
        }
        // The source port is new to the table: no flow answers.
        batch.add(LOOPBACK, LOOPBACK, frame(question, ++asked));
        if (batch.isFull()) {
          run(v6, answers);
        }
      }
      run(v6, answers);
      return answers;
    }

    private static byte[] frame(Question question, int sourcePort) {
      boolean v6 = question.from().isV6();
      int protocol =
          question.protocol() == MadePacket.ICMP && v6 ? MadePacket.ICMPV6 : question.protocol();
      return new MadePacket(question.from(), question.to(), protocol, sourcePort, question.port())
          .frame();
    }

    private void run(boolean v6, List<Boolean> answers) {
      if (batch.count() > 0) {
        dataplane.run(program + (v6 ? "6" : "4"), batch);
      }
      for (int i = 0; i < batch.count(); i++) {
        answers.add(batch.action(i) != TC_ACT_SHOT);
      }
      batch.clear();
    }

    /** Removes the flows that probes have opened. */
    private void forget() {
      for (MapName name : List.of(MapName.FLOWS4, MapName.FLOWS6)) {
        int size = dataplane.map(name).keySize();
        ByteBuffer keys = ByteBuffer.allocateDirect(2 * PROBES_PER_TABLE * size);
        dataplane.map(name).forEach((key, value) -> keys.put(key));
        dataplane.map(name).delete(keys, keys.position() / size);
      }
      asked = 0;
    }

    @Override
    public void close() {
      dataplane.close();
      KernelDataplane.cleanup(bpffs);
    }
  }
}
