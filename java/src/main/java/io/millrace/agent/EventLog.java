// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Event;
import io.millrace.admin.proto.EventsPage;
import io.millrace.admin.proto.EventsRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The last events, in order and numbered from 1, and those who wait for the next. Those of packets
 * that were let through have a place of their own, so that they never push out a drop.
 */
final class EventLog {
  /** Of each of the two sorts. */
  static final int KEPT = 2048;

  static final int PER_PAGE = 500;
  static final int MAX_WAITING = 16;

  private final ArrayDeque<Event> drops = new ArrayDeque<>();
  private final ArrayDeque<Event> others = new ArrayDeque<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private long number;

  private record Waiting(EventsRequest request, CompletableFuture<EventsPage> answer) {}

  /** Adds one, numbered here. */
  synchronized void add(Event.Builder event) {
    Event numbered = event.setNumber(++number).build();
    ArrayDeque<Event> kept = isAllowed(numbered) ? others : drops;
    if (kept.size() == KEPT) {
      kept.removeFirst();
    }
    kept.addLast(numbered);
  }

  /** Answers those who wait for something that has come. */
  void wake() {
    List<Runnable> answers = new ArrayList<>();
    synchronized (this) {
      for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
        Waiting one = each.next();
        EventsPage page = page(one.request());
        if (page.getEventsCount() > 0 || one.answer().isDone()) {
          each.remove();
          answers.add(() -> one.answer().complete(page));
        }
      }
    }
    answers.forEach(Runnable::run);
  }

  /** What comes after a number; waits for it if the request says so, and there is nothing. */
  CompletableFuture<EventsPage> ask(EventsRequest request) {
    CompletableFuture<EventsPage> answer = new CompletableFuture<>();
    synchronized (this) {
      EventsPage now = page(request);
      if (now.getEventsCount() > 0 || request.getWaitMs() <= 0 || waiting.size() >= MAX_WAITING) {
        return CompletableFuture.completedFuture(now);
      }
      waiting.add(new Waiting(request, answer));
    }
    return answer.completeOnTimeout(nothing(), request.getWaitMs(), TimeUnit.MILLISECONDS);
  }

  private synchronized EventsPage nothing() {
    return EventsPage.newBuilder().setNext(number).build();
  }

  private EventsPage page(EventsRequest request) {
    long after = request.getAfter() < 0 ? number : request.getAfter();
    EventsPage.Builder page = EventsPage.newBuilder().setNext(number);
    List<Event> found = new ArrayList<>();
    collect(drops, request, after, found);
    if (request.getAllowed()) {
      collect(others, request, after, found);
      found.sort((a, b) -> Long.compare(a.getNumber(), b.getNumber()));
    }
    if (found.size() > PER_PAGE) {
      // Of those who ask for the last ones, the last; of those who go on, the next.
      int from = request.getAfter() == 0 ? found.size() - PER_PAGE : 0;
      found = found.subList(from, from + PER_PAGE);
      page.setNext(found.get(PER_PAGE - 1).getNumber());
    }
    return page.addAllEvents(found).build();
  }

  private static void collect(
      ArrayDeque<Event> kept, EventsRequest request, long after, List<Event> out) {
    for (Iterator<Event> each = kept.descendingIterator(); each.hasNext(); ) {
      Event event = each.next();
      if (event.getNumber() <= after) {
        break;
      }
      if (matches(event, request.getPod())) {
        out.add(event);
      }
    }
    out.sort((a, b) -> Long.compare(a.getNumber(), b.getNumber()));
  }

  private static boolean isAllowed(Event event) {
    return event.getVerdict().equals(EventText.ALLOWED);
  }

  private static boolean matches(Event event, String pod) {
    return pod.isEmpty() || is(event.getClientPod(), pod) || is(event.getServerPod(), pod);
  }

  /** As {@code namespace/name}, or as a name in any namespace. */
  private static boolean is(String pod, String wanted) {
    return pod.equals(wanted) || pod.substring(pod.indexOf('/') + 1).equals(wanted);
  }
}
