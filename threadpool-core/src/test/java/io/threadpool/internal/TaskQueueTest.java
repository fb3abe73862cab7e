package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The queue on one thread, with small segments, so that their edges are met. */
class TaskQueueTest {

  private static final int SEGMENT = 4;

  private final TaskQueue queue = new TaskQueue(SEGMENT, Long.MAX_VALUE);

  private void offer(int from, int to) {
    for (int i = from; i < to; i++) {
      assertEquals(i, queue.offer(i));
    }
  }

  private void expect(int from, int to) {
    for (int i = from; i < to; i++) {
      assertEquals(i, queue.poll());
    }
  }

  @Test
  void takesInTheOrderOfferedAcrossSegments() {
    offer(0, 10);
    expect(0, 5);
    offer(10, 23);
    assertEquals(18, queue.length());
    expect(5, 23);
    assertNull(queue.poll());
    assertFalse(queue.hasWork());
    assertEquals(23, queue.accepted());
  }

  /** Of a claim that has no segment nothing is left to be found, once it is given up. */
  @Test
  void nothingIsFilledBehindASealedSegment() {
    TaskQueue failing =
        HookedQueue.of(
            SEGMENT,
            Long.MAX_VALUE,
            index -> {
              if (index == SEGMENT) {
                throw new OutOfMemoryError("no memory for a segment, for the test");
              }
            });
    for (int i = 0; i < SEGMENT; i++) {
      assertEquals(i, failing.offer(i));
      assertEquals(i, failing.poll());
    }
    assertThrows(OutOfMemoryError.class, () -> failing.offer("claims, and has no segment"));
    assertFalse(failing.isFilled());
    failing.close();
    assertNull(failing.poll());
    assertTrue(failing.isDrained());
    assertFalse(failing.isFilled(), "a searcher would never sleep");
  }

  @Test
  void refusesWhatComesAfterTheCloseAndDrainsTheRest() {
    offer(0, 6);
    queue.close();
    queue.close();
    assertEquals(TaskQueue.CLOSED, queue.offer(6));
    assertEquals(TaskQueue.CLOSED, queue.offer(7));
    assertFalse(queue.isDrained());
    expect(0, 6);
    assertNull(queue.poll());
    assertTrue(queue.isDrained());
    assertEquals(6, queue.accepted());
    assertEquals(0, queue.length());
  }

  @Test
  void isDrainedWhereItIsClosedAtTheEdgeOfASegment() {
    offer(0, SEGMENT);
    expect(0, SEGMENT);
    queue.close();
    assertNull(queue.poll());
    assertTrue(queue.isDrained());
  }

  @Test
  void takesOnlyWhatLiesBeforeAnIndex() {
    offer(0, 6);
    assertEquals(0, queue.pollBefore(2));
    assertEquals(1, queue.pollBefore(2));
    assertNull(queue.pollBefore(2));
    expect(2, 6);
  }

  @Test
  void saysFullAtAboutItsLimit() {
    TaskQueue limited = new TaskQueue(SEGMENT, 8);
    int accepted = 0;
    while (limited.offer(accepted) >= 0) {
      accepted++;
    }
    assertTrue(accepted >= 8 && accepted <= 8 + SEGMENT, "accepted " + accepted);
    assertEquals(TaskQueue.FULL, limited.offer("more"));
    for (int i = 0; i < SEGMENT; i++) {
      assertEquals(i, limited.poll());
    }
    assertTrue(limited.offer("again") >= 0);
  }

  @Test
  void sweepsTheDeadAndUnlinksTheirSegments() {
    offer(0, 40);
    Set<Object> swept = new HashSet<>();
    queue.sweep(entry -> (int) entry % 40 != 0 && (int) entry != 39, swept::add);
    assertEquals(38, swept.size());
    assertEquals(2, queue.length());
    assertEquals(40, queue.accepted());
    assertEquals(0, queue.poll());
    assertEquals(39, queue.poll());
    assertNull(queue.poll());
    assertEquals(0, queue.length());
    offer(40, 50);
    expect(40, 50);
  }

  @Test
  void sweptEntriesMakeRoomUnderTheLimit() {
    TaskQueue limited = new TaskQueue(SEGMENT, 8);
    assertEquals(0, limited.offer("live"));
    for (int i = 1; i < 1_000; i++) {
      if (limited.offer(i) == TaskQueue.FULL) {
        limited.sweep(entry -> !entry.equals("live"), entry -> true);
        assertTrue(limited.offer(i) >= 0, "refused at " + i);
      }
    }
    assertEquals("live", limited.poll());
  }

  @Test
  void aProducerThatFailsAfterItsClaimHoldsNobodyUp() {
    TaskQueue failing =
        HookedQueue.of(
            SEGMENT,
            Long.MAX_VALUE,
            index -> {
              if (index % 3 == 0) {
                throw new InternalError("planted");
              }
            });
    int accepted = 0;
    for (int i = 0; i < 30; i++) {
      try {
        failing.offer(i);
        accepted++;
      } catch (InternalError planted) {
        assertEquals(0, i % 3);
      }
    }
    for (int i = 0; i < 30; i++) {
      if (i % 3 != 0) {
        assertEquals(i, failing.poll());
      }
    }
    assertNull(failing.poll());
    assertEquals(accepted, failing.accepted());
    failing.close();
    assertNull(failing.poll());
    assertTrue(failing.isDrained());
    assertEquals(accepted, failing.accepted());
  }

  @Test
  void aMissingSegmentIsSealedAtTheClose() {
    TaskQueue failing =
        new TaskQueue(SEGMENT, Long.MAX_VALUE) {
          @Override
          public void onClaim(long index) {
            if (index >= SEGMENT) {
              throw new InternalError("planted");
            }
          }
        };
    for (int i = 0; i < SEGMENT; i++) {
      assertEquals(i, failing.offer(i));
    }
    for (int i = 0; i < 3; i++) {
      try {
        failing.offer("lost");
      } catch (InternalError planted) {
        assertEquals(SEGMENT, failing.accepted());
      }
    }
    for (int i = 0; i < SEGMENT; i++) {
      assertEquals(i, failing.poll());
    }
    assertNull(failing.poll());
    assertFalse(failing.hasWork(), "work in a segment that does not exist");
    failing.close();
    assertTrue(failing.hasWork(), "nobody would seal the queue");
    assertNull(failing.poll());
    assertTrue(failing.isDrained());
    assertFalse(failing.hasWork());
    assertEquals(SEGMENT, failing.accepted());
  }

  // What the queue keeps reachable.

  @Test
  void whatWasTakenIsLetGo() {
    WeakReference<Object> taken = offerAndTake();
    awaitCollected(taken);
    assertEquals(1, queue.accepted());
  }

  private WeakReference<Object> offerAndTake() {
    Object entry = new Object();
    queue.offer(entry);
    WeakReference<Object> taken = new WeakReference<>(queue.poll());
    assertNotNull(taken.get());
    return taken;
  }

  /** Else one that the collector has promoted keeps all that follow until it collects its own. */
  @Test
  void aRetiredSegmentKeepsNoneOfTheLaterAlive() throws Exception {
    Object first = headSegment();
    offer(0, 3 * SEGMENT);
    expect(0, 2 * SEGMENT + 1);
    WeakReference<Object> third = new WeakReference<>(headSegment());
    expect(2 * SEGMENT + 1, 3 * SEGMENT);
    offer(3 * SEGMENT, 5 * SEGMENT);
    expect(3 * SEGMENT, 5 * SEGMENT);
    awaitCollected(third);
    assertNotNull(first);
  }

  private Object headSegment() throws ReflectiveOperationException {
    Field field = TaskQueue.class.getDeclaredField("headSegment");
    field.setAccessible(true);
    return field.get(queue);
  }

  private static void awaitCollected(WeakReference<Object> reference) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              System.gc();
              return reference.get() == null;
            });
  }

  /** Of so many at once a few are timed, in each segment other ones. */
  @Test
  void theOldestOfARushIsFoundWhereverTheTimedOnesAre() {
    long[] clock = {1};
    for (int lot = 0; lot < 200; lot++) {
      TaskQueue queue =
          new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, Long.MAX_VALUE) {
            @Override
            public long nanoTime() {
              return clock[0];
            }
          };
      clock[0] = 1;
      for (int i = 0; i < 4_096; i++) {
        queue.offer(i);
      }
      for (int i = 0; i < 1_030; i++) {
        queue.poll();
      }
      clock[0] = 2_000_000_001;
      assertEquals(2_000_000_000, queue.oldest(entry -> false));
    }
  }
}
