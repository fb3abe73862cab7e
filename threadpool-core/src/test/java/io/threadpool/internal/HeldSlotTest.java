package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a consumer works on, as it sees it itself; segments of two, so that their edges are met. */
class HeldSlotTest {

  private static final class Consumer extends HeldSlot {
    Consumer() {
      super(Thread.currentThread());
    }
  }

  private final TaskQueue queue = new TaskQueue(2, Long.MAX_VALUE);
  private final Consumer consumer = new Consumer();

  @Test
  void nothingIsHeldBeforeTheFirstEntry() {
    assertNull(consumer.heldEntry());
    consumer.letGo();
    assertNull(queue.poll(consumer));
    assertNull(consumer.heldEntry());
  }

  @Test
  void holdsEachEntryUntilItLetsGo() {
    for (int i = 0; i < 7; i++) {
      queue.offer(i);
    }
    for (int i = 0; i < 7; i++) {
      assertEquals(i, queue.poll(consumer));
      assertEquals(i, consumer.heldEntry());
      consumer.letGo();
      assertNull(consumer.heldEntry());
      consumer.letGo();
    }
    assertNull(queue.poll(consumer));
    assertNull(consumer.heldEntry());
  }

  @Test
  void whatIsHeldIsNobodyElsesThoughTheHeadMovesOn() {
    Consumer other = new Consumer();
    for (int i = 0; i < 5; i++) {
      queue.offer(i);
    }
    assertEquals(0, queue.poll(consumer));
    assertEquals(1, queue.poll(other));
    other.letGo();
    assertEquals(2, queue.poll(other));
    assertEquals(3, queue.poll());
    assertEquals(4, queue.pollBefore(5));
    assertNull(queue.poll(other));
    assertEquals(0, consumer.heldEntry());
    assertEquals(2, other.heldEntry());
    assertEquals(0, queue.length());
  }

  @Test
  void whatIsSweptMeanwhileIsNotHeldAnyMore() {
    queue.offer("dead");
    queue.offer("alive");
    assertEquals("dead", queue.poll(consumer));
    queue.sweep("dead"::equals, entry -> true);
    assertNull(consumer.heldEntry());
    assertTrue(consumer.letGoOfSwept());
    assertFalse(consumer.letGoOfSwept());
    assertEquals("alive", queue.poll(consumer));
    assertFalse(consumer.letGoOfSwept());
    assertEquals("alive", consumer.heldEntry());
  }

  @Test
  void sweepingCountsNothingThatItsConsumerHasCounted() {
    queue.offer("dead");
    queue.poll(consumer);
    queue.sweep("dead"::equals, entry -> false);
    queue.offer("alive");
    assertEquals(1, queue.length());
  }

  /**
   * Who sees an entry before the work on it has begun must not take the last one's start for its.
   */
  @Test
  void runsFromTheBeginningOfTheWorkToItsEnd() {
    queue.offer("first");
    queue.offer("second");
    assertEquals(HeldSlot.NO_RUN, consumer.heldRun());
    queue.poll(consumer);
    assertEquals(HeldSlot.NO_RUN, consumer.heldRun());
    consumer.begin();
    assertEquals(0, consumer.heldRun());
    consumer.letGo();
    assertEquals(HeldSlot.NO_RUN, consumer.heldRun());
    queue.poll(consumer);
    assertEquals(HeldSlot.NO_RUN, consumer.heldRun());
    consumer.begin();
    assertEquals(1, consumer.heldRun());
  }

  @Test
  void nothingIsRetainedThatWasLetGo() {
    Object entry = new Object();
    WeakReference<Object> reference = new WeakReference<>(entry);
    queue.offer(entry);
    entry = queue.poll(consumer);
    consumer.letGo();
    entry = null;
    Awaitility.await()
        .until(
            () -> {
              System.gc();
              return reference.get() == null;
            });
    assertNull(consumer.heldEntry());
  }
}
