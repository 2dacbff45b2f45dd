// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.Event;
import io.millrace.admin.proto.EventsPage;
import io.millrace.admin.proto.EventsRequest;
import io.millrace.bpf.EventRing;
import io.millrace.bpf.PacketEvent;
import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.DropReason;
import io.millrace.bpf.abi.EventDirection;
import io.millrace.bpf.abi.EventKind;
import io.millrace.compile.policy.Bits;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.PortClasses;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.PodState;
import io.millrace.model.Protocol;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServicePortKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.pcollections.HashTreePMap;

/** From records of the kernel to what a person reads. */
final class EventKeeperTest {
  private static final long SET = 77;
  private static final Ip WEB = Ip.parse("10.1.0.1");
  private static final Ip CLIENT = Ip.parse("fd00:2::9");

  private final ArrayDeque<PacketEvent> waiting = new ArrayDeque<>();
  private final List<Boolean> told = new ArrayList<>();
  private long nowNs = 1_000_000_000L;
  private final EventBook book = new EventBook(() -> nowNs);
  private int asked;
  private double epochMs = 5000;

  private final EventRing ring =
      new EventRing() {
        @Override
        public void poll(int timeoutMs, Consumer<PacketEvent> sink) {
          while (!waiting.isEmpty()) {
            sink.accept(waiting.removeFirst());
          }
        }

        @Override
        public void close() {}
      };

  private final EventKeeper keeper =
      new EventKeeper(ring, book, () -> epochMs, told::add, () -> asked++, () -> nowNs);

  private static PolicyTables tables(long set) {
    PolicySet only =
        new PolicySet(
            set,
            Bits.NONE,
            Bits.NONE,
            Bits.NONE,
            0,
            false,
            Map.of(),
            Map.of(),
            List.of(new RuleOrigin("shop", "in", 3, "from all; TCP 80")),
            List.of("shop/in", "shop/other"));
    return new PolicyTables(
        set,
        true,
        Set.of(),
        Map.of(),
        HashTreePMap.empty(),
        Map.of(),
        PortClasses.NONE,
        Map.of(set, only),
        List.of());
  }

  private ClusterImage image = ClusterImage.EMPTY;

  EventKeeperTest() {
    changes(delta -> delta.put(pod("web", false, true)));
  }

  private void changes(Consumer<ClusterDelta> change) {
    ClusterDelta delta = new ClusterDelta(image);
    change.accept(delta);
    ClusterImage now = delta.apply();
    Set<ObjectKey> pods = new HashSet<>(image.pods().keySet());
    pods.addAll(now.pods().keySet());
    book.setPods(pods, image, now);
    image = now;
  }

  private static PodState pod(String name, boolean hostNetwork, boolean running) {
    return new PodState(
        "shop",
        name,
        "n1",
        hostNetwork,
        List.of(WEB),
        List.of(),
        null,
        Map.of(),
        List.of(),
        running,
        0);
  }

  private static byte[] bytes(Ip ip) {
    byte[] six = new byte[16];
    byte[] some = ip.toBytes();
    System.arraycopy(some, 0, six, 16 - some.length, some.length);
    if (ip.isV4()) {
      six[10] = (byte) 0xff;
      six[11] = (byte) 0xff;
    }
    return six;
  }

  private void happens(int kind, int rule, int svc) {
    waiting.add(
        new PacketEvent(
            2_000_000,
            SET,
            bytes(CLIENT),
            bytes(WEB),
            bytes(WEB),
            4711,
            8080,
            80,
            rule,
            svc,
            5,
            60,
            6,
            kind,
            kind == EventKind.EVENT_DENIED ? DropReason.DROP_NO_ROUTE : 0,
            EventDirection.EVENT_INGRESS));
  }

  private EventsPage page(EventsRequest.Builder request) {
    CompletableFuture<EventsPage> answer = keeper.ask(request.build());
    return answer.orTimeout(10, TimeUnit.SECONDS).join();
  }

  private static EventsRequest.Builder request() {
    return EventsRequest.newBuilder();
  }

  @Test
  void aClockThatIsSetCountsFromThenOn() {
    epochMs = -70_000;
    happens(EventKind.EVENT_DENIED, Abi.EVENT_NO_RULE, 0);
    keeper.turn(0);
    assertThat(page(request()).getEvents(0).getUnixMs()).isEqualTo(-69_998);
  }

  @Test
  void aDenialNamesPodsAndThePoliciesThatIsolate() {
    book.setTables(tables(SET));
    happens(EventKind.EVENT_DENIED, Abi.EVENT_NO_RULE, 0);
    keeper.turn(0);
    Event event = page(request()).getEvents(0);
    assertThat(event.getNumber()).isEqualTo(1);
    assertThat(event.getUnixMs()).isEqualTo(5002);
    assertThat(event.getVerdict()).isEqualTo("denied");
    assertThat(event.getDirection()).isEqualTo("ingress");
    assertThat(event.getReason()).isEqualTo("no_route");
    assertThat(event.getProtocol()).isEqualTo("tcp");
    assertThat(event.getClient()).isEqualTo("fd00:2::9");
    assertThat(event.getClientPod()).isEmpty();
    assertThat(event.getServer()).isEqualTo("10.1.0.1");
    assertThat(event.getServerPod()).isEqualTo("shop/web");
    assertThat(event.getPolicy()).isEmpty();
    assertThat(event.getRule()).isEqualTo(-1);
    assertThat(event.getIsolatedByList()).containsExactly("shop/in", "shop/other");
  }

  @Test
  void anAllowedConnectionNamesItsRuleAlsoWhenItsSetIsGone() {
    book.setTables(tables(SET));
    book.setTables(tables(SET + 1));
    happens(EventKind.EVENT_ALLOWED, 0, 0);
    keeper.turn(0);
    assertThat(page(request()).getEventsCount()).as("only if asked for").isZero();
    Event event = page(request().setAllowed(true)).getEvents(0);
    assertThat(event.getPolicy()).isEqualTo("shop/in");
    assertThat(event.getRule()).isEqualTo(3);
    assertThat(event.getRuleText()).isEqualTo("from all; TCP 80");
    assertThat(event.getIsolatedByList()).isEmpty();
  }

  @Test
  void aSetThatIsLongGoneIsForgotten() {
    book.setTables(tables(SET));
    book.setTables(tables(SET + 1));
    nowNs += TimeUnit.MINUTES.toNanos(11);
    book.setTables(tables(SET + 2));
    assertThat(book.rule(SET, 0)).isNull();
    assertThat(book.rule(SET + 1, 0)).isNotNull();
  }

  @Test
  void servicesAreAskedForOnceTheyAreMissed() {
    happens(EventKind.EVENT_AUDITED, Abi.EVENT_NO_RULE, 9);
    keeper.turn(0);
    assertThat(asked).isEqualTo(1);
    book.setServices(
        Map.of(9, new ServicePortKey(new ServiceKey("shop", "front"), "http", Protocol.TCP)));
    happens(EventKind.EVENT_AUDITED, Abi.EVENT_NO_RULE, 9);
    keeper.turn(0);
    assertThat(page(request()).getEventsList().stream().map(Event::getService))
        .containsExactly("#9", "shop/front:http/TCP");
    assertThat(asked).isEqualTo(1);
  }

  @Test
  void whoFollowsGetsWhatComesAndGoesOn() {
    happens(EventKind.EVENT_DENIED, Abi.EVENT_NO_RULE, 0);
    keeper.turn(0);
    EventsPage first = page(request().setAfter(-1));
    assertThat(first.getEventsCount()).as("what was before").isZero();
    CompletableFuture<EventsPage> next =
        keeper.ask(request().setAfter(first.getNext()).setWaitMs(30_000).build());
    keeper.turn(0);
    assertThat(next).isNotDone();
    happens(EventKind.EVENT_DENIED, Abi.EVENT_NO_RULE, 0);
    keeper.turn(0);
    assertThat(next).isDone();
    assertThat(next.join().getEvents(0).getNumber()).isEqualTo(2);
    assertThat(next.join().getNext()).isEqualTo(2);
  }

  @Test
  void whoWaitsInVainIsToldWhereToGoOn() {
    happens(EventKind.EVENT_DENIED, Abi.EVENT_NO_RULE, 0);
    keeper.turn(0);
    EventsPage page = page(request().setAfter(1).setWaitMs(1));
    assertThat(page.getEventsCount()).isZero();
    assertThat(page.getNext()).isEqualTo(1);
  }

  @Test
  void anAddressIsThePodsThatPoliciesTakeItFor() {
    changes(delta -> delta.put(pod("a-host", true, true)));
    assertThat(book.pod(WEB)).isEqualTo(pod("web", false, true));
    changes(delta -> delta.put(pod("a-pending", false, false)));
    assertThat(book.pod(WEB)).isEqualTo(pod("web", false, true));
    changes(delta -> delta.put(pod("web", false, false)));
    assertThat(book.pod(WEB)).isEqualTo(pod("a-pending", false, false));
    changes(delta -> image.pods().keySet().forEach(delta::remove));
    assertThat(book.pod(WEB)).isNull();
  }

  @Test
  void onlyEventsOfAPodIfAskedFor() {
    book.setTables(tables(SET));
    happens(EventKind.EVENT_DENIED, Abi.EVENT_NO_RULE, 0);
    keeper.turn(0);
    assertThat(page(request().setPod("web")).getEventsCount()).isEqualTo(1);
    assertThat(page(request().setPod("shop/web")).getEventsCount()).isEqualTo(1);
    assertThat(page(request().setPod("eb")).getEventsCount()).isZero();
  }

  @Test
  void theLastOnesAreKeptAndPagesAreBounded() {
    for (int i = 0; i < EventLog.KEPT + 10; i++) {
      happens(EventKind.EVENT_DENIED, Abi.EVENT_NO_RULE, 0);
    }
    keeper.turn(0);
    EventsPage last = page(request());
    assertThat(last.getEventsCount()).isEqualTo(EventLog.PER_PAGE);
    assertThat(last.getNext()).isEqualTo(EventLog.KEPT + 10);
    EventsPage next = page(request().setAfter(1));
    assertThat(next.getEvents(0).getNumber()).as("the oldest that is kept").isEqualTo(11);
    assertThat(next.getNext()).isEqualTo(10 + EventLog.PER_PAGE);
  }

  @Test
  void theProgramsTellOfWhatIsAllowedWhileSomebodyAsks() {
    keeper.turn(0);
    assertThat(told).isEmpty();
    page(request().setAllowed(true));
    keeper.turn(0);
    keeper.turn(0);
    assertThat(told).containsExactly(true);
    nowNs += TimeUnit.SECONDS.toNanos(30);
    keeper.turn(0);
    assertThat(told).containsExactly(true, false);
  }
}
